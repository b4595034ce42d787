import { describe, expect, it } from 'vitest';
import { failureOf } from '../../connector-kit/testkit/seen.ts';
import { identities } from '../../connector-kit/testkit/pulling.ts';
import type { UsherError } from '../../model/errors.ts';
import { accountOf, startReading } from './testing/reading.ts';

const ADA = 'ada.okonkwo@northwind.example';
const HELP = 'src/connectors/lacework/README.md#organization-keys';

/** What a user sees of an error: kind, code, the sentence, and what to do. */
function told({ kind, message, details }: UsherError) {
  return { kind, code: details.code, message, next: details.next };
}

describe('bad credentials', () => {
  it('says that the secret is wrong, and where the right one is', async () => {
    await using reading = await startReading({ secret: '_0000000000000000000000000000dead' });
    const { keyId } = reading.simulator.credentials;
    expect(told(await failureOf(reading.connector.probe()))).toEqual({
      kind: 'auth',
      code: undefined,
      message: `Lacework refused API key ${keyId} (401: Invalid API key or secret).`,
      next: 'Check account, key ID and secret against the downloaded file: the key must be enabled and made in this account, its owner an administrator.',
    });
  });

  it('says that a key has been disabled in the middle of a run, and concludes nothing', async () => {
    await using reading = await startReading();
    const { keyId } = reading.simulator.credentials;
    await reading.pull('people');
    reading.simulator.mutate({ op: 'disable-key', keyId });
    expect(told(await failureOf(reading.pull('people')))).toEqual({
      kind: 'auth',
      code: 'keyStopped',
      message: `Lacework no longer accepts API key ${keyId} (401: API key is not active); it did a while ago.`,
      next: 'It was disabled or deleted, or its owner lost the rights: see Settings > API keys. Nothing was concluded from what was read before.',
    });
  });

  it('goes on with tokens that outlive their key where they do', async () => {
    await using reading = await startReading({ switches: { disableKillsTokens: 'off' } });
    await reading.pull('people');
    reading.simulator.mutate({ op: 'disable-key', keyId: reading.simulator.credentials.keyId });
    expect((await reading.pull('people')).end).toEqual({ isComplete: true });
  });
});

describe('wrong scope', () => {
  it('never lists an organization with the key of one account', async () => {
    await using reading = await startReading({ role: 'accountAdmin' });
    const { keyId } = reading.simulator.credentialsOf('accountAdmin');
    const calls = await reading.asked(async () => {
      const error = await failureOf(reading.pull('people'));
      expect(told(error)).toEqual({
        kind: 'wrongScope',
        code: 'accountLevelKey',
        message: expect.stringMatching(
          new RegExp(
            `^Connection lacework uses API key ${keyId} of \\S+@northwind\\.example, who is no organization administrator; listing people of the organization 'northwind' needs a key of one\\.$`,
          ),
        ),
        next: "Give a key that an organization administrator has made in the primary account 'northwind' (not of a service user), or set organization to no.",
      });
      expect(error.details.help).toBe(HELP);
    });
    expect(calls).toEqual(['access.tokens', 'UserProfile.get']);
  });

  it('says that there is no organization', async () => {
    await using reading = await startReading({ subAccounts: 0 });
    expect(told(await failureOf(reading.connector.probe()))).toEqual({
      kind: 'wrongScope',
      code: 'noOrganization',
      message: "Connection lacework is set to read an organization, but account 'northwind' belongs to none.",
      next: 'Set organization to no.',
    });
  });

  it('names the accounts a key reaches where the one asked for is not among them', async () => {
    await using reading = await startReading({
      role: 'accountAdmin',
      settings: { organization: 'no', sub_account: 'northwind-nowhere' },
    });
    expect(told(await failureOf(reading.connector.probe()))).toEqual({
      kind: 'wrongScope',
      code: 'unreachableSubAccount',
      message: expect.stringMatching(
        / does not reach sub-account 'northwind-nowhere'; it reaches northwind[-a-z, ]*\.$/,
      ),
      next: 'Give a key of somebody in that sub-account, or correct its name.',
    });
  });

  it.each(['empty', 'forbidden'] as const)(
    'takes nobody for removed when the administrator is demoted in mid-run and the list of all is %s',
    async (scopeMismatch) => {
      await using reading = await startReading({ switches: { scopeMismatch } });
      const before = await reading.pull('people');
      reading.simulator.mutate({ op: 'set-org-role', user: ADA, role: null });
      // Every account is asked by itself then, and she is administrator of each.
      const after = await reading.pull('people');
      const accounts = ({ records }: typeof before) => identities(records.filter(({ kind }) => kind === 'account'));
      expect(accounts(after)).toEqual(accounts(before));
      await using later = reading.reopen();
      expect(await failureOf(later.probe())).toMatchObject({
        kind: 'wrongScope',
        details: { code: 'accountLevelKey' },
      });
    },
  );

  it('reads one account with the key of one account', async () => {
    await using reading = await startReading({ role: 'accountAdmin', settings: { organization: 'no' } });
    const { records, end } = await reading.pull('people');
    expect(end).toEqual({ isComplete: true });
    expect(records.filter(({ kind }) => kind === 'resource').map(({ key }) => key)).toEqual(['northwind']);
    const probe = await reading.connector.probe();
    expect(probe.tenant).toEqual({ id: 'northwind', name: 'Lacework account northwind' });
    expect(probe.capabilities).not.toContain('organization');
  });

  it('reads an account with RBAC with the key of a service user, which may name no account', async () => {
    await using reading = await startReading({
      role: 'labServiceUser',
      settings: { organization: 'no', account: 'northwind-lab' },
    });
    const { records, end } = await reading.pull('people');
    expect(end).toEqual({ isComplete: true });
    expect(records.filter(({ kind }) => kind === 'account').length).toBeGreaterThan(1);
  });
});

