import { afterEach, describe, expect, it } from 'vitest';
import { identities, openConnector, type OpenedConnector, pullScope } from '../../connector-kit/testkit/index.ts';
import type { AnyRecord, RecordOf } from '../../model/records.ts';
import { createLastPass } from './index.ts';
import { type LastPassSimulator, type LastPassSimulatorOptions, startLastPassSimulator } from './simulator.ts';

const PAGE = 20;
const running: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

async function company(
  options: LastPassSimulatorOptions = {},
  pageSize = PAGE,
): Promise<{ simulator: LastPassSimulator; connector: OpenedConnector }> {
  const today = new Date('2026-03-02T15:00:00Z');
  const simulator = await startLastPassSimulator({ people: 60, today, clock: { now: () => today }, ...options });
  const { companyId, provisioningHash } = simulator.credentials;
  const connector = openConnector({
    connector: createLastPass({ pageSize, folderBatchSize: 7 }),
    settings: { companyId, region: 'custom', baseUrl: simulator.url, requestsPerSecond: 100_000 },
    secrets: { provisioningHash },
    clock: simulator.clock,
  });
  running.push({ [Symbol.asyncDispose]: () => simulator.close() }, connector);
  return { simulator, connector };
}

async function directory(connector: OpenedConnector): Promise<readonly AnyRecord[]> {
  const { records, end } = await pullScope(connector, 'directory', '');
  expect(end).toEqual({ isComplete: true });
  return records;
}

const accountOf = (records: readonly AnyRecord[], email: string): RecordOf<'account'> | undefined =>
  records.filter((record) => record.kind === 'account').find((account) => account.email === email);
const groupsOf = (records: readonly AnyRecord[], key: string | undefined): string[] =>
  records
    .filter((record) => record.kind === 'grant' && record.holderKey === key && record.targetKind === 'group')
    .map((grant) => (grant.kind === 'grant' ? grant.targetKey : ''))
    .sort();

describe('the directory', () => {
  it('has the accounts and invitations of the company, each once, however long the pages are', async () => {
    const { simulator, connector } = await company();
    const { users, invited, groups } = simulator.state();
    const records = await directory(connector);
    expect(records.filter(({ kind }) => kind === 'account')).toHaveLength(users + invited);
    expect(records.filter(({ kind }) => kind === 'group')).toHaveLength(groups);
    const whole = openConnector({
      connector: createLastPass(),
      settings: connector.config.settings,
      secrets: connector.config.secrets,
    });
    running.push(whole);
    expect(identities(await directory(whole))).toEqual(identities(records));
  });

  it('shows the cast: administrator, leaver, never signed in, invited', async () => {
    const { connector } = await company();
    const records = await directory(connector);
    expect(accountOf(records, 'ada.okonkwo@northwind.example')).toMatchObject({ status: 'active', roles: ['admin'] });
    expect(accountOf(records, 'lena.fischer@northwind.example')).toMatchObject({ roles: ['admin'], mfa: [] });
    expect(accountOf(records, 'grace.kim@northwind.example')).toMatchObject({
      status: 'pending',
      volatile: { lastLoginAt: null },
    });
    expect(accountOf(records, 'priya.raman@northwind.example')).toMatchObject({
      key: 'invited:priya.raman@northwind.example',
      status: 'invited',
    });
    expect(accountOf(records, 'danielle@acme-fin.example')?.employeeNumber).not.toBeNull();
  });

  it.each([
    ['PHP sends empty maps as objects', { emptyMaps: '{}' }],
    ['nobody lacks the groups key', { grouplessUser: 'empty' }],
    ['nobody without groups has the groups key', { grouplessUser: 'absent' }],
    ['Groups names the members of the whole company', { groupScope: 'tenant' }],
    ['invitations are spelled in upper case', { invitedKey: 'Invited' }],
    ['answers are called JSON', { contentType: 'application/json' }],
    ['newer fields are missing', { newerUserKeys: 'off' }],
  ])('is the same when %s', async (_, switches) => {
    const [plain, varied] = [await company(), await company({ switches })];
    expect(identities(await directory(varied.connector))).toEqual(identities(await directory(plain.connector)));
    expect(varied.connector.drifts).toEqual([]);
  });

  it('reads the times in the zone of the account', async () => {
    const { simulator, connector } = await company({ switches: { zone: 'Asia/Tokyo' } });
    const tokyo = openConnector({
      connector: createLastPass(),
      settings: { ...Object(connector.config.settings), timeZone: 'Asia/Tokyo' },
      secrets: connector.config.secrets,
    });
    running.push(tokyo);
    simulator.mutate({ op: 'sign-in', username: 'oskar.brandt@northwind.example' });
    expect(accountOf(await directory(tokyo), 'oskar.brandt@northwind.example')?.volatile.lastLoginAt).toBe(
      '2026-03-02T15:00:00.000Z',
    );
  });

  it('follows a person from invitation to account', async () => {
    const { simulator, connector } = await company();
    simulator.mutate({ op: 'accept-invitation', username: 'priya.raman@northwind.example' });
    const records = await directory(connector);
    const joined = records.filter(
      (record) => record.kind === 'account' && record.email === 'priya.raman@northwind.example',
    );
    expect(joined).toHaveLength(1);
    expect(joined[0]?.key).toMatch(/^\d+$/);
  });

  it('shows a group by its new name and members with it', async () => {
    const { simulator, connector } = await company();
    const before = await directory(connector);
    simulator.mutate({ op: 'rename-group', group: 'Engineering', to: 'Entwicklung ✨' });
    const after = await directory(connector);
    const noor = accountOf(after, 'noor.bakker@northwind.example')?.key;
    expect(groupsOf(before, noor)).toContain('Engineering');
    expect(groupsOf(after, noor)).toContain('Entwicklung ✨');
    expect(groupsOf(after, noor)).not.toContain('Engineering');
  });

  it('is not complete when rows shift under it, or when the vendor sends fewer than it says', async () => {
    const { simulator, connector } = await company();
    const shifted = await pullScope(connector, 'directory', '', null, (count) => {
      if (count !== 1) return;
      simulator.mutate({ op: 'delete-user', username: 'ada.okonkwo@northwind.example' });
    });
    expect(shifted.end).toMatchObject({ isComplete: false, reason: expect.stringContaining('changed') });
    const swapped = await pullScope(connector, 'directory', '', {
      pageIndex: 1,
      pageSize: PAGE,
      total: simulator.state().users,
      seen: PAGE - 1,
    });
    expect(swapped.end).toMatchObject({
      isComplete: false,
      reason: expect.stringContaining(`of ${simulator.state().users}`),
    });
  });

  it('tells what is new in the answers without stopping', async () => {
    const { simulator, connector } = await company();
    simulator.mutate({
      op: 'set-user',
      username: 'ada.okonkwo@northwind.example',
      fields: { multifactor: 'hologram' },
    });
    const records = await directory(connector);
    expect(accountOf(records, 'ada.okonkwo@northwind.example')?.mfa).toEqual(['unknown']);
    expect(connector.drifts).toMatchObject([
      { operation: 'getuserdata', path: 'Users.*.multifactor', problem: 'unknown-value' },
    ]);
  });

  it('refuses a checkpoint of another version', async () => {
    const { connector } = await company();
    await expect(pullScope(connector, 'directory', '', { page: 3 })).rejects.toMatchObject({ kind: 'stale' });
  });
});

