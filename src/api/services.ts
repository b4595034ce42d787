import type { Access } from '../access/access.ts';
import type { AuditLog } from '../audit/index.ts';
import type { Connections } from '../connections/connections.ts';
import type { Clock, Connector } from '../connector-kit/connector.ts';
import type { ConfigField } from '../connector-kit/config-fields.ts';
import type { Feed } from '../events/feed.ts';
import type { Lifecycle } from '../lifecycle/surface.ts';
import type { Reads } from '../store/read/index.ts';
import type { SyncSurface } from '../sync/surface.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { RequestLimits } from './http/limits.ts';
import type { SocketLimits } from './http/sockets.ts';

/**
 * What the HTTP API needs of the house. `main.ts` hands in the real rooms; a test may hand in others. Everything throws
 * UsherErrors; nothing here ever returns a secret but the two that say so. Times are ISO 8601, UTC.
 */
export interface Services {
  readonly access: AccessService;
  readonly connections: ConnectionService;
  readonly syncs: SyncSurface;
  readonly reads: Reads;
  readonly events: Feed;
  readonly changes: Lifecycle;
  readonly audit: AuditLog;
  readonly catalogue: CatalogueService;
  readonly health: HealthService;
  readonly instance: InstanceService;
  readonly metrics: Pick<Metrics, 'httpAnswered' | 'text' | 'contentType'>;
  readonly clock: Clock;
  readonly log: ApiLog;
  readonly settings: ApiSettings;
}

export interface ApiSettings extends ApiLimits {
  readonly version: string;
  /** Host names (without port) that requests may name beside the loopback ones; from the address and USHER_ALLOWED_HOSTS. */
  readonly allowedHosts: readonly string[];
  /** Bytes; default 1 MiB. */
  readonly bodyLimitBytes?: number;
  /** Whether `/metrics` answers without a token; default: no. */
  readonly isMetricsOpen?: boolean;
}

/** What bounds callers; all of it comes from the environment of the operator. */
export interface ApiLimits {
  /** How often a token may call and an address may fail; absent: without limit. */
  readonly requestLimits?: RequestLimits;
  /** What differs from the usual timeouts and numbers of sockets. */
  readonly socketLimits?: Partial<SocketLimits>;
  /** Addresses or networks of reverse proxies whose X-Forwarded-For is believed; default: none. */
  readonly trustedProxies?: readonly string[];
}

export interface ApiLog {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** What of the access room the API speaks. */
export type AccessService = Pick<
  Access,
  | 'authenticate'
  | 'listPrincipals'
  | 'createPrincipal'
  | 'updatePrincipal'
  | 'listTokens'
  | 'createToken'
  | 'getToken'
  | 'revokeToken'
>;

/** What of the connections room the API speaks. */
export type ConnectionService = Pick<
  Connections,
  'list' | 'get' | 'connect' | 'edit' | 'test' | 'removal' | 'remove' | 'drift' | 'describe' | 'callAction'
>;

export interface CatalogueService {
  readonly connectors: readonly Connector[];
  /** The fields of a connector's connect form. */
  fields(connector: Connector): readonly ConfigField[];
}

export interface InstanceService {
  /** Since when it stands still after a restore (ISO 8601, UTC); null: it does not. */
  frozenSince(): Promise<string | null>;
  /** Ends that, and goes on with what was under way; answers since when it stood still, null where it did not. */
  thaw(): Promise<string | null>;
}

export interface HealthService {
  /** What is not ready yet, in words; empty when all is. */
  notReady(): Promise<readonly string[]>;
  /** How many processes carry work out; null: the database does not say. */
  workers(): Promise<number | null>;
}
