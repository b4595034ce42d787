import { expect, it } from 'vitest';
import { z } from 'zod';
import { failureOf } from '../../connector-kit/testkit/seen.ts';
import { startReading, type Reading } from './testing/reading.ts';

const JONAS = 'jonas.lind@northwind.example';
const users = z.array(
  z.looseObject({
    id: z.string(),
    status: z.string(),
    service: z.boolean().nullable(),
    sub_accounts: z.array(z.looseObject({ name: z.string(), status: z.string(), user_model: z.string() })),
  }),
);

it('lists every user once, page by page, and some of them by sub-account and status', async () => {
  await using reading = await startReading();
  const all = await pages(reading, {});
  const paged = await pages(reading, { page_size: 7 });
  expect(paged.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  const lab = await pages(reading, { sub_account: 'NORTHWIND-LAB', status: 'active' });
  expect(lab.length).toBeGreaterThan(0);
  expect(lab.length).toBeLessThan(all.length);
  for (const { status, sub_accounts: where } of lab) {
    expect(status).toBe('active');
    expect(where.map(({ name }) => name)).toContain('northwind-lab');
  }
});

it('finds a person by address in all accounts, by one search and the lists that have none', async () => {
  await using reading = await startReading();
  let user: unknown;
  const calls = await reading.asked(async () => {
    ({ data: user } = await reading.connector.call('lacework_get_user', { user: ` ${JONAS} ` }));
  });
  expect(user).toMatchObject({
    id: JONAS,
    status: 'active',
    sub_accounts: [
      { name: 'northwind', status: 'active', user_model: 'legacy', groups: ['northwind/ACCOUNT_USER'] },
      { name: 'northwind-eu', status: 'disabled', user_model: 'legacy' },
    ],
  });
  expect(calls.filter((call) => call.startsWith('Team'))).toEqual([
    'TeamMembers.search',
    'TeamMembers.search',
    'TeamUsers.list',
  ]);
});

it('finds a service user by GUID, and says who is not there', async () => {
  await using reading = await startReading();
  const service = (await pages(reading, {})).find((user) => user.service === true);
  const found = await reading.connector.call('lacework_get_user', { user: service?.id ?? '' });
  expect(found.data).toMatchObject({ id: service?.id, service: true });
  const error = await failureOf(reading.connector.call('lacework_get_user', { user: 'ghost@northwind.example' }));
  expect(error).toMatchObject({
    kind: 'notFound',
    message: 'Lacework has no user ghost@northwind.example in the accounts of this connection.',
  });
});

it('lists groups with how many are in them, the custom ones that somebody is in among them', async () => {
  await using reading = await startReading();
  const { data } = await reading.connector.call('lacework_list_groups', { sub_account: 'northwind-lab' });
  const groups = z
    .array(z.looseObject({ id: z.string(), built_in: z.boolean(), member_count: z.int(), sub_account: z.string() }))
    .parse(data);
  expect(groups.filter(({ built_in: isBuiltIn }) => isBuiltIn)).toHaveLength(3);
  for (const group of groups) expect(group.sub_account).toBe('northwind-lab');
  for (const { member_count: count } of groups.filter(({ built_in: isBuiltIn }) => !isBuiltIn)) {
    expect(count).toBeGreaterThan(0);
  }
});

it('lists API keys without secrets, marks its own, and says where there is no such list', async () => {
  await using reading = await startReading();
  const { data } = await reading.connector.call('lacework_list_api_keys', { sub_account: 'northwind' });
  const keys = z.array(z.looseObject({ key_id: z.string(), in_use_by_usher: z.boolean() })).parse(data);
  expect(keys.filter((key) => key.in_use_by_usher).map((key) => key.key_id)).toEqual([
    reading.simulator.credentials.keyId,
  ]);
  reading.simulator.setSwitches({ apiKeysEndpoint: 'absent' });
  const error = await failureOf(reading.connector.call('lacework_list_api_keys', { sub_account: 'northwind' }));
  expect(error).toMatchObject({
    kind: 'unsupported',
    message: 'Lacework has no GET ApiKeys for sub-account northwind (403: Unrecognized url).',
    details: { code: 'noSuchEndpoint' },
  });
});

it('refuses a sub-account it does not reach, naming those it does', async () => {
  await using reading = await startReading();
  const error = await failureOf(reading.connector.call('lacework_list_resource_groups', { sub_account: 'acme' }));
  expect(error).toMatchObject({
    kind: 'invalidInput',
    message: 'This connection has no sub-account acme.',
    details: { field: 'sub_account', next: 'There are: northwind, northwind-eu, northwind-lab.' },
  });
});

it('reads the audit log newest first, by user and sub-account, seven days at most', async () => {
  await using reading = await startReading();
  const to = reading.simulator.clock.now();
  const from = new Date(to.getTime() - 7 * 24 * 3_600_000).toISOString();
  const window = { from, to: to.toISOString() };
  const events = z.array(z.looseObject({ time: z.string(), sub_account: z.string(), user: z.string().nullable() }));
  const all = events.parse((await reading.connector.call('lacework_list_audit_events', window)).data);
  expect(all.map(({ time }) => time)).toEqual(
    all
      .map(({ time }) => time)
      .toSorted()
      .toReversed(),
  );
  const input = { ...window, sub_account: 'Northwind-EU' };
  const eu = events.parse((await reading.connector.call('lacework_list_audit_events', input)).data);
  expect(new Set(eu.map((event) => event.sub_account))).toEqual(new Set(['northwind-eu']));
  await expect(
    reading.connector.call('lacework_list_audit_events', { ...window, from: '2020-01-01T00:00:00Z' }),
  ).rejects.toMatchObject({ kind: 'invalidInput', message: 'from and to are more than 7 days apart.' });
});

it('shows who may do what in a sub-account, and no rights where somebody is disabled there', async () => {
  await using reading = await startReading();
  const { data } = await reading.connector.call('lacework_unified_list_resource_users', {
    resource_id: 'northwind-eu',
  });
  const holders = z
    .array(z.looseObject({ id: z.string(), roles: z.array(z.looseObject({ id: z.string() })) }))
    .parse(data);
  expect(holders.find(({ id }) => id === 'ada.okonkwo@northwind.example')?.roles).toEqual([
    expect.objectContaining({ id: 'admin', unified_custom_fields: { path: 'role:org_admin' } }),
  ]);
  const user = await reading.connector.call('lacework_unified_get_user', { id: JONAS, expand: 'permissions' });
  const { permissions } = z
    .looseObject({ permissions: z.array(z.looseObject({ type: z.looseObject({ value: z.string() }) })) })
    .parse(user.data);
  expect(permissions.map(({ type }) => type.value).toSorted()).toEqual(['read', 'unmapped_value']);
});

async function pages(
  reading: Reading,
  input: Readonly<Record<string, string | number>>,
): Promise<z.output<typeof users>> {
  const all: z.output<typeof users> = [];
  let next: string | null | undefined;
  do {
    const page = await reading.connector.call('lacework_list_users', { ...input, ...(next ? { next } : {}) });
    all.push(...users.parse(page.data));
    ({ next } = page);
  } while (next);
  return all;
}
