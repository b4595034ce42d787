import { externalFields } from '../connector-kit/field-names.ts';
import { invalidInput } from '../model/errors.ts';
import { connectionIdSchema } from '../model/ids.ts';

const MIN_SCHEDULE_SECONDS = 60;
const MAX_SCHEDULE_SECONDS = 30 * 86_400;
/** Between two syncs of a connection that names no schedule. */
const DEFAULT_SCHEDULE_SECONDS = 3600;

/** An id that somebody chose for a connection; throws `invalidInput` naming `id`. */
export function checkedId(id: string): string {
  const parsed = connectionIdSchema.safeParse(id);
  if (parsed.success) return parsed.data;
  throw invalidInput('id', parsed.error.issues[0]?.message ?? 'That cannot be a connection id.');
}

/** The first of `lastpass`, `lastpass-2`, `lastpass-3` … that is not taken. */
export function nextFreeId(connectorId: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? connectorId : `${connectorId}-${number}`;
    if (!taken.has(id)) return checkedId(id);
  }
}

/** Seconds between two syncs; absent: every hour; null: only when asked. Throws `invalidInput`. */
export function checkedSchedule(seconds: number | null | undefined): number | null {
  if (seconds === undefined) return DEFAULT_SCHEDULE_SECONDS;
  if (seconds === null) return null;
  if (Number.isInteger(seconds) && seconds >= MIN_SCHEDULE_SECONDS && seconds <= MAX_SCHEDULE_SECONDS) return seconds;
  throw invalidInput(
    'scheduleSeconds',
    `A schedule has ${MIN_SCHEDULE_SECONDS} to ${MAX_SCHEDULE_SECONDS} seconds between two syncs.`,
    'Leave it out for every hour, or give null for syncs by hand only.',
  );
}

/** The fields of an object that came from outside; nothing is taken for none. Throws `invalidInput`. */
export function fieldsOf(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalidInput(name, `${name} must be an object of fields.`);
  return externalFields(Object.fromEntries(Object.entries(value)));
}

/** `before` with `change` over it; a null takes the field away. */
export function merged(
  before: Readonly<Record<string, unknown>>,
  change: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== null));
}
