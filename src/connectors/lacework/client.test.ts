import { describe, expect, it } from 'vitest';
import type { ConnectorContext } from '../../connector-kit/connector.ts';
import { memoryDrift } from '../../connector-kit/drift.ts';
import type { HttpClient, HttpRequest } from '../../connector-kit/http/types.ts';
import { failureOf } from '../../connector-kit/testkit/seen.ts';
import { describeRefusal, messageOf } from './answers.ts';
import { clientOf, functionalityOf } from './client.ts';
import { type LaceworkContext, secretsSchema, type Settings, settingsSchema } from './config.ts';
import { readAllUsers } from './directory.ts';

describe('settings', () => {
  it.each([
    ['acme', 'acme'],
    ['ACME.lacework.net', 'acme'],
    ['https://acme.lacework.net/ui/', 'acme'],
    ['acme.fra.lacework.net', 'acme.fra'],
    ['acme.fra', 'acme.fra'],
  ])('take %s for account %s, also when they are read again', (given, account) => {
    const { account: once } = settingsSchema.parse({ account: given, keyId: 'ACME_1' });
    expect(once).toBe(account);
    expect(settingsSchema.parse({ account: once, keyId: 'ACME_1' }).account).toBe(account);
  });

  it('refuse what is no account', () => {
    for (const account of ['', 'a b', '-acme', 'acme.example.com.evil', 'acme@x']) {
      expect(settingsSchema.safeParse({ account, keyId: 'ACME_1' }).success).toBe(false);
    }
  });
});

it('reads all sub-accounts or one of them, not both', () => {
  const parsed = settingsSchema.safeParse({
    account: 'acme', keyId: 'ACME_1', organization: 'yes', subAccount: 'acme-eu',
  }); // prettier-ignore
  expect(parsed.error?.issues).toEqual([
    expect.objectContaining({
      path: ['subAccount'],
      message: 'A sub-account goes with organization no: with yes, all of them are read.',
    }),
  ]);
});

describe('a call', () => {
  it.each([
    ['GET', 'TeamMembers', 'TeamMembers.get'],
    ['GET', 'TeamMembers/ACME_1', 'TeamMembers.get'],
    ['PATCH', 'TeamMembers/ACME_1', 'TeamMembers.patch'],
    ['POST', 'TeamMembers', 'TeamMembers.post'],
    ['POST', 'TeamMembers/search', 'TeamMembers.search'],
    ['POST', 'UserGroups/G/addUsers', 'UserGroups.addUsers'],
  ])('%s %s takes from the budget %s', (method, path, functionality) => {
    expect(functionalityOf(method, path)).toBe(functionality);
  });

  it('says whose data it is about, and is authorised by another key where that is asked for', async () => {
    const { context, requests } = fake(() => ({ status: 200, text: '{"data":[]}' }));
    const client = clientOf(context);
    await client.list({ method: 'GET', path: 'TeamUsers' });
    await client.withAccount('ACME-EU').list({ method: 'GET', path: 'TeamUsers' });
    await client.withOrganization().list({ method: 'GET', path: 'TeamMembers' });
    await client.withKey({ keyId: 'ACME_2', secret: '_other' }).list({ method: 'GET', path: 'TeamUsers' });
    expect(requests.map(({ headers }) => headers)).toEqual([
      { 'content-type': 'application/json' },
      { 'content-type': 'application/json', 'account-name': 'acme-eu' },
      { 'content-type': 'application/json', 'org-access': 'true' },
      { 'content-type': 'application/json' },
    ]);
    expect(requests.map(({ auth }) => auth === undefined)).toEqual([true, true, true, false]);
  });

  it('follows pages in a circle no further', async () => {
    const { context } = fake(() => ({
      status: 200,
      text: '{"data":[{}],"paging":{"urls":{"nextPage":"/api/v2/Same"}}}',
    }));
    const error = await failureOf(clientOf(context).list({ method: 'GET', path: 'AuditLogs' }));
    expect(error).toMatchObject({ kind: 'upstreamBug', details: { code: 'pagingLoop' } });
  });

  it('reads one object in any envelope, and refuses two', async () => {
    for (const text of ['{"data":{"a":1}}', '{"data":[{"a":1}]}', '{"a":1}', '[{"a":1}]']) {
      const { context } = fake(() => ({ status: 200, text }));
      expect(await clientOf(context).one({ method: 'GET', path: 'UserProfile' })).toEqual({ a: 1 });
    }
    for (const text of ['{"data":[]}', '{}', '{"data":[{},{}]}', '{"data":"x"}']) {
      const { context } = fake(() => ({ status: 200, text }));
      await expect(clientOf(context).one({ method: 'GET', path: 'UserProfile' })).rejects.toMatchObject({
        details: { code: 'unexpectedShape' },
      });
    }
  });
});

