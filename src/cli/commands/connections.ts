import type { CommonOptions, Context } from '../context.ts';
import {
  connectionSchema,
  driftListSchema,
  removalSchema,
  syncRunListSchema,
  testedSchema,
  type Connection,
  type Drift,
} from '../contract.ts';
import { EXIT, usage } from '../failure.ts';
import { countsText } from '../progress.ts';
import { explainIfFailed, explainIfPaused } from '../sync-text.ts';
import type { Column } from '../table.ts';
import { counted, duration, localTime, number, printable } from '../text.ts';

/** `usher connections list` */
export async function list(context: Context): Promise<number> {
  const connections = await allConnections(context);
  if (context.isJson) {
    context.out.json({ data: connections });
  } else if (connections.length === 0) {
    context.out.line('Nothing is connected yet.');
    context.out.note('Connect an app: usher connect lastpass');
  } else {
    context.out.table(COLUMNS)(connections);
  }
  return EXIT.ok.code;
}

const COLUMNS: readonly Column<Connection>[] = [
  { title: 'Connection', value: ({ id }) => id },
  { title: 'App', value: ({ connector }) => connector },
  { title: 'Company', value: ({ tenant }) => tenant?.name },
  { title: 'State', value: ({ state }) => state },
  { title: 'Accounts', value: ({ counts }) => number(counts?.account), align: 'right' },
  { title: 'Grants', value: ({ counts }) => number(counts?.grant), align: 'right' },
  { title: 'Seen', value: ({ snapshot_at }) => localTime(snapshot_at) },
  { title: 'Next sync', value: ({ next_sync_at }) => localTime(next_sync_at) },
];

/** Every connection this token may see. */
export async function allConnections(context: Context): Promise<Connection[]> {
  const client = await context.client();
  const connections: Connection[] = [];
  const pages = client.pages(connectionSchema, (usher, query) => usher.GET('/v1/connections', { params: { query } }));
  for await (const { items } of pages) connections.push(...items);
  return connections;
}

/** `usher connections show ID`: the connection, and what its app sent that the connector did not know. */
export async function show(context: Context, [id = '']: readonly string[]): Promise<number> {
  const client = await context.client();
  const params = paramsOf(id);
  const connection = await client.read(connectionSchema, (usher) => {
    return usher.GET('/v1/connections/{connection}', { params });
  });
  const { data: drift } = await client.read(driftListSchema, (usher) => {
    return usher.GET('/v1/connections/{connection}/drift', { params });
  });
  if (context.isJson) {
    context.out.json({ ...connection, drift });
    return EXIT.ok.code;
  }
  const { out } = context;
  const { last_sync: lastSync, schedule_seconds: every } = connection;
  const facts: [string, string][] = [
    ['App', connection.connector],
    ['Company', connection.tenant == null ? '-' : `${connection.tenant.name} (${connection.tenant.id})`],
    ['State', connection.paused_reason ? `${connection.state}: ${connection.paused_reason}` : connection.state],
    ['Holds', countsText(connection.counts) || 'nothing yet'],
    ['Seen', localTime(connection.snapshot_at)],
    ['Last sync', lastSync == null ? 'none yet' : `${lastSync.state}, ${localTime(lastSync.finished_at)}`],
    ['Next sync', localTime(connection.next_sync_at)],
    ['Every', every == null ? 'by hand only' : duration(every)],
    ['Can', connection.capabilities.join(', ') || '-'],
    ...budgetFacts(connection.budgets),
    ...Object.entries(connection.settings).map(([name, value]): [string, string] => [name, plain(value)]),
  ];
  out.line(out.paint('bold', printable(connection.id)));
  const width = Math.max(20, ...facts.map(([name]) => printable(name).length));
  for (const [name, value] of facts) out.line(`  ${printable(name).padEnd(width)}  ${printable(value)}`);
  if (lastSync?.state === 'paused' || lastSync?.state === 'failed') await showWhy(context, connection.id);
  showDrift(context, drift);
  if (lastSync == null) out.note(`Pull it: usher sync ${connection.id}`);
  return EXIT.ok.code;
}

type Budget = {
  readonly functionality: string;
  readonly limit: number;
  readonly left: number;
  readonly reset_seconds: number;
};

/** What of its budgets is used, a line each; those that nothing is taken from are one line together. */
function budgetFacts(budgets: readonly Budget[]): readonly [string, string][] {
  const used = budgets.filter(({ limit, left }) => left < limit);
  const facts = used.map(({ functionality, limit, left, reset_seconds: reset }): [string, string] => {
    const full = reset === 0 ? '' : `, all again in ${duration(reset)}`;
    return [`Left (${functionality})`, `${number(left)} of ${number(limit)} calls${full}`];
  });
  const others = budgets.length - used.length;
  if (others === 0) return facts;
  return [
    ...facts,
    [used.length === 0 ? 'Left' : 'Left of the others', `all of ${others} budget${others === 1 ? '' : 's'}`],
  ];
}

