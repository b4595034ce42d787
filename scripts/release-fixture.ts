// `node scripts/release-fixture.ts`: makes e2e/releases/VERSION.{sql,json}, what the upgrade test starts from. Run it
// once for each release, on the release's own commit, and never again: what is there is what that release left behind.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { z } from 'zod';
import { startSimulator, startUsher, temporaryDirectory, type UsherProcess } from '../e2e/processes.ts';
import { listAll, RELEASES, type Release } from '../e2e/releases.ts';
import { settingsOf } from '../e2e/scene.ts';
import { silentLog } from '../src/store/log.ts';
import { migrations } from '../src/store/migrations/index.ts';
import { openDatabase } from '../src/store/open.ts';
import { VERSION } from '../src/version.ts';

/** Invented for this purpose; it opens nothing but the fixtures. */
const MASTER_KEY = Buffer.from('a key that opens a fixture only!').toString('base64');
const SIMULATOR = { people: 60, seed: 'release-fixture', changed: 0.1 };

const path = join(RELEASES, VERSION);
if (existsSync(`${path}.sql`)) {
  console.error(`${path}.sql is there already, and stays as that release left it.`);
  process.exit(1);
}
await mkdir(RELEASES, { recursive: true });
const { sql, release } = await make();
await writeFile(`${path}.sql`, sql);
await writeFile(`${path}.json`, `${JSON.stringify(release, null, 2)}\n`);
console.log(`Made ${path}.sql (${Math.round(sql.length / 1024)} kB) and ${path}.json.`);

/** A company synced twice with a change in between, and a third sync that a kill cut off after its first page. */
async function make(): Promise<{ readonly sql: string; readonly release: Release }> {
  const directory = await temporaryDirectory();
  const simulator = await startSimulator('lastpass', [
    '--people', String(SIMULATOR.people), '--seed', SIMULATOR.seed, '--fault', 'slow=300',
  ]); // prettier-ignore
  const allow = [new URL(simulator.url).host];
  const usher = await startUsher({
    allow,
    dataDir: directory.path,
    environment: { USHER_MASTER_KEY: MASTER_KEY },
  });
  await usher.call('POST', '/v1/connections', {
    id: 'lastpass',
    connector: 'lastpass',
    settings: settingsOf(simulator),
    secrets: { provisioning_hash: simulator.credentials['provisioning_hash'] },
    schedule_seconds: null,
  });
  const { secret } = z
    .object({ secret: z.string() })
    .parse(await usher.call('POST', '/v1/tokens', { name: 'of the release' }));
  await sync(usher, Number.POSITIVE_INFINITY);
  const before = new Date().toISOString();
  const accountsBefore = await accountsOf(usher, '');
  await simulator.inspect('POST', 'mutate', { op: 'change-share', share: SIMULATOR.changed });
  await sync(usher, Number.POSITIVE_INFINITY);
  const accounts = await accountsOf(usher, '');
  const events = (await listAll(usher, '/v1/events')).length;
  const unfinishedRun = await sync(usher, 1);
  await usher.end('SIGKILL');
  await simulator.stop();

  const database = await openDatabase({ dataDir: directory.path, log: silentLog, keepsSchema: true });
  const sql = await dump(database.pool);
  await database.close();
  await directory.remove();
  const release: Release = {
    version: VERSION,
    masterKey: MASTER_KEY,
    token: secret,
    simulator: SIMULATOR,
    credentials: simulator.credentials,
    before,
    accountsBefore,
    accounts,
    events,
    unfinishedRun,
  };
  return { sql, release };
}

/** Syncs until it has ended or has staged so many pages; answers the run's id. */
async function sync(usher: UsherProcess, pages: number): Promise<string> {
  const runSchema = z.object({ id: z.string(), state: z.string(), progress: z.object({ pages: z.number() }) });
  const { run } = z.object({ run: runSchema }).parse(await usher.call('POST', '/v1/connections/lastpass/syncs', {}));
  for (;;) {
    const now = runSchema.parse(await usher.call('GET', `/v1/syncs/${run.id}`));
    if (now.state === 'succeeded' || now.progress.pages >= pages) return run.id;
    if (now.state !== 'running' && now.state !== 'queued') throw new Error(`The sync ended as ${now.state}.`);
    await wait(20);
  }
}

async function accountsOf(usher: UsherProcess, query: string): Promise<Release['accounts']> {
  const all = z
    .array(z.object({ key: z.string(), email: z.string().nullable(), status: z.string() }))
    .parse(await listAll(usher, `/v1/accounts?connection=lastpass${query}`));
  return all.map(({ key, email, status }) => `${key} ${email ?? '-'} ${status}`).toSorted();
}

/**
 * The schema as the migrations of this release make it, and every row of ours, as statements for an empty database. The
 * durable engine's own tables are left out: they are its library's to upgrade, and what was under way goes on without.
 */
async function dump(pool: pg.Pool): Promise<string> {
  const parts = [
    `-- The database of Usher ${VERSION}, made by scripts/release-fixture.ts. Invented people; keep it as it is.`,
    'set session_replication_role = replica;',
    ...migrations.map(({ id, sql }) => `-- ${id}\n${sql.trim()}`),
    'create table if not exists schema_migration (id text collate "C" primary key, checksum text not null, applied_at timestamptz not null default clock_timestamp());',
  ];
  const { rows: tables } = await pool.query<{ name: string; columns: string[] }>(
    `select c.relname as name, array_agg(quote_ident(a.attname) order by a.attnum) as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         and a.attgenerated = ''
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      group by c.relname order by c.relname`,
  );
  for (const { name, columns } of tables) {
    const values = columns.map((column) => `coalesce(quote_literal(${column}::text), 'null')`).join(` || ',' || `);
    const { rows } = await pool.query<{ row: string }>(
      `select '(' || ${values} || ')' as row from "${name}" order by 1`,
    );
    parts.push(`delete from "${name}";`);
    if (rows.length === 0) continue;
    const lines = rows.map(({ row }) => row).join(',\n');
    parts.push(`insert into "${name}" (${columns.join(', ')}) overriding system value values\n${lines};`);
  }
  const { rows: sequences } = await pool.query<{ statement: string }>(
    `select format('select setval(%L, %s);', schemaname || '.' || sequencename, coalesce(last_value, 1)) as statement
       from pg_sequences where schemaname = 'public' order by sequencename`,
  );
  parts.push(...sequences.map(({ statement }) => statement), 'set session_replication_role = origin;');
  // The first token is named after the machine it was made on.
  return `${parts.join('\n\n')}\n`.replaceAll(`CLI on ${hostname()}`, 'CLI on host.example');
}
