import type { Clock, ConnectorConfig, ConnectorEnvironment } from '../connector-kit/connector.ts';
import { createHttpClient, type CallTrace } from '../connector-kit/http/client.ts';
import { createDryRunClient, type DryRunClient } from '../connector-kit/http/dry-run.ts';
import type { EgressRule } from '../connector-kit/http/egress.ts';
import { createTransport, type ProxySettings } from '../connector-kit/http/transport.ts';
import { createLimiter, type Limiter, localLeases } from '../connector-kit/limiter.ts';
import { addDrift } from '../store/drift.ts';
import type { Log } from '../store/log.ts';
import type { Database } from '../store/open.ts';
import { holdRate, leaseRate } from '../store/rates.ts';
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
 * Makes the environment of a connection. `isStored` false is for one that is only being tried: it then keeps to its rate
 * by itself and leaves nothing in the database.
 */
export function openEnvironment(
  world: World,
  input: {
    readonly connectionId: string;
    readonly config: ConnectorConfig;
    readonly signal: AbortSignal;
    readonly isStored: boolean;
    /** Throws where nothing may be asked of the app any more; called right before each request goes out. */
    readonly assertMayCall?: () => void;
  },
): OpenEnvironment {
  const { connectionId, config, signal, isStored, assertMayCall } = input;
  const transport = createTransport({ baseUrl: config.baseUrl, egress: world.egress, proxy: world.proxy });
  const drift = bufferDrift();
  const http = createHttpClient({
    transport,
    signal,
    clock: world.clock,
    secrets: Object.values(config.secrets),
    limiter: fenced(
      assertMayCall,
      timed(
        world,
        connectionId,
        isStored
          ? sharedLimiter(world, connectionId, config.rates)
          : createLimiter({ rates: config.rates, leaseBlock: localLeases(config.rates) }),
      ),
    ),
    onCall: (trace) => world.onCall?.(connectionId, trace),
  });
  return {
    environment: { connectionId, http, clock: world.clock, drift, signal },
    async close() {
      try {
        if (isStored) await addDrift(world.database.pool, connectionId, drift.take(), world.clock.now());
      } catch (error) {
        world.log.warn({ connection: connectionId, error: String(error) }, 'API drift could not be kept');
      }
      await transport.close().catch(() => undefined);
    },
  };
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
  const client = createDryRunClient({
    baseUrl: config.baseUrl,
    secrets: [...Object.values(config.secrets), ...(input.secrets ?? [])],
  });
  return { client, environment: { connectionId, http: client, clock: world.clock, drift: bufferDrift(), signal } };
}

/** The same limiter, asking once more when a call's turn has come: it may have waited long. */
function fenced(assertMayCall: (() => void) | undefined, limiter: Limiter): Limiter {
  if (assertMayCall === undefined) return limiter;
  return {
    async acquire(functionality, signal) {
      await limiter.acquire(functionality, signal);
      assertMayCall();
    },
    hold: (functionality, ms) => limiter.hold(functionality, ms),
  };
}

/** The same limiter, telling how long each call waited. */
function timed({ onWait }: World, connectionId: string, limiter: Limiter): Limiter {
  if (onWait === undefined) return limiter;
  return {
    async acquire(functionality, signal) {
      const askedMs = performance.now();
      await limiter.acquire(functionality, signal);
      onWait(connectionId, functionality, performance.now() - askedMs);
    },
    hold: (functionality, ms) => limiter.hold(functionality, ms),
  };
}

/** Keeps to the rate together with all processes on this database; what the app asks for holds all of them back. */
function sharedLimiter(world: World, connectionId: string, rates: ConnectorConfig['rates']): Limiter {
  const { pool } = world.database;
  const limiter = createLimiter({
    rates,
    leaseBlock: (functionality, slots) =>
      leaseRate(pool, connectionId, functionality, slots, rates[functionality] ?? rates.default),
  });
  return {
    acquire: (functionality, signal) => limiter.acquire(functionality, signal),
    hold(functionality, ms) {
      limiter.hold(functionality, ms);
      if (ms <= 0) return;
      const budget = Object.hasOwn(rates, functionality) ? functionality : 'default';
      holdRate(pool, connectionId, budget, ms).catch((error: unknown) => {
        world.log.warn({ connection: connectionId, error: String(error) }, 'the shared rate budget could not be held');
      });
    },
  };
}
