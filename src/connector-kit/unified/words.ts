import type { GrantRecord } from '../../model/records.ts';
import type { Observation } from './shape.ts';

/** What the snapshot knows beside a record, as custom fields. */
export function observed(observation: Observation | undefined): Record<string, unknown> {
  if (observation === undefined) return {};
  const { seenFrom, missingSince } = observation;
  return { last_changed_at: seenFrom, ...(missingSince !== null && { missing_since: missingSince }) };
}

/** An enum object: the unified word where it is one, and the app's. */
export function enumOf(word: string, values: readonly string[]): { value: string; source_value: string } {
  return { value: known(word, values), source_value: word };
}

/** The word if it is of the unified vocabulary, else `unmapped_value`. */
export function known(word: string, values: readonly string[]): string {
  return values.includes(word) ? word : 'unmapped_value';
}

/** The app's own flags where the connector kept them, else the permission's name. */
export function sourceOf(grant: GrantRecord): string | Record<string, unknown> {
  return Object.keys(grant.extra).length > 0 ? { ...grant.extra } : grant.permission;
}

/** `can_edit` to `Can edit`. */
export function titleOf(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).replaceAll('_', ' ');
}

/** Orders by code unit, whatever the locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
