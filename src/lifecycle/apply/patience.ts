import { invalidInput } from '../../model/errors.ts';
import type { ApplySettings } from './work.ts';

/** What an operator may set of how patient Usher is with apps, in seconds: the variable, its setting, its bounds. */
const VARIABLES: readonly Variable[] = [
  { name: 'USHER_SETTLE_SECONDS', setting: 'settleMs', least: 0.5, most: 3600 },
  { name: 'USHER_VERIFY_SECONDS', setting: 'verifyMs', least: 1, most: 3600 },
  { name: 'USHER_PATIENCE_SECONDS', setting: 'patienceMs', least: 1, most: 86_400 },
];

interface Variable {
  readonly name: string;
  readonly setting: keyof ApplySettings;
  readonly least: number;
  readonly most: number;
}

/**
 * Reads how long apps are waited for from the environment: `USHER_SETTLE_SECONDS` (a call whose answer was lost may take
 * effect for so long), `USHER_VERIFY_SECONDS` (what an app has taken may take so long to show) and
 * `USHER_PATIENCE_SECONDS` (an app that cannot be asked is asked again for so long). What is not set is left out. Throws
 * `invalidInput` naming the variable.
 */
export function patienceFromEnvironment(env: Readonly<Record<string, string | undefined>>): Partial<ApplySettings> {
  const set = VARIABLES.flatMap((variable) => {
    const text = env[variable.name]?.trim() ?? '';
    return text === '' ? [] : [[variable.setting, secondsOf(variable, text) * 1000] as const];
  });
  return Object.fromEntries(set);
}

function secondsOf({ name, least, most }: Variable, text: string): number {
  const seconds = Number(text);
  if (seconds >= least && seconds <= most) return seconds;
  throw invalidInput(
    name,
    `${name} is not a number of seconds from ${least} to ${most}: "${text}".`,
    'Give a number, or leave it out for the default.',
  );
}
