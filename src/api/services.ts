import type {
  ActionResult, Clock, Connector, ProbeResult, TenantDescription,
} from '../connector-kit/connector.ts'; // prettier-ignore
import type { ConfigField } from '../connector-kit/config-fields.ts';
import type { Feed } from '../events/feed.ts';
import type { Lifecycle } from '../lifecycle/surface.ts';
import type { Caller, PrincipalKind, Role } from '../model/access.ts';
import type { JsonValue } from '../model/records.ts';
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
  readonly catalogue: CatalogueService;
  readonly health: HealthService;
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

export interface AccessService {
  /** Who holds the token. Throws `auth` with code `invalidToken` (or finer: expired, revoked, disabled). */
  authenticate(token: string): Promise<Caller>;
  listPrincipals(): Promise<readonly PrincipalView[]>;
  createPrincipal(input: {
    readonly name: string;
    readonly email: string | null;
    readonly kind: PrincipalKind;
    readonly role: Role;
  }): Promise<PrincipalView>;
  updatePrincipal(
    id: string,
    change: { readonly name?: string; readonly role?: Role; readonly disabled?: boolean },
  ): Promise<PrincipalView>;
  /** null: the tokens of all principals. */
  listTokens(principalId: string | null): Promise<readonly TokenView[]>;
  /** `secret` is the token itself, shown this once. */
  createToken(
    input: {
      readonly principalId: string;
      readonly name: string;
      readonly role: Role | null;
      readonly connections: readonly string[] | null;
      readonly expiresInDays: number | null;
    },
    by: Caller,
  ): Promise<{ readonly token: TokenView; readonly secret: string }>;
  /** Throws `notFound` where there is none. */
  getToken(id: string): Promise<TokenView>;
  revokeToken(id: string): Promise<void>;
}

export interface PrincipalView {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly kind: PrincipalKind;
  readonly role: Role;
  readonly disabledAt: string | null;
  readonly createdAt: string;
}

export interface TokenView {
  readonly id: string;
  readonly principalId: string;
  readonly name: string;
  /** The first characters, to tell tokens apart (`ush_3f9a`). */
  readonly hint: string;
  readonly role: Role;
  readonly connections: readonly string[] | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

export interface ConnectionService {
  list(): Promise<readonly ConnectionView[]>;
  /** Throws `notFound`. */
  get(id: string): Promise<ConnectionView>;
  connect(
    input: {
      readonly id: string | null;
      readonly connector: string;
      readonly settings: unknown;
      readonly secrets: unknown;
      readonly scheduleSeconds?: number | null;
    },
    options: { readonly dryRun: boolean },
  ): Promise<{ readonly connection: ConnectionView; readonly probe: ProbeResult }>;
  edit(id: string, change: ConnectionChange): Promise<ConnectionView>;
  test(id: string): Promise<ProbeResult>;
  removal(id: string): Promise<RemovalView>;
  remove(id: string): Promise<void>;
  drift(id: string): Promise<readonly DriftView[]>;
  /** Tenant and credentials as the unified API shows them, from the stored settings; the app is not asked. */
  describe(id: string): Promise<TenantDescription>;
  /** Runs a reading action live. With `dryRun` the app is not called: the exact masked request comes back instead. */
  callAction(
    id: string,
    action: string,
    input: unknown,
    options: { readonly dryRun: boolean; readonly signal: AbortSignal },
  ): Promise<ActionOutcome>;
}

export interface ConnectionChange {
  readonly settings?: unknown;
  readonly secrets?: unknown;
  readonly scheduleSeconds?: number | null;
  readonly state?: 'active' | 'paused';
}

export type ActionOutcome =
  | { readonly kind: 'result'; readonly result: ActionResult<JsonValue> }
  | { readonly kind: 'preview'; readonly preview: RequestPreview };

/** The exact vendor call that would be made, secrets masked. */
export interface RequestPreview {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface ConnectionView {
  readonly id: string;
  readonly connector: string;
  readonly title: string;
  /** Without secrets. */
  readonly settings: JsonValue;
  readonly state: 'active' | 'paused';
  readonly pausedReason: string | null;
  readonly capabilities: readonly string[];
  readonly tenant: { readonly id: string; readonly name: string } | null;
  readonly scheduleSeconds: number | null;
  readonly nextSyncAt: string | null;
  readonly baselinedAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What removing a connection takes away, in rows. */
export interface RemovalView {
  readonly accounts: number;
  readonly groups: number;
  readonly roles: number;
  readonly resources: number;
  readonly grants: number;
  readonly history: number;
  readonly events: number;
  readonly secrets: number;
  readonly syncRuns: number;
  readonly hasSchedule: boolean;
}

export interface DriftView {
  readonly operation: string;
  readonly path: string;
  readonly problem: string;
  readonly sample: string;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly occurrences: number;
}

export interface CatalogueService {
  readonly connectors: readonly Connector[];
  /** The fields of a connector's connect form. */
  fields(connector: Connector): readonly ConfigField[];
}

export interface HealthService {
  /** What is not ready yet, in words; empty when all is. */
  notReady(): Promise<readonly string[]>;
}
