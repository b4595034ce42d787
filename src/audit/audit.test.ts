import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEntry, type NewAuditEntry } from '../model/audit.ts';
import { createVault } from '../secrets/vault.ts';
import type { LinkedEntry } from '../store/audit/chain.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { silentLog } from '../store/log.ts';
import { type TestDatabase, testDatabase } from '../store/testing/index.ts';
import { linkBatch } from './chainer.ts';
import { type AuditRoom, openAudit } from './index.ts';
import { linkEntries, signHead } from './link.ts';
import { verifyChain } from './verify.ts';

const vault = createVault(Buffer.alloc(32, 7));
const clock = { now: () => new Date('2026-03-02T10:15:00Z') };

let database: TestDatabase;
let dataDir: string;
let room: AuditRoom;

const open = (): AuditRoom => openAudit({ database, vault, clock, log: silentLog, dataDir });
const entry = (n: number): NewAuditEntry => ({
  at: new Date(Date.UTC(2026, 2, 2, 10, 0, n)).toISOString(),
  kind: 'change',
  action: 'lastpass.disable_user',
  summary: `Account ${n} was disabled.`,
  actor: { id: n % 2 === 0 ? 'p_even' : 'p_odd', name: 'Ada Example', kind: 'person', token: 't_1' },
  connection: 'lastpass',
  subject: { kind: 'account', key: `u${n}`, name: `User${n}@Northwind.example` },
  plan: 'plan_1',
  ordinal: n,
});
const write = async (count: number, from = 1): Promise<void> => {
  await addAuditEntries(
    database.pool,
    Array.from({ length: count }, (_, i) => entry(from + i)),
  );
  await room.chainer.place();
};
const faults = async (): Promise<readonly string[]> =>
  (await room.verify()).problems.map(({ kind, from, to }) => `${kind} ${from}-${to}`);
const edit = (statement: string) => database.pool.query(statement);
const headPath = async (): Promise<string> =>
  join(dataDir, 'audit', (await readdir(join(dataDir, 'audit'))).find((name) => name.startsWith('head-')) ?? '');

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.close();
});
beforeEach(async () => {
  await database.pool.query('truncate audit_inbox, audit_entry, audit_chain; insert into audit_chain default values');
  dataDir = await mkdtemp(join(tmpdir(), 'usher-audit-'));
  room = open();
});
afterEach(async () => {
  await room.chainer.stop();
  await rm(dataDir, { recursive: true });
});

