import { CommanderError, type Command } from 'commander';
import type { CommonOptions, Context } from './context.ts';
import { EXIT, toFailure, usage, type Failure } from './failure.ts';
import type { Output } from './output.ts';
import { createProgram } from './program.ts';
import { printable } from './text.ts';

/**
 * Runs the command that the arguments name and answers its exit code. Errors are one sentence and what to do next on
 * stderr; with `--json` an object; a stack only with `--debug`.
 */
export async function execute(
  args: readonly string[],
  out: Output,
  contextOf: (options: CommonOptions, command: Command) => Context,
): Promise<number> {
  let exitCode: number = EXIT.ok.code;
  try {
    if (args[0] === '--version' || args[0] === '-V') {
      out.line((await import('../version.ts')).VERSION);
      return exitCode;
    }
    const program = createProgram(async (load, command) => {
      exitCode = await run(load, command, contextOf);
    });
    makeThrow(program);
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    out.status(null);
    // Help or version, printed already; no command at all is answered by the help, and is still wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok.code : EXIT.usage.code;
    const failure = toFailure(error);
    if (failure.details.code !== 'interrupted') {
      report(failure, out, args.includes('--json'), args.includes('--debug'));
    }
    return failure.details.exitCode;
  }
}

async function run(
  load: () => Promise<(context: Context, words: readonly string[]) => Promise<number>>,
  command: Command,
  contextOf: (options: CommonOptions, command: Command) => Context,
): Promise<number> {
  const options = command.optsWithGlobals<CommonOptions & { help?: boolean }>();
  if (options.help === true && command.args.length === 0) {
    command.outputHelp();
    return EXIT.ok.code;
  }
  const body = await load();
  return body(contextOf(options, command), command.args);
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
    out.note(JSON.stringify({ error }));
  } else {
    out.note(`usher: ${printable(failure.message)}`);
    if (next) out.note(`  ${printable(next)}`);
  }
  if (isDebug) out.note(`${failure.stack ?? ''}\n${causesOf(failure)}`.trimEnd());
}

function causesOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? `caused by ${cause.stack ?? cause.message}\n${causesOf(cause)}` : '';
}
