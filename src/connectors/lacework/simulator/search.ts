import { z } from 'zod';
import { bodyOf, type Call, parseBody } from './call.ts';
import { type Answer, json, nothing, Refused } from './wire.ts';

/** A row as JSON, of which a search compares top-level fields. */
export type Row = Readonly<Record<string, unknown>>;

const scalar = z.union([z.string(), z.number(), z.boolean()]);
type Scalar = z.output<typeof scalar>;

export interface Filter {
  readonly field: string;
  readonly expression: string;
  readonly value?: Scalar | undefined;
  readonly values?: readonly Scalar[] | undefined;
}

/** What a search asks for; ANDed. */
export interface Search {
  readonly filters: readonly Filter[];
  /** Fields of the answer; null: all. */
  readonly returns: readonly string[] | null;
  readonly timeFilter: { readonly startTime?: string | undefined; readonly endTime?: string | undefined } | null;
}

/** With `value`; the others take `values`. `expr` is reserved. */
const ONE: Readonly<Record<string, (field: Scalar, value: Scalar) => boolean>> = {
  eq: (field, value) => compare(field, value) === 0,
  ne: (field, value) => compare(field, value) !== 0,
  gt: (field, value) => compare(field, value) > 0,
  ge: (field, value) => compare(field, value) >= 0,
  lt: (field, value) => compare(field, value) < 0,
  le: (field, value) => compare(field, value) <= 0,
  like: (field, value) => wildcard(value, '').test(String(field)),
  not_like: (field, value) => !wildcard(value, '').test(String(field)),
  ilike: (field, value) => wildcard(value, 'i').test(String(field)),
  not_ilike: (field, value) => !wildcard(value, 'i').test(String(field)),
  rlike: (field, value) => whole(value).test(String(field)),
  not_rlike: (field, value) => !whole(value).test(String(field)),
};
const MANY: Readonly<Record<string, (field: Scalar, values: readonly Scalar[]) => boolean>> = {
  in: (field, values) => values.some((value) => compare(field, value) === 0),
  not_in: (field, values) => values.every((value) => compare(field, value) !== 0),
  between: (field, [low = '', high = '']) => compare(field, low) >= 0 && compare(field, high) <= 0,
};

/** Reads a search over these fields. Throws `Refused` 400 for a field or an expression that is not known. */
export function readSearch(call: Call, fields: readonly string[], takesTime = false): Search {
  const filter = bodyOf(call, {
    field: z.string(),
    expression: z.string(),
    value: scalar.optional(),
    values: z.array(scalar).optional(),
  });
  const body = parseBody(
    { ...call, body: call.body ?? {} },
    bodyOf(call, {
      filters: z.array(filter).optional(),
      returns: z.array(z.string()).optional(),
      ...(takesTime && {
        timeFilter: bodyOf(call, { startTime: z.string().optional(), endTime: z.string().optional() }).optional(),
      }),
    }),
  );
  const filters: readonly Filter[] = body.filters ?? [];
  for (const one of filters) check(one, fields);
  const timeFilter: unknown = 'timeFilter' in body ? body.timeFilter : null;
  return {
    filters,
    returns: body.returns ?? null,
    timeFilter:
      z.object({ startTime: z.string().optional(), endTime: z.string().optional() }).nullish().parse(timeFilter) ??
      null,
  };
}

/** Whether a row is one that is looked for. */
export function isFound(row: Row, { filters }: Pick<Search, 'filters'>): boolean {
  return filters.every(({ field, expression, value, values }) => {
    const found = scalar.safeParse(row[field]);
    if (!found.success) return false;
    const one = ONE[expression];
    return one && value !== undefined
      ? one(found.data, value)
      : (MANY[expression]?.(found.data, values ?? []) ?? false);
  });
}

/** The fields that were asked for. */
export function project(row: Row, { returns }: Pick<Search, 'returns'>): Row {
  if (!returns) return row;
  return Object.fromEntries(Object.entries(row).filter(([field]) => returns.includes(field)));
}

/** What a search answers that finds nothing: no body, as the vendor often does, or as switched. */
export function emptySearch({ tenant }: Pick<Call, 'tenant'>): Answer {
  switch (tenant.switches.emptySearch) {
    case '200':
      return json(200, { data: [] });
    case 'object':
      return json(200, {});
    default:
      return nothing();
  }
}

function check(filter: Filter, fields: readonly string[]): void {
  const takesOne = Object.hasOwn(ONE, filter.expression);
  if (!fields.includes(filter.field)) throw new Refused(400, `Invalid filters: field ${filter.field} is unrecognized`);
  if (!takesOne && !Object.hasOwn(MANY, filter.expression)) {
    throw new Refused(400, `Invalid filters: expression ${filter.expression} is unrecognized`);
  }
  const isRight = takesOne
    ? filter.value !== undefined && filter.values === undefined
    : filter.values !== undefined && filter.values.length > 0 && filter.value === undefined;
  if (!isRight) throw new Refused(400, `Invalid filters: ${filter.expression} takes ${takesOne ? 'value' : 'values'}`);
  if (filter.expression === 'between' && filter.values?.length !== 2) {
    throw new Refused(400, 'Invalid filters: between takes two values');
  }
  if (filter.expression.endsWith('rlike')) whole(filter.value ?? '');
}

function compare(left: Scalar, right: Scalar): number {
  if (typeof left === 'number') return left - Number(right);
  const [one, other] = [String(left), String(right)];
  return one === other ? 0 : one < other ? -1 : 1;
}

/** SQL's wildcards: `%` for any text, `_` for one character. */
function wildcard(pattern: Scalar, flags: string): RegExp {
  const source = String(pattern)
    .replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${source}$`, `s${flags}`);
}

/** A regular expression that has to fit the whole text. */
function whole(pattern: Scalar): RegExp {
  try {
    return new RegExp(`^(?:${String(pattern)})$`, 's');
  } catch {
    throw new Refused(400, 'Invalid filters: value is not a regular expression');
  }
}