describe('tokens', () => {
  it.each(['401', '403'] as const)('gets over a token that dies in mid-pull, said by %s', async (deadToken) => {
    await using reading = await startReading({ switches: { deadToken } });
    const before = await reading.pull('people');
    reading.simulator.mutate({ op: 'end-tokens' });
    let after: typeof before | null = null;
    const calls = await reading.asked(async () => {
      after = await reading.pull('people');
    });
    expect(after).toMatchObject({ end: { isComplete: true } });
    expect(calls).toEqual(['TeamMembers.list', 'access.tokens', 'TeamMembers.list', 'TeamUsers.list']);
  });

  it('fetches one token for all that is under way', async () => {
    await using reading = await startReading();
    const calls = await reading.asked(() =>
      Promise.all([reading.pull('people'), reading.pull('api_keys'), reading.pull('agent_tokens')]),
    );
    expect(calls.filter((call) => call === 'access.tokens')).toHaveLength(1);
  });

  it('renews its token before it expires', async () => {
    await using reading = await startReading();
    await reading.pull('people');
    reading.simulator.clock.advance(3590_000);
    const calls = await reading.asked(() => reading.pull('people'));
    expect(calls[0]).toBe('access.tokens');
  });
});

describe('rate limits', () => {
  it('slows down in a storm of 429 and ends whole', async () => {
    await using reading = await startReading({ attempts: 4 });
    const before = await reading.pull('people');
    reading.simulator.faults.set(['429@1-20']);
    const { end, records } = await reading.pull('people');
    expect(end).toEqual({ isComplete: true });
    expect(identities(records)).toEqual(identities(before.records));
  });

  it('says so when it has waited for an hour', async () => {
    await using reading = await startReading({ attempts: 4 });
    await reading.connector.scopes('resource_groups');
    reading.simulator.faults.set(['429-retry-after=1800']);
    const { host } = new URL(reading.simulator.url);
    expect(told(await failureOf(reading.pull('people')))).toEqual({
      kind: 'rateLimited',
      code: undefined,
      message: `${host} answered GET TeamMembers with 429 Too Many Requests.`,
      next: 'Wait and try again, or lower the requests a second in the settings of the connection.',
    });
  });
});

describe('schema drift', () => {
  it('notes fields it does not know, once each, and reads on', async () => {
    await using reading = await startReading({ switches: { drift: 'extra' } });
    const { end } = await reading.pull('people');
    expect(end).toEqual({ isComplete: true });
    expect(reading.connector.drifts.length).toBeGreaterThan(0);
    for (const drift of reading.connector.drifts) expect(drift.problem).toBe('unknown-field');
  });

  it('concludes nothing where a field that decides about access is gone', async () => {
    await using reading = await startReading({ switches: { drift: 'renamed' } });
    const error = await failureOf(reading.pull('people'));
    expect(told(error)).toEqual({
      kind: 'upstreamBug',
      code: 'unexpectedShape',
      message: expect.stringMatching(
        /^Lacework sent user NORTHWIN_[0-9A-F]{47} in TeamMembers with a field userEnabled that makes no sense\.$/,
      ),
      next: 'Nothing was concluded from this answer. Try again; if it stays so, report it with the name of the field.',
    });
    expect(reading.connector.drifts).toContainEqual(
      expect.objectContaining({ path: 'data.*.userEnabled', problem: 'missing-field' }),
    );
  });
});

describe('RBAC switched on between two pulls', () => {
  it.each(['403', '404'] as const)('keeps every person, by the other model, told by %s', async (rbacRefusal) => {
    await using reading = await startReading({ switches: { rbacRefusal } });
    const before = await reading.pull('people');
    reading.simulator.mutate({ op: 'set-model', model: 'rbac' });
    const { records, end } = await reading.pull('people');
    expect(end).toEqual({ isComplete: true });
    const people = (all: typeof records) =>
      all
        .flatMap((each) => (each.kind === 'account' && each.email !== null ? `${each.key} ${each.status}` : []))
        .sort();
    expect(people(records)).toEqual(people(before.records));
    expect(accountOf(records, ADA).roles).toContain('org_admin');
    const probe = await reading.connector.probe();
    expect(probe.notes).toContain('RBAC is on (TeamUsers, user groups): northwind, northwind-eu, northwind-lab.');
  });
});
