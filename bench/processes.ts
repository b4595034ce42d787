import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

const USHER = join(import.meta.dirname, '..', 'bin', 'usher.js');

/** A simulator in a process of its own, so that its memory and time are not ours. */
export interface SimulatorProcess {
  readonly url: string;
  readonly credentials: Readonly<Record<string, string>>;
  /** Calls the inspection endpoint. */
  inspect(method: 'GET' | 'POST' | 'PUT' | 'DELETE', topic: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts `usher simulate CONNECTOR` and waits for its address. */
export async function startSimulator(connector: string, args: readonly string[]): Promise<SimulatorProcess> {
  const child = spawn(process.execPath, [USHER, 'simulate', connector, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await firstLine(child);
  const { url, credentials } = JSON.parse(line) as { url: string; credentials: Record<string, string> };
  return {
    url,
    credentials,
    async inspect(method, topic, body) {
      const response = await fetch(new URL(`/_simulator/${topic}`, url), {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      if (!response.ok) throw new Error(`${method} ${topic}: ${response.status} ${await response.text()}`);
      return response.json();
    },
    stop: () => stop(child),
  };
}

/** A whole Usher in a process of its own, on a data directory of its own. */
export interface UsherProcess {
  readonly url: string;
  readonly dataDir: string;
  readonly pid: number;
  call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Peak resident memory so far, in MB (`VmHWM`); Linux only. */
  peakMemoryMb(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts `usher serve` and waits until it is ready. */
export async function startUsher(allow: readonly string[]): Promise<UsherProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'usher-bench-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [USHER, 'serve', '--port', String(port), '--data-dir', dataDir], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, USHER_EGRESS_ALLOW: allow.join(','), DATABASE_URL: '', USHER_LOG: 'warn' },
  });
  await ready(`${url}/readyz`, child);
  const { token } = JSON.parse(await readFile(join(dataDir, 'cli.json'), 'utf8')) as { token: string };
  return {
    url,
    dataDir,
    pid: child.pid ?? 0,
    async call(method, path, body) {
      const response = await fetch(new URL(path, url), {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return JSON.parse(text) as Record<string, unknown>;
    },
    async peakMemoryMb() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
    },
    async stop() {
      await stop(child);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs a script in a process of its own and answers the JSON it prints. */
export async function runScript<T>(script: string, input: unknown): Promise<T> {
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=4', join(import.meta.dirname, script), JSON.stringify(input)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let output = '';
  for await (const chunk of child.stdout ?? []) output += String(chunk);
  const code = await ended;
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
  return JSON.parse(output) as T;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await wait(100);
  }
  throw new Error(`usher serve ended with ${child.exitCode}`);
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no output');
  for await (const line of createInterface(child.stdout)) return line;
  throw new Error(`the simulator ended with ${child.exitCode}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
