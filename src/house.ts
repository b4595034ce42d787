import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { type Access, createAccess } from './access/access.ts';
import { openAudit } from './audit/index.ts';
import type { ApiLimits, Services } from './api/services.ts';
import { backUpBeforeUpgrade } from './backup/index.ts';
import { createConnections, createRegistry } from './connections/index.ts';
import { configFields } from './connector-kit/config-fields.ts';
import type { Clock, Connector } from './connector-kit/connector.ts';
import type { EgressRule } from './connector-kit/http/egress.ts';
import type { ProxySettings } from './connector-kit/http/transport.ts';
import { startEngine, type WorkerOptions } from './engine/engine.ts';
import { createFeed } from './events/feed.ts';
import { APP_LOG_CURSOR, pollAppEvents } from './events/poll.ts';
import { startSequencer } from './events/sequencer.ts';
import { openLifecycle } from './lifecycle/index.ts';
import type { ApplySettings } from './lifecycle/apply/work.ts';
import { followRotation } from './keys/rotate.ts';
import { observe } from './observe.ts';
import { openVault } from './secrets/index.ts';
import { assertNotFrozen, frozenSince, keyCheckStore, thaw } from './store/instance.ts';
import type { Log } from './store/log.ts';
import { type Migration, missingMigrations } from './store/migrate.ts';
import { migrations as allMigrations } from './store/migrations/index.ts';
import { type Database, openDatabase } from './store/open.ts';
import { createReads } from './store/read/index.ts';
import { connectionsToPoll } from './store/sync/schedule.ts';
import { countWorkers } from './store/workers.ts';
import type { SyncDependencies } from './sync/dependencies.ts';
import { carryOutRun } from './sync/run.ts';
import { createSyncService } from './sync/service.ts';
import { createSyncSurface } from './sync/surface.ts';

export interface HouseOptions {
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  readonly masterKey: string | null;
  /** The master key to come, while it is being changed. */
  readonly nextKey: string | null;
  readonly connectors: readonly Connector[];
  readonly egress: EgressRule;
  readonly proxy: ProxySettings | null;
  readonly version: string;
  readonly allowedHosts: readonly string[];
  readonly limits: ApiLimits;
  /** Whether `/metrics` answers without a token. */
  readonly isMetricsOpen: boolean;
  /** Whether the embedded database is backed up before a newer version changes its schema. */
  readonly backsUpBeforeUpgrade: boolean;
  /** Whether this process carries work out itself; if not, it needs workers beside it. */
  readonly carriesOut: boolean;
  /** For tests of upgrades; default: those of this version. */
  readonly migrations?: readonly Migration[];
  /** What differs from the usual patience with apps; default: nothing. */
  readonly apply?: Partial<ApplySettings>;
  readonly log: Log;
  readonly clock: Clock;
}

/** All rooms of one Usher, furnished and connected: what `serve` puts the HTTP API in front of. */
export interface House {
  readonly services: Services;
  readonly access: Access;
  readonly database: Database;
  /** Goes on with what was under way when the last process ended; from then on the house is ready. */
  resume(): Promise<void>;
  /** Stops the engine at the next safe points, then everything else; what was not finished goes on at the next start. */
  close(): Promise<void>;
}

/** When a pull is paused for being too strange: more than a fifth, and more than two. */
const ANOMALY_LIMITS = { percent: 20, count: 2 };
/** A page that fails for the moment is tried again for about five minutes, beyond what the HTTP client tries itself. */
const RETRY_DELAYS_MS = [1000, 5000, 20_000, 60_000, 120_000];
/** How soon a server follows a change of the master key that it has not met by itself. */
const KEY_WATCH_MS = 15_000;
/** Each poll leaves a line in the app's own log, so more often would be noise there. */
const POLL_EVERY_MS = 5 * 60_000;

