import { randomUUID } from 'node:crypto';
import type { CollectionEnd, CollectionPage, OpenConnector } from '../connector-kit/connector.ts';
import type {
  AccountRecord,
  AnyRecord,
  DeferredAccount,
  GrantRecord,
  JsonValue,
  RecordKind,
} from '../model/records.ts';
import { grantKey } from '../model/records.ts';
import { silentLog } from '../store/log.ts';
import type { Database } from '../store/open.ts';
import { createSyncService } from './service.ts';
import type { OpenedConnection, SyncDependencies } from './dependencies.ts';
import { carryOutRun } from './run.ts';

/** What a made-up app answers: pages of records by collection. Tests change it between and during pulls. */
export interface FakeApp {
  collections: Record<
    string,
    {
      pages: AnyRecord[][];
      yields: RecordKind[];
      dependsOn?: readonly string[];
      end?: CollectionEnd;
      totals?: number[];
      /** Of each page. */
      deferred?: DeferredAccount[][];
    }
  >;
  capabilities: string[];
  mappingVersion: number;
  /** Called before each page is answered; throw here to fail, or count. */
  onPage: (collection: string, page: number) => void | Promise<void>;
  /** Called before each probe is answered; throw here to fail. */
  onProbe: () => void;
  /** Every page that was asked for, as `collection/page`. */
  readonly asked: string[];
}

/** A sync room over a test database and a made-up app, with a clock that moves a second a look. */
export async function fakeSync(
  database: Database,
  connectionId: string,
): Promise<{
  readonly app: FakeApp;
  readonly deps: SyncDependencies;
  /** Asks for a sync and carries it out; answers the run's id. */
  sync(): Promise<string>;
  /** Carries out a run that exists (after a confirmation, or a "crash"). */
  carryOut(runId: string, signal?: AbortSignal): Promise<void>;
  readonly service: ReturnType<typeof createSyncService>;
  /** The last moment that was asked for. */
  now(): string;
  /** The next moment. */
  later(): string;
  /** Does something whenever a page was answered, `before` it is compared or `after`; after the last page: add an empty one. */
  betweenPages(when: 'before' | 'after', work: (page: number) => void | Promise<void>): void;
}> {
  let time = Date.parse('2026-03-01T08:00:00Z');
  const app: FakeApp = {
    collections: {},
    capabilities: ['read'],
    mappingVersion: 1,
    onPage: () => undefined,
    onProbe: () => undefined,
    asked: [],
  };
  const started: string[] = [];
  await database.pool.query(
    `insert into connection (id, connector, settings, capabilities, mapping_version, created_at, updated_at)
     values ($1, 'fake', '{}', '{read}', 1, now(), now())`,
    [connectionId],
  );
  const clock = { now: () => new Date((time += 1000)) };
  const deps: SyncDependencies = {
    database,
    clock,
    log: silentLog,
    newId: () => randomUUID(),
    openConnection: async (id) => opened(database, id, app, () => clock.now().toISOString()),
    pauseConnection: async (id, reason) => {
      await database.pool.query(`update connection set state = 'paused', paused_reason = $2 where id = $1`, [
        id,
        reason,
      ]);
    },
    anomalyLimits: { percent: 20, count: 2 },
    retryDelaysMs: [1, 1],
    delay: () => Promise.resolve(),
    onPage: () => staged.resolve(),
  };
  let staged = Promise.withResolvers<void>();
  const service = createSyncService({
    ...deps,
    start: async (runId) => void started.push(runId),
    random: () => 0.5,
  });
  const carryOut = (runId: string, signal = new AbortController().signal): Promise<void> =>
    carryOutRun(deps, runId, signal);
  return {
    app,
    deps,
    service,
    carryOut,
    now: () => new Date(time).toISOString(),
    later: () => clock.now().toISOString(),
    betweenPages(when, work) {
      app.onPage = async (_, page) => {
        if (when === 'before') return work(page);
        if (page > 0) await staged.promise;
        staged = Promise.withResolvers();
        if (page > 0) await work(page - 1);
      };
    },
    async sync() {
      const { runId } = await service.request(connectionId, 'test');
      await carryOut(runId);
      return runId;
    },
  };
}

/** An account with sensible values. */
export function account(key: string, values: Partial<AccountRecord> = {}): AccountRecord {
  return {
    kind: 'account',
    key,
    email: `${key}@northwind.example`,
    username: null,
    displayName: `Person ${key}`,
    givenName: null,
    familyName: null,
    status: 'active',
    isLocked: null,
    isService: null,
    mfa: [],
    roles: ['basic'],
    employeeNumber: null,
    createdAt: '2024-01-01T00:00:00.000Z',
    extra: {},
    volatile: { lastLoginAt: null, extra: {} },
    raw: { key },
    ...values,
  };
}

