import { expect, it } from 'vitest';
import { identities } from '../../connector-kit/testkit/pulling.ts';
import { subAccountsOf } from './mapping.ts';
import { accountOf, holdings, startReading } from './testing/reading.ts';

const ADA = 'ada.okonkwo@northwind.example';
const JONAS = 'jonas.lind@northwind.example';
const IBRAHIM = 'ibrahim.sesay@northwind.example';

it('shows a person of several sub-accounts as one, active where it is active anywhere', async () => {
  await using reading = await startReading();
  const { records } = await reading.pull('people');
  const jonas = accountOf(records, JONAS);
  expect(jonas.status).toBe('active');
  const memberships = subAccountsOf(jonas);
  expect(Object.keys(memberships)).toEqual(['northwind', 'northwind-eu']);
  expect(memberships['northwind']).toMatchObject({ status: 'active', role: 'user' });
  expect(memberships['northwind-eu']).toMatchObject({ status: 'disabled', role: 'user' });
  expect(memberships['northwind']?.user_guid).not.toBe(memberships['northwind-eu']?.user_guid);
});

it('tells who may do what in which sub-account, and by which role or group', async () => {
  await using reading = await startReading();
  const { records } = await reading.pull('people');
  expect(holdings(records, ADA).filter((each) => !each.startsWith('group'))).toEqual([
    'resource northwind admin role:org_admin',
    'resource northwind-eu admin role:org_admin',
    'resource northwind-lab admin group:northwind-lab/LACEWORK_USER_GROUP_ADMIN',
    'resource northwind-lab admin role:org_admin',
    'role org_admin holder',
  ]);
  expect(accountOf(records, ADA).roles).toEqual(['admin', 'org_admin']);
  expect(holdings(records, IBRAHIM)).toContain('group northwind/ACCOUNT_ADMIN member');
  expect(holdings(records, IBRAHIM)).toContain('group northwind-lab/LACEWORK_USER_GROUP_ADMIN member');
  expect(holdings(records, IBRAHIM)).toContain(
    'resource northwind-lab admin group:northwind-lab/LACEWORK_USER_GROUP_ADMIN',
  );
});

it('reads the map of all sub-accounts by one list, and one more for each with RBAC', async () => {
  await using reading = await startReading();
  const calls = await reading.asked(() => reading.pull('people'));
  expect(calls).toEqual(['access.tokens', 'UserProfile.get', 'TeamMembers.list', 'TeamUsers.list']);
});

it('asks every sub-account once where all have RBAC, having learned that the list is refused', async () => {
  await using reading = await startReading({ subAccounts: 5 });
  reading.simulator.mutate({ op: 'set-model', model: 'rbac' });
  const calls = await reading.asked(() => reading.pull('people'));
  expect(calls.filter((call) => call === 'TeamUsers.list')).toHaveLength(6);
  // The refusal is held against the token once: a new one is tried.
  expect(calls.filter((call) => call === 'TeamMembers.list')).toHaveLength(2);
});

it('finds sub-accounts with the older model where the primary one has RBAC', async () => {
  await using reading = await startReading();
  const before = await reading.pull('people');
  reading.simulator.mutate({ op: 'set-model', account: 'northwind', model: 'rbac' });
  const { records, end } = await reading.pull('people');
  expect(end).toEqual({ isComplete: true });
  const people = (all: typeof records) =>
    identities(all.filter(({ kind, key }) => kind === 'account' && key.includes('@')));
  expect(people(records)).toEqual(people(before.records));
  expect(records).toContainEqual(
    expect.objectContaining({ key: 'northwind-eu', extra: expect.objectContaining({ user_model: 'legacy' }) }),
  );
});

it('knows service users by their GUID, as what they are', async () => {
  await using reading = await startReading();
  const { records } = await reading.pull('people');
  const services = records.filter((record) => record.kind === 'account' && record.isService === true);
  expect(services.length).toBeGreaterThan(0);
  for (const service of services) expect(service).toMatchObject({ email: null, status: 'active' });
});

it('says that user groups cannot be listed, shows those there are to see, and asks nothing for it', async () => {
  await using reading = await startReading();
  const { records } = await reading.pull('people');
  const builtIn = identities(records.filter(({ kind }) => kind === 'group'));
  expect(builtIn).toContain('group northwind/ACCOUNT_USER');
  expect(builtIn).toContain('group northwind-lab/LACEWORK_USER_GROUP_POWER_USER');
  let end: unknown;
  const calls = await reading.asked(async () => {
    const groups = await reading.pull('groups');
    end = groups.end;
    expect(groups.records.length).toBeGreaterThan(0);
    for (const { key } of groups.records) expect(key).toMatch(/^northwind-lab\/group/);
  });
  expect(calls).toEqual([]);
  expect(end).toEqual({
    isComplete: false,
    reason: 'Lacework cannot list user groups: of those of northwind-lab only the ones that somebody is in are known.',
  });
});

