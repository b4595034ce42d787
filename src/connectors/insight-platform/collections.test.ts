import { describe, expect, it } from 'vitest';
import { type OpenedConnector, pullScope } from '../../connector-kit/testkit/index.ts';
import type { AccountRecord, AnyRecord, GrantRecord, RecordKind, RecordOf } from '../../model/records.ts';
import { platform, type Simulator } from './testing/platform.ts';

const KEEPS_LIST = { userList: 'vm_v4' } as const;

async function pull(open: OpenedConnector, collection: string): ReturnType<typeof pullScope> {
  return pullScope(open, collection, '');
}

function of<K extends RecordKind>(records: readonly AnyRecord[], kind: K): readonly RecordOf<K>[] {
  return records.filter((record): record is RecordOf<K> => record.kind === kind);
}

function at(records: readonly AnyRecord[], email: string): AccountRecord | undefined {
  return of(records, 'account').find((account) => account.email === email);
}

function held(records: readonly AnyRecord[], by: AccountRecord | undefined): readonly GrantRecord[] {
  return of(records, 'grant').filter(({ holderKey }) => holderKey === by?.key);
}

describe('A pull of the Insight Platform', () => {
  it('takes who is invited, disabled and a Platform Admin for what they are', async () => {
    const { open } = await platform();
    const { records } = await pull(open, 'users');
    expect(at(records, 'priya.raman@northwind.example')).toMatchObject({
      status: 'invited', volatile: { lastLoginAt: null }, displayName: 'Priya Raman', roles: [],
    }); // prettier-ignore
    expect(at(records, 'sam.adeyemi@northwind.example')?.status).toBe('disabled');
    const ada = at(records, 'ada.okonkwo@northwind.example');
    expect(ada).toMatchObject({ status: 'active', roles: ['platform_admin'], givenName: 'Ada', familyName: 'Okonkwo' });
    expect(held(records, ada)).toMatchObject([{ targetKind: 'role', targetKey: 'platform_admin' }]);
  });

  it('asks for all users once, however many there are', async () => {
    const { open, simulator } = await platform({ people: 500 });
    const { pages, end } = await pull(open, 'users');
    expect(end).toEqual({ isComplete: true });
    expect(pages.length).toBeGreaterThan(10);
    expect(simulator.requests().map(({ operation }) => operation)).toEqual(['getUsers']);
  });

  it('does not believe that nobody is there', async () => {
    const { open, simulator } = await platform({ people: 18, key: 'organization' });
    for (const { email } of simulator.save().users) simulator.mutate({ op: 'delete-user', email });
    expect((await pull(open, 'users')).end).toEqual({
      isComplete: false,
      reason: 'The Insight Platform sent no user at all, not even whom the key belongs to.',
    });
  });

  it('says what sort of list it wanted where an object comes instead', async () => {
    const { open, simulator } = await platform();
    simulator.faults.set(['wrong-type/getUsers']);
    await expect(pull(open, 'users')).rejects.toMatchObject({
      kind: 'upstreamBug',
      message: 'The Insight Platform answered getUsers in an unexpected shape (the whole).',
    });
  });

  it('finds who is in a group by a call a group, or by none where the list tells', async () => {
    for (const [groupMembers, calls] of [
      ['ids', 12],
      ['objects', 12],
      ['listed', 1],
    ] as const) {
      const { open, simulator } = await platform({ people: 24, switches: { groupMembers } });
      const { records, end } = await pull(open, 'user_groups');
      expect(end).toEqual({ isComplete: true });
      const yuki = at((await pull(open, 'users')).records, 'yuki.tanaka@northwind.example');
      const names = new Map(of(records, 'group').map(({ key, name }) => [key, name]));
      const groups = held(records, yuki).map(({ targetKey }) => names.get(targetKey));
      expect(new Set(groups)).toEqual(
        new Set(['Automation builders', 'Investigations', 'Support', 'Vulnerability owners']),
      );
      const asked = simulator.requests().filter(({ operation }) => operation.startsWith('getUserGroup'));
      expect(asked.length, groupMembers).toBe(calls);
    }
  });

  it('is not complete where the platform does not tell who is in a group', async () => {
    const { open } = await platform({ people: 24, switches: { groupMembers: 'hidden' } });
    expect((await pull(open, 'user_groups')).end).toEqual({
      isComplete: false,
      reason: 'The platform does not tell who is in 10 groups.',
    });
  });

  it('is not complete where a group went while the groups were read', async () => {
    const { open, simulator } = await platform({ people: 24 });
    const { end } = await pullScope(open, 'user_groups', '', null, (count) => {
      if (count === 2) simulator.mutate({ op: 'delete-group', group: lastGroupOf(simulator) });
    });
    expect(end).toMatchObject({ isComplete: false });
  });

  it('shows products without holders, unless the platform shows these', async () => {
    const expected = { hidden: false, endpoint: true, inline: true };
    for (const [userProducts, isTold] of Object.entries(expected)) {
      const { open } = await platform({ people: 24, switches: { userProducts } });
      const { records, end } = await pull(open, 'products');
      expect(end).toEqual({ isComplete: true });
      const products = of(records, 'resource');
      expect(products.map(({ name }) => name)).toEqual([
        'InsightVM', 'InsightIDR', 'InsightOps', 'InsightAppSec', 'InsightConnect',
      ]); // prettier-ignore
      expect(products.map(({ extra }) => extra['holdersTold'])).toEqual(products.map(() => isTold));
      expect(of(records, 'grant').length, userProducts).toBe(isTold ? 20 : 0);
    }
  });

  it('keeps the holders of products it knew where the key may not see them any more', async () => {
    const { open, simulator } = await platform({ people: 24, switches: { userProducts: 'endpoint' } });
    simulator.mutate({ op: 'refuse-operation', operation: 'getUserProducts' });
    const { records, end } = await pull(open, 'products');
    expect(of(records, 'resource').length).toBe(5);
    expect(end).toMatchObject({ isComplete: false });
  });

  it.each(['data', 'array', 'organizations'])('reads organizations in the form %s', async (organizations) => {
    const switches = { organizations };
    const { simulator } = await platform({ people: 18, switches });
    const { open } = await platform({ people: 18, switches, settings: { organizationId: simulator.organizationId } });
    const { records, end, pages } = await pull(open, 'organizations');
    expect(end).toEqual({ isComplete: true });
    expect(of(records, 'resource').map(({ name }) => name)).toEqual([
      'Northwind Trading', 'Northwind Europe', 'Northwind Lab', 'Acme Finance', 'Northwind Logistics',
    ]); // prettier-ignore
    expect(pages.length).toBe(organizations === 'data' ? 3 : 2);
  });

  it('is not complete where an organization went between two pages', async () => {
    const { simulator } = await platform({ people: 18 });
    const settings = { organizationId: simulator.organizationId };
    const { open, simulator: own } = await platform({ people: 18, settings });
    const { end } = await pullScope(open, 'organizations', '', null, (count) => {
      if (count === 2) own.mutate({ op: 'delete-organization', name: 'Northwind Europe' });
    });
    expect(end).toEqual({
      isComplete: false,
      reason: 'The number of organizations changed from 4 to 3 during the pull.',
    });
  });
});

