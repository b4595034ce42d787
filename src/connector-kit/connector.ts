import type { z } from 'zod';
import type { AppEvent } from '../model/events.ts';
import type { AnyRecord, DeferredAccount, GrantRecord, JsonValue, RecordKind, RoleRecord } from '../model/records.ts';
import type { OpenWrites, WriteDefinition, Writes } from './changes.ts';
import type { DriftRecorder } from './drift.ts';
import type { HttpAuth } from './http/auth.ts';
import type { HttpClient } from './http/client.ts';
import type { TlsSettings } from './http/transport.ts';
import type { Rates } from './limiter.ts';

/** Where time comes from; injected so that tests and the demo can set it. */
export interface Clock {
  now(): Date;
}

/** What a connector runs in. One is made for each pull, probe or call; `settings` holds the secrets too, so never log it. */
export interface ConnectorContext<Settings> {
  readonly connectionId: string;
  readonly settings: Settings;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly drift: DriftRecorder;
  /** Aborted on shutdown or cancel; pass it on to whatever waits. */
  readonly signal: AbortSignal;
}

/** What a probe found: good credentials, for whom, able to do what. A bad probe throws an UsherError instead. */
export interface ProbeResult {
  /** Who the app says we are speaking for (`12345678`, `Northwind Trading`). */
  readonly tenant: { readonly id: string; readonly name: string };
  /** What this connection can do, probed, not assumed; sorted. A capability that shrinks pauses the connection. */
  readonly capabilities: readonly string[];
  /** Sentences for the person who connects (`This login sees 3 of the sites only`). */
  readonly notes: readonly string[];
}

/** What one vendor call returned, mapped. */
export interface CollectionPage {
  readonly records: readonly AnyRecord[];
  /** Accounts that belong to the page besides, for connectors of large companies; `OpenConnector.pull` tells who gets them. */
  readonly deferred?: readonly DeferredAccount[];
  /** When the vendor was asked: taken just before the request, so that a later write wins. ISO 8601, UTC. */
  readonly observedAt: string;
  /** Resumes after this page; null where this collection cannot resume inside (it then starts again). */
  readonly checkpoint: JsonValue;
  /** What the app says the total is, where it does; a change between pages starts the collection again. */
  readonly total: number | null;
}

/** How a collection ended. Only a complete one may remove anything. */
export type CollectionEnd = { readonly isComplete: true } | { readonly isComplete: false; readonly reason: string };

/** One kind of thing a connection is pulled for, within a scope. One collection may yield records of several kinds. */
export interface Collection<Settings> {
  readonly id: string;
  readonly title: string;
  readonly yields: readonly RecordKind[];
  /** Collections whose records these refer to; pulled before. */
  readonly dependsOn?: readonly string[];
  /** The parts it is pulled in (sub-accounts); default: one part, ''. */
  scopes?(context: ConnectorContext<Settings>): Promise<readonly string[]>;
  /**
   * Pulls a scope page by page from `checkpoint` (null: from the start). The generator is asked for one page ahead at
   * most. It throws UsherErrors; it must throw rather than end when it cannot tell that it has seen everything.
   */
  pull(
    context: ConnectorContext<Settings>,
    scope: string,
    checkpoint: JsonValue,
  ): AsyncGenerator<CollectionPage, CollectionEnd, void>;
  /** A checkpoint older than this starts the collection again (default 30 minutes): offsets shift under a long pause. */
  readonly maxCheckpointAgeMs?: number;
}

/** What one call of a reading action returned. `next` is an opaque cursor, null at the end. */
export interface ActionResult<Output> {
  readonly data: Output;
  readonly next?: string | null;
}

export type Effect = 'read' | 'write' | 'destructive';

/** A reading action of the catalogue: goes to the app live. */
export interface ReadAction<Settings, Input extends z.ZodObject, Output extends z.ZodType> {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly effect: 'read';
  readonly schemaType: 'native' | 'unified';
  readonly input: Input;
  readonly output: Output;
  run(context: ConnectorContext<Settings>, input: z.output<Input>): Promise<ActionResult<z.input<Output>>>;
}

