import { flagsOf, readActionInput } from '../action-input.ts';
import { assertConfirmable, carryOut, goOnLine, showPlan, type CarryOutOptions } from '../changes/carry-out.ts';
import { planSchema } from '../changes/contract.ts';
import type { CommonOptions, Context } from '../context.ts';
import { actionSchema, callAnswerSchema, type ActionDetail, type CallAnswer } from '../contract.ts';
import { EXIT, Failure, usage } from '../failure.ts';
import type { Column } from '../table.ts';
import { counted, printable } from '../text.ts';
import { flagLines } from './actions.ts';
import { allConnections } from './connections.ts';
import { timeToCome } from '../time.ts';
import { oneOf } from '../words.ts';
import { GUARDS } from '../../model/changes.ts';

export interface CallOptions extends CommonOptions, CarryOutOptions {
  readonly connection?: string;
  /** Fields as JSON; `-`: from standard input. */
  readonly input?: string;
  readonly dryRun?: boolean;
  readonly help?: boolean;
  /** False for `--no-apply`. */
  readonly apply?: boolean;
  /** When it is to be carried out. */
  readonly at?: string;
  readonly override?: readonly string[];
  readonly idempotencyKey?: string;
}

/**
 * `usher call ACTION`: a reading action is called, live, or with `--dry-run` shows what would be sent. A writing one
 * becomes a plan that is shown, confirmed, carried out and followed.
 */
export async function call(context: Context, words: readonly string[], options: CallOptions): Promise<number> {
  const [id, ...flags] = words;
  if (id === undefined || id.startsWith('-')) throw usage('Say which action to call.', 'usher actions lists them.');
  const client = await context.client();
  const action = await client.read(actionSchema, (usher) => usher.GET('/actions/{id}', { params: { path: { id } } }));
  if (options.help === true) return help(context, action);
  const isWrite = action.effect === 'write' || action.effect === 'destructive';
  if (isWrite) assertChange(context, options);
  else if (options.at !== undefined) throw usage(`${action.id} reads, and reads now.`, 'Leave --at out.');
  const input = await readActionInput(context, flags, action.input_schema, options.input);
  const connection = options.connection ?? (await onlyConnection(context, action));
  if (isWrite) return change(context, { connection, action: action.id, input }, options);
  const body = { action: action.id, body: input, ...(options.dryRun === true ? { dry_run: true } : {}) };
  const params = { header: { 'x-account-id': connection } };
  const answer = await client.read(callAnswerSchema, (usher) => usher.POST('/actions/rpc', { params, body }));
  if (context.isJson) context.out.json(answer);
  else if (options.dryRun === true) printPreview(context, answer);
  else printAnswer(context, answer);
  return EXIT.ok.code;
}

/** What of the flags can be told to be wrong before anything is asked or planned. */
function assertChange(context: Context, { override, reason, yes, dryRun, apply }: CallOptions): void {
  if (override !== undefined && !reason) {
    throw usage(
      'Letting a plan pass a guard needs a reason.',
      `Say why: --override ${override.join(' --override ')} --reason "…"`,
    );
  }
  for (const guard of override ?? []) oneOf(guard, GUARDS, '--override');
  assertConfirmable(context, yes === true || dryRun === true || apply === false);
}

interface ChangeRequest {
  readonly connection: string;
  readonly action: string;
  readonly input: Record<string, unknown>;
}

/** Plans a writing action, and carries the plan out unless that is not wished. */
async function change(context: Context, request: ChangeRequest, options: CallOptions): Promise<number> {
  const client = await context.client();
  const { reason, override, idempotencyKey: key, dryRun = false, apply = true, at } = options;
  const body = {
    ...request,
    ...(reason === undefined ? {} : { reason }),
    ...(override === undefined
      ? {}
      : { override: override.flatMap((guard) => oneOf(guard, GUARDS, '--override') ?? []) }),
    ...(apply ? {} : { apply_when_approved: false }),
    ...(at === undefined ? {} : { apply_at: timeToCome(at, context.now()) }),
  };
  const params = {
    query: dryRun ? { dry_run: true } : {},
    header: key === undefined ? {} : { 'idempotency-key': key },
  };
  const plan = await client
    .read(planSchema, (usher) => usher.POST('/v1/plans', { params, body }))
    .catch((error: unknown) => {
      throw withOverride(error);
    });
  if (apply && !dryRun) return carryOut(context, plan, options);
  if (context.isJson) context.out.json(plan);
  showPlan(context, plan, options.showCalls === true);
  if (!context.isJson) context.out.note(dryRun ? 'Nothing was sent, nothing was kept.' : goOnLine(plan));
  return EXIT.ok.code;
}

