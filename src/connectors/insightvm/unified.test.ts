import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openConnector } from '../../connector-kit/testkit/index.ts';
import { createInsightVm } from './index.ts';
import { at, consoleDesk } from './testing/desk.ts';

const people = z.array(
  z.looseObject({
    id: z.string(),
    username: z.string().nullable(),
    primary_email_address: z.string().nullable(),
    roles: z.array(z.looseObject({ id: z.string(), unified_custom_fields: z.looseObject({}).optional() })).nullish(),
  }),
);

describe('the unified actions on a console', () => {
  it('page users by the app, and find one by id, login and address', async () => {
    const { open } = await consoleDesk({ people: 30 });
    const first = await open.call('insightvm_unified_list_users', { page_size: 10 });
    const second = await open.call('insightvm_unified_list_users', { page_size: 10, next: first.next });
    const ids = [...people.parse(first.data), ...people.parse(second.data)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(20);
    for (const id of ['oskar.brandt', at('oskar.brandt').toUpperCase(), '5']) {
      const { data } = await open.call('insightvm_unified_get_user', { id });
      expect(data).toMatchObject({ id: '5', username: 'oskar.brandt', status: { value: 'enabled' } });
    }
  });

  it('tell who may see a site, with names, and through what', async () => {
    const { open } = await consoleDesk({ sites: 24 });
    const sites = await open.call('insightvm_list_sites', {});
    const finance = z
      .array(z.looseObject({ id: z.int(), name: z.string() }))
      .parse(sites.data)
      .find(({ name }) => name === 'Finance systems');
    const { data } = await open.call('insightvm_unified_list_resource_users', { resource_id: `site:${finance?.id}` });
    const seen = Object.fromEntries(
      people
        .parse(data)
        .map(({ username, roles }) => [username, roles?.map((role) => role.unified_custom_fields?.['path'])]),
    );
    expect(seen).toMatchObject({
      'oskar.brandt': [''],
      'ada.okonkwo': ['role:global-admin'],
      'lena.fischer': ['all_sites'],
    });
    expect(Object.keys(seen)).not.toContain('noor.bakker');
  });
});

describe('signing in to a console', () => {
  it('sends the two-factor code beside name and password', async () => {
    const { simulator } = await consoleDesk();
    simulator.mutate({ op: 'set-two-factor', login: 'ada.okonkwo', key: 'JBSWY3DPEHPK3PXP' });
    const { user, password, twoFactorToken } = simulator.credentials;
    const settings = { base_url: simulator.url, user };
    const open = (secrets: Readonly<Record<string, string>>) =>
      openConnector({ connector: createInsightVm(), settings, secrets, clock: simulator.clock });
    await using without = open({ password });
    await expect(without.probe()).rejects.toMatchObject({
      kind: 'auth',
      message: expect.stringContaining('two-factor code'),
    });
    await using withCode = open({ password, two_factor_token: twoFactorToken ?? '' });
    await expect(withCode.probe()).resolves.toMatchObject({ capabilities: expect.arrayContaining(['users']) });
    expect(JSON.stringify(withCode.traces)).not.toContain(twoFactorToken);
  });

  it('trusts a console whose authority it was given', async () => {
    const { simulator } = await consoleDesk({ tls: true });
    const { user, password } = simulator.credentials;
    await using open = openConnector({
      connector: createInsightVm(),
      settings: { base_url: simulator.url, user, trusted_ca: simulator.certificate },
      secrets: { password },
      clock: simulator.clock,
    });
    await expect(open.probe()).resolves.toMatchObject({ capabilities: expect.arrayContaining(['users']) });
  });
});