/** A page of an app's own log. `cursor` is kept with the events in one transaction and given to the next poll. */
export interface AppEventPage {
  readonly events: readonly AppEvent[];
  readonly cursor: JsonValue;
}

/**
 * How a connector's records are shown through the unified IAM API, where the model alone does not say. The same mapping
 * serves the snapshot (`/unified`) and the live unified actions.
 */
export interface UnifiedTraits<Settings> {
  /** Which value is the unified id of a user: the folded e-mail address or the record's key. */
  readonly userId: 'email' | 'key';
  /** Roles the connector makes up because the app has none; 'collected' where roles are pulled. */
  readonly roles: readonly RoleRecord[] | 'collected';
  /** What an unknown role is answered with. */
  readonly unknownRoleStatus: 400 | 404;
  /** Types of resource, the first being the default of check_permissions. */
  readonly resourceTypes: readonly string[];
  /** Whether each resource is also shown as a policy: one permission set a resource. */
  readonly resourcesArePolicies: boolean;
  /** What a grant on a resource lets its holder do, where the permission's name alone does not say it (raw flags). */
  actionsOf?(grant: GrantRecord): readonly ('read' | 'write' | 'delete')[];
  /** Tenant and credential as shown by organizations and me; from the settings alone, secrets apart. */
  readonly describe: (settings: Settings) => TenantDescription;
}

/** Tenant and credential of a connection, as organizations and me show them. */
export interface TenantDescription {
  readonly organizations: readonly { readonly id: string; readonly name: string }[];
  readonly credentials: { readonly name: string; readonly authType: 'oauth' | 'api_key' | 'service_user' };
}

/** Live reads behind the unified actions: each returns records of the model, as its collections would. */
export interface UnifiedLive<Settings> {
  /** Accounts with their grants, one page; `email` narrows to one address. */
  accounts(
    context: ConnectorContext<Settings>,
    query: { readonly cursor: string | null; readonly pageSize: number; readonly email: string | null },
  ): Promise<{ readonly records: readonly AnyRecord[]; readonly next: string | null }>;
  /** One account with its grants, by e-mail or key; empty where the app has none. */
  account(context: ConnectorContext<Settings>, id: string): Promise<readonly AnyRecord[]>;
  /** All groups with their membership grants. */
  groups(context: ConnectorContext<Settings>): Promise<readonly AnyRecord[]>;
  /** All resources of a type with the grants on them; `resourceId` narrows to one. */
  resources(
    context: ConnectorContext<Settings>,
    query: { readonly resourceType: string; readonly resourceId: string | null },
  ): Promise<readonly AnyRecord[]>;
  /** All roles, for connectors whose roles are 'collected'. Absent: these are shown from the snapshot only. */
  roles?(context: ConnectorContext<Settings>): Promise<readonly RoleRecord[]>;
  /** A cheap call that fails with `auth` when the credentials are bad. */
  check(context: ConnectorContext<Settings>): Promise<void>;
}

/** What a connector is. `Settings` is the output of both config schemas together. */
export interface ConnectorDefinition<SettingsSchema extends z.ZodObject, SecretsSchema extends z.ZodObject> {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Settings and secrets apart: from these the connect form, the CLI's flags and the docs are made (use `.meta`). */
  readonly config: { readonly settings: SettingsSchema; readonly secrets: SecretsSchema };
  /** Raised when the mapping changes: the next pull then re-bases without events. */
  readonly mappingVersion: number;
  /** The address all requests go to; a change of it requires the secrets again. */
  baseUrl(settings: z.output<SettingsSchema>): string;
  /** How the app's certificate is trusted; absent: by the public authorities. */
  tls?(settings: z.output<SettingsSchema>): TlsSettings;
  /**
   * How requests are authorised, where that is more than fields of a body (`tokenAuth`, `basicAuth`, `keyAuth`; null: it
   * is not, after all). Made once for a connection and its credentials in a process, so that a token serves all that is
   * under way; `http` speaks to the same app without it. Making it asks nothing of the app.
   */
  auth?(
    settings: SettingsOf<SettingsSchema, SecretsSchema>,
    environment: { readonly http: HttpClient; readonly clock: Clock },
  ): HttpAuth | null;
  /** Requests a second by functionality (`default` at least), or budgets; one limiter serves all processes. */
  rates(settings: z.output<SettingsSchema>): Rates;
  probe(context: ConnectorContext<SettingsOf<SettingsSchema, SecretsSchema>>): Promise<ProbeResult>;
  readonly collections: readonly Collection<SettingsOf<SettingsSchema, SecretsSchema>>[];
  readonly actions: readonly ReadAction<SettingsOf<SettingsSchema, SecretsSchema>, z.ZodObject, z.ZodType>[];
  readonly unified: {
    readonly traits: UnifiedTraits<z.output<SettingsSchema>>;
    readonly live: UnifiedLive<SettingsOf<SettingsSchema, SecretsSchema>>;
  };
  /** What it can change. Absent: it reads only. */
  readonly writes?: WriteDefinition<SettingsOf<SettingsSchema, SecretsSchema>>;
  /** Polls the app's own log from a cursor (null: the connector's default look-back). */
  auditEvents?(
    context: ConnectorContext<SettingsOf<SettingsSchema, SecretsSchema>>,
    cursor: JsonValue,
  ): AsyncGenerator<AppEventPage, void, void>;
}

