import { setTimeout as sleep } from 'node:timers/promises';
import { CommanderError, type Command } from 'commander';
import type { Client } from './client.ts';
import type { CommonOptions, Context } from './context.ts';
import { EXIT, interrupted, toFailure, usage, type Failure } from './failure.ts';
import { createOutput, type Output } from './output.ts';
import { createProgram } from './program.ts';
import { createPrompt } from './prompt.ts';
import { printable } from './text.ts';

/**
 * Runs the `usher` command with these arguments and sets the process's exit code: 0, or what docs/guide/cli.md says.
 * Errors are one sentence and what to do next on stderr; with `--json` an object; a stack only with `--debug`.
 */
export async function main(args: readonly string[]): Promise<void> {
  const out = createOutput(process.stdout, process.stderr, process.env);
  const isJson = args.includes('--json');
  endQuietlyWhenNobodyReads();
  try {
    if (args[0] === '--version' || args[0] === '-V') {
      out.line((await import('../version.ts')).VERSION);
      return;
    }
    const program = createProgram((load, command) => run(load, command, out));
    makeThrow(program);
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    out.status(null);
    if (error instanceof CommanderError) {
      // Help or version, printed already; no command at all is answered by the help, and is still wrong.
      process.exitCode = error.exitCode === 0 ? EXIT.ok.code : EXIT.usage.code;
      return;
    }
    const failure = toFailure(error);
    process.exitCode = failure.details.exitCode;
    if (failure.details.code !== 'interrupted') report(failure, out, isJson, args.includes('--debug'));
  }
}

async function run(
  load: () => Promise<(context: Context, words: readonly string[]) => Promise<number>>,
  command: Command,
  out: Output,
): Promise<void> {
  const options = command.optsWithGlobals<CommonOptions & { help?: boolean }>();
  if (options.help === true && command.args.length === 0) {
    command.outputHelp();
    return;
  }
  const body = await load();
  const exitCode = await body(createContext(options, out, isLongRunning(command)), command.args);
  if (exitCode !== EXIT.ok.code) process.exitCode = exitCode;
}

/** The server and the simulators end by signals in an order of their own. */
function isLongRunning(command: Command): boolean {
  return ['serve', 'demo', 'simulate'].includes(command.name());
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

/** Makes commander's own complaints failures like all others, pointing to the help of the command they are about. */
function makeThrow(command: Command): void {
  command.configureOutput({ outputError: () => {} });
  command.exitOverride((error) => {
    if (error.exitCode === 0 || error.code === 'commander.help') throw error;
    throw usage(sentence(error.message), `See: ${pathOf(command)} --help`);
  });
  for (const child of command.commands) makeThrow(child);
}

function sentence(message: string): string {
  const [text = '', ...more] = message.replace(/^error: /, '').split('\n');
  return [`${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`, ...more].join(' ');
}

function pathOf(command: Command): string {
  const names: string[] = [];
  for (let each: Command | null = command; each !== null; each = each.parent) names.unshift(each.name());
  return names.join(' ');
}

function report(failure: Failure, out: Output, isJson: boolean, isDebug: boolean): void {
  const { code, exitCode, next, problem } = failure.details;
  if (isJson) {
    const error = { ...problem, code, detail: failure.message, next: next ?? null, exit_code: exitCode };
    process.stderr.write(`${JSON.stringify({ error })}\n`);
  } else {
    out.note(`usher: ${printable(failure.message)}`);
    if (next) out.note(`  ${printable(next)}`);
  }
  if (isDebug) process.stderr.write(`${failure.stack ?? ''}\n${causesOf(failure)}`);
}

function causesOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? `caused by ${cause.stack ?? cause.message}\n${causesOf(cause)}` : '';
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
