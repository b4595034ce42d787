import type { JsonValue } from '../../model/records.ts';
import type { ChangeItem, ChangeParams } from '../changes.ts';
import type { Clock, Connector, ConnectorConfig, OpenConnector } from '../connector.ts';
import { type Drift, memoryDrift } from '../drift.ts';
import type { HttpAuth } from '../http/auth.ts';
import { createDryRunClient, type DryRunClient } from '../http/dry-run.ts';
import { parseEgressAllow } from '../http/egress.ts';
import { type CallTrace, createHttpClient, type HttpClientOptions } from '../http/client.ts';
import { defaultRetry } from '../http/retry.ts';
import { createTransport } from '../http/transport.ts';
import { createLimiter, localLeases } from '../limiter.ts';

export interface OpenOptions {
  readonly connector: Connector;
  readonly settings: JsonValue;
  readonly secrets: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** Attempts at most of a call that is safe to repeat (default 1: a test sees each fault). */
  readonly attempts?: number;
  /** No call takes longer, whatever the connector says. */
  readonly maxTimeoutMs?: number;
  /** How another connector was let in, to be let in by the same token. */
  readonly auth?: HttpAuth | null;
  /** Told of each wait that is skipped, to let as much time pass for the app. */
  readonly onWait?: (ms: number) => void;
}

/** A connector opened on an app without store and engine: for tests and measurements. */
export interface OpenedConnector extends OpenConnector, AsyncDisposable {
  readonly config: ConnectorConfig;
  /** How its calls are authorised; null: by what they hold themselves. */
  readonly auth: HttpAuth | null;
  readonly traces: readonly CallTrace[];
  readonly drifts: readonly Drift[];
  /** What an action would send first, without sending anything. */
  dryRun(action: string, input: unknown): Promise<DryRunClient['preview']>;
  /** What a change would send first for these items, without sending anything: the preview of a plan. */
  dryRunChange(change: string, items: readonly ChangeItem<ChangeParams>[]): Promise<DryRunClient['preview']>;
}

/** Opens a connector on an app on this machine. Waits between attempts are skipped; dispose of it to close its sockets. */
export function openConnector(options: OpenOptions): OpenedConnector {
  const config = options.connector.parse(options.settings, options.secrets);
  const clock = options.clock ?? { now: () => new Date() };
  const secrets = Object.values(config.secrets);
  const traces: CallTrace[] = [];
  const drift = memoryDrift();
  const stop = new AbortController();
  const transport = createTransport({
    baseUrl: config.baseUrl,
    tls: config.tls,
    egress: parseEgressAllow('127.0.0.1:*,localhost:*,[::1]:*'),
  });
  const time = skippedTime(options.onWait);
  const plain: HttpClientOptions = {
    transport, clock, secrets,
    signal: stop.signal,
    maxTimeoutMs: options.maxTimeoutMs,
    limiter: createLimiter({ rates: config.rates, ...localLeases(time.nowMs), ...time }),
    retry: { ...defaultRetry, attempts: options.attempts ?? 1 },
    sleep: time.sleep,
    onCall: (trace) => void traces.push(trace),
  }; // prettier-ignore
  const auth = options.auth ?? config.auth({ http: createHttpClient(plain), clock });
  const http = createHttpClient({ ...plain, ...(auth === null ? {} : { auth }) });
  const dry = (): DryRunClient => createDryRunClient({ baseUrl: config.baseUrl, secrets, auth });
  const environment = { connectionId: options.connector.id, clock, drift, signal: stop.signal };
  return {
    ...config.open({ ...environment, http }),
    config,
    auth,
    traces,
    drifts: drift.drifts,
    async dryRun(action, input) {
      const client = dry();
      await config
        .open({ ...environment, http: client })
        .call(action, input)
        .catch(() => undefined);
      return client.preview;
    },
    async dryRunChange(change, items) {
      const client = dry();
      await config.open({ ...environment, http: client }).writes?.call(change, items, () => undefined);
      return client.preview;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await transport.close();
    },
  };
}

/** A time in which a wait is over at once: budgets are kept as they would be, and nobody waits for them. */
function skippedTime(onWait?: (ms: number) => void): {
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
} {
  let skippedMs = 0;
  return {
    nowMs: () => performance.now() + skippedMs,
    sleep: (ms) => {
      skippedMs += ms;
      onWait?.(ms);
      return Promise.resolve();
    },
  };
}
