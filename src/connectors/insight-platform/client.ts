import type { HttpBody, HttpRequest } from '../../connector-kit/http/types.ts';
import { isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';
import { readAnswer, unexpectedShape } from './answers.ts';
import type { InsightContext } from './config.ts';
import { readBareArray, readGuidePage, readIndexedPage, type Row, type RowPage } from './paging.ts';

export const ACCOUNT = '/account/api/1';

/** What `GET /users` can be narrowed by, in the vendor's words. */
export interface UserQuery {
  readonly email?: string;
  readonly status?: 'ACTIVE' | 'PENDING' | 'DISABLED';
  readonly platformAdmin?: boolean;
}

/** Whether the key is good. It tells nothing of whose it is, nor whether the region is right. */
export async function validate(context: InsightContext): Promise<void> {
  await call(context, { operation: 'validate', method: 'GET', path: '/validate', functionality: 'platform' });
}

/** All users there are, in one answer. */
export async function getUsers(context: InsightContext, query: UserQuery = {}): Promise<readonly Row[]> {
  const operation = 'getUsers';
  const { email, status, platformAdmin } = query;
  // A hyphen here, an underscore in the body.
  const answer = await account(context, operation, '/users', { email, status, 'platform-admin': platformAdmin });
  return readBareArray(operation, answer);
}

/** A user by id; null: there is none. */
export function getUser(context: InsightContext, id: string): Promise<Row | null> {
  return one(context, 'getUser', `/users/${encodeURIComponent(id)}`);
}

/** The products given to a user; nobody has published how these are read, so expect `isUnknownCall`. */
export async function getUserProducts(context: InsightContext, id: string): Promise<readonly Row[]> {
  const operation = 'getUserProducts';
  return readBareArray(operation, await account(context, operation, `/users/${encodeURIComponent(id)}/products`));
}

export async function getRoles(context: InsightContext): Promise<readonly Row[]> {
  return readBareArray('getRoles', await account(context, 'getRoles', '/roles'));
}

export async function getUserGroups(context: InsightContext): Promise<readonly Row[]> {
  return readBareArray('getUserGroups', await account(context, 'getUserGroups', '/user-groups'));
}

/** A group by id, with its members where these are told; null: there is none. */
export function getUserGroup(context: InsightContext, id: string): Promise<Row | null> {
  return one(context, 'getUserGroup', `/user-groups/${encodeURIComponent(id)}`);
}

export async function getProducts(context: InsightContext): Promise<readonly Row[]> {
  return readBareArray('getProducts', await account(context, 'getProducts', '/products'));
}

/** The organizations of the key; with an organization id in the settings, those that one manages. */
export type OrganizationList = 'organizations' | 'managed-organizations';

export async function getOrganizations(
  context: InsightContext,
  list: OrganizationList,
  index: number,
  size: number,
): Promise<RowPage> {
  const operation = list === 'organizations' ? 'getOrganizations' : 'getManagedOrganizations';
  return readIndexedPage(operation, await account(context, operation, `/${list}`, { index, size }), index);
}

/** A page of users as one guide has them. */
export async function getVmUsers(context: InsightContext, index: number, size: number): Promise<RowPage> {
  const operation = 'getVmUsers';
  const query = { index, size };
  const answer = await call(context, {
    operation, method: 'GET', path: '/vm/v4/users', query, functionality: 'platform',
  }); // prettier-ignore
  return readGuidePage(operation, answer, index);
}

/** Reads something of Log Search; `path` begins after `/log_search`. Hands back the status too: 202 is not ready yet. */
export async function askLogSearch(
  context: InsightContext,
  operation: string,
  path: string,
  query: HttpRequest['query'] = {},
): Promise<{ readonly status: number; readonly body: Row }> {
  const request = { operation, method: 'GET', path: `/log_search${path}`, query, functionality: 'platform' } as const;
  const { status, body } = await send(context, request);
  if (isObject(body)) return { status, body };
  throw unexpectedShape(operation, []);
}

/** Calls a writing endpoint of the Account API once; what it answers, undefined for nothing. Never repeated. */
export function callOnce(
  context: InsightContext,
  operation: string,
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: HttpBody,
): Promise<unknown> {
  return call(context, { operation, method, path: `${ACCOUNT}${path}`, isSafeToRepeat: false, ...(body && { body }) });
}

function account(
  context: InsightContext,
  operation: string,
  path: string,
  query: HttpRequest['query'] = {},
): Promise<unknown> {
  return call(context, { operation, method: 'GET', path: `${ACCOUNT}${path}`, query });
}

async function one(context: InsightContext, operation: string, path: string): Promise<Row | null> {
  try {
    const answer = await account(context, operation, path);
    if (isObject(answer)) return answer;
  } catch (thrown) {
    if (thrown instanceof UsherError && thrown.kind === 'notFound') return null;
    throw thrown;
  }
  throw unexpectedShape(operation, []);
}

async function call(context: InsightContext, request: HttpRequest): Promise<unknown> {
  return (await send(context, request)).body;
}

async function send(
  context: InsightContext,
  request: HttpRequest,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const { settings } = context;
  refuseForeignKey(settings.apiKey);
  const { organizationId } = settings;
  const answer = await context.http.request({
    ...request,
    ...(organizationId !== undefined && { headers: { 'r7-organization-id': organizationId } }),
  });
  return { status: answer.status, body: readAnswer(settings, request.operation, answer) };
}

/** Throws before anything is sent where the secret is plainly the login of a console. */
function refuseForeignKey(key: string): void {
  if (!/^basic\s/i.test(key) && !key.includes(':')) return;
  throw new UsherError('invalidInput', 'This is a login with a password, not an API key; nothing was sent.', {
    code: 'wrongSurface',
    field: 'secrets.api_key',
    next: 'An InsightVM console signs in so: for it use the connector insightvm. For the Insight Platform make a key at Settings > API Keys.',
  });
}
