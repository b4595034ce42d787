import type { Argument, Command, Option } from 'commander';

/** A word that fits where the cursor is. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** What only the server, or the disk, knows. Flags are those made by a connector, a connection or an action. */
export type Source =
  | {
      readonly of:
        | 'connections'
        | 'connectors'
        | 'simulators'
        | 'actions'
        | 'principals'
        | 'tokens'
        | 'directories'
        | 'handoffs';
    }
  /** Plans or runs that the command can do something with; a comma list of their states, null: all. */
  | { readonly of: 'plans' | 'runs'; readonly states: string | null }
  | {
      readonly of: 'flags';
      readonly madeBy: 'connector' | 'connection' | 'action';
      readonly id: string;
      /** The flag whose values are wanted where it takes one; null: the flags themselves. */
      readonly valuesOf: string | null;
    };

export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly source: Source | null;
  /** What is typed of the word already; candidates begin with it. */
  readonly typed: string;
  /** `--name=` where its value is typed into the same word. */
  readonly before: string;
}

/** Where each argument or option has its values from, by its name. */
const SOURCES: Readonly<Record<string, Source>> = {
  connection: { of: 'connections' },
  connector: { of: 'connectors' },
  action: { of: 'actions' },
  principal: { of: 'principals' },
  'data-dir': { of: 'directories' },
};
/** The argument `id` is an id of what its group of commands is about. */
const SOURCES_OF_IDS: Readonly<Record<string, Source>> = {
  principals: { of: 'principals' },
  token: { of: 'tokens' },
  secret: { of: 'handoffs' },
};
/** What state a plan, or a run, has to be in for a command. */
const STATES: Readonly<Record<'plan' | 'run', Readonly<Record<string, string>>>> = {
  plan: { approve: 'waiting', reject: 'waiting', apply: 'ready,waiting', cancel: 'ready,waiting' },
  run: {
    pause: 'queued,running,waiting', resume: 'paused', cancel: 'queued,running,waiting,paused', retry: 'failed,partial',
    task: 'waiting',
  }, // prettier-ignore
};
/** Commands whose further flags are made from what their first word names. */
const FLAG_MAKERS: Readonly<Record<string, 'connector' | 'connection' | 'action'>> = {
  connect: 'connector',
  edit: 'connection',
  call: 'action',
};

/**
 * What may follow on the command line. `words` are those after `usher`, the last one being that of the cursor (often
 * empty or half). Values that others have to be asked for are left to `source`.
 */
export function complete(program: Command, words: readonly string[]): Completion {
  const typed = words.at(-1) ?? '';
  const place = walk(program, words.slice(0, -1));
  const { command, positionals, option, unknownFlag } = place;
  if (option !== null) return valuesOf(option, typed, '');
  const made = flagsMade(command, positionals);
  if (unknownFlag !== null && made !== null && !typed.startsWith('-')) {
    return { candidates: [], source: { ...made, valuesOf: unknownFlag }, typed, before: '' };
  }
  if (typed.startsWith('-')) {
    const [flag, inline] = splitFlag(typed);
    const named = inline === null ? undefined : findOption(command, flag);
    if (inline !== null && named !== undefined) return valuesOf(named, inline, `${flag}=`);
    if (inline !== null && made !== null) {
      return { candidates: [], source: { ...made, valuesOf: flag }, typed: inline, before: `${flag}=` };
    }
    return { candidates: fitting(flagCandidates(command), typed), source: made, typed, before: '' };
  }
  return argument(program, place, made, typed);
}

interface Place {
  readonly command: Command;
  readonly positionals: readonly string[];
  /** Whose value comes next. */
  readonly option: Option | null;
  /** The word before, where it is a flag that the program does not know: one made by a connector or an action. */
  readonly unknownFlag: string | null;
}

