import type { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import type { CursorBinding } from '../../model/cursor.ts';
import { UsherError, invalidInput } from '../../model/errors.ts';
import type { ActionResult, ConnectorContext, ReadAction, UnifiedTraits } from '../connector.ts';
import type { Holder } from './shape.ts';

/** A unified action: its input and output are checked by whoever runs it, as those of every action. */
export type UnifiedAction<Settings> = ReadAction<Settings, z.ZodObject, z.ZodType>;

/** The type of resource a request means; `invalidInput` names an unknown one and the known ones. */
export function resourceTypeOf(
  shape: Pick<UnifiedTraits<never>, 'resourceTypes'>,
  asked: string | undefined,
  connection: string,
): string {
  const known = shape.resourceTypes;
  const type = asked ?? known[0];
  if (type === undefined)
    throw new UsherError('unsupported', `Connection ${connection} has no resources.`, { connection });
  if (!known.includes(type)) {
    throw invalidInput(
      'resource_type',
      `${connection} has no resources of type ${type}.`,
      `Known: ${known.join(', ')}.`,
    );
  }
  return type;
}

/** The error for a role that is not there: 400 or 404, as the connector's traits say. */
export function unknownRole(
  shape: Pick<UnifiedTraits<never>, 'unknownRoleStatus'>,
  connection: string,
  id: string,
  known: readonly { readonly key: string }[],
): UsherError {
  return new UsherError(
    shape.unknownRoleStatus === 400 ? 'invalidInput' : 'notFound',
    `${connection} has no role ${id}.`,
    {
      connection,
      ...(shape.unknownRoleStatus === 400 && { field: 'id' }),
      next: `Its roles are: ${known.map((role) => role.key).join(', ')}.`,
    },
  );
}

/** Sorts by key, by code unit, so that a cursor can continue whatever order the app answered in. */
export function sortedByKey<Item extends { readonly key: string }>(items: readonly Item[]): readonly Item[] {
  return [...items].sort((a, b) => compareParts([a.key], [b.key]));
}

/** The rows after the cursor, at most a page of them; rows must be sorted by their position. */
export function keysetPage<Row>(
  rows: readonly Row[],
  position: (row: Row) => readonly string[],
  { page_size, next }: { page_size: number; next?: string | undefined },
  binding: CursorBinding,
): { readonly rows: readonly Row[]; readonly next: string | null } {
  const parts = rows[0] === undefined ? null : position(rows[0]).length;
  if (parts === null) return { rows: [], next: null };
  const after = decodeCursor(next, binding, parts);
  const rest = after === null ? rows : rows.filter((row) => compareParts(position(row), after) > 0);
  const shown = rest.slice(0, page_size);
  const last = shown.at(-1);
  const isMore = rest.length > shown.length && last !== undefined;
  return { rows: shown, next: isMore ? encodeCursor(binding, position(last)) : null };
}

function compareParts(a: readonly string[], b: readonly string[]): number {
  for (const [at, part] of a.entries()) {
    const other = b[at] ?? '';
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}

/** A holder's place among those of one resource. */
export function holderOrder(holder: Holder): string {
  return holder.kind === 'account'
    ? `account ${holder.account.key}`
    : `${holder.kind === 'group' ? 'group' : 'account'} ${holder.key}`;
}

/** The 404 of what the app does not have. */
export function notFound(context: { readonly connectionId: string }, what: string, id: string): UsherError {
  return new UsherError('notFound', `${context.connectionId} has no ${what} ${id}.`, {
    connection: context.connectionId,
  });
}

/** An unchanged cursor is an error, not a loop. */
export function repeatedCursor(connection: string): UsherError {
  return new UsherError(
    'upstreamBug',
    `${connection} answered with the cursor it was asked with: the list would never end.`,
    {
      connection,
    },
  );
}

/** Closes over the input's type: `run` is given what its schema gives out, and the catalogue holds actions of any input. */
export function action<Settings, Input extends z.ZodObject, Output extends z.ZodType>(
  definition: Omit<ReadAction<Settings, Input, Output>, 'effect' | 'schemaType' | 'run'> & {
    run(context: ConnectorContext<Settings>, input: z.output<Input>): Promise<ActionResult<z.input<Output>>>;
  },
): UnifiedAction<Settings> {
  return { ...definition, effect: 'read', schemaType: 'unified' };
}
