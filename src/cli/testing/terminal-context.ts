import { PassThrough, Readable } from 'node:stream';
import { createClient } from '../client.ts';
import type { Context } from '../context.ts';
import { createOutput } from '../output.ts';
import { createPrompt, type Prompt } from '../prompt.ts';
import { execute } from '../execute.ts';
import type { CliRun } from './run-cli.ts';

export interface TerminalScene {
  readonly context: Context;
  /** All that the terminal showed, in order, colours and status lines left out. */
  shown(): string;
  /** What was asked, in order. */
  readonly questions: readonly string[];
  /** As Ctrl-C does. */
  interrupt(): void;
}

/** A person at a terminal who answers what is asked, one answer after another, in front of an API. */
export function atTerminal(api: { url: string; token: string }, answers: readonly string[] = []): TerminalScene {
  const screen = Object.assign(new PassThrough(), { isTTY: true as const, columns: 120 });
  let shown = '';
  screen.on('data', (chunk) => {
    shown += String(chunk);
  });
  const questions: string[] = [];
  const left = [...answers];
  const interrupt = new AbortController();
  const answer = async (question: string): Promise<string> => {
    questions.push(question);
    const next = left.shift();
    if (next === undefined) throw new Error(`Nobody expected to be asked "${question}".`);
    return next;
  };
  const prompt: Prompt = {
    isPossible: true,
    line: async (question, preset = '') => (await answer(question)) || preset,
    secret: answer,
    confirm: async (question, preset) => ({ y: true, n: false })[await answer(question)] ?? preset,
    everything: () => answer('standard input'),
  };
  const context: Context = {
    isJson: false,
    environment: {},
    out: createOutput(screen, screen, { NO_COLOR: '1' }),
    prompt,
    now: () => new Date('2026-11-21T10:00:05.000Z'),
    wait: async () => {},
    signal: interrupt.signal,
    client: async () => createClient(api, interrupt.signal),
  };
  return {
    context,
    questions,
    interrupt: () => interrupt.abort(),
    shown: () => shown.replaceAll(/[^\n]*\r\u001B\[K/g, ''),
  };
}

/** Runs a command in this process as `runCli` does in one of its own: on pipes, where nobody can be asked. */
export async function runHere(
  api: { url: string; token: string },
  args: readonly string[],
  stdin = '',
): Promise<CliRun> {
  const [stdout, stderr] = [collected(), collected()];
  const out = createOutput(stdout.stream, stderr.stream, {});
  const { signal } = new AbortController();
  const exitCode = await execute(args, out, ({ json = false }) => ({
    isJson: json,
    environment: {},
    out,
    prompt: createPrompt(Readable.from([stdin]), stderr.stream),
    now: () => new Date(),
    wait: async () => {},
    signal,
    client: async () => createClient(api, signal),
  }));
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function collected(): { stream: PassThrough; text(): string } {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk) => {
    text += String(chunk);
  });
  return { stream, text: () => text };
}
