import { parseArgs } from 'node:util';
import { invalidInput } from '../../model/errors.ts';
import { type Fault, FAULTS, parseFault } from './faults.ts';

/** What `usher simulate CONNECTOR` takes, the same for all simulators. */
export interface SimulatorArguments {
  readonly port: number;
  readonly host: string;
  readonly seed: string;
  readonly people: number;
  readonly faults: readonly Fault[];
  /** By name, as texts; the simulator parses them. */
  readonly switches: Readonly<Record<string, string>>;
  /** What this simulator can be sized by beside people, by flag (`sub-accounts`): only those that were given. */
  readonly sizes: Readonly<Record<string, number>>;
  /** This simulator's own flags without a value (`tls`): whether each was given. */
  readonly toggles: Readonly<Record<string, boolean>>;
  /** One line of JSON instead of text for people. */
  readonly isJson: boolean;
  readonly isHelp: boolean;
}

/** The options as the help shows them. */
const SIMULATOR_OPTIONS: readonly { readonly flag: string; readonly description: string }[] = [
  { flag: '--port <port>', description: 'port to listen on (default: any free one)' },
  { flag: '--host <address>', description: 'address to listen on (default: 127.0.0.1)' },
  { flag: '--seed <text>', description: 'another seed invents another crowd (default: northwind)' },
  { flag: '--people <number>', description: 'size of the company (default: 250)' },
  {
    flag: '--fault <kind[=value][/operation][:rate|@n[-m]]>',
    description: `repeatable; kinds: ${Object.keys(FAULTS).join(', ')}`,
  },
  { flag: '--switch <name=value>', description: 'repeatable; how this vendor behaves where its variants differ' },
  { flag: '--json', description: 'print address and credentials as one line of JSON' },
];

/** Flags of one simulator that take a whole number, and what each is: `{ sites: 'sites of the console' }`. */
export type SizeFlags = Readonly<Record<string, string>>;

/** Flags of one simulator that take no value, and what each does: `{ tls: 'HTTPS instead of HTTP' }`. */
export type ToggleFlags = Readonly<Record<string, string>>;

/**
 * Parses the arguments after `usher simulate CONNECTOR`; `sizeFlags` and `toggleFlags` are the simulator's own. Pure.
 * Throws `invalidInput` naming the option.
 */
export function parseSimulatorArguments(
  argv: readonly string[],
  sizeFlags: SizeFlags = {},
  toggleFlags: ToggleFlags = {},
): SimulatorArguments {
  const values = readOptions(argv, sizeFlags, toggleFlags);
  const given: Readonly<Record<string, unknown>> = values;
  return {
    port: parseNumber('port', values.port ?? '0', 65_535),
    host: values.host ?? '127.0.0.1',
    seed: values.seed ?? 'northwind',
    people: parseNumber('people', values.people ?? '250', 10_000_000),
    faults: (values.fault ?? []).map(parseFault),
    switches: Object.fromEntries((values.switch ?? []).map(parseSwitch)),
    sizes: Object.fromEntries(
      Object.keys(sizeFlags).flatMap((flag) => {
        const text = given[flag];
        return typeof text === 'string' ? [[flag, parseNumber(flag, text, 10_000_000)]] : [];
      }),
    ),
    toggles: Object.fromEntries(Object.keys(toggleFlags).map((flag) => [flag, given[flag] === true])),
    isJson: values.json ?? false,
    isHelp: values.help ?? false,
  };
}

/** A running simulator, as the command sees it. */
export interface RunningSimulator {
  readonly url: string;
  close(): Promise<void>;
}

/** What the command starts any simulator with. */
export type CommonOptions = Pick<SimulatorArguments, 'port' | 'host' | 'seed' | 'people' | 'faults' | 'switches'>;

/** What the command needs of its process; injected so that tests can run it. */
export interface CommandWorld {
  print(line: string): void;
  /** Resolves when the process is asked to end (SIGINT, SIGTERM). */
  stopped(): Promise<void>;
}

