import { invalidInput } from '../../model/errors.ts';

/** A parsed query string: text, or what stood in brackets (`filter[email]=…` is `{filter: {email: …}}`). */
export interface QueryObject {
  [name: string]: string | QueryObject;
}

const MAX_PARAMETERS = 100;
const MAX_DEPTH = 5;
const NAME = /^([^[\]]+)((?:\[[^[\]]+\])*)$/u;
/** Problems are kept beside the result: fastify parses before any hook could answer for an exception. */
const problems = new WeakMap<object, Error>();
/** Further values of a parameter given more than once: only a route knows whether it takes several. */
const repeats = new WeakMap<object, Map<string, string[]>>();

/**
 * Parses a query string strictly: a parameter given twice, brackets that do not close, a name that is both text and
 * bracketed, and bytes that are no percent-encoded UTF-8 are problems, which `assertGoodQuery` throws. Never throws itself.
 */
export function parseQueryString(text: string): QueryObject {
  const result: QueryObject = {};
  try {
    const parts = text.split('&').filter((part) => part !== '');
    if (parts.length > MAX_PARAMETERS) throw invalidInput('query', `More than ${MAX_PARAMETERS} parameters.`);
    for (const part of parts) addParameter(result, part);
  } catch (problem) {
    problems.set(result, problem instanceof Error ? problem : new Error(String(problem)));
  }
  return result;
}

/**
 * Throws what was wrong with the query string of a request, if anything was (`invalidInput`, naming the parameter).
 * Parameters that are `repeatable` may be given several times; they become lists, also when given once.
 */
export function assertGoodQuery(query: unknown, repeatable: readonly string[] = []): void {
  if (typeof query !== 'object' || query === null) return;
  const problem = problems.get(query);
  if (problem !== undefined) throw problem;
  const repeated = repeats.get(query);
  for (const name of repeated?.keys() ?? []) {
    if (!repeatable.includes(name)) throw twice(name);
  }
  for (const name of repeatable) {
    const first: unknown = Object.hasOwn(query, name) ? Reflect.get(query, name) : undefined;
    if (typeof first === 'string') Reflect.set(query, name, [first, ...(repeated?.get(name) ?? [])]);
  }
}

function addParameter(result: QueryObject, part: string): void {
  const at = part.indexOf('=');
  const name = decode(at === -1 ? part : part.slice(0, at), 'query');
  const match = NAME.exec(name);
  const [, first = '', rest = ''] = match ?? [];
  if (match === null) throw invalidInput(printable(name), `The parameter name "${printable(name)}" is malformed.`);
  const value = decode(at === -1 ? '' : part.slice(at + 1), name);
  const path = [first, ...rest.slice(1, -1).split('][')].filter((step) => step !== '');
  if (path.includes('__proto__')) throw invalidInput('__proto__', '__proto__ is no name of a parameter.');
  if (path.length > MAX_DEPTH) throw invalidInput(name, `${name} is nested too deeply.`);
  let place = result;
  for (const step of path.slice(0, -1)) {
    const inner = ownValue(place, step) ?? {};
    if (typeof inner === 'string') throw twice(name);
    place[step] = inner;
    place = inner;
  }
  const last = path.at(-1) ?? first;
  const present = ownValue(place, last);
  if (present === undefined) place[last] = value;
  else if (path.length === 1 && typeof present === 'string') keepRepeat(result, last, value);
  else throw twice(name);
}

function keepRepeat(result: QueryObject, name: string, value: string): void {
  const kept = repeats.get(result) ?? new Map<string, string[]>();
  repeats.set(result, kept.set(name, [...(kept.get(name) ?? []), value]));
}

/** What a name stands for already; never what an object inherits (`constructor`). */
function ownValue(place: QueryObject, name: string): string | QueryObject | undefined {
  return Object.hasOwn(place, name) ? place[name] : undefined;
}

function decode(text: string, field: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalidInput(printable(field), `${printable(field)} is not percent-encoded UTF-8.`);
  }
}

function twice(name: string): Error {
  return invalidInput(name, `${name} is given twice.`, 'Give it once.');
}

function printable(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?').slice(0, 80) || 'query';
}