describe('shared folders', () => {
  const grantsOn = (records: readonly AnyRecord[]): string[] =>
    identities(records.filter(({ kind }) => kind === 'grant'));

  it('are all there, in batches of one answer, with grants to users and groups', async () => {
    const { simulator, connector } = await company();
    const { records, pages, end } = await pullScope(connector, 'shared_folders', '');
    expect(end).toEqual({ isComplete: true });
    expect(pages.length).toBeGreaterThan(1);
    expect(records.filter(({ kind }) => kind === 'resource')).toHaveLength(simulator.state().shared_folders);
    const payroll = records.find((record) => record.kind === 'resource' && record.name === 'Finance/Payroll');
    const onPayroll = records.filter((record) => record.kind === 'grant' && record.targetKey === payroll?.key);
    expect(onPayroll).toContainEqual(
      expect.objectContaining({ holderKey: 'email:jonas.lind@northwind.example', permission: 'admin' }),
    );
    expect(onPayroll).toContainEqual(expect.objectContaining({ holderKey: 'email:freelancer@gmail.example' }));
    expect(
      records.some((record) => record.kind === 'grant' && record.holderKind === 'group' && record.path === ''),
    ).toBe(true);
    expect(records.some((record) => record.kind === 'grant' && record.path.startsWith('group:'))).toBe(true);
  });

  it.each([{ folderFlags: 'string' }, { folderFlags: 'boolean' }, { emptyMaps: '{}' }])(
    'have the same grants with %j',
    async (switches) => {
      const [plain, varied] = [await company(), await company({ switches })];
      const [one, two] = [
        await pullScope(plain.connector, 'shared_folders', ''),
        await pullScope(varied.connector, 'shared_folders', ''),
      ];
      expect(grantsOn(two.records)).toEqual(grantsOn(one.records));
      expect(varied.connector.drifts).toEqual([]);
    },
  );

  it('shared with a group show the group, however the vendor writes it', async () => {
    const [plain, varied] = [await company(), await company({ switches: { groupGrants: 'entry' } })];
    const groups = async (connector: OpenedConnector): Promise<string[]> =>
      grantsOn(
        (await pullScope(connector, 'shared_folders', '')).records.filter(
          (record) => record.kind === 'grant' && record.holderKind === 'group',
        ),
      );
    expect(await groups(varied.connector)).toEqual(await groups(plain.connector));
  });

  it('that were deleted are gone, listed or not', async () => {
    for (const newerFolderKeys of ['off', 'on']) {
      const { simulator, connector } = await company({ switches: { newerFolderKeys } });
      simulator.mutate({ op: 'delete-folder', folder: 'Finance/Payroll' });
      const { records } = await pullScope(connector, 'shared_folders', '');
      expect(records.some((record) => record.kind === 'resource' && record.name === 'Finance/Payroll')).toBe(false);
    }
  });
});

describe('the probe', () => {
  it('finds a capability missing that is refused', async () => {
    const { simulator, connector } = await company();
    expect((await connector.probe()).capabilities).toEqual(['directory', 'events', 'shared_folders']);
    simulator.mutate({ op: 'refuse-command', command: 'reporting' });
    expect((await connector.probe()).capabilities).toEqual(['directory', 'shared_folders']);
  });

  it('says so when the hash was reset', async () => {
    const { simulator, connector } = await company();
    simulator.mutate({ op: 'reset-provisioning-hash' });
    await expect(connector.probe()).rejects.toMatchObject({
      kind: 'auth',
      details: { next: expect.stringContaining('reset') },
    });
  });
});
