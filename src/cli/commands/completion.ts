import type { Command } from 'commander';
import { type Candidate, complete, type Source } from '../completion/complete.ts';
import { completionScript, SHELLS } from '../completion/scripts.ts';
import type { Context } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import { printable } from '../text.ts';

/** Whoever pressed Tab waits: after this long what the server knows is left out. */
const PATIENCE_MS = 1500;
/** What a shell takes as it is. Ids come from a server, and what is completed is on a command line. */
const HARMLESS = /^[\w@%+.,:/=-]+$/u;

/** `usher completion SHELL`: the script that the shell reads. */
export async function script({ out }: Context, [shell]: readonly string[]): Promise<number> {
  const known = SHELLS.find((each) => each === shell);
  if (known === undefined)
    throw usage(`There are no completions for ${printable(shell ?? '')}.`, `For: ${SHELLS.join(', ')}.`);
  out.raw(completionScript(known, process.argv[1] ?? 'usher'));
  return EXIT.ok.code;
}

export interface CompleteOptions {
  /** The words are split at `=` as bash splits them. */
  readonly split?: boolean;
}

/**
 * `usher __complete -- WORDS`: what fits the last of the words, a candidate a line, after a tab what it is. Also where no
 * server answers: then without what only it knows. `@directories` alone leaves it to the shell.
 */
export function candidates(program: Command) {
  return async (context: Context, words: readonly string[], { split }: CompleteOptions): Promise<number> => {
    // A request under way would hold the process, and the shell with it.
    setTimeout(() => process.exit(EXIT.ok.code), PATIENCE_MS).unref();
    const completion = complete(program, split === true ? joined(words) : words);
    const { source, typed } = completion;
    if (source?.of === 'directories') {
      context.out.line('@directories');
      return EXIT.ok.code;
    }
    const before = split === true ? '' : completion.before;
    print(context, completion.candidates, before);
    const live = source === null ? [] : await known(context, source);
    print(
      context,
      live.filter(({ value }) => value.startsWith(typed)),
      before,
    );
    return EXIT.ok.code;
  };
}

async function known(context: Context, source: Source): Promise<readonly Candidate[]> {
  if (source.of === 'simulators') {
    const { SIMULATORS } = await import('./simulate.ts');
    return Object.keys(SIMULATORS).map((value) => ({ value, description: '' }));
  }
  const { liveCandidates } = await import('../completion/live.ts');
  try {
    return await liveCandidates(await context.client(), source);
  } catch {
    // Tab is no place for complaints: the command itself makes them.
    return [];
  }
}

function print({ out }: Context, found: readonly Candidate[], before: string): void {
  for (const { value, description } of found) {
    if (!HARMLESS.test(value)) continue;
    const text = printable(description).replaceAll(/\s+/gu, ' ').trim();
    out.raw(`${before}${value}${text === '' ? '' : `\t${text}`}\n`);
  }
}

/** bash breaks words at `=`: `--name`, `=`, `value` is one word, `--name=value`. */
function joined(words: readonly string[]): string[] {
  const whole: string[] = [];
  for (const [index, word] of words.entries()) {
    const continues = word === '=' || words[index - 1] === '=';
    if (continues && whole.length > 0) whole.push(`${whole.pop() ?? ''}${word}`);
    else whole.push(word);
  }
  return whole;
}
