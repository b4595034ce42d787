import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isDecisionSigned, signDecision, signPlan, verifyChange, verifyPlan } from '../lifecycle/sign.ts';
import type { PlanChangeContent, PlanHeader } from '../lifecycle/stored-plan.ts';
import { openVault } from '../secrets/index.ts';
import { idOfKey } from '../secrets/key-files.ts';
import { createVault, type Vault } from '../secrets/vault.ts';
import { keyCheckStore } from '../store/instance.ts';
import { rotationSince } from '../store/keys.ts';
import { decisionsOf, insertDecision } from '../store/lifecycle/decisions.ts';
import { insertPlan, planById, planChanges } from '../store/lifecycle/plans.ts';
import { addSecrets, secretsOf } from '../store/secrets.ts';
import { silentLog } from '../store/log.ts';
import type { Database } from '../store/open.ts';
import { testDatabase } from '../store/testing/index.ts';
import { followRotation, rotateMasterKey } from './rotate.ts';

const OWNER = 'connection:lastpass';
const AT = '2026-11-22T06:00:00.000Z';
const database = await testDatabase();
const { pool } = database;
const keyCheck = keyCheckStore(pool);
let dataDir: string;

const open = (): Promise<Vault> => openVault({ dataDir, keyCheck });
const place = (column: string) => ({ table: 'secret', row: OWNER, column });

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'usher-rotate-'));
  await pool.query('truncate instance, secret, plan cascade');
});
afterEach(() => rm(dataDir, { recursive: true }));
afterAll(() => database.close());

