#!/usr/bin/env node
// The door of the `usher` command. Plain JavaScript that an old Node can run, so that it can say what is missing: it
// runs the command in the Node that a clone brings along where the machine's own is too old to strip types, and gives
// the long-running commands bounds for their memory.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NODE_WANTED = 24;
const LONG_RUNNING = ['serve', 'worker', 'demo'];
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
// A young generation that holds a page, and a bound on the whole from which V8 concludes how lazily it may collect: without one it
// takes the machine's memory for ours. Far above what is ever in use, as memory is bounded by a page.
const MEMORY_FLAGS = ['--max-semi-space-size=32', '--max-old-space-size=1024'];

const platform = process.platform === 'win32' ? 'win' : process.platform;
const self = fileURLToPath(import.meta.url);
const root = join(dirname(self), '..');
const args = process.argv.slice(2);

const node = isNewEnough() ? process.execPath : nodeBeside();
const missingFlags = LONG_RUNNING.includes(firstWord(args)) ? MEMORY_FLAGS.filter((flag) => !isSet(flag)) : [];

if (node === null) {
  fail(
    `needs Node ${NODE_WANTED} or later; this is ${process.versions.node}.`,
    isClone()
      ? 'Install a newer Node, or run "npm start" once in the clone: it brings its own.'
      : `Install a newer Node; or add one beside Usher: npm install node-${platform}-${process.arch}@${NODE_WANTED}`,
  );
} else if (node !== process.execPath || missingFlags.length > 0) {
  replaceBy(node, [...process.execArgv, ...missingFlags, self, ...args]);
} else {
  listenToLauncher();
  run();
}

function run() {
  const entry = isClone() ? join(root, 'src', 'cli', 'main.ts') : join(root, 'dist', 'cli', 'main.js');
  // Beside the code rather than in the shared temporary folder, where somebody else could have put a file first.
  nodeModule.enableCompileCache?.(join(root, 'node_modules', '.cache', 'usher'));
  import(pathToFileURL(entry).href)
    .then(({ main }) => main(args))
    .catch((/** @type {unknown} */ error) => {
      if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
      fail(
        `is not installed completely: ${String(error.message).split('\n', 1)[0]}.`,
        isClone()
          ? 'Run "npm ci" in the folder of Usher ("npm start" and "npm test" do it by themselves).'
          : 'Install the package again.',
      );
    });
}

function isNewEnough() {
  return Number(process.versions.node.split('.')[0]) >= NODE_WANTED;
}

/** A clone has the source; the package that `npm pack` makes has what was compiled from it. */
function isClone() {
  return existsSync(join(root, 'src', 'cli', 'main.ts'));
}

/** The Node that scripts/setup.mjs put into the clone, or that somebody installed beside the package; or null. */
function nodeBeside() {
  const executable = process.platform === 'win32' ? 'node.exe' : 'node';
  const folders = [join(root, 'node_modules'), ...(isClone() ? [] : [dirname(root)])];
  const candidates = folders.flatMap((modules) => {
    const packages = existsSync(modules) ? readdirSync(modules).filter((name) => name.startsWith('node-')) : [];
    return [join(modules, '.bin', executable), ...packages.map((name) => join(modules, name, 'bin', executable))];
  });
  const found = candidates.find((candidate) => existsSync(candidate));
  return found === undefined || realpathSync(found) === realpathSync(process.execPath) ? null : found;
}

function firstWord(words) {
  return words.find((word) => !word.startsWith('-'));
}

/** Whether a flag was given by whoever started us, with whatever value and spelling. */
function isSet(flag) {
  const set = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ').replaceAll('_', '-');
  return set.includes(flag.slice(0, flag.indexOf('=')));
}

function replaceBy(command, commandArgs) {
  // The same process goes on as the other program: nothing to forward. Older Nodes and Windows cannot.
  if (process.execve && process.platform !== 'win32') {
    process.execve(command, [command, ...commandArgs], process.env);
  }
  const child = spawn(command, commandArgs, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  child.once('error', (error) =>
    fail(`could not start ${command}: ${error.message}.`, 'Remove node_modules and run "npm ci".'),
  );
  for (const signal of FORWARDED) {
    process.on(signal, () => child.connected && child.send({ signal }, () => {}));
  }
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // Reached where the signal does not end a process.
    process.exitCode = 128 + (constants.signals[signal] ?? 0);
  });
}

/**
 * A signal can reach the launcher alone (`kill PID`) or the launcher and this process both (Ctrl-C in a terminal). The
 * launcher tells of each it got; what this process did not get itself a moment later, it raises.
 */
function listenToLauncher() {
  if (process.send === undefined) return;
  const told = new Map();
  const got = new Map();
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      count(got, signal);
      // Nobody else listens: end as the signal would have ended us.
      if (process.listenerCount(signal) === 1) {
        process.removeAllListeners(signal);
        process.kill(process.pid, signal);
      }
    });
  }
  process.on('message', (message) => {
    const signal = FORWARDED.find((each) => each === message?.signal);
    if (signal === undefined) return;
    count(told, signal);
    setTimeout(() => {
      if ((got.get(signal) ?? 0) < (told.get(signal) ?? 0)) process.kill(process.pid, signal);
    }, 200).unref();
  });
  // Killed so that it could not tell: end as it would have asked.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}

function count(counts, key) {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function fail(what, next) {
  console.error(`Usher ${what}\n  ${next}`);
  process.exitCode = 1;
}
