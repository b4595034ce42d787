import { invalidInput } from '../../model/errors.ts';

type Part = Readonly<Record<string, unknown>> | null | undefined;

const BRACKETS = /^([^[\]]+)((?:\[[^[\]]+\])+)$/u;

/**
 * The flat input of an action from the parts of an RPC call: `path`, `query` and `body` together. Bracketed names
 * (`filter[email]`) stand for nesting. `invalidInput` where two parts give one name different values.
 */
export function flatInput(parts: {
  readonly path: Part;
  readonly query: Part;
  readonly body: Part;
}): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [part, values] of Object.entries(parts)) {
    for (const [name, value] of Object.entries(values ?? {})) {
      if (value !== undefined) place(input, stepsOf(name), value, `${part}.${name}`);
    }
  }
  return input;
}

function stepsOf(name: string): readonly string[] {
  const [, first, rest] = BRACKETS.exec(name) ?? [];
  return first === undefined || rest === undefined ? [name] : [first, ...rest.slice(1, -1).split('][')];
}

function place(
  target: Record<string, unknown>,
  [first = '', ...rest]: readonly string[],
  value: unknown,
  field: string,
): void {
  if (first === '__proto__') throw invalidInput(field, `${field} is no name of an input.`);
  const present = Object.hasOwn(target, first) ? target[first] : undefined;
  if (rest.length === 0) {
    if (isObject(present) && isObject(value)) {
      for (const [name, inner] of Object.entries(value)) place(present, [name], inner, `${field}.${name}`);
      return;
    }
    if (present !== undefined && JSON.stringify(present) !== JSON.stringify(value)) {
      throw invalidInput(
        field,
        `${first} is given twice, with different values.`,
        'Give it once: in path, query or body.',
      );
    }
    target[first] = isObject(value) ? structuredClone(value) : value;
    return;
  }
  const inner: Record<string, unknown> = isObject(present) ? { ...present } : {};
  if (present !== undefined && !isObject(present))
    throw invalidInput(field, `${first} is given both whole and in parts.`);
  place(inner, rest, value, field);
  target[first] = inner;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
