import { createHash } from 'node:crypto';
import { createAccess } from '../../access/access.ts';
import type { AuditLog } from '../../audit/index.ts';
import { parseEntry } from '../../audit/link.ts';
import { configFields } from '../../connector-kit/config-fields.ts';
import type { Connector } from '../../connector-kit/connector.ts';
import { UsherError } from '../../model/errors.ts';
import { connectionIdSchema } from '../../model/ids.ts';
import { ROLE_PERMISSIONS } from '../../model/access.ts';
import type { Role } from '../../model/access.ts';
import { addAuditEntries } from '../../store/audit/inbox.ts';
import { frozenSince, thaw } from '../../store/instance.ts';
import { silentLog } from '../../store/log.ts';
import type { Database } from '../../store/open.ts';
import { createReads } from '../../store/read/index.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import type { ConnectionView } from '../../connections/views.ts';
import type { ConnectionService, Services } from '../services.ts';
import { fakeLifecycle } from './changes.ts';
import type { FakeLifecycle } from './changes.ts';
import { createSyncService } from '../../sync/service.ts';
import { createSyncSurface } from '../../sync/surface.ts';
import type { SyncSurface } from '../../sync/surface.ts';
import type { SyncRunView } from '../../sync/view.ts';

export const NOW = '2026-03-02T10:15:00.000Z';
export const clock = { now: () => new Date(NOW) };
/** What the fake rooms hold that no answer may show. */
export const SECRET = 'paper-key-5f1d7c';

/** Rooms for tests of the API: the real access room and the real queries; connections kept in memory, and one sync. */
export function testServices(
  database: Database,
  connector: Connector,
  connections: readonly ConnectionView[],
): Services & { readonly changes: FakeLifecycle } {
  const kept = new Map(connections.map((connection) => [connection.id, connection]));
  return {
    access: createAccess({ database, clock, random: countingBytes() }),
    connections: connectionService(kept, connector),
    syncs: syncService(database),
    reads: createReads(database),
    events: { waitFor: async () => {} },
    changes: fakeLifecycle(),
    audit: auditLog(database),
    catalogue: { connectors: [connector], fields: configFields },
    health: { notReady: async () => [], workers: async () => 1 },
    instance: { frozenSince: () => frozenSince(database.pool), thaw: () => thaw(database.pool) },
    metrics: createMetrics({ version: '0.0.0-test', figures: async () => Promise.reject(new Error('no figures')) }),
    clock,
    log: silentLog,
    settings: { version: '0.0.0-test', allowedHosts: ['usher.northwind.example'] },
  };
}

/** What connecting as `self-signed` ends with. */
const untrusted = new UsherError('upstreamBug', 'Nobody whom Usher trusts vouches for the certificate.', {
  code: 'certificateUntrusted',
  certificate: {
    sha256: 'ab'.repeat(32), subject: 'CN=console', issuer: 'CN=console', validFrom: '2026-01-01T00:00:00.000Z',
    validTo: '2036-01-01T00:00:00.000Z',
  },
}); // prettier-ignore

export function connectionView(id: string, more: Partial<ConnectionView> = {}): ConnectionView {
  return {
    id,
    connector: 'paper',
    title: 'Paper',
    settings: { company: '77' },
    state: 'active',
    pausedReason: null,
    capabilities: ['accounts:read'],
    tenant: { id: '77', name: 'Paper 77' },
    scheduleSeconds: 3600,
    nextSyncAt: null,
    baselinedAt: '2026-02-27T08:00:00.000Z',
    createdAt: '2026-02-27T08:00:00.000Z',
    updatedAt: '2026-02-27T08:00:00.000Z',
    budgets: [],
    ...more,
  };
}

/** A token of a new principal of a role, limited to connections if any are named. */
export async function tokenOf(
  { access }: Services,
  role: Role,
  connections: readonly string[] | null = null,
): Promise<string> {
  const kind = role === 'agent' ? 'agent' : 'person';
  const principal = await access.createPrincipal({ name: `A ${role}`, email: null, kind, role });
  const { secret } = await access.createToken(
    { principalId: principal.id, name: 'test', role: null, connections, expiresInDays: null },
    ADMINISTRATOR,
  );
  return secret;
}

const ADMINISTRATOR = {
  principalId: 'p_admin',
  principalName: 'Ada',
  principalKind: 'person',
  role: 'admin',
  permissions: ROLE_PERMISSIONS.admin,
  tokenId: 't_admin',
  connections: null,
} as const;

