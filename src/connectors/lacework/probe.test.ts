import { expect, it } from 'vitest';
import { failureOf } from '../../connector-kit/testkit/seen.ts';
import { settingsSchema } from './config.ts';
import { startReading } from './testing/reading.ts';

it('says whose key it is, what it reaches, and by which user model, by few calls', async () => {
  await using reading = await startReading();
  const calls = await reading.asked(async () => {
    expect(await reading.connector.probe()).toEqual({
      tenant: { id: 'northwind', name: 'Lacework organization northwind' },
      capabilities: [
        'agent_tokens', 'api_keys', 'events', 'organization', 'resource_groups', 'sub_account:northwind',
        'sub_account:northwind-eu', 'sub_account:northwind-lab', 'users',
      ],
      notes: [
        'The key is of ada.okonkwo@northwind.example, an administrator of the organization northwind.',
        'RBAC is on (TeamUsers, user groups) in northwind-lab; the older model (TeamMembers) in northwind, northwind-eu.',
      ],
    }); // prettier-ignore
  });
  expect(calls.toSorted()).toEqual([
    'AgentAccessTokens.list', 'ApiKeys.list', 'AuditLogs.list', 'OrganizationInfo.get', 'ResourceGroups.list',
    'TeamMembers.search', 'TeamUsers.list', 'UserProfile.get', 'access.tokens',
  ]); // prettier-ignore
});

it('doubts an account that the address does not answer for', async () => {
  await using reading = await startReading({ settings: { account: 'acme' } });
  expect((await reading.connector.probe()).notes).toContain(
    'The settings say account acme, and the address answers for northwind, northwind-eu, northwind-lab: is that right?',
  );
});

it.each(['http://acme.lacework.net', 'http://10.0.0.7:8080'])(
  'sends no secret in clear text to %s',
  async (address) => {
    expect(
      settingsSchema.safeParse({ account: 'acme', keyId: 'ACME_1', baseUrl: address }).error?.issues,
    ).toMatchObject([
      { path: ['baseUrl'], message: 'Lacework speaks https only; http would send the secret in clear text.' },
    ]);
  },
);

it('tells an organization administrator who reads one account that there is more', async () => {
  await using reading = await startReading({ settings: { organization: 'no' } });
  const { tenant, notes } = await reading.connector.probe();
  expect(tenant).toEqual({ id: 'northwind', name: 'Lacework account northwind' });
  expect(notes[0]).toBe(
    'The key is of ada.okonkwo@northwind.example, an organization administrator: with organization yes, all sub-accounts could be read.',
  );
});

it('knows which accounts have RBAC where the primary one has it too', async () => {
  await using reading = await startReading();
  reading.simulator.mutate({ op: 'set-model', account: 'northwind', model: 'rbac' });
  const { notes } = await reading.connector.probe();
  expect(notes).toContain(
    'RBAC is on (TeamUsers, user groups) in northwind, northwind-lab; the older model (TeamMembers) in northwind-eu.',
  );
});

it('names only some where there are many', async () => {
  await using reading = await startReading({ subAccounts: 12 });
  const { notes } = await reading.connector.probe();
  expect(notes[1]).toMatch(/in \d+ sub-accounts \(northwind, northwind-\S+, northwind-\S+ …\)\.$/);
});

it('says which accounts its owner is disabled in', async () => {
  await using reading = await startReading();
  const ada = 'ada.okonkwo@northwind.example';
  reading.simulator.mutate({ op: 'set-user', user: ada, account: 'northwind-eu', fields: { isEnabled: false } });
  const { notes, capabilities } = await reading.connector.probe();
  expect(capabilities).not.toContain('sub_account:northwind-eu');
  expect(notes).toContain(
    'The owner of the key is disabled in northwind-eu: what is asked of sub-accounts by name is not read there.',
  );
});

it('refuses the key of a service user for an organization', async () => {
  await using reading = await startReading({ role: 'serviceUser' });
  const error = await failureOf(reading.connector.probe());
  expect(error).toMatchObject({ kind: 'wrongScope', details: { code: 'accountLevelKey' } });
});
