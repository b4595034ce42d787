import { createHash } from 'node:crypto';
import { z } from 'zod';
import { invalidInput } from './errors.ts';

const VERSION = 1;
const cursorSchema = z.strictObject({
  v: z.number(),
  /** Digest of the list and its filters: a cursor continues that list alone. */
  b: z.string(),
  /** The key of the last row handed out. */
  k: z.array(z.string()),
});

/** Which list a cursor belongs to: its name and the filters it was asked with (page size apart). */
export interface CursorBinding {
  readonly list: string;
  readonly filters: Readonly<Record<string, unknown>>;
}

/**
 * An opaque cursor that continues a list after `position`, the key of the last row handed out. Keys, not offsets: rows
 * that come or go in between neither shift nor repeat others.
 */
export function encodeCursor(binding: CursorBinding, position: readonly string[]): string {
  return Buffer.from(JSON.stringify({ v: VERSION, b: digest(binding), k: position }), 'utf8').toString('base64url');
}

/**
 * The position a cursor stands for; null for no cursor. `invalidInput` on `field` for garbage, for another version, and
 * for a cursor of another list or of the same list under other filters.
 */
export function decodeCursor(
  text: string | null | undefined,
  binding: CursorBinding,
  parts: number,
  field = 'next',
): readonly string[] | null {
  if (text === null || text === undefined || text === '') return null;
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(text, 'base64url').toString('utf8')));
  if (!parsed.success || parsed.data.k.some((part) => part.includes('\0'))) {
    throw invalidInput(field, `${field} is not a cursor that this API handed out.`, 'Start the list again without it.');
  }
  const { v, b, k } = parsed.data;
  if (v !== VERSION) throw invalidInput(field, `${field} is a cursor of another version.`, 'Start the list again.');
  if (b !== digest(binding) || k.length !== parts) {
    throw invalidInput(
      field,
      `${field} is a cursor of another list, or of this list with other filters.`,
      'Repeat the filters of the first page, or start the list again without it.',
    );
  }
  return k;
}

function digest({ list, filters }: CursorBinding): string {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined && value !== null);
  given.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return createHash('sha256')
    .update(JSON.stringify([list, given]))
    .digest('base64url')
    .slice(0, 16);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
