import { z } from 'zod';
import type { HttpAnswer, HttpRequest } from '../../connector-kit/http/types.ts';
import { UsherError } from '../../model/errors.ts';
import { notAllowed, readAnswer, unexpectedShape, wrongSurface } from './answers.ts';
import { API, type InsightVmContext } from './config.ts';
import {
  type AssetGroup, assetGroupSchema, homeSchema, infoSchema, listSchema, pagedSchema, referenceSchema, type Role,
  roleSchema, type Site, siteSchema, type SiteUser, siteUserSchema, type Source, sourceSchema, twoFactorSchema, type User,
  userSchema,
} from './schemas.ts'; // prettier-ignore

/** The longest page the console gives (its OpenAPI document); the default is 10. */
export const MAX_PAGE_SIZE = 500;
/** Lists of a large console are slow; nothing is published about how slow. */
const TIMEOUT_MS = 120_000;

/** One page of a paged list. A page past the end is empty: the console answers it with 404. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** null where the page is past the end. */
  readonly total: number | null;
  readonly isLast: boolean;
}

export interface PageQuery {
  readonly page: number;
  readonly size: number;
  /** `id,ASC` where absent: the console's own order, made sure. */
  readonly sort?: string;
}

/** The check of the credentials: the list of all routes, which every login may read. Throws `auth` for a bad login. */
export async function getHome(context: InsightVmContext): Promise<void> {
  const answer = await get(context, 'resources', '');
  if (!homeSchema.safeParse(answer).success)
    throw wrongSurface('Something answered resources without the links that a console has');
}

/** What the console tells of itself; null where this login may not know. */
export async function getInfo(context: InsightVmContext): Promise<z.output<typeof infoSchema> | null> {
  try {
    return parsed('getInfo', infoSchema, await get(context, 'getInfo', '/administration/info'));
  } catch (error) {
    if (error instanceof UsherError && (error.kind === 'notFound' || error.kind === 'permission')) return null;
    throw error;
  }
}

/** A page of users. Only a Global Administrator may: to others the console says 401, or 404 as if there were none. */
export async function getUsers(context: InsightVmContext, query: PageQuery): Promise<Page<User>> {
  return getPage(context, 'getUsers', '/users', userSchema, query);
}

/** One user; null where the console says 404: there is none, or it is hidden from this login (`rights.ts` tells). */
export async function getUser(context: InsightVmContext, id: string): Promise<User | null> {
  const answer = await getOrNull(context, 'getUser', `/users/${id}`);
  return answer === NOT_FOUND ? null : parsed('getUser', userSchema, answer);
}

export async function getRoles(context: InsightVmContext): Promise<readonly Role[]> {
  return getList(context, 'getRoles', '/roles', roleSchema);
}

/** Ids of the users who have a role; null where the console says 404. */
export async function getRoleUsers(context: InsightVmContext, role: string): Promise<readonly number[] | null> {
  return getIds(context, 'getRoleUsers', `/roles/${encodeURIComponent(role)}/users`);
}

export async function getPrivileges(context: InsightVmContext): Promise<readonly string[]> {
  return getList(context, 'getPrivileges', '/privileges', z.string());
}

export async function getSources(context: InsightVmContext): Promise<readonly Source[]> {
  return getList(context, 'getAuthenticationSources', '/authentication_sources', sourceSchema);
}

/** A page of the sites that this login may see. */
export async function getSites(context: InsightVmContext, query: PageQuery): Promise<Page<Site>> {
  return getPage(context, 'getSites', '/sites', siteSchema, query);
}

/** A page of the asset groups that this login may see. */
export async function getAssetGroups(context: InsightVmContext, query: PageQuery): Promise<Page<AssetGroup>> {
  return getPage(context, 'getAssetGroups', '/asset_groups', assetGroupSchema, query);
}

/** Who may see a site, administrators left out; null where the console says 404. Roles come without id and name. */
export async function getSiteUsers(context: InsightVmContext, site: number): Promise<readonly SiteUser[] | null> {
  const operation = 'getSiteUsers';
  const answer = await getOrNull(context, operation, `/sites/${site}/users`);
  return answer === NOT_FOUND
    ? null
    : rowsOf(operation, siteUserSchema, parsed(operation, listSchema, answer).resources);
}

/** Ids of the users who may see an asset group; null where the console says 404. */
export async function getAssetGroupUsers(context: InsightVmContext, group: number): Promise<readonly number[] | null> {
  return getIds(context, 'getAssetGroupUsers', `/asset_groups/${group}/users`);
}

/** Ids of a user's sites; meaningless for who has all. null where the console says 404. */
export async function getUserSites(context: InsightVmContext, user: string): Promise<readonly number[] | null> {
  return getIds(context, 'getUserSites', `/users/${user}/sites`);
}

/** Ids of a user's asset groups; meaningless for who has all. null where the console says 404. */
export async function getUserAssetGroups(context: InsightVmContext, user: string): Promise<readonly number[] | null> {
  return getIds(context, 'getUserAssetGroups', `/users/${user}/asset_groups`);
}

