import { z } from 'zod';
import { invalidInput } from '../../model/errors.ts';
import { EXPANSIONS } from './shape.ts';
import type { Expansion, Expansions } from './shape.ts';

/** `true`/`false` or a JSON boolean, as query strings and RPC bodies carry it. */
export const flagSchema = z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]);

/** A whole number within bounds, as a JSON number or its decimal digits. */
export function wholeNumber(min: number, max: number) {
  return z
    .union([
      z.int(),
      z
        .string()
        .regex(/^\d{1,15}$/u, 'Expected a whole number.')
        .transform(Number),
    ])
    .pipe(z.int().min(min).max(max));
}

/** The fields a projection may name: those of the schema of the listed object. */
function fieldNames(schema: z.ZodObject): readonly string[] {
  return Object.keys(schema.shape);
}

/**
 * Parses a comma list of field names (`id,name`); null for all fields. `invalidInput` on `fields` names an unknown field
 * and the known ones.
 */
export function parseFields(text: string | undefined, schema: z.ZodObject): readonly string[] | null {
  const names = words(text);
  if (names.length === 0) return null;
  const known = fieldNames(schema);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw invalidInput('fields', `Unknown in fields: ${unknown.join(', ')}.`, `Known: ${known.join(', ')}.`);
  }
  return names;
}

/** Parses `expand`; `invalidInput` names an unknown word and the known ones. A known word may have no effect on a list. */
export function parseExpand(text: string | undefined): Expansions {
  const names = words(text);
  const unknown = names.filter((name) => !isExpansion(name));
  if (unknown.length > 0) {
    throw invalidInput('expand', `Unknown in expand: ${unknown.join(', ')}.`, `Known: ${EXPANSIONS.join(', ')}.`);
  }
  return new Set(names.filter(isExpansion));
}

/** Only the named fields of an object; the whole object for null. */
export function project<Item extends object>(item: Item, fields: readonly string[] | null): Partial<Item> {
  if (fields === null) return item;
  const shown: Partial<Item> = { ...item };
  for (const name of Object.keys(item)) {
    if (!fields.includes(name)) Reflect.deleteProperty(shown, name);
  }
  return shown;
}

function words(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function isExpansion(name: string): name is Expansion {
  return EXPANSIONS.some((known) => known === name);
}
