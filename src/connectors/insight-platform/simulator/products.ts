import type { SimulatorAnswer } from '../../../connector-kit/simulator-kit/server.ts';
import { hashText } from '../../../connector-kit/simulator-kit/random.ts';
import type { Company } from './company.ts';
import { uuidOf } from './first-day.ts';
import { answer, type Call, correlationOf, isRecord, pageOf, readNumber, readText, refusal } from './wire.ts';

/**
 * `GET /vm/v4/users?index&size`: users as one guide has them, with numbers for ids and a metadata of its own. Nothing else
 * is known of it.
 */
export function getVmUsers(call: Call): SimulatorAnswer {
  const index = readNumber(call, 'index', 0, 1_000_000);
  const size = readNumber(call, 'size', 100, 500);
  if (index === null || size === null || size === 0) return v4Error(call, 400, 'index and size are whole numbers.');
  const users = vmUsers(call.company);
  const page = pageOf(users, index, size);
  return answer(200, {
    data: page.rows,
    metadata: { index, size, totalPages: page.pages, totalResources: users.length },
  });
}

/** Numbers that stay with the user; in their order. */
function vmUsers(company: Company): readonly object[] {
  return [...company.users.values()]
    .map(({ id, email }) => ({
      id: (hashText(id) % 900_000) + 100,
      login: email.replace(/@.*$/, '').toLowerCase(),
      email,
    }))
    .sort((a, b) => a.id - b.id);
}

/** `POST /vm/v4/integration/assets?page|cursor&size`: the cursor comes on every page, the last included. */
export function listAssets(call: Call): SimulatorAnswer {
  const { company, request } = call;
  const size = readNumber(call, 'size', 10, 500);
  const cursor = request.query.get('cursor');
  const number = cursor === null ? readNumber(call, 'page', 0, 1_000_000) : readCursor(cursor);
  if (size === null || size === 0 || number === null) return v4Error(call, 400, 'page and size are whole numbers.');
  const assets = Array.from({ length: 37 }, (_, at) => ({
    id: `${uuidOf(`${company.seed}/asset-owner`)}-default-asset-${at + 1}`,
    host_name: `host-${String(at + 1).padStart(3, '0')}.northwind.example`,
    ip: `192.0.2.${at + 1}`,
    risk_score: (at * 7919) % 5000,
  }));
  const page = pageOf(assets, number, size);
  return answer(200, {
    data: page.rows,
    metadata: { number, size, totalResources: assets.length, totalPages: page.pages, cursor: cursorOf(number + 1) },
    links: [
      { href: `https://${company.region}.api.insight.rapid7.com/vm/v4/integration/assets?page=${number}`, rel: 'self' },
    ],
  });
}

/** `GET /ias/v1/apps?page&size` of InsightAppSec. */
export function listApps(call: Call): SimulatorAnswer {
  const index = readNumber(call, 'page', 0, 1_000_000) ?? 0;
  const size = readNumber(call, 'size', 50, 1000) ?? 50;
  const apps = ['Shop', 'Portal', 'Careers'].map((name) => ({ id: uuidOf(`${call.company.seed}/app/${name}`), name }));
  const page = pageOf(apps, index, size);
  return answer(200, {
    data: page.rows,
    metadata: { index, size, sort: 'name', total_data: apps.length, total_pages: page.pages, page_token: null },
    links: [{ href: `https://${call.company.region}.api.insight.rapid7.com/ias/v1/apps`, rel: 'self' }],
  });
}

/** `POST /idr/v1/users/_search?index&size`: directory users that InsightIDR watches, not users of the platform. */
export function searchIdrUsers(call: Call): SimulatorAnswer {
  return searchIdr(call, idrUsers(call.company));
}

/** `POST /idr/v1/accounts/_search`. */
export function searchIdrAccounts(call: Call): SimulatorAnswer {
  return searchIdr(call, idrAccounts(call.company));
}

/** `GET /idr/v1/users/{rrn}` and `/accounts/{rrn}`. */
export function getIdr(call: Call): SimulatorAnswer {
  const rrn = call.params[0];
  const found = [...idrUsers(call.company), ...idrAccounts(call.company)].find((each) => each.rrn === rrn);
  return found === undefined ? idrError(call, 404, 'The requested resource does not exist.') : answer(200, found);
}

interface Watched {
  readonly rrn: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

function idrUsers(company: Company): readonly Watched[] {
  const organization = company.organizations[0]?.id ?? '';
  return [...company.users.values()].map(({ email, firstName, lastName }, at) => ({
    rrn: `rrn:uba:us:${organization}:user:${at + 1}`,
    name: `${firstName} ${lastName}`,
    domain: 'northwind.example',
    first_name: firstName,
    last_name: lastName,
    account_name: email,
  }));
}

function idrAccounts(company: Company): readonly Watched[] {
  return idrUsers(company).map((user) => ({
    rrn: user.rrn.replace(':user:', ':account:'),
    name: String(user['account_name']),
    domain: 'northwind.example',
    disabled: false,
    authentication_service: 'ACTIVE_DIRECTORY',
    user: { rrn: user.rrn, name: user.name },
  }));
}

function searchIdr(call: Call, all: readonly Watched[]): SimulatorAnswer {
  const index = readNumber(call, 'index', 0, 1_000_000);
  const size = readNumber(call, 'size', 20, 1000);
  if (index === null || size === null || size === 0) return idrError(call, 400, 'index and size are whole numbers.');
  const search = isRecord(call.body) && Array.isArray(call.body['search']) ? call.body['search'] : [];
  const found = all.filter((each) => search.every((criterion) => fits(each, criterion)));
  const page = pageOf(found, index, size);
  return answer(200, { data: page.rows, metadata: { index, size, total_pages: page.pages, total_data: found.length } });
}

function fits(row: Watched, criterion: unknown): boolean {
  if (!isRecord(criterion)) return false;
  const value = lower(row[readText(criterion['field']) ?? '']);
  const wanted = criterion['value'];
  if (criterion['operator'] === 'IN') return Array.isArray(wanted) && wanted.some((each) => value === lower(each));
  return criterion['operator'] === 'CONTAINS' ? value.includes(lower(wanted)) : value === lower(wanted);
}

function lower(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}

function cursorOf(number: number): string {
  return Buffer.from(`page:${number}`).toString('base64url');
}

function readCursor(cursor: string): number | null {
  const match = /^page:(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString());
  return match === null ? null : Number(match[1]);
}

function v4Error(call: Call, status: number, message: string): SimulatorAnswer {
  return refusal('v4', status, message, correlationOf(call.company, call.request));
}

function idrError(call: Call, status: number, message: string): SimulatorAnswer {
  return refusal('idr', status, message, correlationOf(call.company, call.request));
}
