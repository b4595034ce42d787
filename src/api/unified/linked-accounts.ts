import { z } from 'zod';
import { wholeNumber } from '../../connector-kit/unified/index.ts';
import { UsherError } from '../../model/errors.ts';
import type { Caller } from '../../model/access.ts';
import type { Freshness } from '../../store/read/index.ts';
import { allow, callerOf, maySee, noSuchConnection } from '../http/access.ts';
import { notBuilt } from '../http/errors.ts';
import type { ConnectionView } from '../../connections/views.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { accountMeta, accountMetaOf } from './connectors-meta.ts';
import { unifiedErrors } from './schemas.ts';

const tags = ['Accounts and connectors'];
const STATUSES = ['active', 'inactive', 'error'] as const;
/** Given once or several times, as StackOne's SDK writes lists. */
const REPEATABLE = ['account_ids', 'origin_owner_ids', 'providers', 'status'];

const moment = z.string().meta({ description: 'ISO 8601, UTC.' });
const linkedAccount = z
  .object({
    id: z.string().meta({ description: 'Id of the connection: what `x-account-id` names.' }),
    provider: z.string(),
    provider_name: z.string(),
    origin_owner_id: z
      .string()
      .meta({ description: 'The company in the app; the connection where the app told none.' }),
    origin_owner_name: z.string(),
    origin_username: z.null(),
    label: z.string(),
    type: z.literal('production'),
    status: z.enum(STATUSES).meta({ description: 'inactive: paused; error: the last sync failed.' }),
    status_reasons: z.array(z.object({ code: z.string(), description: z.string(), timestamp: moment })),
    setup_information: z.null(),
    credentials: z.null().meta({ description: 'Never shown.' }),
    created_at: moment,
    updated_at: moment,
  })
  .meta({
    id: 'LinkedAccount',
    description: "A connection in StackOne's shape.",
    examples: [
      {
        id: 'lastpass',
        provider: 'lastpass',
        provider_name: 'LastPass Business',
        origin_owner_id: '12345678',
        origin_owner_name: 'LastPass company 12345678',
        origin_username: null,
        label: 'lastpass',
        type: 'production',
        status: 'active',
        status_reasons: [],
        setup_information: null,
        credentials: null,
        created_at: '2026-02-27T08:00:00.000Z',
        updated_at: '2026-03-02T10:15:02.000Z',
      },
    ],
  });
type LinkedAccount = z.output<typeof linkedAccount>;

const ids = z.array(z.string().min(1).max(200)).max(100).optional();
const accountsQuery = z.strictObject({
  page: wholeNumber(1, 1_000_000).default(1).meta({ description: 'From 1 on; the answer has no room for a cursor.' }),
  page_size: wholeNumber(1, 100).default(25),
  account_ids: ids,
  origin_owner_ids: ids,
  providers: ids,
  status: z
    .array(z.enum([...STATUSES, 'suspended', 'archived', 'expired']))
    .max(10)
    .optional(),
  origin_owner_id: z.string().max(200).optional().meta({ deprecated: true }),
  provider: z.string().max(200).optional().meta({ deprecated: true }),
});
const idPath = z.strictObject({ id: z.string().min(1).max(200) });

/** `/accounts`: the connections as StackOne's linked accounts, reading alone; a bare array, as its SDK wants it. */
export function linkedAccountRoutes(app: App, services: Services): void {
  app.get('/accounts', {
    config: { ...allow('snapshot:read', 'filtered'), repeatable: REPEATABLE },
    schema: {
      tags,
      summary: 'List linked accounts (connections)',
      operationId: 'stackone_list_linked_accounts',
      querystring: accountsQuery,
      response: { 200: z.array(linkedAccount), ...unifiedErrors },
    },
    handler: async (request) => {
      const { page, page_size: size, ...filters } = request.query;
      const all = await linkedAccounts(services, callerOf(request));
      const fitting = all.filter((account) => fits(account, filters));
      return fitting.slice((page - 1) * size, page * size);
    },
  });

  app.get('/accounts/:id', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'Show a linked account',
      operationId: 'stackone_get_account',
      params: idPath,
      querystring: z.strictObject({}),
      response: { 200: linkedAccount, ...unifiedErrors },
    },
    handler: async (request) => {
      const { id } = request.params;
      const found = (await linkedAccounts(services, callerOf(request))).find((account) => account.id === id);
      if (found === undefined) throw noSuchConnection(id);
      return found;
    },
  });

  app.get('/accounts/:id/meta', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'What a linked account serves',
      operationId: 'stackone_get_account_meta_info',
      params: idPath,
      querystring: z.strictObject({}),
      response: { 200: accountMeta, ...unifiedErrors },
    },
    handler: async (request) => {
      const { id } = request.params;
      const connection = (await visible(services, callerOf(request))).find((each) => each.id === id);
      if (connection === undefined) throw noSuchConnection(id);
      const connector = services.catalogue.connectors.find((each) => each.id === connection.connector);
      if (connector === undefined) {
        throw new UsherError('conflict', `This Usher lacks the connector ${connection.connector}.`, { connection: id });
      }
      return accountMetaOf(connector);
    },
  });

  refuseWrites(app);
}