describe("The guide's list of users", () => {
  it('is read page by page to its end, and resumes there', async () => {
    const { open, simulator } = await platform({ people: 60, settings: KEEPS_LIST });
    const whole = await pull(open, 'users');
    expect(whole.end).toEqual({ isComplete: true });
    expect(whole.pages.length).toBe(3);
    expect(of(whole.records, 'account').length).toBe(simulator.state().users);
    const [first] = whole.pages;
    const rest = await pullScope(open, 'users', '', first?.checkpoint ?? null);
    expect(rest.end).toEqual({ isComplete: true });
    expect([...(first?.records ?? []), ...rest.records]).toEqual(whole.records);
  });

  it('is not complete where somebody went between two pages', async () => {
    const { open, simulator } = await platform({ people: 60, settings: KEEPS_LIST });
    const { end, isTotalStable } = await pullScope(open, 'users', '', null, (count) => {
      if (count === 1) simulator.mutate({ op: 'delete-user', email: 'viktor.hansen@northwind.example' });
    });
    expect(isTotalStable).toBe(false);
    expect(end).toMatchObject({ isComplete: false });
  });

  it('ends at a page past the end, and says how many it saw', async () => {
    const { open, simulator } = await platform({ people: 18, settings: KEEPS_LIST });
    const { users } = simulator.state();
    const checkpoint = { index: 7, size: 20, seen: users, total: users };
    expect(await pullScope(open, 'users', '', checkpoint)).toMatchObject({ records: [], end: { isComplete: true } });
    expect((await pullScope(open, 'users', '', { ...checkpoint, seen: 3 })).end).toEqual({
      isComplete: false,
      reason: `The Insight Platform sent 3 of ${users} users and then no more.`,
    });
  });

  it('refuses a checkpoint of another version', async () => {
    const { open } = await platform({ people: 18, settings: KEEPS_LIST });
    await expect(pullScope(open, 'users', '', { page: 3 })).rejects.toMatchObject({ kind: 'stale' });
  });
});

function lastGroupOf(simulator: Simulator): string {
  const sorted = [...simulator.save().groups].sort((a, b) => (a.id < b.id ? -1 : 1));
  return sorted.at(-1)?.name ?? '';
}
