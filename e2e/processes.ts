// Usher and its simulators as processes of their own: for whole-product tests and benchmarks.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { owned } from './children.ts';

const USHER = join(import.meta.dirname, '..', 'bin', 'usher.js');

/** A simulator in a process of its own, so that its memory and time are not ours. */
export interface SimulatorProcess {
  readonly url: string;
  readonly credentials: Readonly<Record<string, string>>;
  /** Calls the inspection endpoint. */
  inspect(method: 'GET' | 'POST' | 'PUT' | 'DELETE', topic: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

const announced = z.object({ url: z.string(), credentials: z.record(z.string(), z.string()) });

/** Starts `usher simulate CONNECTOR` and waits for its address; `program` is the clone's own unless another is named. */
export async function startSimulator(
  connector: string,
  args: readonly string[],
  program = USHER,
): Promise<SimulatorProcess> {
  const child = owned(
    spawn(process.execPath, [program, 'simulate', connector, '--json', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const { url, credentials } = announced.parse(JSON.parse(await firstLine(child)));
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
    stop: async () => void (await endProcess(child, 'SIGTERM')),
  };
}

/** A whole Usher in a process of its own, on a data directory of its own. */
export interface UsherProcess {
  readonly url: string;
  readonly dataDir: string;
  readonly pid: number;
  /** The token of the CLI's credential file. */
  readonly token: string;
  /** Calls the API as the first administrator; throws where it refuses. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Peak resident memory so far, in MB (`VmHWM`); Linux only. */
  peakMemoryMb(): Promise<number>;
  /** What it wrote to stdout and stderr so far. */
  output(): string;
  /** Ends it with a signal, waits for its end and answers how it ended; the data stays. */
  end(signal: NodeJS.Signals): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

export interface UsherProcessOptions {
  /** Entries of USHER_EGRESS_ALLOW. */
  readonly allow: readonly string[];
  readonly dataDir: string;
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** The `usher` to run; default: the clone's own. */
  readonly program?: string;
}

/** Starts `usher serve` and waits until it is ready. */
export async function startUsher(options: UsherProcessOptions): Promise<UsherProcess> {
  const { dataDir } = options;
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const args = [
    options.program ?? USHER,
    'serve',
    '--port',
    String(port),
    '--data-dir',
    dataDir,
    ...(options.args ?? []),
  ];
  const child = owned(
    spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        USHER_EGRESS_ALLOW: options.allow.join(','),
        DATABASE_URL: '',
        USHER_LOG: 'warn',
        ...options.environment,
      },
    }),
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  await ready(`${url}/readyz`, child, () => output);
  const { token } = z
    .object({ token: z.string() })
    .parse(JSON.parse(await readFile(join(dataDir, 'cli.json'), 'utf8')));
  return {
    url,
    dataDir,
    token,
    pid: child.pid ?? 0,
    output: () => output,
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
      return text === '' ? null : JSON.parse(text);
    },
    async peakMemoryMb() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
    },
    end: (signal) => endProcess(child, signal),
  };
}

/** The process number of the embedded Postgres that runs on a data directory, or null. */
export async function postgresPid(dataDir: string): Promise<number | null> {
  const files = await readdir(dataDir, { recursive: true }).catch(() => []);
  const file = files.find((name) => name.endsWith('postmaster.pid'));
  if (file === undefined) return null;
  const pid = Number((await readFile(join(dataDir, file), 'utf8').catch(() => '')).split('\n', 1)[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

/** A directory for data that goes when `remove` is called. */
export async function temporaryDirectory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'usher-e2e-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Runs a script in a process of its own and answers the JSON it prints. */
export async function runScript(path: string, input: unknown): Promise<unknown> {
  const child = owned(
    spawn(process.execPath, ['--max-semi-space-size=16', path, JSON.stringify(input)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  const code = await ended;
  if (code !== 0) throw new Error(`${path} ended with ${code}`);
  return JSON.parse(output);
}

/** Below those that systems give to whoever asks for any port (32768 or 49152 and up). */
const FIRST_PORT = 12_000;
const PORTS_PER_PROCESS = 100;
let nextPort = FIRST_PORT + (process.pid % 200) * PORTS_PER_PROCESS;

/**
 * A port that nothing listens on, for a process that is started later, and again on the same one. No system hands it to
 * somebody else in between, and no other process of the same test run asks for it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = nextPort;
    nextPort = port + 1 < FIRST_PORT + 200 * PORTS_PER_PROCESS ? port + 1 : FIRST_PORT;
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function ready(url: string, child: ChildProcess, output: () => string): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await wait(100);
  }
  throw new Error(`usher serve ended with ${child.exitCode}: ${output()}`);
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no output');
  for await (const line of createInterface(child.stdout)) return line;
  throw new Error(`the simulator ended with ${child.exitCode}`);
}

async function endProcess(
  child: ChildProcess,
  signal: NodeJS.Signals,
): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    child.kill(signal);
    await ended;
  }
  return { code: child.exitCode, signal: child.signalCode };
}