/**
 * Connecting and editing is `/v1/connections`: known here and refused, so that a client's typed error says so. Described
 * are the two that StackOne has.
 */
function refuseWrites(app: App): void {
  const described = [
    { method: 'PATCH', operationId: 'stackone_update_account', what: 'Updating linked accounts' },
    { method: 'DELETE', operationId: 'stackone_delete_account', what: 'Deleting linked accounts' },
  ] as const;
  const config = allow('connection:manage', 'instance');
  for (const { method, operationId, what } of described) {
    app.route({
      method,
      url: '/accounts/:id',
      config,
      schema: {
        tags,
        summary: `${what} (not built: use /v1/connections)`,
        operationId,
        params: idPath,
        response: unifiedErrors,
      },
      handler: async () => refuse(what),
    });
  }
  const schema = { hide: true };
  const handler = async () => refuse('Writing linked accounts');
  app.route({ method: ['POST', 'PUT', 'PATCH', 'DELETE'], url: '/accounts', config, schema, handler });
  app.route({ method: ['POST', 'PUT'], url: '/accounts/:id', config, schema, handler });
}

function refuse(what: string): never {
  throw notBuilt(`${what} by this path`, 'Use /v1/connections, or `usher connect` and `usher connections`.');
}

async function linkedAccounts(services: Services, caller: Caller): Promise<LinkedAccount[]> {
  const connections = await visible(services, caller);
  const fresh = await services.reads.freshness(connections.map(({ id }) => id));
  const titles = new Map(services.catalogue.connectors.map(({ id, title }) => [id, title]));
  return connections.map((connection) => {
    return linkedAccountOf(connection, fresh.get(connection.id), titles.get(connection.connector));
  });
}

async function visible({ connections }: Services, caller: Caller): Promise<readonly ConnectionView[]> {
  const all = (await connections.list()).filter(({ id }) => maySee(caller, id));
  return all.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function linkedAccountOf(
  connection: ConnectionView,
  fresh: Freshness | undefined,
  connectorTitle = connection.connector,
): LinkedAccount {
  const { id, connector, tenant, state, createdAt, updatedAt } = connection;
  const reasons = reasonsOf(connection, fresh);
  return {
    id,
    provider: connector,
    provider_name: connectorTitle,
    origin_owner_id: tenant?.id ?? id,
    origin_owner_name: tenant?.name ?? connection.title,
    origin_username: null,
    label: id,
    type: 'production',
    status: state === 'paused' ? 'inactive' : reasons.length > 0 ? 'error' : 'active',
    status_reasons: reasons,
    setup_information: null,
    credentials: null,
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

function reasonsOf(
  { id, state, pausedReason, updatedAt }: ConnectionView,
  fresh: Freshness | undefined,
): LinkedAccount['status_reasons'] {
  const { lastSync = null } = fresh ?? {};
  const paused = {
    code: 'paused',
    description: pausedReason ?? 'Paused by an administrator.',
    timestamp: updatedAt,
  };
  const failed = {
    code: 'syncFailed',
    description: `The last sync failed: GET /v1/connections/${id}/syncs, or \`usher sync status ${id}\`, says why.`,
    timestamp: lastSync?.finishedAt ?? updatedAt,
  };
  return [...(state === 'paused' ? [paused] : []), ...(lastSync?.state === 'failed' ? [failed] : [])];
}

type Filters = Omit<z.output<typeof accountsQuery>, 'page' | 'page_size'>;

function fits(account: LinkedAccount, filters: Filters): boolean {
  const owners = [...(filters.origin_owner_ids ?? []), ...(filters.origin_owner_id ? [filters.origin_owner_id] : [])];
  const providers = [...(filters.providers ?? []), ...(filters.provider ? [filters.provider] : [])];
  const oneOf = (wanted: readonly string[] | undefined, value: string) =>
    wanted === undefined || wanted.length === 0 || wanted.includes(value);
  return (
    oneOf(filters.account_ids, account.id) &&
    oneOf(owners, account.origin_owner_id) &&
    oneOf(providers, account.provider) &&
    oneOf(filters.status, account.status)
  );
}
