import { invalidInput } from '../../model/errors.ts';

/** base64url of `so1!`: how StackOne marks a composite id (its public connector packages). */
const HEADER = 'c28xIQ';
/** The identifier of a composite id with one value, and the only one our records are named by. */
const ONLY_IDENTIFIER = 'id';

/**
 * Encodes named values as a composite id: the header, then base64url (unpadded) of `key:value,key:value`, with `,`, `:`
 * and `\` inside a value escaped by a backslash.
 *
 * @internal
 * @example encodeCompositeId({ id: 'jane@example.com' }) // 'c28xIQaWQ6amFuZUBleGFtcGxlLmNvbQ'
 * @internal
 */
export function encodeCompositeId(values: Readonly<Record<string, string>>): string {
  const body = Object.entries(values)
    .map(([key, value]) => `${escape(key)}:${escape(value)}`)
    .join(',');
  return HEADER + Buffer.from(body, 'utf8').toString('base64url');
}

/** Whether a text looks like a composite id: header and at least one character of body. */
export function isCompositeId(text: string): boolean {
  return text.startsWith(HEADER) && text.length > HEADER.length;
}

/**
 * Decodes a composite id into its named values. `field` names the parameter in the error (`invalidInput`) for a missing
 * header or body, bytes that are no base64url or UTF-8, and a part without a key.
 */
export function decodeCompositeId(text: string, field = 'id'): Readonly<Record<string, string>> {
  if (!isCompositeId(text))
    throw invalidInput(field, `${field} is no composite id: it has no ${HEADER} header and body.`);
  const encoded = text.slice(HEADER.length);
  const bytes = Buffer.from(encoded, 'base64url');
  if (bytes.toString('base64url') !== encoded) throw invalidInput(field, `The composite ${field} is not base64url.`);
  const values = new Map<string, string>();
  for (const [key, value] of splitParts(decodeUtf8(bytes, field), field)) {
    if (values.has(key)) throw invalidInput(field, `The composite ${field} has ${key} twice.`);
    values.set(key, value);
  }
  return Object.fromEntries(values);
}

/**
 * The plain provider id behind an input that may be plain or composite. Text that carries the header but does not
 * decode is refused rather than looked up.
 */
export function plainId(text: string, field = 'id'): string {
  if (!isCompositeId(text)) return text;
  const values = decodeCompositeId(text, field);
  const id = values[ONLY_IDENTIFIER];
  if (id === undefined || Object.keys(values).length > 1) {
    const unknown = Object.keys(values).filter((key) => key !== ONLY_IDENTIFIER);
    throw invalidInput(field, `The composite ${field} has an identifier Usher does not know: ${unknown.join(', ')}.`);
  }
  return id;
}

function escape(text: string): string {
  return text.replaceAll(/[\\,:]/gu, String.raw`\$&`);
}

function decodeUtf8(bytes: Buffer, field: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalidInput(field, `The composite ${field} does not hold UTF-8 text.`);
  }
}

/** Splits `key:value,key:value` at separators that are not escaped. */
function splitParts(body: string, field: string): [string, string][] {
  const parts: [string, string][] = [];
  let key: string | null = null;
  let current = '';
  for (let at = 0; at <= body.length; at++) {
    const letter = body[at];
    if (letter === '\\' && at + 1 < body.length) {
      current += body[++at];
    } else if (letter === ':' && key === null) {
      key = current;
      current = '';
    } else if (letter === ',' || letter === undefined) {
      if (key === null || key === '') throw invalidInput(field, `The composite ${field} has a part without a name.`);
      parts.push([key, current]);
      key = null;
      current = '';
    } else {
      current += letter;
    }
  }
  return parts;
}
