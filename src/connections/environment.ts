import type { Clock, ConnectorConfig, ConnectorEnvironment } from '../connector-kit/connector.ts';
import { createHttpClient, type CallTrace, type HttpClient } from '../connector-kit/http/client.ts';
import { createDryRunClient, type DryRunClient } from '../connector-kit/http/dry-run.ts';
import type { EgressRule } from '../connector-kit/http/egress.ts';
import { createTransport, type ProxySettings, type Transport } from '../connector-kit/http/transport.ts';
import {
  createLimiter,
  leaseAt,
  type Leases,
  type Limiter,
  localLeases,
  type Rates,
} from '../connector-kit/limiter.ts';
import { UsherError } from '../model/errors.ts';
import { addDrift } from '../store/drift.ts';
import type { Log } from '../store/log.ts';
import type { Database } from '../store/open.ts';
import { leaseRate, pushRateBack } from '../store/rates.ts';
import type { Auths, LentAuth, OwnedAuth } from './auths.ts';
import { bufferDrift } from './drift-recorder.ts';

/** What every environment of this process shares. */
export interface World {
  readonly database: Pick<Database, 'pool'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Which loopback and link-local targets the operator allows. */
  readonly egress: EgressRule;
  /** From the environment; null: none. */
  readonly proxy: ProxySettings | null;
  /** Called after each attempt of each call; secrets are masked already. */
  readonly onCall?: (connectionId: string, trace: CallTrace) => void;
  /** Called when a call has had to wait for its turn in the connection's rate, however short. */
  readonly onWait?: (connectionId: string, functionality: string, ms: number) => void;
}

/** What a connector runs in, and how to end it. */
export interface OpenEnvironment {
  readonly environment: ConnectorEnvironment;
  /** Writes what was collected and closes the sockets. Never throws: what it ends has its own result. */
  readonly close: () => Promise<void>;
}

/**
 * Makes the environment of a connection. `auths` null is for one that is only being tried: it then keeps to its rate by
 * itself, asks for a token of its own and leaves nothing in the database.
 */
export function openEnvironment(
  world: World,
  input: {
    readonly connectionId: string;
    readonly config: ConnectorConfig;
    readonly signal: AbortSignal;
    readonly auths: Auths | null;
    /** Throws where nothing may be asked of the app any more; called right before each request goes out. */
    readonly assertMayCall?: () => void;
    /** The app shows another certificate than the pinned one: somebody may be listening in, so nothing is tried again. */
    readonly onCertificateChanged?: (error: UsherError) => Promise<void>;
  },
): OpenEnvironment {
  const { connectionId, config, signal, auths, assertMayCall, onCertificateChanged } = input;
  const isStored = auths !== null;
  const limiter = limiterOf(world, connectionId, config.rates, isStored);
  const transport = transportOf(world, config);
  const drift = bufferDrift();
  const shared = {
    clock: world.clock,
    secrets: Object.values(config.secrets),
    onCall: (trace: CallTrace) => world.onCall?.(connectionId, trace),
  };
  const lent: LentAuth = isStored
    ? auths.lend(connectionId, config, () => ownAuth(world, connectionId, config))
    : {
        auth: config.auth({ clock: world.clock, http: createHttpClient({ ...shared, transport, signal, limiter }) }),
        giveBack: () => Promise.resolve(),
      };
  const http = createHttpClient({
    ...shared,
    transport,
    signal,
    limiter,
    ...(assertMayCall === undefined ? {} : { assertMayCall }),
    ...(lent.auth === null ? {} : { auth: lent.auth }),
  });
  return {
    environment: { connectionId, http: watched(http, onCertificateChanged), clock: world.clock, drift, signal },
    async close() {
      try {
        if (isStored) await addDrift(world.database.pool, connectionId, drift.take(), world.clock.now());
      } catch (error) {
        world.log.warn({ connection: connectionId, error: String(error) }, 'API drift could not be kept');
      }
      await transport.close().catch(() => undefined);
      await lent.giveBack().catch(() => undefined);
    },
  };
}

/** An authorisation that outlives the pulls and calls it serves: it asks for tokens through sockets of its own. */
function ownAuth(world: World, connectionId: string, config: ConnectorConfig): OwnedAuth {
  const stop = new AbortController();
  const transport = transportOf(world, config);
  const http = createHttpClient({
    transport,
    signal: stop.signal,
    clock: world.clock,
    secrets: Object.values(config.secrets),
    limiter: limiterOf(world, connectionId, config.rates, true),
    onCall: (trace) => world.onCall?.(connectionId, trace),
  });
  return {
    auth: config.auth({ http, clock: world.clock }),
    async close() {
      stop.abort();
      await transport.close();
    },
  };
}

function transportOf(world: World, { baseUrl, tls }: ConnectorConfig): Transport {
  return createTransport({ baseUrl, tls, egress: world.egress, proxy: world.proxy });
}

function limiterOf(world: World, connectionId: string, rates: Rates, isStored: boolean): Limiter {
  const leases = isStored ? sharedLeases(world, connectionId) : localLeases();
  return timed(world, connectionId, createLimiter({ rates, ...leases }));
}

/** An environment in which nothing is sent; `client.preview` is the first request that would have been. */
export function dryEnvironment(
  world: Pick<World, 'clock'>,
  input: {
    readonly connectionId: string;
    readonly config: ConnectorConfig;
    readonly signal: AbortSignal;
    /** Masked beside those of the connection. */
    readonly secrets?: readonly string[];
  },
): { readonly environment: ConnectorEnvironment; readonly client: DryRunClient } {
  const { connectionId, config, signal } = input;
  const about = { baseUrl: config.baseUrl, secrets: [...Object.values(config.secrets), ...(input.secrets ?? [])] };
  const auth = config.auth({ http: createDryRunClient(about), clock: world.clock });
  const client = createDryRunClient({ ...about, auth });
  return { client, environment: { connectionId, http: client, clock: world.clock, drift: bufferDrift(), signal } };
}

/** The same client, telling of a certificate that is not the pinned one before the error goes on. */
function watched(http: HttpClient, onCertificateChanged?: (error: UsherError) => Promise<void>): HttpClient {
  if (onCertificateChanged === undefined) return http;
  const watch = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof UsherError && error.details.code === 'certificateChanged') await onCertificateChanged(error);
      throw error;
    }
  };
  return {
    baseUrl: http.baseUrl,
    request: (request) => watch(http.request(request)),
    stream: (request) => watch(http.stream(request)),
  };
}

/** The same limiter, telling how long each call waited. */
function timed({ onWait }: World, connectionId: string, limiter: Limiter): Limiter {
  if (onWait === undefined) return limiter;
  return {
    ...limiter,
    async acquire(functionality, signal) {
      const askedMs = performance.now();
      await limiter.acquire(functionality, signal);
      onWait(connectionId, functionality, performance.now() - askedMs);
    },
  };
}

/** Keeps to the rate together with all processes on this database; what the app asks for holds all of them back. */
function sharedLeases(world: World, connectionId: string): Leases {
  const { pool } = world.database;
  return {
    leaseBlock: async (budget, slots) => leaseAt(budget, slots, await leaseRate(pool, connectionId, budget, slots)),
    pushBack(budget, aheadMs) {
      pushRateBack(pool, connectionId, budget, aheadMs).catch((error: unknown) => {
        world.log.warn({ connection: connectionId, error: String(error) }, 'the shared rate budget could not be held');
      });
    },
  };
}