/** Follows the words down the tree of commands. */
function walk(program: Command, words: readonly string[]): Place {
  let place: Place = { command: program, positionals: [], option: null, unknownFlag: null };
  for (const word of words) {
    const { command, positionals, option } = place;
    const child = positionals.length === 0 ? findCommand(command, word) : undefined;
    if (option !== null) {
      place = { ...place, option: null };
    } else if (word.startsWith('-')) {
      const [flag, inline] = splitFlag(word);
      const found = findOption(command, flag);
      const isOpen = inline === null;
      place = {
        ...place,
        option: isOpen && found !== undefined && takesValue(found) ? found : null,
        unknownFlag: isOpen && found === undefined ? flag : null,
      };
    } else if (child === undefined) {
      place = { ...place, positionals: [...positionals, word], unknownFlag: null };
    } else {
      place = { command: child, positionals: [], option: null, unknownFlag: null };
    }
  }
  return place;
}

function argument(
  program: Command,
  { command, positionals }: Place,
  made: (Source & { of: 'flags' }) | null,
  typed: string,
): Completion {
  const isFirst = positionals.length === 0;
  const commands = isFirst ? visibleCommands(command).map(described) : [];
  const expected = command.registeredArguments[positionals.length] ?? command.registeredArguments.at(-1);
  if (made !== null) return { candidates: fitting(flagCandidates(command), typed), source: made, typed, before: '' };
  if (
    expected === undefined ||
    (!isFirst && !expected.variadic && command.registeredArguments.length <= positionals.length)
  ) {
    const candidates = commands.length > 0 ? commands : flagCandidates(command);
    return { candidates: fitting(candidates, typed), source: null, typed, before: '' };
  }
  const values = command.name() === 'help' ? visibleCommands(program).map(described) : choices(expected.argChoices);
  return {
    candidates: fitting([...commands, ...values], typed),
    source: sourceOf(command, expected),
    typed,
    before: '',
  };
}

function valuesOf(option: Option, typed: string, before: string): Completion {
  const source = SOURCES[option.name()] ?? null;
  return { candidates: fitting(choices(option.argChoices), typed), source, typed, before };
}

function sourceOf(command: Command, expected: Argument): Source | null {
  if (command.name() === 'simulate') return { of: 'simulators' };
  const name = expected.name();
  if (name === 'plan' || name === 'run') return { of: `${name}s`, states: STATES[name][command.name()] ?? null };
  if (name === 'id') return SOURCES_OF_IDS[command.parent?.name() ?? ''] ?? null;
  return SOURCES[name] ?? null;
}

function flagsMade(command: Command, [id]: readonly string[]): (Source & { of: 'flags' }) | null {
  const madeBy = FLAG_MAKERS[command.name()];
  return madeBy === undefined || id === undefined ? null : { of: 'flags', madeBy, id, valuesOf: null };
}

/** A group runs `list` where no other command is named, and takes its flags. */
function optionsOf(command: Command): Option[] {
  const fallback = command.commands.find((child) => child.name() === 'list');
  const own = command.createHelp().visibleOptions(command);
  const more = fallback === undefined ? [] : optionsOf(fallback);
  return [...own, ...more.filter(({ long }) => !own.some((option) => option.long === long))];
}

function flagCandidates(command: Command): Candidate[] {
  return optionsOf(command).flatMap(({ long, description }) => (long ? [{ value: long, description }] : []));
}

function findOption(command: Command, flag: string): Option | undefined {
  return optionsOf(command).find(({ long, short }) => long === flag || short === flag);
}

function findCommand(command: Command, name: string): Command | undefined {
  return visibleCommands(command).find((child) => child.name() === name);
}

function visibleCommands(command: Command): Command[] {
  return command.createHelp().visibleCommands(command);
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function splitFlag(word: string): readonly [flag: string, inline: string | null] {
  const at = word.indexOf('=');
  return at < 0 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
}

function described(command: Command): Candidate {
  return { value: command.name(), description: command.description() };
}

function choices(values: readonly string[] | undefined): Candidate[] {
  return (values ?? []).map((value) => ({ value, description: '' }));
}

function fitting(candidates: readonly Candidate[], typed: string): Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(typed));
}