it('knows all groups where no account has RBAC, and says how many have it where several do', async () => {
  await using alone = await startReading({ subAccounts: 0, settings: { organization: 'no' } });
  expect(await alone.pull('groups')).toMatchObject({ records: [], end: { isComplete: true } });
  await using reading = await startReading();
  reading.simulator.mutate({ op: 'set-model', model: 'rbac' });
  expect((await reading.pull('groups')).end).toEqual({
    isComplete: false,
    reason:
      'Lacework cannot list user groups: of those of 3 sub-accounts with RBAC only the ones that somebody is in are known.',
  });
});

it('reads the groups of a sub-account by itself when the people were read before a restart', async () => {
  await using reading = await startReading();
  const before = await reading.pull('groups');
  await reading.pull('people');
  expect(identities((await reading.pull('groups')).records)).toEqual(identities(before.records));
});

it('reads resource groups in both of their shapes alike', async () => {
  await using reading = await startReading();
  const before = await reading.pull('resource_groups');
  reading.simulator.setSwitches({ resourceGroupShape: 'old' });
  const after = await reading.pull('resource_groups');
  const known = ({ records }: typeof before) =>
    records.map((record) =>
      record.kind === 'resource' ? [record.key, record.name, record.extra['is_default']] : null,
    );
  expect(known(after)).toEqual(known(before));
  expect(known(after).length).toBeGreaterThan(2);
  expect(reading.connector.drifts).toEqual([]);
});

it('keeps API keys without claiming an owner or an age, and agent tokens without the token', async () => {
  await using reading = await startReading();
  const { records: keys } = await reading.pull('api_keys');
  expect(keys).toContainEqual(
    expect.objectContaining({
      type: 'api_key', ownerKey: null, createdAt: null, isEnabled: true,
      name: expect.stringContaining('Ibrahim Sesay'),
    }),
  ); // prettier-ignore
  const { records: tokens } = await reading.pull('agent_tokens');
  expect(tokens.length).toBeGreaterThan(0);
  for (const token of tokens) expect(JSON.stringify(token)).not.toContain('accessToken');
});

it('never takes keys for gone where the tenant cannot tell them', async () => {
  await using reading = await startReading({ switches: { apiKeysEndpoint: 'absent' } });
  const { records, end } = await reading.pull('api_keys');
  expect(records).toEqual([]);
  expect(end).toEqual({
    isComplete: false,
    reason: 'This tenant has no API for API keys: they are managed in the console alone.',
  });
  const probe = await reading.connector.probe();
  expect(probe.capabilities).not.toContain('api_keys');
  expect(probe.notes).toContain('API keys cannot be managed over the API here: that is done in the console.');
});

it.each([
  { flags: 'boolean', neverTime: 'absent' },
  { orgNameKey: 'userName', profileEnvelope: 'bare' },
  { rbacRefusal: '404', errorShape: 'older' },
  { pagedLists: 'on', pageSize: 7, nextPageForm: 'absolute', lastPage: 'absent' },
  { pagedLists: 'on', pageSize: 7, nextPageForm: 'relative' },
  { pagedLists: 'on', pageSize: 7, nextPageForm: 'token' },
] as const)('reads the same people whatever form the answers have: %o', async (switches) => {
  await using reading = await startReading({ today: new Date('2026-03-02T15:00:00Z') });
  const usual = await reading.pull('people');
  reading.simulator.setSwitches(switches);
  await using other = reading.reopen();
  const pages = [];
  for await (const page of other.pull('people', '', null)) pages.push(...page.records);
  const withoutRaw = (records: typeof usual.records) =>
    records.map((record) => JSON.stringify({ ...record, raw: null })).sort();
  expect(withoutRaw(pages)).toEqual(withoutRaw(usual.records));
});

it('follows no next page to another host', async () => {
  await using reading = await startReading({
    switches: { pagedLists: 'on', pageSize: 7, nextPageForm: 'foreign' },
  });
  await expect(reading.pull('people')).rejects.toMatchObject({ kind: 'upstreamBug', details: { code: 'crossOrigin' } });
});
