import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { UsherError, invalidInput } from '../../model/errors.ts';
import { accountStatusSchema } from '../../model/records.ts';
import type { NamedGrant, Page, Stored } from '../../store/read/index.ts';
import { allow, callerOf, scopeOf } from '../http/access.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { asOfQuery, asOfWords, assertPast } from './as-of.ts';
import { accountBody, figuresBody, grantBody, groupBody, resourceBody } from './bodies.ts';
import { existing } from './connections.ts';
import { accountHistory } from './history.ts';
import { problems } from './problems.ts';
import {
  accountDetailSchema, accountSchema, figuresSchema, grantSchema, groupSchema, pageQuery, pageSchema, queryFlag,
  resourceSchema,
} from './schemas.ts'; // prettier-ignore

const tags = ['Snapshot'];
const text = z.string().min(1).max(500).optional();
const connection = text.meta({ description: 'Only of this connection.' });
/** How many grants an account is shown with; more are listed by `GET /v1/grants?account=`. */
const GRANTS_SHOWN = 500;

/** What the snapshot holds, now and at any past moment. */
export function snapshotRoutes(app: App, services: Services): void {
  const { reads, clock } = services;

  app.get('/v1/accounts', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'List accounts',
      operationId: 'listAccounts',
      querystring: z.strictObject({
        ...pageQuery,
        connection,
        status: accountStatusSchema.optional(),
        role: text.meta({ description: 'Key of a role it has (`admin`).' }),
        mfa: z.enum(['none', 'some', 'unknown']).optional().meta({ description: '`unknown`: the app does not tell.' }),
        email: text,
        search: text.meta({ description: 'Part of name, e-mail address or user name.' }),
        group: text.meta({ description: 'Key of a group it is a member of.' }),
        as_of: asOfQuery,
      }),
      response: { 200: pageSchema(accountSchema), ...problems },
    },
    handler: async (request) => {
      const { page_size: pageSize, next, connection: asked, as_of: moment, status, ...filters } = request.query;
      const scope = await scopeFor(services, callerOf(request), asked);
      assertPast(moment, clock);
      const filter = {
        ...filters,
        scope,
        statuses: status && [status],
        asOf: moment,
        group: filters.group?.normalize('NFC'),
      };
      const after = positionOf(next, 'accounts', { ...request.query });
      const page = await reads.listAccounts(filter, after, pageSize);
      return listBody(page, 'accounts', request.query, accountBody);
    },
  });

  app.get('/v1/accounts/:connection/:key', {
    config: allow('snapshot:read', 'connection'),
    schema: {
      tags,
      summary: 'Show an account',
      description: 'By its key or e-mail address, with what it holds and how it changed.',
      operationId: 'getAccount',
      params: z.strictObject({ connection: z.string().min(1).max(200), key: z.string().min(1).max(1000) }),
      querystring: z.strictObject({ as_of: asOfQuery, raw: queryFlag.optional() }),
      response: { 200: accountDetailSchema, ...problems },
    },
    handler: async (request) => {
      const { as_of: moment, raw } = request.query;
      assertPast(moment, clock);
      const { id } = await existing(services, request.params.connection);
      const account = await reads.findAccount(id, request.params.key, moment);
      if (account === null) throw noSuchAccountAt(id, request.params.key, moment);
      const { key } = account.record;
      const holder = { kind: 'account', key } as const;
      const grants = await reads.listGrants({ scope: [id], holder, asOf: moment }, null, GRANTS_SHOWN);
      const versions = await reads.accountVersions(id, key);
      return {
        ...accountBody(account),
        grants: grants.rows.map(grantBody),
        history: accountHistory(versions),
        ...(raw === true && { raw: (await reads.rawByKeys('account', id, [key])).get(key) ?? null }),
      };
    },
  });

  app.get('/v1/grants', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'List grants',
      description:
        'Who holds what. `account`, `group`, `resource` and `role` need `connection`; one of the last three at most.',
      operationId: 'listGrants',
      querystring: z.strictObject({
        ...pageQuery,
        connection,
        account: text.meta({ description: 'Key or e-mail address of the holder.' }),
        group: text.meta({ description: 'Key of the group that is held.' }),
        resource: text.meta({ description: 'Key of the resource it is on.' }),
        role: text.meta({ description: 'Key of the role that is held.' }),
        as_of: asOfQuery,
      }),
      response: { 200: pageSchema(grantSchema), ...problems },
    },
    handler: async (request): Promise<{ data: ReturnType<typeof grantBody>[]; next: string | null }> => {
      const {
        page_size: pageSize,
        next,
        connection: asked,
        as_of: moment,
        account,
        group,
        resource,
        role,
      } = request.query;
      const scope = await scopeFor(services, callerOf(request), asked);
      assertPast(moment, clock);
      const target = targetOf({ group, resource, role });
      if (asked === undefined && (account !== undefined || target !== null)) {
        const field = account === undefined ? (target?.kind ?? 'connection') : 'account';
        throw invalidInput('connection', `${field} is meant within a connection.`, 'Say which one: &connection=…');
      }
      const after = positionOf(next, 'grants', { ...request.query });
      let holder: { kind: 'account'; key: string } | null = null;
      if (asked !== undefined && account !== undefined) {
        const found = await reads.findAccount(asked, account, moment);
        if (found === null) throw noSuchAccountAt(asked, account, moment);
        holder = { kind: 'account', key: found.record.key };
      }
      const page: Page<NamedGrant> = await reads.listGrants({ scope, holder, target, asOf: moment }, after, pageSize);
      return listBody(page, 'grants', request.query, grantBody);
    },
  });

  app.get('/v1/groups', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'List groups',
      operationId: 'listGroups',
      querystring: z.strictObject({ ...pageQuery, connection, search: text }),
      response: { 200: pageSchema(groupSchema), ...problems },
    },
    handler: async (request) => {
      const { page_size: pageSize, next, connection: asked, search } = request.query;
      const scope = await scopeFor(services, callerOf(request), asked);
      const after = positionOf(next, 'groups', { ...request.query });
      return listBody(
        await reads.listGroups({ scope, name: search }, after, pageSize),
        'groups',
        request.query,
        groupBody,
      );
    },
  });

  app.get('/v1/resources', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'List resources',
      description: 'What access is to: shared folders, sites.',
      operationId: 'listResources',
      querystring: z.strictObject({ ...pageQuery, connection, type: text, search: text }),
      response: { 200: pageSchema(resourceSchema), ...problems },
    },
    handler: async (request) => {
      const { page_size: pageSize, next, connection: asked, type, search } = request.query;
      const scope = await scopeFor(services, callerOf(request), asked);
      const after = positionOf(next, 'resources', { ...request.query });
      const page = await reads.listResources({ scope, type, name: search }, after, pageSize);
      return listBody(page, 'resources', request.query, resourceBody);
    },
  });

  app.get('/v1/figures', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'How much of what there is',
      operationId: 'getFigures',
      querystring: z.strictObject({ connection }),
      response: { 200: figuresSchema, ...problems },
    },
    handler: async (request) => {
      return figuresBody(await reads.figures(await scopeFor(services, callerOf(request), request.query.connection)));
    },
  });
}

