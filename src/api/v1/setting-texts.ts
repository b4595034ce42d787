import type { ConfigField } from '../../connector-kit/config-fields.ts';
import { externalName } from '../../connector-kit/field-names.ts';
import { invalidInput } from '../../model/errors.ts';

/**
 * Settings or secrets with whole numbers turned into texts where the connector asks for a text: an account number is
 * digits, and tools that write JSON do not quote them. Throws `invalidInput` for a number that JSON cannot carry exactly.
 */
export function numbersAsTexts(
  values: Readonly<Record<string, unknown>>,
  fields: readonly ConfigField[],
  place: 'settings' | 'secrets',
): Record<string, unknown> {
  const kinds: ReadonlySet<string> = new Set(place === 'secrets' ? ['secret'] : ['text']);
  const texts = new Set(fields.filter(({ kind }) => kinds.has(kind)).map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (typeof value !== 'number' || !texts.has(externalName(name))) return [name, value];
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) return [name, String(value)];
      const field = `${place}.${name}`;
      throw invalidInput(field, `${field} is a text; as a number it may have lost digits.`, 'Write it in quotes.');
    }),
  );
}
