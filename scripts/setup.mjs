// Makes a fresh clone ready to run: installs the locked dependencies when they are missing or out of date, and a
// newer Node beside them where the machine's own is too old to run TypeScript directly. Plain JavaScript on built-in
// modules alone, because it runs before anything is installed and under Node 20.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_WANTED = 24;
const NODE_PACKAGE_VERSION = '24.21.0';
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const stamp = join(modules, '.usher-setup');

const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const isNodeTooOld = Number(process.versions.node.split('.')[0]) < NODE_WANTED;

const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(isNodeTooOld ? NODE_PACKAGE_VERSION : '')
  .digest('hex');
const isReady = existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash && isOwnNodeThere();

if (!isReady) {
  console.error('Usher: installing dependencies (first start, or the lockfile changed) ...');
  npm('ci', '--no-audit', '--no-fund', '--loglevel=error');
  if (isNodeTooOld) {
    console.error(
      `Usher: this machine has Node ${process.versions.node}; adding Node ${NODE_PACKAGE_VERSION} to the clone ...`,
    );
    npm(
      'install',
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `${nodePackage}@${NODE_PACKAGE_VERSION}`,
    );
    if (!isOwnNodeThere()) {
      fail(`The package ${nodePackage} brought no usable Node. Install Node ${NODE_WANTED} or later and try again.`);
    }
  }
  writeFileSync(stamp, lockHash);
}

function isOwnNodeThere() {
  return (
    !isNodeTooOld || existsSync(join(modules, '.bin', 'node')) || existsSync(join(modules, nodePackage, 'bin', 'node'))
  );
}

function npm(...args) {
  // npm names its own entry point to its scripts: run that rather than whatever `npm` the PATH may hold.
  const cli = process.env.npm_execpath;
  const [command, ...first] = cli && /\.c?js$/.test(cli) ? [process.execPath, cli] : ['npm'];
  const { status, error } = spawnSync(command, [...first, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
  if (error || status !== 0) {
    fail(
      `"npm ${args[0]}" failed${error ? `: ${error.message}` : ''}. Is the npm registry reachable and the folder writable?`,
    );
  }
}

function fail(message) {
  console.error(`Usher: ${message}`);
  process.exit(1);
}
