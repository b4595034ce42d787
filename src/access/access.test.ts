import { createHash } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { ROLES, type Caller } from '../model/access.ts';
import { testDatabase } from '../store/testing/index.ts';
import { type Access, createAccess, type NewToken } from './access.ts';
import type { Principal } from '../store/principals.ts';

const database = await testDatabase();
afterAll(() => database.close());

let now: Date;
let seed = 0;
const clock = { now: () => now };
/** Predictable, and never the same twice. */
const random = (bytes: number) =>
  createHash('sha512')
    .update(`seed ${(seed += 1)}`)
    .digest()
    .subarray(0, bytes);
const open = () => createAccess({ database, clock, random });

let access: Access;
let ada: Principal;

beforeEach(async () => {
  await database.pool.query('truncate principal, token, connection, connection_seat');
  now = new Date('2026-11-22T02:00:00.000Z');
  access = open();
  ada = await access.createPrincipal({ name: 'Ada', email: 'Ada@northwind.example', kind: 'person', role: 'admin' });
});

const make = (input: Partial<NewToken> = {}, by: Caller | null = null) =>
  access.createToken(
    { principalId: ada.id, name: 'test', role: null, connections: null, expiresInDays: null, ...input },
    by,
  );
const principal = (kind: Principal['kind'], role: Principal['role'], name: string = kind) =>
  access.createPrincipal({ name, email: null, kind, role });
const addConnection = (id: string) =>
  database.pool.query(
    `insert into connection (id, connector, settings, mapping_version, created_at, updated_at)
     values ($1, 'lastpass', '{}', 1, now(), now())`,
    [id],
  );
const seconds = (count: number) => new Date(now.getTime() + count * 1000);

describe('a token', () => {
  test('says who calls, as what, for which connections', async () => {
    await addConnection('lastpass');
    const { token, secret } = await make({ role: 'operator', connections: ['lastpass'] });
    expect(secret).toMatch(/^ush_[\w-]{43}$/);
    expect(token.hint).toBe(secret.slice(0, 8));
    const caller = await access.authenticate(secret);
    expect(caller).toMatchObject({
      principalId: ada.id, principalName: 'Ada', principalKind: 'person', role: 'operator', tokenId: token.id,
      connections: ['lastpass'],
    }); // prettier-ignore
    expect([...caller.permissions].toSorted()).toEqual(['live:read', 'plan:make', 'snapshot:read', 'sync:run']);
  });

  test('is stored as its hash and nowhere else', async () => {
    const { secret } = await make();
    const { rows } = await database.pool.query('select t::text as row from token t');
    expect(JSON.stringify(rows)).not.toContain(secret.slice(8));
    expect(JSON.stringify(rows)).toContain(createHash('sha256').update(secret).digest('hex'));
  });

  test('that is not known is refused with a code of its own', async () => {
    for (const text of ['ush_unknown', '', 'x'.repeat(5000), '\0']) {
      await expect(access.authenticate(text)).rejects.toMatchObject({
        kind: 'auth',
        details: { code: 'invalidToken' },
      });
    }
  });

  test('that was revoked is refused at once, and for good', async () => {
    const { token, secret } = await make();
    await access.authenticate(secret);
    await access.revokeToken(token.id);
    await expect(access.authenticate(secret)).rejects.toMatchObject({ details: { code: 'tokenRevoked' } });
    const { revokedAt } = await access.getToken(token.id);
    now = seconds(60);
    await access.revokeToken(token.id);
    expect((await access.getToken(token.id)).revokedAt).toBe(revokedAt);
  });

  test('that was revoked in another process is refused within seconds', async () => {
    const { token, secret } = await make();
    await access.authenticate(secret);
    await open().revokeToken(token.id);
    now = seconds(5);
    await expect(access.authenticate(secret)).rejects.toMatchObject({ details: { code: 'tokenRevoked' } });
  });

  test('that is revoked while it is being read is not remembered as good', async () => {
    const { token, secret } = await make();
    const reading = access.authenticate(secret).catch(() => null);
    const revoking = access.revokeToken(token.id);
    await Promise.all([reading, revoking]);
    await expect(access.authenticate(secret)).rejects.toMatchObject({ details: { code: 'tokenRevoked' } });
  });

  test('expires to the second, remembered or not', async () => {
    const { secret } = await make({ expiresInDays: 1 });
    now = seconds(86_399);
    await access.authenticate(secret);
    now = seconds(1);
    await expect(access.authenticate(secret)).rejects.toMatchObject({ details: { code: 'tokenExpired' } });
  });

  test('makes none that outlives it', async () => {
    const maker = await make({ expiresInDays: 1 });
    const caller = await access.authenticate(maker.secret);
    const input = { principalId: caller.principalId, name: 'heir', role: null, connections: null };
    const endless = await access.createToken({ ...input, expiresInDays: null }, caller);
    expect(endless.token.expiresAt).toBe(maker.token.expiresAt);
  });

  test('notes when it was used, at most once a minute', async () => {
    const { token, secret } = await make();
    const used = async (at: number) => {
      now = seconds(at);
      await access.authenticate(secret);
      return (await access.getToken(token.id)).lastUsedAt;
    };
    expect(await used(0)).toBe('2026-11-22T02:00:00.000Z');
    expect(await used(30)).toBe('2026-11-22T02:00:00.000Z');
    expect(await used(31)).toBe('2026-11-22T02:01:01.000Z');
  });

  test('of a disabled principal is refused at once, and works again with the principal', async () => {
    const grace = await principal('person', 'operator');
    const { secret } = await make({ principalId: grace.id });
    await access.authenticate(secret);
    await access.updatePrincipal(grace.id, { disabled: true });
    await expect(access.authenticate(secret)).rejects.toMatchObject({ details: { code: 'principalDisabled' } });
    await access.updatePrincipal(grace.id, { disabled: false });
    await expect(access.authenticate(secret)).resolves.toMatchObject({ role: 'operator' });
  });

  test('shrinks with the role of its principal', async () => {
    const grace = await principal('person', 'admin', 'Grace');
    const { secret } = await make({ principalId: grace.id });
    await access.updatePrincipal(grace.id, { role: 'viewer' });
    const caller = await access.authenticate(secret);
    expect([caller.role, [...caller.permissions]]).toEqual(['viewer', ['snapshot:read']]);
  });

  test('never allows what its principal or itself does not, for any pair of roles', async () => {
    for (const before of ROLES) {
      for (const after of ROLES.filter((role) => (role === 'agent') === (before === 'agent'))) {
        const someone = await principal(before === 'agent' ? 'agent' : 'person', before);
        const { secret } = await make({ principalId: someone.id });
        await access.updatePrincipal(someone.id, { role: after });
        const caller = await access.authenticate(secret);
        const full = await access.authenticate((await make({ principalId: someone.id })).secret);
        expect([...caller.permissions].filter((permission) => !full.permissions.has(permission))).toEqual([]);
      }
    }
  });
});