/** What a connection keeps of its accounts, by key: names now and as of a moment, doubts, and versions that overlap. */
export function accountVersions(
  database: Database,
  id: string,
): {
  present(): Promise<Record<string, string>>;
  asOf(at: string): Promise<Record<string, string>>;
  doubted(): Promise<string[]>;
  overlaps(): Promise<string[]>;
} {
  const query = async (sql: string, ...values: unknown[]): Promise<{ key: string; display_name: string }[]> =>
    (await database.pool.query<{ key: string; display_name: string }>(sql, [id, ...values])).rows;
  const names = async (...args: Parameters<typeof query>): Promise<Record<string, string>> =>
    Object.fromEntries((await query(...args)).map((row) => [row.key, row.display_name]));
  const keys = async (sql: string): Promise<string[]> => (await query(sql)).map((row) => row.key);
  return {
    present: () => names('select key, display_name from account where connection_id = $1'),
    asOf: (at) =>
      names(
        `select key, display_name from account where connection_id = $1 and seen_from <= $2
         union all
         select key, display_name from account_history where connection_id = $1 and seen_from <= $2 and seen_to > $2`,
        at,
      ),
    doubted: () => keys('select key from account where connection_id = $1 and missing_run is not null order by key'),
    overlaps: () =>
      keys(
        `with versions as (
           select key, seen_from, seen_to from account_history where connection_id = $1
           union all select key, seen_from, 'infinity' from account where connection_id = $1
         )
         select a.key from versions a join versions b on a.key = b.key and a.seen_from < b.seen_from and a.seen_to > b.seen_from`,
      ),
  };
}

/** Membership of a group. */
export function membership(holderKey: string, group: string, values: Partial<GrantRecord> = {}): GrantRecord {
  const grant = {
    kind: 'grant' as const,
    holderKind: 'account' as const,
    holderKey,
    targetKind: 'group' as const,
    targetKey: group,
    permission: 'member',
    path: '',
    extra: {},
    ...values,
  };
  return { ...grant, key: grantKey(grant) };
}

/** A group known by its name. */
export function group(name: string): AnyRecord {
  return { kind: 'group', key: name, name, description: null, extra: {} };
}

async function opened(database: Database, id: string, app: FakeApp, now: () => string): Promise<OpenedConnection> {
  const { rows } = await database.pool.query<{
    state: 'active' | 'paused';
    capabilities: string[];
    mapping_version: number;
    baselined_at: string | null;
  }>('select state, capabilities, mapping_version, baselined_at from connection where id = $1', [id]);
  const row = rows[0];
  if (!row) throw new Error(`no connection ${id}`);
  const connector: OpenConnector = {
    probe: async () => {
      app.onProbe();
      return { tenant: { id: '1', name: 'Northwind' }, capabilities: app.capabilities, notes: [] };
    },
    scopes: async () => [''],
    pull: (collection, _scope, checkpoint) => pull(app, collection, checkpoint, now),
    call: () => Promise.reject(new Error('no actions')),
    auditEvents: () => {
      throw new Error('no events');
    },
    writes: null,
  };
  return {
    connector,
    definition: {
      id: 'fake',
      title: 'Fake',
      mappingVersion: app.mappingVersion,
      hasAuditEvents: false,
      collections: Object.entries(app.collections).map(([name, { yields, dependsOn }]) => ({
        id: name, title: name, yields, ...(dependsOn && { dependsOn }),
      })), // prettier-ignore
    },
    connection: {
      id,
      state: row.state,
      capabilities: row.capabilities,
      mappingVersion: row.mapping_version,
      baselinedAt: row.baselined_at,
    },
    close: () => Promise.resolve(),
  };
}

async function* pull(
  app: FakeApp,
  name: string,
  checkpoint: JsonValue,
  now: () => string,
): AsyncGenerator<CollectionPage, CollectionEnd, void> {
  const collection = app.collections[name];
  if (!collection) throw new Error(`no collection ${name}`);
  for (let page = typeof checkpoint === 'number' ? checkpoint : 0; page < collection.pages.length; page += 1) {
    app.asked.push(`${name}/${page}`);
    const observedAt = now();
    await app.onPage(name, page);
    yield {
      records: collection.pages[page] ?? [],
      deferred: collection.deferred?.[page] ?? [],
      observedAt,
      checkpoint: page + 1,
      total: collection.totals?.shift() ?? null,
    };
  }
  return collection.end ?? { isComplete: true };
}