export type SettingsOf<
  SettingsSchema extends z.ZodObject,
  SecretsSchema extends z.ZodObject,
> = z.output<SettingsSchema> & z.output<SecretsSchema>;

/** What the world gives a connector when it is opened: everything of a context but the settings. */
export type ConnectorEnvironment = Omit<ConnectorContext<never>, 'settings'>;

/** An action as the catalogue shows it. */
export interface ActionInfo {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly effect: Effect;
  readonly schemaType: 'native' | 'unified';
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
  /** Paths of the input that are secrets (`sites.*.password`). */
  readonly secretInputs?: readonly string[];
}

/** A connector with the type of its settings closed over: what the registry and all other rooms hold. */
export interface Connector {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly config: { readonly settings: z.ZodObject; readonly secrets: z.ZodObject };
  readonly mappingVersion: number;
  readonly collections: readonly Pick<
    Collection<never>,
    'id' | 'title' | 'yields' | 'dependsOn' | 'maxCheckpointAgeMs'
  >[];
  readonly actions: readonly ActionInfo[];
  readonly unified: Omit<UnifiedTraits<never>, 'describe'>;
  readonly hasAuditEvents: boolean;
  /** null: it reads only. */
  readonly writes: Writes | null;
  /** Parses settings and secrets; throws `invalidInput` naming the first field that is wrong (never its value if secret). */
  parse(settings: unknown, secrets: unknown): ConnectorConfig;
}

/** Parsed settings and secrets of one connection, bound to its connector. */
export interface ConnectorConfig {
  /** The parsed settings without secrets, as stored. */
  readonly settings: JsonValue;
  readonly secrets: Readonly<Record<string, string>>;
  readonly baseUrl: string;
  readonly rates: Rates;
  /** null: trusted by the public authorities. */
  readonly tls: TlsSettings | null;
  readonly describe: TenantDescription;
  /** How requests are authorised; null: by their own fields. One object is to serve all that is under way. */
  auth(environment: { readonly http: HttpClient; readonly clock: Clock }): HttpAuth | null;
  open(environment: ConnectorEnvironment): OpenConnector;
}

/** A connector ready to be used on one connection. */
export interface OpenConnector {
  probe(): Promise<ProbeResult>;
  scopes(collection: string): Promise<readonly string[]>;
  /** Pulls a scope. Accounts whose mapping is deferred are mapped and among the records, unless `takesDeferred`. */
  pull(
    collection: string,
    scope: string,
    checkpoint: JsonValue,
    takesDeferred?: boolean,
  ): AsyncGenerator<CollectionPage, CollectionEnd, void>;
  /** Validates the input (`invalidInput` names the field), runs the action, checks its output. */
  call(action: string, input: unknown): Promise<ActionResult<JsonValue>>;
  auditEvents(cursor: JsonValue): AsyncGenerator<AppEventPage, void, void>;
  /** null: the connector reads only. */
  readonly writes: OpenWrites | null;
}
