import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface CliRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export const USHER = join(import.meta.dirname, '..', '..', '..', 'bin', 'usher.js');

/** Runs `usher` as a process of its own, on pipes, in UTC, with an environment that holds what the test names alone. */
export async function runCli(args: readonly string[], { stdin = '', env = {} }: CliOptions = {}): Promise<CliRun> {
  const child = spawn(process.execPath, [USHER, ...args], {
    env: { PATH: process.env['PATH'], TZ: 'UTC', USHER_DATA_DIR: '/nonexistent', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A command that reads nothing may be gone before this arrives.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exitCode: child.exitCode, stdout, stderr };
}

/** The environment of a client of that server. */
export function clientOf({ url, token }: { url: string; token: string }): Record<string, string> {
  return { USHER_URL: url, USHER_TOKEN: token };
}