/** The scope of a list; a connection that is asked for must exist and be visible, so that a typing error shows. */
async function scopeFor(services: Services, caller: ReturnType<typeof callerOf>, asked: string | undefined) {
  const scope = scopeOf(caller, asked);
  if (asked !== undefined) await existing(services, asked);
  return scope;
}

type ListQuery = { readonly page_size: number; readonly next?: string | undefined };

function bindingOf(list: string, query: object) {
  const filters = Object.fromEntries(Object.entries(query).filter(([name]) => name !== 'next' && name !== 'page_size'));
  return { list: `v1/${list}`, filters };
}

function positionOf(next: string | undefined, list: string, query: object) {
  const [connectionId, key] = decodeCursor(next, bindingOf(list, query), 2) ?? [];
  return connectionId === undefined || key === undefined ? null : { connectionId, key };
}

function listBody<Row extends Stored<{ readonly key: string }>, Body>(
  page: Page<Row>,
  list: string,
  query: ListQuery,
  body: (row: Row) => Body,
): { data: Body[]; next: string | null } {
  const last = page.rows.at(-1);
  const next = page.hasMore && last ? encodeCursor(bindingOf(list, query), [last.connectionId, last.record.key]) : null;
  return { data: page.rows.map(body), next };
}

function targetOf(asked: { readonly group?: string; readonly resource?: string; readonly role?: string }) {
  const { group, resource, role } = asked;
  const targets = [
    group === undefined ? null : ({ kind: 'group', key: group.normalize('NFC') } as const),
    resource === undefined ? null : ({ kind: 'resource', key: resource } as const),
    role === undefined ? null : ({ kind: 'role', key: role } as const),
  ].filter((target) => target !== null);
  const [target = null, second] = targets;
  if (second)
    throw invalidInput(second.kind, `${target?.kind} and ${second.kind} cannot both be asked for.`, 'Ask for one.');
  return target;
}

function noSuchAccountAt(connectionId: string, key: string, moment: string | undefined): UsherError {
  return new UsherError('notFound', `Connection ${connectionId} has no account ${key}${asOfWords(moment)}.`, {
    connection: connectionId,
    next: 'Search for it: GET /v1/accounts?search=…, or `usher accounts list --search …`.',
  });
}