/** Whether a user has a two-factor seed. The seed itself, which the console hands out, goes no further than here. */
export async function hasTwoFactor(context: InsightVmContext, user: string): Promise<boolean> {
  const operation = 'getTwoFactorAuthenticationKey';
  const answer = await askUnseen(context, { operation, method: 'GET', path: `${API}/users/${user}/2FA` });
  if (answer.status === 404) return false;
  const { key } = parsed(operation, twoFactorSchema, (await understood(context, { operation }, answer)) ?? {});
  return typeof key === 'string' && key !== '';
}

/**
 * Sends a request and reads the answer; a 401 on anything but the check of the credentials is told from a bad login by
 * asking for that: the console says 401 also to those who may not (its overview).
 */
export async function ask(context: InsightVmContext, request: HttpRequest): Promise<unknown> {
  const answer = await context.http.request({ timeoutMs: TIMEOUT_MS, ...request });
  return understood(context, request, answer);
}

/** As `http.request`, with an answer that no trace shows the head of: it holds a seed. */
export async function askUnseen(context: InsightVmContext, request: HttpRequest): Promise<HttpAnswer> {
  const { status, headers, body } = await context.http.stream({ timeoutMs: TIMEOUT_MS, ...request });
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return { status, headers, text: Buffer.concat(chunks).toString('utf8') };
}

/** What an answer means; see `ask`. */
export async function understood(
  context: InsightVmContext,
  { operation, secrets }: Pick<HttpRequest, 'operation' | 'secrets'>,
  answer: HttpAnswer,
): Promise<unknown> {
  const asked = { operation, secrets, user: context.settings.user };
  try {
    return readAnswer(asked, answer);
  } catch (error) {
    if (!(error instanceof UsherError) || error.kind !== 'auth' || operation === 'resources') throw error;
    await getHome(context);
    throw notAllowed(asked);
  }
}

/** Parses an answer; throws `upstreamBug` naming the field. */
export function parsed<Schema extends z.ZodType>(operation: string, schema: Schema, answer: unknown): z.output<Schema> {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw unexpectedShape(operation, result.error.issues[0]?.path ?? []);
}

function get(
  context: InsightVmContext,
  operation: string,
  path: string,
  query?: HttpRequest['query'],
): Promise<unknown> {
  return ask(context, { operation, method: 'GET', path: `${API}${path}`, query });
}

const NOT_FOUND = Symbol('not found');

async function getOrNull(context: InsightVmContext, operation: string, path: string): Promise<unknown> {
  try {
    return await get(context, operation, path);
  } catch (error) {
    if (error instanceof UsherError && error.kind === 'notFound') return NOT_FOUND;
    throw error;
  }
}

async function getPage<Schema extends z.ZodType>(
  context: InsightVmContext,
  operation: string,
  path: string,
  schema: Schema,
  { page, size, sort = 'id,ASC' }: PageQuery,
): Promise<Page<z.output<Schema>>> {
  let answer: unknown;
  try {
    answer = await get(context, operation, path, { page, size, sort });
  } catch (error) {
    // There is always a first page, an empty one at least: a 404 on it means that this login may not see the list.
    if (!(error instanceof UsherError) || error.kind !== 'notFound') throw error;
    if (page > 0) return { rows: [], total: null, isLast: true };
    throw hiddenList(operation, context.settings.user);
  }
  const { resources, page: place } = parsed(operation, pagedSchema, answer);
  const rows = rowsOf(operation, schema, resources);
  return { rows, total: place.totalResources, isLast: rows.length === 0 || page + 1 >= place.totalPages };
}

async function getList<Schema extends z.ZodType>(
  context: InsightVmContext,
  operation: string,
  path: string,
  schema: Schema,
): Promise<readonly z.output<Schema>[]> {
  const answer = await getOrNull(context, operation, path);
  if (answer === NOT_FOUND) throw hiddenList(operation, context.settings.user);
  return rowsOf(operation, schema, parsed(operation, listSchema, answer).resources);
}

async function getIds(context: InsightVmContext, operation: string, path: string): Promise<readonly number[] | null> {
  const answer = await getOrNull(context, operation, path);
  return answer === NOT_FOUND
    ? null
    : rowsOf(operation, referenceSchema, parsed(operation, listSchema, answer).resources);
}

/** Each row must be understood; the error names the id of the row that is not, and the field. */
function rowsOf<Schema extends z.ZodType>(
  operation: string,
  schema: Schema,
  resources: readonly unknown[],
): z.output<Schema>[] {
  return resources.map((resource) => {
    const result = schema.safeParse(resource);
    if (result.success) return result.data;
    const id = typeof resource === 'object' && resource !== null && 'id' in resource ? String(resource.id) : '*';
    throw unexpectedShape(operation, ['resources', id, ...(result.error.issues[0]?.path ?? [])]);
  });
}

/** A list that is there on every console, and that this one answers with 404: hidden, not empty. */
export function hiddenList(operation: string, user: string): UsherError {
  return new UsherError(
    'permission',
    `The console hides this list from the login ${user}: it answered ${operation} with 404, as if there were none.`,
    {
      code: 'hidden',
      next: 'Give that login the role Global Administrator. Nothing was concluded from it: what is hidden is not gone.',
    },
  );
}