describe('making a token', () => {
  test('is limited by the role of its principal', async () => {
    const viewer = await principal('person', 'viewer');
    await expect(make({ principalId: viewer.id, role: 'operator' })).rejects.toMatchObject({
      details: { field: 'role' },
    });
  });

  test('for an agent makes an agent, or less, never an operator; and agents alone are agents', async () => {
    const agent = await principal('agent', 'agent');
    const issued = await make({ principalId: agent.id });
    expect(await access.authenticate(issued.secret)).toMatchObject({ role: 'agent', principalKind: 'agent' });
    await expect(make({ principalId: agent.id, role: 'operator' })).rejects.toMatchObject({ kind: 'invalidInput' });
    await expect(make({ principalId: ada.id, role: 'agent' })).rejects.toMatchObject({ kind: 'invalidInput' });
    await expect(make({ principalId: agent.id, role: 'viewer' })).resolves.toBeDefined();
  });

  test('is limited by the rights and connections of whoever makes it', async () => {
    for (const id of ['a', 'b']) await addConnection(id);
    const operator = await access.authenticate((await make({ role: 'operator' })).secret);
    await expect(make({ role: 'admin' }, operator)).rejects.toMatchObject({ kind: 'permission' });
    const limited = await access.authenticate((await make({ connections: ['a'] })).secret);
    await expect(make({ connections: null }, limited)).rejects.toMatchObject({ details: { field: 'connections' } });
    await expect(make({ connections: ['a', 'b'] }, limited)).rejects.toMatchObject({ kind: 'permission' });
    await expect(make({ connections: ['a'] }, limited)).resolves.toBeDefined();
  });

  test('refuses connections that are not there', async () => {
    await addConnection('a');
    for (const connections of [['a', 'b'], ['\0'], []]) {
      await expect(make({ connections })).rejects.toMatchObject({
        kind: 'invalidInput',
        details: { field: 'connections' },
      });
    }
  });

  test('refuses times that are none', async () => {
    for (const expiresInDays of [0, -1, Number.NaN, Infinity, 1e9]) {
      await expect(make({ expiresInDays })).rejects.toMatchObject({ details: { field: 'expiresInDays' } });
    }
  });

  test('of a chosen text refuses one that could be guessed', async () => {
    const input = { principalId: ada.id, name: 'chosen', role: null, connections: null, expiresInDays: null };
    await expect(access.createToken(input, null, 'short')).rejects.toMatchObject({ kind: 'invalidInput' });
    const { token, secret } = await access.createToken(input, null, 'a-long-enough-chosen-token');
    expect(token.hint).not.toContain('a-long');
    await expect(access.authenticate(secret)).resolves.toMatchObject({ tokenId: token.id });
  });
});

