import type { JsonValue } from '../model/records.ts';

/** Whether a value is an object of named values: not null, not an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is JSON all the way down. `undefined` in an object counts as absent. */
export function isJson(value: unknown): value is JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isObject(value) && Object.values(value).every((inner) => inner === undefined || isJson(inner));
}

/** The value as JSON; throws a TypeError where it is not (a Date, a function): a mistake of ours, not of an app. */
export function asJson(value: unknown): JsonValue {
  if (isJson(value)) return value;
  throw new TypeError('A value that must be JSON is not.');
}