describe('changing the master key', () => {
  test('leaves every secret and plan what it is, and good under the new key alone', async () => {
    const old = await open();
    await furnish(old);
    const summary = await rotateMasterKey({ dataDir }, database);
    expect(summary).toMatchObject({ isNew: true, from: old.keyId, secrets: 3, plans: 2, alteredPlans: 0 });
    const key = Buffer.from(await readFile(join(dataDir, 'master.key'), 'utf8'), 'base64');
    expect(idOfKey(key)).toBe(summary.to);
    await assertWhole(createVault(key));
    expect((await stat(join(dataDir, 'master.key'))).mode & 0o777).toBe(0o600);
    expect((await readdir(dataDir)).toSorted()).toEqual(['master.key', `master.key.retired-${old.keyId}`]);
  });

  test('closes everything to the old key', async () => {
    const old = createVault(await oldKey());
    await furnish(old);
    await rotateMasterKey({ dataDir }, database);
    for (const { name, sealed } of await secretsOf(pool, OWNER)) {
      expect(() => old.decrypt(sealed, place(name))).toThrow('another master key');
    }
    const { rows } = await pool.query<{ text: string }>(`select string_agg(value::text, ' ') as text from instance`);
    expect(rows[0]?.text).not.toContain((await oldKey()).toString('base64'));
  });

  test('is not held up by a server: it goes over by itself, and what it wrote before is brought over', async () => {
    const running = await open();
    await furnish(running);
    const before = running.keyId;
    const { to } = await rotateMasterKey({ dataDir }, database);
    await addSecrets(pool, OWNER, [{ name: 'late', sealed: running.encrypt('late', place('late')) }]);
    expect(running.keyId).toBe(before);
    expect((await open()).decrypt((await secret('late')) ?? '', place('late'))).toBe('late');

    await assertWhole(running);
    expect(running.keyId).toBe(to);
    await followRotation(running, database, silentLog);
    expect((await secret('late'))?.split('.')[1]).toBe(to);
  });

  test('is over for plans when it ended: the old key signs none any more, but the past stays known', async () => {
    const key = await oldKey();
    const old = createVault(key);
    await furnish(old);
    await rotateMasterKey({ dataDir }, database);
    const meanwhile = await open();
    expect(meanwhile.isSigned('text', 'usher plan', old.sign('text', 'usher plan'))).toBe(true);
    await pool.query(`update instance set updated_at = now() - interval '1 hour' where key = 'key_rotation'`);
    await followRotation(meanwhile, database, silentLog);
    expect(await rotationSince(pool)).toBeNull();
    const after = await open();
    expect(after.isSigned('text', 'usher plan', old.sign('text', 'usher plan'))).toBe(false);
    expect(after.isSigned('text', 'usher audit entry', old.sign('text', 'usher audit entry'))).toBe(true);
    await assertWhole(after);
  });

  test('killed anywhere, leaves an Usher that opens, and goes on when it is called again', async () => {
    await furnish(await open());
    let kills = 0;
    for (let steps = 0; ; steps += 1) {
      const result = await rotateMasterKey({ dataDir }, killedAfter(steps)).catch(() => null);
      await assertWhole(await open());
      if (result !== null) break;
      kills += 1;
    }
    expect(kills).toBeGreaterThan(10);
    const { rows } = await pool.query(`select split_part(sealed, '.', 2) as key from secret group by 1`);
    expect(rows).toEqual([{ key: (await open()).keyId }]);
  });

  test('killed when the database has the new key and the files do not, is found by the next start', async () => {
    const old = await open();
    await furnish(old);
    const killed: Database = {
      ...database,
      async transaction(work) {
        await database.transaction(work);
        throw new Error('killed');
      },
    };
    await expect(rotateMasterKey({ dataDir }, killed)).rejects.toThrow('killed');
    expect((await readdir(dataDir)).toSorted()).toEqual(['master.key', 'master.key.next']);
    const vault = await open();
    expect(vault.keyId).not.toBe(old.keyId);
    await assertWhole(vault);
    expect((await readdir(dataDir)).toSorted()).toEqual(['master.key', `master.key.retired-${old.keyId}`]);
    expect(await rotateMasterKey({ dataDir }, database)).toMatchObject({ isNew: false, to: vault.keyId, secrets: 3 });
  });

  test('done twice keeps both keys before it known, and the second begins when the first has ended', async () => {
    const first = await open();
    await furnish(first);
    const one = await rotateMasterKey({ dataDir }, database);
    expect(await rotateMasterKey({ dataDir }, database)).toMatchObject({
      isNew: false,
      to: one.to,
      secrets: 0,
      plans: 0,
    });
    await pool.query(`delete from instance where key = 'key_rotation'`);
    const two = await rotateMasterKey({ dataDir }, database);
    expect(two).toMatchObject({ isNew: true, from: one.to });
    const vault = await open();
    await assertWhole(vault);
    expect(vault.isSigned('x', 'usher audit entry', first.sign('x', 'usher audit entry'))).toBe(true);
  });

  test('does not make an altered plan good, nor one change or approval of it', async () => {
    await furnish(await open());
    await pool.query(`update plan set header = replace(header, 'Disable', 'Enable') where id = 'plan_a'`);
    await pool.query(`update plan_change set content = replace(content, 'ada', 'eve') where plan_id = 'plan_b'`);
    await pool.query(`update plan_decision set reason = 'forged' where plan_id = 'plan_b'`);
    expect(await rotateMasterKey({ dataDir }, database)).toMatchObject({ alteredPlans: 2 });
    const vault = await open();
    const [a, b] = [await planById(pool, 'plan_a'), await planById(pool, 'plan_b')];
    const [change] = await planChanges(pool, 'plan_b', { after: -1, limit: 1 });
    const [decision] = await decisionsOf(pool, ['plan_b']);
    if (!a || !b || !change || !decision) throw new Error('they are gone');
    expect(() => verifyPlan(vault, a)).toThrow('not what was signed');
    expect(() => verifyChange(vault, 'plan_b', change)).toThrow('not what was signed');
    expect(isDecisionSigned(vault, b, decision)).toBe(false);
  });

  test('takes the next key from the environment where the present one is from there', async () => {
    const [present, next] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    const running = await openVault({ dataDir, masterKey: present, nextKey: next, keyCheck });
    await furnish(running);
    await expect(rotateMasterKey({ dataDir, masterKey: present }, database)).rejects.toMatchObject({
      details: { code: 'nextKeyMissing' },
    });
    await rotateMasterKey({ dataDir, masterKey: present, nextKey: next }, database);
    await assertWhole(running);
    await assertWhole(await openVault({ dataDir, masterKey: next, keyCheck }));
    await expect(openVault({ dataDir, masterKey: present, keyCheck })).rejects.toMatchObject({
      details: { code: 'wrongMasterKey' },
    });
    expect(await readdir(dataDir)).toEqual([]);
  });

  test('leaves a secret alone that cannot be opened, and goes through the rest', async () => {
    await furnish(await open());
    await pool.query(`update secret set sealed = sealed || 'x.y' where name = 'secret1'`);
    expect(await rotateMasterKey({ dataDir }, database)).toMatchObject({ secrets: 2 });
  });
});