function connectionService(kept: Map<string, ConnectionView>, connector: Connector): ConnectionService {
  const get = async (id: string) => {
    const found = kept.get(id);
    if (found === undefined) throw new UsherError('notFound', `No connection ${id} is stored.`);
    return found;
  };
  const probe = { tenant: { id: '77', name: 'Paper 77' }, capabilities: ['accounts:read'], notes: [] };
  const configOf = ({ settings }: ConnectionView) => connector.parse(settings, { key: SECRET });
  return {
    list: async () => [...kept.values()],
    get,
    async connect({ id, settings, secrets }, { dryRun }) {
      const config = connector.parse(settings, secrets);
      if (id === 'self-signed') throw untrusted;
      const connection = connectionView(id ?? 'paper-new', { settings: config.settings, baselinedAt: null });
      if (!dryRun) kept.set(connection.id, connection);
      return { connection, probe };
    },
    async edit(id, { scheduleSeconds, state }) {
      const before = await get(id);
      const after = {
        ...before,
        scheduleSeconds: scheduleSeconds === undefined ? before.scheduleSeconds : scheduleSeconds,
        state: state ?? before.state,
      };
      kept.set(id, after);
      return after;
    },
    test: async () => probe,
    removal: async () => ({
      accounts: 7, groups: 2, roles: 2, resources: 2, grants: 11, credentials: 0, history: 0, events: 4, secrets: 1, syncRuns: 1, plans: 3, marks: 2, hasSchedule: true,
    }), // prettier-ignore
    remove: async (id) => void kept.delete(id),
    drift: async () => [
      {
        operation: 'list', path: '*.new', problem: 'unknown-field', sample: 'string(3)',
        firstSeenAt: NOW, lastSeenAt: NOW, occurrences: 2,
      },
    ], // prettier-ignore
    describe: async (id) => configOf(await get(id)).describe,
    async callAction(id, action, input, { dryRun, signal }) {
      const config = configOf(await get(id));
      if (dryRun) {
        const preview = {
          method: 'POST',
          url: 'https://paper.example/api',
          headers: { authorization: '••••' },
          body: null,
        };
        return { kind: 'preview', preview };
      }
      const open = config.open({
        connectionId: connectionIdSchema.parse(id),
        http: unusedHttp,
        clock,
        drift: { record() {} },
        signal,
      });
      return { kind: 'result', result: await open.call(action, input) };
    },
  };
}

const unusedHttp = {
  baseUrl: 'https://paper.example',
  request: async () => {
    throw new Error('the paper connector makes no requests');
  },
  stream: async () => {
    throw new Error('the paper connector makes no requests');
  },
};

export const RUN_ID = '0198f2c4-7c1e-7d6a-b1de-0a4f5f6f7a10';

/** One run that is always the same; lists are of what the database holds. */
function syncService(database: Database): SyncSurface {
  const service = createSyncService({
    database,
    clock,
    newId: () => RUN_ID,
    start: async () => {},
    random: () => 0,
  });
  const stored = createSyncSurface({ database, clock }, service);
  const run: SyncRunView = {
    id: RUN_ID, connectionId: 'paper', state: 'running', requestedBy: 'Ada', requestedAt: NOW, startedAt: NOW,
    finishedAt: null, isBaseline: false,
    progress: { pages: 1, records: 3, ratePerSecond: 1.5, total: 7, etaSeconds: 3 },
    collections: [{ id: 'all', scope: '', state: 'pulling', pages: 1, records: 3, total: 7, reason: null }],
    changes: null,
    anomalies: [
      { kind: 'account', gone: 3, statusChanged: 0, before: 7, after: 4, limitPercent: 20, message: '3 of 7 are gone.' },
    ],
    error: null, counts: { account: 7 },
  }; // prettier-ignore
  return {
    request: async () => ({ run, isJoined: false }),
    list: (...asked) => stored.list(...asked),
    async get(id) {
      if (id === RUN_ID) return run;
      throw new UsherError('notFound', 'No such run.');
    },
    paused: async () => null,
    confirm: async () => run,
    cancel: async () => run,
  };
}

/** The real inbox; what is in it counts as linked. */
function auditLog({ pool }: Database): AuditLog {
  return {
    record: (entries) => addAuditEntries(pool, entries),
    async list({ kind, outcome }, before, pageSize) {
      const { rows } = await pool.query<{ seq: number; content: string }>(
        'select id as seq, content from audit_inbox where id < $1 order by id desc',
        [before ?? Number.MAX_SAFE_INTEGER],
      );
      const entries = rows.map(({ seq, content }) => ({ seq, hash: 'a1', entry: parseEntry(content) }));
      const found = entries.filter(
        ({ entry }) => (kind ?? entry?.kind) === entry?.kind && (outcome ?? entry?.outcome) === entry?.outcome,
      );
      return { rows: found.slice(0, pageSize), hasMore: found.length > pageSize };
    },
    verify: async () => ({
      isWhole: false, entries: 9, last: 10, unlinked: 1, head: { state: 'kept', seq: 10, since: 0 },
      problems: [{ kind: 'missing', from: 4, to: 4, message: 'Entry 4 is missing.' }],
    }), // prettier-ignore
  };
}

/** Bytes that look random and are the same in every run. */
function countingBytes() {
  let count = 0;
  return (bytes: number) => createHash('sha512').update(String(count++)).digest().subarray(0, bytes);
}