describe('a refusal', () => {
  it.each([
    ['{"message":"Not Found"}', 'Not Found'],
    ['{"ok":true,"message":"SUCCESS","data":{"statusMessage":"no"}}', 'no'],
    ['{"message":"SUCCESS","data":{"ErrorMsg":"bad","message":"worse"}}', 'bad'],
    ['{"message":"SUCCESS"}', ''],
    ['oops', ''],
  ])('says of %s: %s', (text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  it.each([
    [401, 'x', 'auth', undefined, 'Lacework does not accept API key ACME_1 for GET ApiKeys (401: x).'],
    [403, 'x', 'permission', undefined, 'API key ACME_1 may not GET ApiKeys of sub-account acme (403: x).'],
    [
      403,
      'Unrecognized url',
      'unsupported',
      'noSuchEndpoint',
      'Lacework has no GET ApiKeys for sub-account acme (403: Unrecognized url).',
    ],
    [404, 'x', 'notFound', undefined, 'Lacework has none such: GET ApiKeys of sub-account acme (404: x).'],
    [405, 'x', 'unsupported', 'noSuchEndpoint', 'Lacework has no GET ApiKeys for sub-account acme (405: x).'],
    [409, 'x', 'alreadyExists', undefined, 'Lacework refused GET ApiKeys (409: x).'],
    [400, 'x', 'invalidInput', undefined, 'Lacework refused GET ApiKeys (400: x).'],
    [418, 'x', 'upstreamBug', 'unexpectedStatus', 'Lacework answered GET ApiKeys with status 418: x.'],
  ])('of %i "%s" is %s', (status, message, kind, code, told) => {
    const asked = { operation: 'GET ApiKeys', keyId: 'ACME_1', reach: 'sub-account acme' };
    const error = describeRefusal(asked, status, JSON.stringify({ message }));
    expect([error.kind, error.details.code, error.message]).toEqual([kind, code, told]);
    expect(error.details.next).toBeDefined();
  });
});

it('suspects the scope where an account has nobody in it, and takes nobody for removed', async () => {
  const { context } = fake(({ path }) => {
    if (path === '/api/v2/UserProfile') {
      const account = { admin: true, accountName: 'ACME', custGuid: 'ACME_1', userGuid: 'U', userEnabled: 1 };
      return {
        status: 200,
        text: JSON.stringify({
          data: [{ username: 'a@acme.example', orgAccount: true, orgAdmin: true, accounts: [account] }],
        }),
      };
    }
    return { status: 200, text: '{"data":[]}' };
  });
  expect(await failureOf(readAllUsers(context, () => undefined))).toMatchObject({
    kind: 'wrongScope',
    message:
      "Lacework listed nobody at all in sub-account acme (TeamUsers), though the owner of the key at least is there: the key's scope seems wrong.",
    details: { code: 'suspectedScopeMismatch' },
  });
});

/** An app that answers each request by this. */
function fake(answer: (request: HttpRequest) => { readonly status: number; readonly text: string }): {
  readonly context: LaceworkContext;
  readonly requests: HttpRequest[];
} {
  const requests: HttpRequest[] = [];
  const ask = (request: HttpRequest) => {
    requests.push(request);
    return { headers: {}, ...answer(request) };
  };
  const http: HttpClient = {
    baseUrl: 'https://acme.lacework.net/',
    request: (request) => Promise.resolve(ask(request)),
    stream: (request) => {
      const { status, headers, text } = ask(request);
      return Promise.resolve({ status, headers, body: bytes(text) });
    },
  };
  const settings: Settings = {
    ...settingsSchema.parse({ account: 'acme', keyId: 'ACME_1', organization: 'yes' }),
    ...secretsSchema.parse({ secret: '_secret' }),
  };
  const context: ConnectorContext<Settings> = {
    connectionId: 'acme', settings, http, clock: { now: () => new Date() }, drift: memoryDrift(),
    signal: new AbortController().signal,
  }; // prettier-ignore
  return { context, requests };
}

async function* bytes(text: string): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(text);
}
