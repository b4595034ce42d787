// `usher worker` as a process of its own, to be killed, stopped and woken.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { owned } from '../children.ts';
import { freePort } from '../processes.ts';
import type { OtherHost } from './other-host.ts';

const USHER = join(import.meta.dirname, '..', '..', 'bin', 'usher.js');
const NEXT = join(import.meta.dirname, 'next-version.ts');
/** Those that the launcher would set, in a process between us and the worker. */
const FLAGS = ['--max-semi-space-size=32', '--max-old-space-size=1024'];

export interface WorkerProcess {
  readonly pid: number;
  output(): string;
  send(signal: NodeJS.Signals): void;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a worker and waits until it is ready. */
export async function startWorker(options: {
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string>>;
  /** `next`: as the version after this one. */
  readonly as?: 'next' | undefined;
  /** Default: this one. */
  readonly host?: OtherHost;
}): Promise<WorkerProcess> {
  const port = await freePort();
  const address = options.host?.address ?? '127.0.0.1';
  const program = options.as === 'next' ? [NEXT] : [USHER, 'worker', '--host', address];
  const [command = '', ...args] = [...(options.host?.command ?? []), process.execPath, ...FLAGS, ...program];
  const child = owned(
    spawn(command, [...args, '--health-port', String(port), '--data-dir', options.dataDir], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, USHER_LOG: 'warn', ...options.environment },
    }),
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`usher worker ended: ${output}`);
    const response = await fetch(`http://${address}:${port}/readyz`).catch(() => null);
    if (response?.ok) break;
    await wait(50);
  }
  return {
    pid: child.pid ?? 0,
    output: () => output,
    send: (signal) => void child.kill(signal),
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}
