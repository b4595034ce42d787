import type { FastifyReply, FastifyRequest, FastifyTypeProviderDefault } from 'fastify';
import type { z } from 'zod';
import { listEnvelope, oneEnvelope, parseExpand, parseFields, project } from '../../connector-kit/unified/index.ts';
import type { Expansions, RawEntry } from '../../connector-kit/unified/index.ts';
import { invalidInput } from '../../model/errors.ts';
import { allow } from '../http/access.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { accountOf, callLive, refuseUnservable, useSnapshot } from './account.ts';
import type { Account } from './account.ts';
import { accountHeaders, idParams, oneQuery, unifiedErrors } from './schemas.ts';

/** A page of objects before they are cut to the fields that were asked for. */
export interface ShownPage<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
  readonly raw?: readonly RawEntry[];
}

export interface ShownOne<Item> {
  readonly item: Item;
  readonly raw?: readonly RawEntry[];
}

/** What a list is asked for, the same for all; the filters are each list's own. */
export interface ListAsk {
  readonly account: Account;
  readonly pageSize: number;
  readonly next: string | undefined;
  readonly expand: Expansions;
  readonly wantsRaw: boolean;
  /** ISO 8601, UTC. */
  readonly updatedAfter: string | null;
}

interface ListQuery {
  readonly page_size: number;
  readonly next?: string | undefined;
  readonly fields?: string | undefined;
  readonly expand?: string | undefined;
  readonly raw?: boolean | undefined;
  readonly fresh?: boolean | undefined;
  readonly updated_after?: string | undefined;
  readonly filter?: { readonly updated_after?: string | undefined } | undefined;
  readonly proxy?: unknown;
  readonly page?: unknown;
}

/** One list of the contract: where it is, what it takes, what it shows, and the live action behind `fresh=true`. */
interface ListRoute<Query extends z.ZodType<ListQuery>, Item extends z.ZodObject> {
  readonly path: string;
  readonly summary: string;
  readonly operationId: string;
  readonly query: Query;
  readonly item: Item;
  /** null: there is no live way. */
  readonly live: string | null;
  /** Input of the live action beside paging and view; default: none. */
  liveInput?(query: z.output<Query>): Readonly<Record<string, unknown>>;
  page(ask: ListAsk, query: z.output<Query>): Promise<ShownPage<z.input<Item>>>;
}

/** Adds a list of the unified API: parameters, projection, freshness and envelope are the same for all. */
export function addList<Query extends z.ZodType<ListQuery>, Item extends z.ZodObject>(
  app: App,
  services: Services,
  route: ListRoute<Query, Item>,
): void {
  untyped(app).route({
    method: 'GET',
    url: route.path,
    config: allow('snapshot:read', 'account'),
    schema: {
      tags: ['Unified IAM'],
      summary: route.summary,
      operationId: route.operationId,
      headers: accountHeaders,
      querystring: route.query,
      response: { 200: listEnvelope(route.item), ...unifiedErrors },
    },
    handler: async (request, reply) => {
      const query = route.query.parse(request.query);
      refuseUnservable(query);
      const fields = parseFields(query.fields, route.item);
      const expand = parseExpand(query.expand);
      const account = await accountOf(services, request);
      const updatedAfter = momentOf(query.filter?.updated_after ?? query.updated_after);
      if (query.fresh === true) {
        if (updatedAfter !== null) throw noLiveChanges();
        const { page_size, next, fields: shown, expand: expanded, raw } = query;
        const input = { page_size, next, fields: shown, expand: expanded, raw, ...route.liveInput?.(query) };
        return liveAnswer(services, account, request, reply, route.live, input);
      }
      await useSnapshot(services, account, reply);
      const ask = {
        account, pageSize: query.page_size, next: query.next, expand, wantsRaw: query.raw === true, updatedAfter,
      }; // prettier-ignore
      const { items, next, raw } = await route.page(ask, query);
      return {
        data: items.map((item) => project(item, fields)),
        next,
        ...(query.raw === true && { raw: [...(raw ?? [])] }),
      };
    },
  });
}

/** One object of the contract by its id. */
interface OneRoute<Item extends z.ZodObject> {
  readonly path: string;
  readonly summary: string;
  readonly operationId: string;
  readonly item: Item;
  readonly live: string | null;
  one(ask: { account: Account; expand: Expansions; wantsRaw: boolean }, id: string): Promise<ShownOne<z.input<Item>>>;
}

/** Adds a route that shows one object by its id. */
export function addOne<Item extends z.ZodObject>(app: App, services: Services, route: OneRoute<Item>): void {
  untyped(app).route({
    method: 'GET',
    url: route.path,
    config: allow('snapshot:read', 'account'),
    schema: {
      tags: ['Unified IAM'],
      summary: route.summary,
      operationId: route.operationId,
      headers: accountHeaders,
      params: idParams,
      querystring: oneQuery,
      response: { 200: oneEnvelope(route.item), ...unifiedErrors },
    },
    handler: async (request, reply) => {
      const query = oneQuery.parse(request.query);
      const { id } = idParams.parse(request.params);
      refuseUnservable(query);
      const fields = parseFields(query.fields, route.item);
      const expand = parseExpand(query.expand);
      const account = await accountOf(services, request);
      if (query.fresh === true) {
        const input = { id, fields: query.fields, expand: query.expand, raw: query.raw };
        const { data } = await liveAnswer(services, account, request, reply, route.live, input);
        return { data };
      }
      await useSnapshot(services, account, reply);
      const { item, raw } = await route.one({ account, expand, wantsRaw: query.raw === true }, id);
      return { data: project(item, fields), ...(query.raw === true && { raw: [...(raw ?? [])] }) };
    },
  });
}

async function liveAnswer(
  services: Services,
  account: Account,
  request: FastifyRequest,
  reply: FastifyReply,
  operation: string | null,
  input: Readonly<Record<string, unknown>>,
) {
  if (operation === null)
    throw invalidInput('fresh', 'This list is made from the snapshot; there is no live way.', 'Leave fresh out.');
  return callLive(services, account, request, reply, operation, input);
}

/** Query and answer of these routes are generic: parsed and typed here, not by fastify's inference. */
function untyped(app: App) {
  return app.withTypeProvider<FastifyTypeProviderDefault>();
}

function noLiveChanges(): Error {
  return invalidInput(
    'filter[updated_after]',
    'updated_after means what Usher saw change; a fresh read cannot tell.',
    'Ask without fresh.',
  );
}

function momentOf(text: string | undefined): string | null {
  return text === undefined ? null : new Date(text).toISOString();
}