/** The world of the real process. */
const processWorld: CommandWorld = {
  print: (line) => process.stdout.write(`${line}\n`),
  stopped: () =>
    new Promise((resolve) => {
      process.once('SIGINT', () => resolve());
      process.once('SIGTERM', () => resolve());
    }),
};

/** What one vendor adds to the command. */
export interface SimulatorCommand<Running extends RunningSimulator> {
  readonly connector: string;
  readonly title: string;
  readonly switchesHelp: readonly string[];
  /** Absent: sized by people alone. */
  readonly sizeFlags?: SizeFlags;
  readonly toggleFlags?: ToggleFlags;
  start(options: CommonOptions, own: Pick<SimulatorArguments, 'sizes' | 'toggles'>): Promise<Running>;
  /** As the connection's settings and secrets name them, for people to paste. */
  credentials(simulator: Running): Readonly<Record<string, string>>;
}

/** Runs a simulator until the process is asked to end: prints where it is and how to connect, closes cleanly. */
export async function runSimulator<Running extends RunningSimulator>(
  command: SimulatorCommand<Running>,
  argv: readonly string[],
  world: CommandWorld = processWorld,
): Promise<void> {
  const parsed = parseSimulatorArguments(argv, command.sizeFlags, command.toggleFlags);
  if (parsed.isHelp) return help(command).forEach((line) => world.print(line));
  const stopped = world.stopped();
  const { port, host, seed, people, faults, switches } = parsed;
  const simulator = await command.start({ port, host, seed, people, faults, switches }, parsed);
  const { url } = simulator;
  const credentials = command.credentials(simulator);
  if (parsed.isJson) world.print(JSON.stringify({ connector: command.connector, url, credentials }));
  else describe(command.title, url, credentials).forEach((line) => world.print(line));
  await stopped;
  await simulator.close();
}

function describe(title: string, url: string, credentials: Readonly<Record<string, string>>): string[] {
  const width = Math.max(...Object.keys(credentials).map((name) => name.length), 'inspection'.length);
  return [
    `${title}, simulated: everything in it is invented.`,
    ...Object.entries({ address: url, ...credentials, inspection: `${url}/_simulator` }).map(
      ([name, value]) => `  ${name.padEnd(width)}  ${value}`,
    ),
    'Ctrl-C stops it.',
  ];
}

function help(command: Omit<SimulatorCommand<never>, 'start' | 'credentials'>): string[] {
  return [
    `usher simulate ${command.connector}: ${command.title}`,
    ...SIMULATOR_OPTIONS.map(({ flag, description }) => `  ${flag}  ${description}`),
    ...Object.entries(command.sizeFlags ?? {}).map(([flag, description]) => `  --${flag} <number>  ${description}`),
    ...Object.entries(command.toggleFlags ?? {}).map(([flag, description]) => `  --${flag}  ${description}`),
    'Switches and their values, the default first:',
    ...command.switchesHelp.map((line) => `  ${line}`),
  ];
}

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  seed: { type: 'string' },
  people: { type: 'string' },
  fault: { type: 'string', multiple: true },
  switch: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function readOptions(argv: readonly string[], sizeFlags: SizeFlags, toggleFlags: ToggleFlags) {
  const own = {
    ...Object.fromEntries(Object.keys(sizeFlags).map((flag) => [flag, { type: 'string' } as const])),
    ...Object.fromEntries(Object.keys(toggleFlags).map((flag) => [flag, { type: 'boolean' } as const])),
  };
  try {
    const options: typeof OPTIONS = { ...own, ...OPTIONS };
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw invalidInput('arguments', error instanceof Error ? error.message : String(error), 'See --help.');
  }
}

function parseNumber(name: string, text: string, most: number): number {
  if (!/^\d+$/.test(text) || Number(text) > most) {
    throw invalidInput(name, `--${name} takes a whole number up to ${most}, not "${text}".`);
  }
  return Number(text);
}

function parseSwitch(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw invalidInput('switch', `--switch takes name=value, not "${text}".`);
  return [text.slice(0, at), text.slice(at + 1)];
}