/** What a guard stopped, with the flags that let it pass. */
function withOverride(error: unknown): unknown {
  const guard = error instanceof Failure ? GUARDS.find((each) => each === error.details.code) : undefined;
  if (!(error instanceof Failure) || guard === undefined) return error;
  const next = `If it has to be, an administrator repeats it with: --override ${guard} --reason "…"`;
  return new Failure(error.message, { ...error.details, next });
}

function help({ out }: Context, { id, effect, input_schema: schema }: ActionDetail): number {
  const isRead = effect == null || effect === 'read';
  const flags = isRead
    ? '[--connection ID] [--dry-run] [--input JSON]'
    : '[--connection ID] [--dry-run | --no-apply | --yes] [--at TIME] [--reason TEXT] [--show-calls] [--input JSON]';
  out.line(`Usage: usher call ${id} ${flags} [fields]`);
  out.line();
  for (const line of flagLines(flagsOf(schema))) out.line(line);
  return EXIT.ok.code;
}

/** The one connection whose app has the action. */
async function onlyConnection(context: Context, { id, connector }: ActionDetail): Promise<string> {
  const fitting = (await allConnections(context)).filter((each) => connector == null || each.connector === connector);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only.id;
  throw only === undefined
    ? usage(
        `Nothing is connected that ${id} could be called on.`,
        `Connect it: usher connect ${connector ?? 'CONNECTOR'}`,
      )
    : usage(`${id} fits several connections.`, `Say which: --connection ${fitting.map((each) => each.id).join(' | ')}`);
}

function printPreview({ out }: Context, { preview }: CallAnswer): void {
  if (preview == null) {
    out.line('This action sends nothing.');
    return;
  }
  out.line(`${preview.method} ${printable(preview.url)}`);
  for (const [name, value] of Object.entries(preview.headers ?? {}))
    out.line(`${printable(name)}: ${printable(value)}`);
  if (preview.body != null) {
    out.line();
    out.line(typeof preview.body === 'string' ? printable(preview.body) : JSON.stringify(preview.body, null, 2));
  }
  out.note('Nothing was sent.');
}

function printAnswer(context: Context, { data, next }: CallAnswer): void {
  const { out } = context;
  const rows = rowsOf(data);
  const columns = rows === null ? [] : columnsOf(rows);
  if (rows === null || columns.length === 0) {
    out.line(rows?.length === 0 ? 'Nothing.' : escapedJson(data));
  } else {
    out.table(columns)(rows);
    out.note(`${counted(rows.length, 'row')}${next == null ? '' : '; there are more'}. All fields: --json`);
  }
  if (next != null) out.note(`Go on: --next '${printable(next)}'`);
}

type Row = Readonly<Record<string, unknown>>;

/** The answer as rows, null where it is no list of objects. */
function rowsOf(data: unknown): Row[] | null {
  if (!Array.isArray(data)) return null;
  const rows: Row[] = [];
  for (const value of data as readonly unknown[]) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const { unified_custom_fields: more, ...fields }: Row = Object.fromEntries(Object.entries(value));
    rows.push({ ...fields, ...(typeof more === 'object' ? more : {}) });
  }
  return rows;
}

const MOST_COLUMNS = 6;
/** Of a list in a cell; the rest is counted. */
const MOST_NAMES = 3;

/** The first fields that fit a cell and say something that no column before says; the widest answers are for `--json`. */
function columnsOf(rows: readonly Row[]): Column<Row>[] {
  const said = new Set<string>();
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => {
    const cells = rows.map((row) => cellOf(row[name]));
    const isNew = cells.some((cell) => cell !== null && cell !== '') && !said.has(JSON.stringify(cells));
    if (isNew) said.add(JSON.stringify(cells));
    return isNew;
  });
  return names.slice(0, MOST_COLUMNS).map((name) => ({
    title: name,
    value: (row) => cellOf(row[name]),
    align: rows.every((row) => row[name] == null || typeof row[name] === 'number') ? 'right' : 'left',
  }));
}

/**
 * A value as a cell: enumerations of the unified model show their value, lists of named things the names; null for what
 * does not fit a cell.
 */
function cellOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) {
    const cells = value.map(cellOf).filter((cell) => cell !== null);
    if (cells.length === 0) return null;
    const rest = cells.length - MOST_NAMES;
    return rest > 0 ? `${cells.slice(0, MOST_NAMES).join(', ')}, +${rest}` : cells.join(', ');
  }
  if (typeof value !== 'object' || value === null) return null;
  if ('value' in value) return cellOf(value.value);
  return 'name' in value ? cellOf(value.name) : null;
}

/** JSON shows control characters escaped already, but not those that a terminal obeys beyond ASCII. */
function escapedJson(data: unknown): string {
  return JSON.stringify(data, null, 2)
    .split('\n')
    .map((line) => printable(line))
    .join('\n');
}