describe('the chain', () => {
  it('is whole when nothing was done to it, and lists newest first by who, what and when', async () => {
    await write(20);
    expect(await room.verify()).toEqual({
      isWhole: true, entries: 20, last: 20, problems: [], unlinked: 0,
      head: { state: 'kept', seq: 20, since: 0 },
    }); // prettier-ignore
    const seqs = async (filter: Parameters<AuditRoom['list']>[0]) =>
      (await room.list(filter, null, 3)).rows.map(({ seq }) => seq);
    expect(await seqs({})).toEqual([20, 19, 18]);
    expect(await seqs({ actor: 'p_odd' })).toEqual([19, 17, 15]);
    expect(await seqs({ subject: 'u7' })).toEqual([7]);
    expect(await seqs({ subject: 'user8@northwind.EXAMPLE' })).toEqual([8]);
    expect(await seqs({ since: '2026-03-02T10:00:05Z', until: '2026-03-02T10:00:07Z' })).toEqual([6, 5]);
    expect(await seqs({ kind: 'login' })).toEqual([]);
    const page = await room.list({ plan: 'plan_1' }, 3, 5);
    expect(page).toMatchObject({ hasMore: false, rows: [{ seq: 2 }, { seq: 1, entry: entry(1) }] });
  });

  it('holds nothing of a transaction that was rolled back', async () => {
    const failing = database.transaction(async (client) => {
      await addAuditEntries(client, [entry(1)]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await room.chainer.place();
    expect(await room.verify()).toMatchObject({ isWhole: true, entries: 0, unlinked: 0 });
  });

  it('tells what waits to be linked', async () => {
    await write(2);
    await room.chainer.stop();
    await addAuditEntries(database.pool, [entry(3), entry(4)]);
    expect(await room.verify()).toMatchObject({ isWhole: true, entries: 2, unlinked: 2 });
  });

  it('is one chain however many link it at once', async () => {
    const other = open();
    const writing = Array.from({ length: 40 }, async (_, i) => {
      await addAuditEntries(
        database.pool,
        Array.from({ length: 25 }, (__, j) => entry(i * 25 + j)),
      );
      await (i % 2 === 0 ? room : other).chainer.place();
    });
    await Promise.all(writing);
    await other.chainer.stop();
    await room.chainer.place();
    expect(await room.verify()).toMatchObject({ isWhole: true, entries: 1000, last: 1000, unlinked: 0 });
  });

  it('keeps any text, also what a database would not', async () => {
    const nasty = 'nul \0, half \ud83d, "quoted", line\nend';
    await addAuditEntries(database.pool, [
      { ...entry(1), summary: nasty, subject: { kind: 'account', key: nasty, name: nasty } },
    ]);
    await room.chainer.place();
    expect(await room.verify()).toMatchObject({ isWhole: true, entries: 1 });
    expect((await room.list({}, null, 1)).rows[0]?.entry?.summary).toBe(nasty);
  });
});

describe('what somebody does to it in the database', () => {
  beforeEach(async () => {
    await write(100);
  });

  it('an edit is found where it was made', async () => {
    await edit(`update audit_entry set content = replace(content, 'disabled', 'enabled') where seq = 42`);
    expect(await faults()).toEqual(['altered 42-42']);
  });

  it('an edit of what lists go by is found', async () => {
    await edit(`update audit_entry set actor_id = 'p_other' where seq = 42`);
    expect(await faults()).toEqual(['columns 42-42']);
  });

  it('a removal is found: at the beginning, in the middle, and where the rest was moved up', async () => {
    await edit('delete from audit_entry where seq <= 2 or seq between 50 and 59');
    expect(await faults()).toEqual(['missing 1-2', 'missing 50-59']);
    await edit(`delete from audit_entry where seq between 88 and 90;
      update audit_entry set seq = seq + 997 where seq > 90; update audit_entry set seq = seq - 1000 where seq > 1000`);
    expect(await faults()).toEqual(['missing 1-2', 'missing 50-59', 'moved 88-97', 'cut 98-100']);
  });

  it('an insertion is found, with what was moved to make room', async () => {
    await edit(`
      update audit_entry set seq = seq + 1001 where seq >= 30; update audit_entry set seq = seq - 1000 where seq > 1000;
      insert into audit_entry select 30, content, hash, mac, at, kind, outcome, actor_id, connection_id, subject_key,
        subject_name, plan_id, run_id from audit_entry where seq = 5`);
    expect(await faults()).toEqual(['inserted 30-30', 'moved 31-101', 'replaced 100-100']);
  });

  it('a reordering is found, near and far', async () => {
    const swap = (a: number, b: number) =>
      edit(`update audit_entry set seq = -1 where seq = ${a}; update audit_entry set seq = ${a} where seq = ${b};
            update audit_entry set seq = ${b} where seq = -1`);
    await swap(10, 11);
    await swap(20, 80);
    expect(await faults()).toEqual(['moved 10-10', 'moved 11-11', 'moved 20-20', 'moved 80-80']);
    expect((await room.verify()).problems[2]?.message).toContain('written as entry 80');
  });

  it('a cut tail is found, also where the database was made to look as before', async () => {
    const { rows } = await database.pool.query<{ seq: number; hash: string; mac: string }>(
      'select seq, hash, mac from audit_chain',
    );
    await write(10, 101);
    await edit('delete from audit_entry where seq > 100');
    expect(await faults()).toEqual(['cut 101-110']);
    await database.pool.query('update audit_chain set seq = $1, hash = $2, mac = $3', [
      rows[0]?.seq,
      rows[0]?.hash,
      rows[0]?.mac,
    ]);
    expect(await faults()).toEqual(['cut 101-110']);
    // And it stays found when the log has grown beyond it again.
    await write(30, 200);
    const after = await faults();
    expect(after).toEqual(['cut 101-110']);
    expect((await room.list({ kind: 'audit' }, null, 1)).rows[0]?.entry?.action).toBe('audit.tailLost');
  });

  it('a head put back, made up or taken away is found', async () => {
    await edit(`update audit_chain set seq = 90, hash = 'made up'`);
    expect(await faults()).toEqual(['head 100-100']);
    await edit('delete from audit_chain');
    expect((await room.verify()).isWhole).toBe(false);
    await write(3, 101);
    expect((await room.verify()).isWhole).toBe(false);
  });

  it('a signature of another key does not pass', async () => {
    await room.chainer.stop();
    const other = createVault(Buffer.alloc(32, 8));
    room = openAudit({ database, vault: other, clock, log: silentLog, dataDir });
    const verdict = await room.verify();
    expect(verdict.isWhole).toBe(false);
    expect(verdict.problems).toContainEqual(expect.objectContaining({ kind: 'altered', from: 1, to: 100 }));
  });
});

describe('the head beside the database', () => {
  it('catches up after a kill between linking and writing it', async () => {
    await write(5);
    await room.chainer.stop();
    await addAuditEntries(database.pool, [entry(6)]);
    await linkBatch({ database, vault }); // and then it was killed
    expect(await room.verify()).toMatchObject({ isWhole: true, entries: 6, head: { seq: 5 } });
    room = open();
    await room.chainer.place();
    expect(await room.verify()).toMatchObject({ isWhole: true, head: { seq: 6, since: 0 } });
  });

  it('that is missing or altered is told, and kept anew from there', async () => {
    await write(5);
    await room.chainer.stop();
    const path = await headPath();
    await writeFile(path, (await readFile(path, 'utf8')).replace('"seq":5', '"seq":4'));
    expect(await room.verify()).toMatchObject({ isWhole: false, head: { state: 'altered' } });
    await rm(path);
    expect(await room.verify()).toMatchObject({ isWhole: true, head: { state: 'missing', seq: null } });
    room = open();
    await room.chainer.place();
    expect(await room.verify()).toMatchObject({ isWhole: true, head: { state: 'kept', seq: 5, since: 5 } });
  });
});

it('a chain of 40,000 entries is verified a page at a time, and a needle in it found', async () => {
  const contents = Array.from({ length: 40_000 }, (_, i) => JSON.stringify(auditEntry(entry(i))));
  const entries = linkEntries(vault, 'a chain', { seq: 0, hash: '' }, contents);
  const end = entries.at(-1) ?? { seq: 0, hash: '' };
  const chain = {
    chain: 'a chain', seq: end.seq, hash: end.hash, mac: signHead(vault, 'a chain', end), linkedAt: null,
  }; // prettier-ignore
  const sizes = new Set<number>();
  const verify = (rows: readonly LinkedEntry[]) =>
    verifyChain({
      vault, chain, unlinked: 0, kept: { state: 'missing' },
      page: async (after) => {
        const page = rows.slice(after, after + 2000);
        sizes.add(page.length);
        return page;
      },
    }); // prettier-ignore
  const altered = entries.map((row) =>
    row.seq === 33_333 ? { ...row, content: row.content.replace('Ada', 'Eve') } : row,
  );
  expect(await verify(altered)).toMatchObject({
    entries: 40_000, problems: [{ kind: 'altered', from: 33_333, to: 33_333 }],
  }); // prettier-ignore
  expect([...sizes]).toEqual([2000, 0]);
}, 30_000);