/** The key of a data directory whose Usher was started with it. */
async function oldKey(): Promise<Buffer> {
  const path = join(dataDir, 'master.key');
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text === '') {
    await writeFile(path, Buffer.alloc(32, 9).toString('base64'), { mode: 0o600 });
    await open();
  }
  return Buffer.alloc(32, 9);
}

async function secret(name: string): Promise<string | undefined> {
  return (await secretsOf(pool, OWNER)).find((each) => each.name === name)?.sealed;
}

/** Three secrets and two plans, one of them approved. */
async function furnish(vault: Vault): Promise<void> {
  const names = ['secret0', 'secret1', 'secret2'];
  await addSecrets(
    pool,
    OWNER,
    names.map((name) => ({ name, sealed: vault.encrypt(name, place(name)) })),
  );
  for (const id of ['plan_a', 'plan_b']) {
    const signed = signPlan(vault, headerOf(id), [contentOf(0), contentOf(1)]);
    const row = {
      id,
      connectionId: 'lastpass',
      state: 'ready',
      action: 'disable',
      effect: 'write',
      requestedBy: 'p',
      changes: 2,
    } as const;
    const { header, rootHash, mac } = signed;
    await insertPlan(
      pool,
      { ...row, header, rootHash, mac, createdAt: AT, expiresAt: AT, decidedAt: null },
      signed.changes,
    );
    const decision = { principalId: 'p2', decision: 'approve', reason: null, decidedAt: AT } as const;
    await insertDecision(pool, { ...decision, planId: id, mac: signDecision(vault, signed, decision) });
  }
}

/** Throws unless all secrets open and all that is signed is good. */
async function assertWhole(vault: Vault): Promise<void> {
  for (const { name, sealed } of await secretsOf(pool, OWNER)) expect(vault.decrypt(sealed, place(name))).toBe(name);
  for (const id of ['plan_a', 'plan_b']) {
    const row = await planById(pool, id);
    if (row === null) throw new Error(`${id} is gone`);
    expect(verifyPlan(vault, row).id).toBe(id);
    const changes = await planChanges(pool, id, { after: -1, limit: 10 });
    expect(changes.map((change) => verifyChange(vault, id, change).ordinal)).toEqual([0, 1]);
    const decisions = await decisionsOf(pool, [id]);
    expect(decisions.map((decision) => isDecisionSigned(vault, row, decision))).toEqual([true]);
  }
}

/** A database whose process is killed at its so-and-so-many-th statement. */
function killedAfter(steps: number): Database {
  let left = steps;
  const killable = <Client extends object>(client: Client): Client =>
    new Proxy(client, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (name === 'query' && left-- <= 0) throw new Error('killed');
          return Reflect.apply(value, target, args);
        };
      },
    });
  return {
    ...database,
    pool: killable(pool),
    transaction: (work, settings) => database.transaction((client) => work(killable(client)), settings),
  };
}

function headerOf(id: string): PlanHeader {
  return {
    version: 1, id, connectionId: 'lastpass', connector: 'lastpass', mappingVersion: 1, action: 'disable',
    title: 'Disable', input: {}, effect: 'write', requestedBy: { id: 'p', name: 'Ada', kind: 'person' }, reason: null,
    createdAt: AT, expiresAt: AT, appliesWhenApproved: false, approvalReasons: [], guards: [], override: [], changes: 2,
    undoes: null,
  }; // prettier-ignore
}

function contentOf(ordinal: number): PlanChangeContent {
  return {
    ordinal, change: 'disable', params: {}, secrets: [], handoff: null, basis: null, effect: 'write', preview: null,
    subject: { kind: 'account', key: String(ordinal), email: 'ada@northwind.example', name: null },
    summary: 'Disable ada@northwind.example', undo: { isPossible: true, how: 'Enable it.' }, before: null,
  }; // prettier-ignore
}
