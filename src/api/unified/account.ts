import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TenantDescription } from '../../connector-kit/connector.ts';
import type { UnifiedShape } from '../../connector-kit/unified/index.ts';
import { UsherError, invalidInput } from '../../model/errors.ts';
import { accountIdOf, assertPermission, callerOf, noSuchAccount } from '../http/access.ts';
import { signalOf } from '../http/signal.ts';
import type { ConnectionView } from '../../connections/views.ts';
import type { Services } from '../services.ts';

/** The connection a unified request is about, with all its answers depend on. */
export interface Account {
  readonly id: string;
  readonly connector: string;
  readonly shape: UnifiedShape;
  readonly tenant: TenantDescription;
  /** The first organization of the connection: what users and groups belong to. */
  readonly organizationId: string | null;
  /** null before the first complete pull. */
  readonly baselinedAt: string | null;
}

/**
 * The connection that `x-account-id` names. `invalidInput` (400, as the contract has it) where it is missing or names
 * none; nothing is said of whether others exist.
 */
export async function accountOf(services: Services, request: FastifyRequest): Promise<Account> {
  const connection = await connectionNamed(services, accountIdOf(request));
  const connector = services.catalogue.connectors.find((each) => each.id === connection.connector);
  if (connector === undefined) {
    throw new UsherError(
      'conflict',
      `Connection ${connection.id} is of connector ${connection.connector}, which this Usher lacks.`,
      {
        connection: connection.id,
      },
    );
  }
  const tenant = await tenantOf(services, connection);
  const organizationId = tenant.organizations[0]?.id ?? null;
  const { id, baselinedAt } = connection;
  return { id, connector: connector.id, shape: connector.unified, tenant, organizationId, baselinedAt };
}

interface Described {
  /** The state of the connection that was described. */
  readonly of: string;
  readonly tenant: TenantDescription;
}

const described = new WeakMap<object, Map<string, Described>>();

/** The tenant of a connection. Describing opens its secrets, so it is done once for each state of the connection. */
async function tenantOf({ connections }: Services, connection: ConnectionView): Promise<TenantDescription> {
  const { id, connector, settings, createdAt, updatedAt } = connection;
  const of = JSON.stringify([connector, settings, createdAt, updatedAt]);
  const known = described.get(connections) ?? new Map<string, Described>();
  described.set(connections, known);
  const found = known.get(id);
  if (found?.of === of) return found.tenant;
  const tenant = await connections.describe(id);
  known.set(id, { of, tenant });
  return tenant;
}

async function connectionNamed(services: Services, id: string): Promise<ConnectionView> {
  try {
    return await services.connections.get(id);
  } catch (error) {
    if (error instanceof UsherError && error.kind === 'notFound') throw noSuchAccount();
    throw error;
  }
}

/**
 * Says how old the snapshot is (`usher-snapshot-at`) before it is read, so that the header never claims to be newer than
 * the rows. `notSynced` before the first complete pull.
 */
export async function useSnapshot(services: Services, account: Account, reply: FastifyReply): Promise<string> {
  const { baselinedAt } = account;
  if (baselinedAt === null) throw notSynced(account.id);
  const at = (await services.reads.snapshotAt(account.id)) ?? baselinedAt;
  reply.header('usher-snapshot-at', at);
  return at;
}

function notSynced(connection: string): UsherError {
  return new UsherError('notSynced', `Connection ${connection} has not been pulled completely yet.`, {
    connection,
    next: `Start a sync (\`usher sync ${connection}\`) and ask again when it has succeeded, or ask with fresh=true.`,
  });
}

/** Refuses what the snapshot cannot honour, saying why. */
export function refuseUnservable(query: { readonly proxy?: unknown; readonly page?: unknown }): void {
  if (query.proxy !== undefined) {
    throw invalidInput(
      'proxy',
      'proxy[…] is not passed on: Usher reads from its snapshot and makes no request that proxy parameters could join.',
      'Leave it out; POST /actions/rpc calls the app with the parameters of an action.',
    );
  }
  if (query.page !== undefined) {
    throw invalidInput(
      'page',
      'page is not supported: page numbers skip and repeat rows while they change.',
      'Follow next.',
    );
  }
}

/** Runs a unified action of the connection's connector live, for `fresh=true`. Needs `live:read` beside the route's rule. */
export async function callLive(
  services: Services,
  account: Account,
  request: FastifyRequest,
  reply: FastifyReply,
  operation: string,
  input: Readonly<Record<string, unknown>>,
): Promise<{ readonly data: unknown; readonly next: string | null }> {
  assertPermission(callerOf(request), 'live:read');
  if (input['raw'] === true) {
    throw invalidInput(
      'raw',
      'raw shows what the snapshot keeps; a fresh read keeps nothing.',
      'Ask without fresh or raw.',
    );
  }
  const action = `${account.connector.replaceAll('-', '_')}_unified_${operation}`;
  const given = Object.fromEntries(
    Object.entries(input).filter(([name, value]) => name !== 'raw' && value !== undefined),
  );
  const options = { dryRun: false, signal: signalOf(reply) };
  const outcome = await services.connections.callAction(account.id, action, given, options);
  if (outcome.kind !== 'result') throw new Error(`${action} was called but only previewed.`);
  return { data: outcome.result.data, next: outcome.result.next ?? null };
}
