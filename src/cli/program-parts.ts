import { type Command, InvalidArgumentError } from 'commander';
import type { Context } from './context.ts';

/** A command's body: its arguments, its flags, and the exit code it ends with. */
type Body<Options> = (context: Context, words: readonly string[], options: Options) => Promise<number>;

/** Runs a command; `main.ts` gives it. The body is bound to its flags already. */
export type Runner = (load: () => Promise<BoundBody>, command: Command) => Promise<void>;
type BoundBody = (context: Context, words: readonly string[]) => Promise<number>;

/** A command that does something; all of them have `--json` and `--debug`. */
export function leaf(parent: Command, nameAndArguments: string, options: { isDefault?: boolean } = {}): Command {
  return parent
    .command(nameAndArguments, options)
    .option('--json', 'one JSON document instead of words')
    .option('--debug', 'show where an error came from');
}

/** A list's flags. */
export function limited(command: Command): Command {
  return command.option('--limit <n>', 'that many at most').option('--all', 'all of them');
}

/**
 * A command whose further flags are made from a schema that the server or a connector knows: they reach the body as
 * words. So does `--help`, which can then speak of them.
 */
export function takesFields(command: Command, help: string): void {
  command.allowUnknownOption().helpOption(false).option('-h, --help', help);
}

/** Binds a command to its body, which is loaded when it runs. */
export function does<Options extends object>(command: Command, run: Runner, load: () => Promise<Body<Options>>): void {
  const bind = async (): Promise<BoundBody> => {
    const body = await load();
    return (context, words) => body(context, words, command.optsWithGlobals<Options>());
  };
  command.action(async () => run(bind, command));
}

/** The values of a flag that may come again and again. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  if (value === '') throw new InvalidArgumentError('It is empty.');
  return [...previous, value];
}

/** Examples below a command's help. */
export function examples(command: Command, lines: readonly string[]): void {
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`);
}