/** Opens the rooms in order; when one cannot be opened, those before it are closed again. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const { dataDir, databaseUrl, log } = options;
  const database = await openDatabase({
    dataDir,
    databaseUrl,
    log,
    migrations: options.migrations,
    ...(options.backsUpBeforeUpgrade && {
      beforeUpgrade: async ({ pool, version: postgres }) => {
        await backUpBeforeUpgrade({
          dataDir,
          pool,
          postgres,
          version: options.version,
          now: () => options.clock.now(),
          log,
        });
      },
    }),
  });
  const closing = new AsyncDisposableStack();
  closing.defer(() => database.close());
  try {
    return await furnish(options, database, closing);
  } catch (error) {
    // Why it cannot be opened says more than why something did not close.
    await closing.disposeAsync().catch(() => undefined);
    throw error;
  }
}

/** `closing`: what is begun here says there how it ends; the last begun ends first. */
async function furnish(options: HouseOptions, database: Database, closing: AsyncDisposableStack): Promise<House> {
  const { log, clock } = options;
  const shutdown = new AbortController();
  const keyCheck = keyCheckStore(database.pool);
  const { dataDir, masterKey, nextKey } = options;
  const vault = await openVault({ dataDir, masterKey, nextKey, keyCheck });
  let following = Promise.resolve();
  const keyWatch = setInterval(() => {
    following = following.then(() => followRotation(vault, database, log));
  }, KEY_WATCH_MS).unref();
  closing.defer(() => following);
  closing.defer(() => clearInterval(keyWatch));
  const access = createAccess({ database, clock, random: randomBytes });
  const audit = openAudit({ database, vault, clock, log, dataDir: options.dataDir });
  closing.defer(() => audit.chainer.stop());
  const observer = observe(database, clock, options.version);
  const registry = createRegistry(options.connectors);
  const connections = createConnections({
    database,
    vault,
    registry,
    clock,
    log,
    egress: options.egress,
    proxy: options.proxy,
    signal: shutdown.signal,
    onCall: (connectionId, trace) => observer.called(connectionId, trace),
    onWait: (connectionId, functionality, ms) => observer.waited(connectionId, functionality, ms),
  });
  const sequencer = startSequencer(database, log);
  closing.defer(() => sequencer.stop());
  const isFrozen = async (): Promise<boolean> => (await frozenSince(database.pool)) !== null;
  let isOpen = false;
  // What is carried out asks an app nothing once this worker's lease is over.
  const openConnection = (id: string, signal: AbortSignal): ReturnType<typeof connections.open> =>
    connections.open(id, signal, () => engine.assertHeld());
  const workerId = (): string | null => engine.workerId();
  const syncing: SyncDependencies = {
    database,
    clock,
    log,
    newId: randomUUID,
    workerId,
    openConnection,
    pauseConnection: (id, reason) => connections.pause(id, reason),
    gainCapabilities: (id, gained) => connections.gainCapabilities(id, gained),
    anomalyLimits: ANOMALY_LIMITS,
    retryDelaysMs: RETRY_DELAYS_MS,
    delay: (ms, signal) => wait(ms, undefined, { signal }),
    onPage: (page) => observer.pulled(page),
  };
  const syncService = createSyncService({
    ...syncing,
    random: Math.random,
    start: (runId, connectionId) => engine.startSync(runId, connectionId),
    assertMayStart: () => assertNotFrozen(database.pool),
  });
  const reads = createReads(database);
  const lifecycle = openLifecycle({
    database, vault, clock, log, reads, workerId, openConnection,
    startApply: (runId, connectionId) => engine.startApply(runId, connectionId),
    assertMayStart: () => assertNotFrozen(database.pool),
    onEnded: (ended) => observer.changed(ended),
    signal: shutdown.signal,
    settings: options.apply ?? {},
  }); // prettier-ignore
  closing.defer(() => lifecycle.close());
  closing.defer(() => shutdown.abort());
  const connectorsWithLogs = options.connectors.filter(({ hasAuditEvents }) => hasAuditEvents).map(({ id }) => id);
  const engine = await startEngine({
    connection: database.connection,
    log,
    worker: options.carriesOut ? workerOf(options, database) : null,
    work: {
      // While a restored instance stands still nothing of this is done; after the thaw the tick finds it again.
      async sync(runId, signal) {
        if (await isFrozen()) return;
        await observer.sync(runId, async () => {
          await carryOutRun(syncing, runId, signal);
          await sequencer.place();
        });
      },
      async pollAppEvents(connectionId, signal) {
        if (await isFrozen()) return;
        await observer.poll(connectionId, async () => {
          await pollAppEvents(syncing, connectionId, signal);
          await sequencer.place();
        });
      },
      async apply(runId, signal) {
        if (await isFrozen()) return;
        await observer.apply(runId, () => lifecycle.carryOut(runId, signal));
        await sequencer.place();
      },
      async tick(now, signal) {
        if (await isFrozen()) return;
        await syncService.resumeUnfinished();
        await lifecycle.tick(signal);
        await syncService.startDue();
        const before = new Date(now.getTime() - POLL_EVERY_MS).toISOString();
        for (const id of await connectionsToPoll(database.pool, connectorsWithLogs, APP_LOG_CURSOR, before)) {
          await engine.startPoll(id);
        }
      },
      async recover() {
        if (isOpen && !(await isFrozen())) await resumeUnfinished();
      },
    },
  });
  // What is being changed gets a moment to end well before everything is told to end at once.
  closing.defer(() => engine.stop());
  const resumeUnfinished = async (): Promise<void> => {
    await syncService.resumeUnfinished();
    await lifecycle.resumeUnfinished();
  };
  const services: Services = {
    access,
    instance: {
      frozenSince: () => frozenSince(database.pool),
      async thaw() {
        const since = await thaw(database.pool);
        await resumeUnfinished();
        return since;
      },
    },
    connections,
    syncs: createSyncSurface(syncing, syncService),
    reads,
    changes: lifecycle.changes,
    audit,
    events: createFeed(database, sequencer),
    catalogue: { connectors: options.connectors, fields: configFields },
    metrics: observer.metrics,
    health: {
      notReady: async () => (isOpen ? notReady(database, () => engine.isRunning()) : ['It is still starting.']),
      workers: () => countWorkers(database.pool),
    },
    clock,
    log,
    settings: {
      version: options.version,
      allowedHosts: options.allowedHosts,
      isMetricsOpen: options.isMetricsOpen,
      ...options.limits,
    },
  };
  return {
    services,
    access,
    database,
    async resume() {
      if (!(await isFrozen())) await resumeUnfinished();
      isOpen = true;
    },
    close: () => closing.disposeAsync(),
  };
}

/** Nobody else can be on an embedded database: what is written there of workers is of processes that ended. */
function workerOf(options: HouseOptions, { pool, postgres }: Database): WorkerOptions {
  const { version, migrations = allMigrations } = options;
  const host = hostname();
  return {
    process: `${host}-${process.pid}-${randomBytes(4).toString('hex')}`,
    host,
    version,
    isAlone: postgres.mode === 'embedded',
    // One that was thought dead may wake up on a schema that it could not be started on any more.
    mayRegister: async () => void (await missingMigrations(pool, migrations)),
  };
}

async function notReady(database: Database, isEngineRunning: () => boolean): Promise<readonly string[]> {
  const reasons: string[] = [];
  try {
    await database.pool.query('select 1');
  } catch {
    reasons.push('The database does not answer.');
  }
  if (!isEngineRunning()) reasons.push('The engine is not running.');
  return reasons;
}