describe('principals', () => {
  test('of kind agent have the role agent, and nobody else has', async () => {
    await expect(principal('agent', 'operator')).rejects.toMatchObject({ details: { field: 'role' } });
    await expect(principal('person', 'agent')).rejects.toMatchObject({ details: { field: 'role' } });
    await expect(principal('service', 'approver')).rejects.toMatchObject({ details: { field: 'role' } });
    const agent = await principal('agent', 'agent');
    await expect(access.updatePrincipal(agent.id, { role: 'admin' })).rejects.toMatchObject({ kind: 'invalidInput' });
  });

  test('share no e-mail address, whatever its case', async () => {
    const again = access.createPrincipal({
      name: 'Ada 2',
      email: 'ADA@northwind.example',
      kind: 'person',
      role: 'viewer',
    });
    await expect(again).rejects.toMatchObject({ kind: 'alreadyExists', details: { field: 'email' } });
  });

  test('need a name and a plausible e-mail address', async () => {
    for (const name of ['', ' ', 'a\0b', 'x'.repeat(201), '\ud800']) {
      await expect(principal('person', 'viewer', name)).rejects.toMatchObject({ details: { field: 'name' } });
    }
    const bad = access.createPrincipal({ name: 'x', email: 'nobody', kind: 'person', role: 'viewer' });
    await expect(bad).rejects.toMatchObject({ details: { field: 'email' } });
  });

  test('keep one person who may administer', async () => {
    await principal('service', 'admin');
    const lost = { kind: 'guarded', details: { code: 'lastAdministrator' } };
    await expect(access.updatePrincipal(ada.id, { disabled: true })).rejects.toMatchObject(lost);
    await expect(access.updatePrincipal(ada.id, { role: 'viewer' })).rejects.toMatchObject(lost);
    const grace = await principal('person', 'admin', 'Grace');
    await access.updatePrincipal(ada.id, { disabled: true });
    await expect(access.updatePrincipal(grace.id, { role: 'viewer' })).rejects.toMatchObject(lost);
  });

  test('keep one even when two administrators take each other away at once', async () => {
    const grace = await principal('person', 'admin', 'Grace');
    const results = await Promise.allSettled([
      access.updatePrincipal(ada.id, { disabled: true }),
      open().updatePrincipal(grace.id, { role: 'viewer' }),
    ]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const left = (await access.listPrincipals()).filter(
      ({ role, disabledAt }) => role === 'admin' && disabledAt === null,
    );
    expect(left).toHaveLength(1);
  });

  test('and tokens that are not there are not found, whatever the id', async () => {
    for (const id of ['p_none', '\0', '', "' or 1=1"]) {
      await expect(access.getPrincipal(id)).rejects.toMatchObject({ kind: 'notFound' });
      await expect(access.updatePrincipal(id, {})).rejects.toMatchObject({ kind: 'notFound' });
      await expect(access.getToken(id)).rejects.toMatchObject({ kind: 'notFound' });
      await expect(access.revokeToken(id)).rejects.toMatchObject({ kind: 'notFound' });
      await expect(make({ principalId: id })).rejects.toMatchObject({ kind: 'notFound' });
    }
  });
});

test('the audit log is told of principals, tokens and the first use of a day, and holds no token', async () => {
  await database.pool.query('delete from audit_inbox');
  now = new Date('2026-03-02T10:15:00Z');
  const robin = await access.createPrincipal({ name: 'Robin', email: null, kind: 'person', role: 'viewer' });
  const { token, secret } = await access.createToken(
    { principalId: robin.id, name: 'laptop', role: null, connections: null, expiresInDays: null },
    null,
  );
  await access.updatePrincipal(robin.id, { role: 'operator' });
  for (const day of ['2026-03-02T11:00:00Z', '2026-03-02T12:00:00Z', '2026-03-03T09:00:00Z']) {
    now = new Date(day);
    await access.authenticate(secret);
  }
  await access.revokeToken(token.id);
  const { rows } = await database.pool.query<{ content: string }>('select content from audit_inbox order by id');
  const told = rows.map(({ content }): unknown => JSON.parse(content));
  expect(told).toMatchObject([
    { kind: 'access', action: 'principal.created', subject: { kind: 'principal', key: robin.id, name: 'Robin' } },
    { kind: 'access', action: 'token.created', subject: { kind: 'token', key: token.id } },
    {
      kind: 'access',
      action: 'principal.changed',
      details: { before: { role: 'viewer' }, after: { role: 'operator' } },
    },
    { kind: 'login', actor: { id: robin.id, token: token.id }, at: '2026-03-02T11:00:00.000Z' },
    { kind: 'login', at: '2026-03-03T09:00:00.000Z' },
    { kind: 'access', action: 'token.revoked', subject: { key: token.id } },
  ]);
  expect(JSON.stringify(rows)).not.toContain(secret.slice(8));
});