/** Why the latest sync waits or failed, and what to do about it. */
async function showWhy(context: Context, id: string): Promise<void> {
  const client = await context.client();
  const { data } = await client.read(syncRunListSchema, (usher) => {
    return usher.GET('/v1/connections/{connection}/syncs', { params: { ...paramsOf(id), query: { page_size: 1 } } });
  });
  const [run] = data;
  if (run === undefined) return;
  context.out.line();
  explainIfPaused(context, run);
  explainIfFailed(context, run);
}

/** What the app sent that its connector did not know. A sample tells type and size, never the value. */
function showDrift({ out }: Context, drift: readonly Drift[]): void {
  if (drift.length === 0) return;
  out.line();
  out.line(out.paint('bold', 'Sent by the app, not known to its connector'));
  out.table(DRIFT_COLUMNS)(drift);
  out.note('Nothing is lost: what is not known is kept with the record. A newer Usher may know it.');
}

const DRIFT_COLUMNS: readonly Column<Drift>[] = [
  { title: 'Field', value: ({ operation, path }) => `${operation} ${path}` },
  { title: 'What', value: ({ problem }) => problem.replaceAll('-', ' ') },
  { title: 'Sample', value: ({ sample }) => sample },
  { title: 'Times', value: ({ occurrences }) => number(occurrences), align: 'right' },
  { title: 'Since', value: ({ first_seen_at }) => localTime(first_seen_at) },
  { title: 'Last', value: ({ last_seen_at }) => localTime(last_seen_at) },
];

/** `usher connections test ID`: asks the app whether the credentials still work, and what they allow. */
export async function test(context: Context, [id = '']: readonly string[]): Promise<number> {
  const client = await context.client();
  const tested = await client.read(testedSchema, (usher) => {
    return usher.POST('/v1/connections/{connection}/test', { params: paramsOf(id) });
  });
  if (context.isJson) {
    context.out.json(tested);
    return EXIT.ok.code;
  }
  const { tenant, capabilities, notes } = tested.probe;
  context.out.line(`${printable(id)} works: ${printable(tenant.name)} (${printable(tenant.id)})`);
  context.out.line(`  Can: ${printable(capabilities.join(', ')) || '-'}`);
  for (const note of notes) context.out.line(`  ${printable(note)}`);
  return EXIT.ok.code;
}

export interface RemoveOptions extends CommonOptions {
  readonly yes?: boolean;
}

/** `usher connections remove ID`: says what goes with it, asks for its name, and removes it for good. */
export async function remove(context: Context, [id = '']: readonly string[], options: RemoveOptions): Promise<number> {
  const client = await context.client();
  const { goes } = await client.read(removalSchema, (usher) => {
    return usher.GET('/v1/connections/{connection}/removal', { params: paramsOf(id) });
  });
  if (options.yes !== true) {
    if (!context.prompt.isPossible) {
      throw usage(
        `Removing ${id} has to be confirmed.`,
        `See what goes: usher connections show ${id}. In a script, add --yes.`,
      );
    }
    context.out.note(`With ${printable(id)} these go from Usher, for good; nothing changes in the app:`);
    for (const line of goingLines(goes)) context.out.note(`  ${line}`);
    const typed = await context.prompt.line(`Type ${id} to remove it: `);
    if (typed !== id) {
      context.out.note('Nothing was removed.');
      return EXIT.unexpected.code;
    }
  }
  const params = { ...paramsOf(id), query: { confirm: id } };
  await client.send((usher) => usher.DELETE('/v1/connections/{connection}', { params }));
  if (context.isJson) context.out.json({ removed: id, goes });
  else context.out.line(`Removed ${printable(id)}: ${goingLines(goes).join(', ') || 'it held nothing'}.`);
  return EXIT.ok.code;
}

function goingLines(goes: Readonly<Record<string, number | boolean | string | null>>): string[] {
  return Object.entries(goes).flatMap(([name, value]) => {
    const word = printable(name.replaceAll('_', ' '));
    if (typeof value === 'number') return value === 0 ? [] : [counted(value, word.replace(/s$/, ''), word)];
    if (value === true) return [`the ${word}`];
    return typeof value === 'string' ? [`the ${word} (${printable(value)})`] : [];
  });
}

function paramsOf(connection: string) {
  return { path: { connection } };
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
