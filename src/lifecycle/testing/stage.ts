// An app, connected and synced, with the room of changes over it: the whole door but the engine. LastPass's simulator
// unless a test brings another one.
import { randomBytes, randomUUID } from 'node:crypto';
import { createAccess } from '../../access/access.ts';
import { type Connections, createConnections } from '../../connections/connections.ts';
import { createRegistry } from '../../connections/registry.ts';
import type { Connector } from '../../connector-kit/connector.ts';
import { parseEgressAllow } from '../../connector-kit/http/egress.ts';
import { createLastPass } from '../../connectors/lastpass/index.ts';
import {
  type LastPassSimulator, startLastPassSimulator,
} from '../../connectors/lastpass/simulator.ts'; // prettier-ignore
import { type Caller, type PrincipalKind, type Role, ROLE_PERMISSIONS } from '../../model/access.ts';
import type { JsonValue } from '../../model/records.ts';
import { createVault } from '../../secrets/vault.ts';
import { assertNotFrozen } from '../../store/instance.ts';
import { silentLog } from '../../store/log.ts';
import { createReads } from '../../store/read/index.ts';
import type { TestDatabase } from '../../store/testing/index.ts';
import { carryOutRun } from '../../sync/run.ts';
import { createSyncService } from '../../sync/service.ts';
import type { ApplySettings } from '../apply/work.ts';
import { type LifecycleRoom, openLifecycle } from '../index.ts';
import type { Lifecycle, PlanView, RunView } from '../surface.ts';
import { isRunEnd } from '../views.ts';

export const CONNECTION = 'lastpass';

export interface Stage extends AppStage {
  readonly simulator: LastPassSimulator;
}

/** The app of a stage. */
export interface StagedApp {
  /** Also the connection's id. */
  readonly connector: Connector;
  readonly settings: JsonValue;
  readonly secrets: Readonly<Record<string, string>>;
  /** Where it may be asked; null: nowhere. */
  readonly url: string | null;
}

export interface AppStage {
  readonly connections: Connections;
  readonly changes: Lifecycle;
  readonly room: LifecycleRoom;
  /** The machine's clock as the house sees it; may be set. */
  readonly clock: { now(): Date; set(now: Date): void };
  sync(): Promise<void>;
  caller(options: { readonly name: string; readonly role: Role; readonly kind?: PrincipalKind }): Promise<Caller>;
  /** Plans, applies, and answers how the run ended. */
  run(action: string, input: unknown, by: Caller): Promise<{ readonly plan: PlanView; readonly run: RunView }>;
  applied(plan: PlanView, by: Caller): Promise<RunView>;
  /** Waits for what is carried out. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const SETTINGS: Partial<ApplySettings> = {
  settleMs: 40, verifyMs: 300, patienceMs: 600, attempts: 4, readDelaysMs: [0, 5, 10, 20],
}; // prettier-ignore

/** Sets the stage on a fresh database. */
export async function setStage(
  database: TestDatabase,
  options: { readonly people?: number; readonly settings?: Partial<ApplySettings> } = {},
): Promise<Stage> {
  const simulator = await startLastPassSimulator({ people: options.people ?? 60 });
  const { companyId, provisioningHash } = simulator.credentials;
  const app: StagedApp = {
    connector: createLastPass(),
    url: simulator.url,
    settings: { company_id: companyId, region: 'custom', base_url: simulator.url, requests_per_second: 100_000 },
    secrets: { provisioning_hash: provisioningHash },
  };
  const stage = await stageApp(database, app, options.settings);
  return {
    ...stage,
    simulator,
    async close() {
      await stage.close();
      await simulator.close();
    },
  };
}

/** The same for another app. */
export async function stageApp(
  database: TestDatabase,
  app: StagedApp,
  settings: Partial<ApplySettings> = {},
  /** What the room of changes has for a database; default: the same. */
  ofChanges: TestDatabase = database,
): Promise<AppStage> {
  const connectionId = app.connector.id;
  let offsetMs = 0;
  const clock = {
    now: () => new Date(Date.now() + offsetMs),
    set: (now: Date) => {
      offsetMs = now.getTime() - Date.now();
    },
  };
  const vault = createVault(randomBytes(32));
  const shutdown = new AbortController();
  const connections = createConnections({
    database, vault, clock, log: silentLog, proxy: null, signal: shutdown.signal,
    registry: createRegistry([app.connector]),
    egress: parseEgressAllow(app.url === null ? '' : new URL(app.url).host),
  }); // prettier-ignore
  await connections.connect(
    { id: connectionId, connector: connectionId, scheduleSeconds: null, settings: app.settings, secrets: app.secrets },
    { dryRun: false },
  );
  const access = createAccess({ database, clock, random: randomBytes });
  const carried = new Map<string, Promise<void>>();
  const room = openLifecycle({
    database: ofChanges, vault, clock, log: silentLog, reads: createReads(database),
    openConnection: (id, signal) => connections.open(id, signal),
    // The engine starts nothing twice, and starts again what has ended.
    startApply: async (runId) => {
      const before = carried.get(runId) ?? Promise.resolve();
      const work = before.catch(() => undefined).then(() => room.carryOut(runId, shutdown.signal));
      work.catch(() => undefined); // whoever waits for it is told
      carried.set(runId, work);
    },
    assertMayStart: () => assertNotFrozen(database.pool),
    onEnded: () => undefined,
    signal: shutdown.signal,
    settings: { ...SETTINGS, ...settings },
  }); // prettier-ignore
  const syncing = {
    database, clock, log: silentLog, newId: randomUUID,
    openConnection: (id: string, signal: AbortSignal) => connections.open(id, signal),
    pauseConnection: (id: string, reason: string) => connections.pause(id, reason),
    anomalyLimits: { percent: 100, count: 1000 }, retryDelaysMs: [], delay: () => Promise.resolve(),
  }; // prettier-ignore
  const syncs = createSyncService({
    ...syncing, random: () => 0, start: (runId) => carryOutRun(syncing, runId, shutdown.signal),
    assertMayStart: () => assertNotFrozen(database.pool),
  }); // prettier-ignore
  const sync = async (): Promise<void> => void (await syncs.request(connectionId, 'test'));
  const idle = async (): Promise<void> => void (await Promise.all(carried.values()));
  await sync();

  const ended = async (id: string, by: Caller): Promise<RunView> => {
    for (;;) {
      await idle();
      const view = await room.changes.getRun(id, by);
      if (isRunEnd(view.state) || view.state === 'paused' || view.state === 'waiting') return view;
    }
  };
  const applied = async (plan: PlanView, by: Caller): Promise<RunView> =>
    ended((await room.changes.apply(plan.id, by)).id, by);
  return {
    connections,
    changes: room.changes,
    room,
    clock,
    sync,
    idle,
    applied,
    async caller({ name, role, kind = 'person' }) {
      const principal = await access.createPrincipal({
        name, role, kind, email: kind === 'person' ? `${name.toLowerCase()}@it.northwind.example` : null,
      }); // prettier-ignore
      return {
        principalId: principal.id, principalName: name, principalKind: kind, role, permissions: ROLE_PERMISSIONS[role],
        tokenId: 't_test', connections: null,
      }; // prettier-ignore
    },
    async run(action, input, by) {
      const plan = await room.changes.plan({ connectionId, action, input }, by);
      return { plan, run: await applied(plan, by) };
    },
    async close() {
      shutdown.abort();
      await idle();
      await room.close();
    },
  };
}
