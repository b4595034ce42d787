import {
  array,
  assert,
  constant,
  constantFrom,
  dictionary,
  jsonValue,
  oneof,
  option,
  property,
  record,
  string,
} from 'fast-check';
import { expect, it } from 'vitest';
import { simulatorClock } from '../../../connector-kit/simulator-kit/clock.ts';
import { boundedLog, type LoggedEffect } from '../../../connector-kit/simulator-kit/logs.ts';
import type { SimulatorAnswer, SimulatorRequest } from '../../../connector-kit/simulator-kit/server.ts';
import { parseSwitches } from './switches.ts';
import { openTenant, type Tenant } from './tenant.ts';
import { TODAY } from './testing/caller.ts';
import { laceworkVendor } from './vendor.ts';

const TOKEN = '_invented';
const DOCUMENTED = [200, 201, 204, 400, 401, 403, 404, 405, 409];

const words = [
  'access', 'tokens', 'UserProfile', 'OrganizationInfo', 'schemas', 'TeamMembers', 'TeamUsers', 'UserGroups', 'AuditLogs',
  'ResourceGroups', 'ApiKeys', 'AgentAccessTokens', 'search', 'addUsers', 'removeUsers', 'LACEWORK_USER_GROUP_ADMIN', 'eyJ',
]; // prettier-ignore
const keys = [
  'userName', 'username', 'userEnabled', 'props', 'firstName', 'lastName', 'company', 'orgAdmin', 'orgUser', 'userRoleAccounts',
  'adminRoleAccounts', 'type', 'name', 'email', 'userGuids', 'filters', 'returns', 'timeFilter', 'startTime', 'enabled',
  'keyId', 'expiryTime', 'tokenAlias', 'query', 'resourceType', '__proto__',
]; // prettier-ignore

it('answers whatever it is sent with a status the reference names, and JSON or nothing', () => {
  const tenant = makeTenant();
  const vendor = laceworkVendor(tenant);
  const segment = oneof(constantFrom(...words, ...guidsOf(tenant)), string());
  const value = oneof(
    jsonValue(),
    constantFrom(0, 1, 'a@b.example', 'NORTHWIND', '2026-11-20'),
    array(constantFrom(...guidsOf(tenant))),
  );
  const body = oneof(
    string(),
    dictionary(constantFrom(...keys), value).map((object) => JSON.stringify(object)),
  );
  const requests = record({
    method: constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT'),
    segments: array(segment, { minLength: 1, maxLength: 3 }),
    body,
    query: dictionary(constantFrom('startTime', 'endTime', 'nextPage'), string()),
    authorization: oneof(constant(`Bearer ${TOKEN}`), constant(TOKEN), string()),
    orgAccess: option(constantFrom('true', 'TRUE', 'false', '1')),
    accountName: option(oneof(constantFrom('northwind-eu', 'NORTHWIND-LAB'), string())),
  });
  assert(
    property(requests, ({ method, segments, query, authorization, orgAccess, accountName, body: sent }) => {
      const request: SimulatorRequest = {
        number: 1,
        method,
        path: `/api/v2/${segments.map(encodeURIComponent).join('/')}`,
        query: new URLSearchParams(query),
        headers: {
          host: '127.0.0.1:1',
          authorization,
          ...(orgAccess !== null && { 'org-access': orgAccess }),
          ...(accountName !== null && { 'account-name': accountName }),
        },
        body: sent,
        remoteAddress: '127.0.0.1',
      };
      vendor.describe(request);
      const answer = vendor.answer(request);
      expect(DOCUMENTED).toContain(answer.status);
      const text = textOf(answer);
      expect(text === '').toBe(answer.status === 204);
      expect(() => void JSON.parse(text || 'null')).not.toThrow();
    }),
    { numRuns: 600 },
  );
});

function makeTenant(): Tenant {
  const clock = simulatorClock({ now: () => TODAY });
  const effects = boundedLog<LoggedEffect>(100, (entry, number) => ({ ...entry, number }));
  const switches = parseSwitches({ rateLimitPerHour: 'off' });
  const options = { seed: 'fuzz', people: 20, subAccounts: 2, clock, anchor: TODAY, switches, saved: null, effects };
  const tenant = openTenant(options);
  const keyId = tenant.keyRoles.get('orgAdmin') ?? '';
  tenant.tokens.set(TOKEN, { token: TOKEN, keyId, expires: TODAY.getTime() + 3_600_000 });
  return tenant;
}

/** Some people's, but not of whoever asks: they would be gone soon. */
function guidsOf({ accounts, members }: Tenant): string[] {
  return accounts.flatMap(({ name }) =>
    members
      .all(name)
      .slice(3, 6)
      .map(({ guid }) => guid),
  );
}

function textOf({ body }: SimulatorAnswer): string {
  return typeof body === 'string' ? body : Buffer.isBuffer(body) ? body.toString() : [...body].join('');
}
