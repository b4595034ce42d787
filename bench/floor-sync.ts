// The floor of `bench sync`, in a process of its own: fetch the same pages, parse them, map them and COPY the same rows
// into the same tables and indexes of an empty database, with no hash, no staging, no diff. Prints milliseconds as JSON.
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { from as copyFrom } from 'pg-copy-streams';
import { z } from 'zod';
import { createHttpClient } from '../src/connector-kit/http/client.ts';
import { parseEgressAllow } from '../src/connector-kit/http/egress.ts';
import { createTransport } from '../src/connector-kit/http/transport.ts';
import { createLimiter, localLeases } from '../src/connector-kit/limiter.ts';
import { insightvm } from '../src/connectors/insightvm/index.ts';
import { lastpass } from '../src/connectors/lastpass/index.ts';
import type { AnyRecord } from '../src/model/records.ts';
import { silentLog } from '../src/store/log.ts';
import { migrate } from '../src/store/migrate.ts';
import { migrations } from '../src/store/migrations/index.ts';
import { openDatabase } from '../src/store/open.ts';
import { createPool } from '../src/store/pool.ts';
import { copyColumns, copyFields, copyText } from '../src/store/sync/encode.ts';
import { kindDescription } from '../src/store/sync/kinds.ts';

const input = z
  .object({
    dataDir: z.string(),
    allow: z.string(),
    settings: z.unknown(),
    secrets: z.unknown(),
    database: z.string(),
    connector: z.enum(['lastpass', 'insightvm']).default('lastpass'),
  }) // prettier-ignore
  .parse(JSON.parse(process.argv[2] ?? ''));
const HASH = '00000000-0000-0000-0000-000000000000';

const definition = input.connector === 'lastpass' ? lastpass : insightvm;
const config = definition.parse(input.settings, input.secrets);
const clock = { now: () => new Date() };
const plain = {
  transport: createTransport({ baseUrl: config.baseUrl, egress: parseEgressAllow(input.allow), proxy: null }),
  signal: new AbortController().signal,
  clock,
  secrets: [],
  limiter: createLimiter({ rates: config.rates, ...localLeases() }),
};
const auth = config.auth({ http: createHttpClient(plain), clock });
const connector = config.open({
  connectionId: 'floor',
  http: createHttpClient({ ...plain, ...(auth === null ? {} : { auth }) }),
  clock,
  drift: { record: () => undefined },
  signal: new AbortController().signal,
});

const database = await openDatabase({ dataDir: input.dataDir, log: silentLog, attach: true });
await database.pool.query(`drop database if exists ${input.database}`);
await database.pool.query(`create database ${input.database}`);
const pool = createPool({ ...database.connection, database: input.database });
await migrate(pool, migrations);
const client = await pool.connect();

const start = performance.now();
const seen = { group: new Set<string>(), role: new Set<string>() };
for (const collection of definition.collections) {
  for await (const page of connector.pull(collection.id, '', null))
    await keep(page.records, page.observedAt, collection.id);
}
const ms = performance.now() - start;
const { rows } = await client.query<{ accounts: number; grants: number }>(
  'select (select count(*) from account) as accounts, (select count(*) from "grant") as grants',
);
client.release();
await pool.end();
await database.pool.query(`drop database ${input.database}`);
await database.close();
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ ms, cpuMs: Math.round((user + system) / 1000), ...rows[0] }));

async function keep(records: readonly AnyRecord[], observedAt: string, collection: string): Promise<void> {
  await client.query('begin');
  await copy('account', records, observedAt, collection);
  await copy('group', records, observedAt, collection);
  await copy('role', records, observedAt, collection);
  await copy('resource', records, observedAt, collection);
  await copy('grant', records, observedAt, collection);
  await client.query('commit');
}

async function copy(
  kind: AnyRecord['kind'],
  records: readonly AnyRecord[],
  observedAt: string,
  collection: string,
): Promise<void> {
  const description = kindDescription(kind);
  const main = { ...description, volatile: [] };
  const side = { ...description, columns: [] };
  let lines = '';
  let sideLines = '';
  for (const record of records) {
    if (!isOf(kind, record) || isRepeated(record)) continue;
    const key = copyText(record.key);
    lines += `floor\t${key}\t${collection}\t\t${HASH}\t${observedAt}\t${observedAt}${copyFields(main, record)}\n`;
    if (description.volatile.length > 0) sideLines += `floor\t${key}\t${HASH}${copyFields(side, record)}\n`;
  }
  if (lines === '') return;
  const columns = `connection_id, key, collection, scope, content_hash, observed_at, seen_from, ${copyColumns(main).join(', ')}`;
  await send(`copy ${description.table} (${columns}) from stdin`, lines);
  if (sideLines === '') return;
  await send(
    `copy ${kind}_volatile (connection_id, key, volatile_hash, ${copyColumns(side).join(', ')}) from stdin`,
    sideLines,
  );
}

async function send(statement: string, lines: string): Promise<void> {
  await pipeline(Readable.from([Buffer.from(lines)]), client.query(copyFrom(statement)));
}

function isOf<K extends AnyRecord['kind']>(kind: K, record: AnyRecord): record is Extract<AnyRecord, { kind: K }> {
  return record.kind === kind;
}

/** Groups and roles come on every page that names them. */
function isRepeated(record: AnyRecord): boolean {
  if (record.kind !== 'group' && record.kind !== 'role') return false;
  if (seen[record.kind].has(record.key)) return true;
  seen[record.kind].add(record.key);
  return false;
}
