import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Client } from './client.ts';
import type { CommonOptions, Context } from './context.ts';
import { execute } from './execute.ts';
import { EXIT, interrupted } from './failure.ts';
import { createOutput, type Output } from './output.ts';
import { createPrompt } from './prompt.ts';

/** What is left of a server that has ended goes after this. */
const LINGER_MS = 1000;

/**
 * Runs the `usher` command with these arguments and sets the process's exit code: 0, or what docs/guide/cli.md says.
 */
export async function main(args: readonly string[]): Promise<void> {
  const out = createOutput(process.stdout, process.stderr, process.env);
  endQuietlyWhenNobodyReads();
  let isServer = false;
  const exitCode = await execute(args, out, (options, command) => {
    isServer = isLongRunning(command);
    return createContext(options, out, isServer);
  });
  if (exitCode !== EXIT.ok.code) process.exitCode = exitCode;
  // All of ours is closed by now. Where a start failed half way within a library, something of that may hold the process;
  // whoever looks after it must see that it has ended.
  if (isServer) setTimeout(() => process.exit(), LINGER_MS).unref();
}

/** The server and the simulators end by signals in an order of their own. */
function isLongRunning(command: Command): boolean {
  return ['serve', 'worker', 'demo', 'simulate'].includes(command.name());
}

function createContext({ json = false }: CommonOptions, out: Output, ownsSignals: boolean): Context {
  const interrupt = new AbortController();
  if (!ownsSignals) {
    process.once('SIGINT', () => interrupt.abort());
  }
  let client: Promise<Client> | null = null;
  return {
    isJson: json,
    environment: process.env,
    out,
    prompt: createPrompt(process.stdin, process.stderr),
    now: () => new Date(),
    signal: interrupt.signal,
    async wait(ms) {
      try {
        await sleep(ms, undefined, { signal: interrupt.signal });
      } catch {
        throw interrupted();
      }
    },
    client: async () => (client ??= openClient(interrupt.signal)),
  };
}

async function openClient(signal: AbortSignal): Promise<Client> {
  const [{ findCredentials }, { createClient }] = await Promise.all([
    import('./credentials.ts'),
    import('./client.ts'),
  ]);
  return createClient(await findCredentials(process.env), signal);
}

/** `usher accounts | head` closes the pipe when it has enough: that is no error. */
function endQuietlyWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(EXIT.ok.code);
    });
  }
}
