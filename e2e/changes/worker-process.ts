// `usher worker` as a process of its own, to be killed, stopped and woken.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../processes.ts';

const USHER = join(import.meta.dirname, '..', '..', 'bin', 'usher.js');
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
}): Promise<WorkerProcess> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [...FLAGS, USHER, 'worker', '--health-port', String(port), '--data-dir', options.dataDir],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, USHER_LOG: 'warn', ...options.environment } },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`usher worker ended: ${output}`);
    const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
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
