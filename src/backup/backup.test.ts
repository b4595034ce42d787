import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { frozenSince, thaw } from '../store/instance.ts';
import { migrations } from '../store/migrations/index.ts';
import { testDatabase, type TestDatabase } from '../store/testing/index.ts';
import { createVault } from '../secrets/vault.ts';
import { backUpToFile, writeBackup } from './backup.ts';
import { restoreBackup } from './restore.ts';

const PEOPLE = 3000;
const vault = createVault(Buffer.alloc(32, 1));
const now = (): Date => new Date('2026-11-22T06:00:00.000Z');

let database: TestDatabase;
let plain: Buffer;
let encrypted: Buffer;

beforeAll(async () => {
  database = await testDatabase();
  await furnish(database);
  [plain, encrypted] = [await backUp(null), await backUp('correct horse')];
});
afterAll(() => database.close());

describe('a backup', () => {
  it('brings every row of every table into an empty database, and the sequences go on where they stood', async () => {
    await using target = await empty();
    const summary = await restore(target, plain);
    expect(summary).toMatchObject({ isWithoutSecrets: false, upgraded: [], version: '0.1.0', keyId: vault.keyId });
    for (const { name, rows } of summary.tables) {
      if (name === 'audit_inbox') continue; // both tell of themselves there
      const all = `select coalesce(json_agg(t order by t::text), '[]')::text as rows, count(*) as count from "${name}" t`;
      const where = name === 'instance' ? ` where key <> 'frozen'` : '';
      const [before, after] = await Promise.all([
        database.pool.query<{ rows: string; count: number }>(all),
        target.pool.query<{ rows: string }>(all + where),
      ]);
      expect([name, before.rows[0]?.count]).toEqual([name, rows]);
      expect([name, after.rows[0]?.rows === before.rows[0]?.rows]).toEqual([name, true]);
    }
    expect(summary.tables.find(({ name }) => name === 'account')?.rows).toBe(PEOPLE);
    const { rows } = await target.pool.query<{ id: number }>(
      `insert into change_event (connection_id, source, type, subject_kind, subject_key, occurred_at, data)
       values ('a', 'sync', 't', 'account', 'k', now(), '{}') returning id`,
    );
    expect(rows[0]?.id).toBe(6);
  });

  it('stands still after it was restored, until it is told to go on', async () => {
    await using target = await empty();
    await restore(target, plain);
    expect(await frozenSince(target.pool)).toBe('2026-11-22T06:00:00.000Z');
    expect(await thaw(target.pool)).toBe('2026-11-22T06:00:00.000Z');
    expect(await frozenSince(target.pool)).toBeNull();
  });

  it('is restored with its passphrase, and with no other', async () => {
    await using target = await empty();
    await expect(restore(target, encrypted, { passphrase: 'wrong' })).rejects.toMatchObject({
      details: { code: 'wrongPassphrase' },
    });
    await expect(restore(target, encrypted, { passphrase: null })).rejects.toMatchObject({
      details: { code: 'passphraseMissing' },
    });
    expect(await restore(target, encrypted, { passphrase: 'correct horse' })).toMatchObject({ keyId: vault.keyId });
  });

  it('shows nothing of what is in it when it is encrypted', () => {
    expect(encrypted.includes('northwind')).toBe(false);
    expect(encrypted.includes(vault.keyId)).toBe(false);
  });

  it.each([
    ['plain', () => plain, null],
    ['encrypted', () => encrypted, 'correct horse'],
  ])(
    'is refused when it was cut off or a byte of it flipped (%s), and the database stays empty',
    async (_, bytes, passphrase) => {
      await using target = await empty();
      const whole = bytes();
      for (const length of [9, whole.length >> 1, whole.length - 1]) {
        await expect(restore(target, whole.subarray(0, length), { passphrase })).rejects.toMatchObject({
          details: { code: 'backupCut' },
        });
      }
      for (const at of [whole.length >> 1, whole.length - 1]) {
        const flipped = Buffer.from(whole);
        flipped[at] = (flipped[at] ?? 0) ^ 1;
        await expect(restore(target, flipped, { passphrase })).rejects.toMatchObject({
          details: { code: expect.stringMatching(/backupDamaged|backupCut|wrongPassphrase/) },
        });
      }
      await expect(restore(target, Buffer.concat([whole, Buffer.from('x')]), { passphrase })).rejects.toThrow(
        'damaged',
      );
      const { rows } = await target.pool.query(`select from pg_tables where schemaname = 'public'`);
      expect(rows).toEqual([]);
    },
  );

  it('is refused when its format is newer, its schema is newer, or it is something else', async () => {
    await using target = await empty();
    const newer = Buffer.from(plain.toString('latin1').replace('"format":1', '"format":2'), 'latin1');
    await expect(restore(target, newer)).rejects.toMatchObject({ details: { code: 'backupTooNew' } });
    await expect(restore(target, plain, { migrations: migrations.slice(0, -1) })).rejects.toMatchObject({
      details: { code: 'backupTooNew' },
    });
    await expect(restore(target, randomBytes(5000))).rejects.toMatchObject({ details: { code: 'notABackup' } });
  });

  it('is restored by a newer version, which brings the schema up to date', async () => {
    await using target = await empty();
    const next = { id: '9999_next', sql: 'alter table principal add column nickname text' };
    const summary = await restore(target, plain, { migrations: [...migrations, next] });
    expect(summary.upgraded).toEqual(['9999_next']);
    const { rows } = await target.pool.query('select nickname from principal');
    expect(rows).toHaveLength(1);
  });

  it('is not restored over anything, be it of Usher or not', async () => {
    await expect(restore(database, plain)).rejects.toMatchObject({ details: { code: 'notEmpty' } });
    await using other = await empty();
    await other.pool.query('create table theirs (x integer)');
    await expect(restore(other, plain)).rejects.toMatchObject({ details: { code: 'notEmpty' } });
  });

  it('is restored over the empty schema of an Usher that was never started', async () => {
    const target = await testDatabase();
    expect(await restore(target, plain)).toMatchObject({ isWithoutSecrets: false });
    await target.close();
  });

  it('leaves nothing when its restoring is killed, and can then be restored', async () => {
    await using target = await empty();
    const killed = restore(target, plain, {
      onHalf: async () => {
        await database.pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and state like 'idle in transaction%' or datname = $1 and query like 'copy%'`,
          [new URL(target.url).pathname.slice(1)],
        );
      },
    });
    await expect(killed).rejects.toThrow(/terminat|connection/i);
    const { rows } = await target.pool.query(`select from pg_tables where schemaname = 'public'`);
    expect(rows).toEqual([]);
    await restore(target, plain);
  });

  it('asks for the master key it was made under, and without it leaves the secrets out and pauses what needs them', async () => {
    await using target = await empty();
    await expect(restore(target, plain, { keyId: null })).rejects.toMatchObject({
      details: { code: 'masterKeyMissing' },
    });
    await expect(restore(target, plain, { keyId: 'other' })).rejects.toMatchObject({
      details: { code: 'wrongMasterKey' },
    });
    expect(await restore(target, plain, { keyId: 'other', withoutKey: true })).toMatchObject({
      isWithoutSecrets: true,
    });
    const { rows } = await target.pool.query(
      `select (select count(*) from secret) as secrets, (select count(*) from instance where key = 'master_key_check') as checks,
              (select state || ': ' || paused_reason from connection where id = 'lastpass') as connection`,
    );
    expect(rows).toEqual([
      {
        secrets: 0,
        checks: 0,
        connection: 'paused: Restored without the master key: its secrets have to be entered again.',
      },
    ]);
  });
});

describe('a backup file', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'usher-backup-'))));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const toFile = (name: string, mayReplace = false) =>
    backUpToFile({ ...options(), passphrase: null, file: join(folder, name), mayReplace });

  it('is for its owner alone, and replaces another only when told to', async () => {
    const summary = await toFile('one.usher');
    const { mode, size } = await stat(join(folder, 'one.usher'));
    expect([mode & 0o777, size]).toEqual([0o600, summary.bytes]);
    await expect(toFile('one.usher')).rejects.toMatchObject({ kind: 'alreadyExists' });
    await toFile('one.usher', true);
    expect(await readdir(folder)).toEqual(['one.usher']);
  });

  it('leaves nothing behind where it cannot be written to its end', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(toFile('file/below.usher')).rejects.toThrow('below a file');
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('');
  });
});

function options(): Omit<Parameters<typeof writeBackup>[0], 'passphrase'> {
  return { pool: database.pool, postgres: '18.4', version: '0.1.0', now };
}

async function backUp(passphrase: string | null): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await writeBackup({ ...options(), passphrase }, output);
  return Buffer.concat(chunks);
}

interface Restoring {
  readonly passphrase?: string | null;
  readonly keyId?: string | null;
  readonly withoutKey?: boolean;
  readonly migrations?: typeof migrations;
  readonly onHalf?: () => Promise<void>;
}

async function restore(target: TestDatabase, bytes: Buffer, restoring: Restoring = {}) {
  const { passphrase = null, keyId = vault.keyId, withoutKey = false, onHalf } = restoring;
  const source = async function* source() {
    yield bytes.subarray(0, bytes.length >> 1);
    await onHalf?.();
    yield bytes.subarray(bytes.length >> 1);
  };
  return restoreBackup({
    pool: target.pool,
    source: Readable.from(source()),
    askPassphrase: async () => passphrase,
    keyId,
    withoutKey,
    now,
    migrations: restoring.migrations,
  });
}

async function empty(): Promise<TestDatabase & AsyncDisposable> {
  const target = await testDatabase({ migrations: [] });
  await target.pool.query('drop table schema_migration');
  return { ...target, [Symbol.asyncDispose]: () => target.close() };
}

/** Values that a careless copy would change: every kind of character, nulls beside empty texts, infinities, arrays. */
async function furnish({ pool }: TestDatabase): Promise<void> {
  const nasty = 'tab\t nl\n cr\r back\\slash \\N "quoted" {brace,NULL} \u{1F600} é';
  await pool.query(
    `insert into principal (id, name, email, kind, role, created_at, updated_at)
     values ('p1', $1, null, 'person', 'admin', '2026-01-01T00:00:00.123456Z', 'infinity')`,
    [nasty],
  );
  await pool.query(
    `insert into token (id, principal_id, name, hash, hint, role, connections, created_at)
     values ('t1', 'p1', '', $1, 'x', 'admin', $2, now())`,
    [randomBytes(32), ['', nasty, 'NULL']],
  );
  await pool.query(
    `insert into connection (id, connector, settings, mapping_version, next_sync_at, created_at, updated_at)
     values ('lastpass', 'lastpass', $1, 1, now(), now(), now())`,
    [JSON.stringify({ nasty, number: 1e21 })],
  );
  const place = { table: 'secret', row: 'connection:lastpass', column: 'provisioning_hash' };
  await pool.query(`insert into secret (owner, name, sealed) values ('connection:lastpass', 'provisioning_hash', $1)`, [
    vault.encrypt('s3cret', place),
  ]);
  await pool.query(`insert into instance (key, value) values ('master_key_check', $1)`, [
    JSON.stringify(vault.encrypt('check', { table: 'instance', row: 'master_key_check', column: 'value' })),
  ]);
  await pool.query(
    `insert into account (connection_id, key, collection, scope, email, status, roles, extra, content_hash, observed_at, seen_from)
     select 'lastpass', n::text, 'users', '', n || '@northwind.example', 'active', array['user', $1], '{}', gen_random_uuid(), now(), now()
       from generate_series(1, ${PEOPLE}) n`,
    [nasty],
  );
  await pool.query(
    `insert into change_event (connection_id, source, type, subject_kind, subject_key, occurred_at, data)
     select 'lastpass', 'sync', 'account.added', 'account', n::text, now(), '{}' from generate_series(1, 5) n`,
  );
}
