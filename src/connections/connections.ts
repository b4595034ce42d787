import { isDeepStrictEqual } from 'node:util';
import type { ConnectorConfig, ProbeResult, TenantDescription } from '../connector-kit/connector.ts';
import type { NewAuditEntry } from '../model/audit.ts';
import { sentenceOf, UsherError } from '../model/errors.ts';
import type { Vault } from '../secrets/vault.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { connectionData, deleteConnectionData } from '../store/connection-data.ts';
import {
  allConnections, connectionById, deleteConnection, insertConnection, type StoredConnection, updateConnection,
} from '../store/connections.ts'; // prettier-ignore
import { driftOf, type StoredDrift } from '../store/drift.ts';
import type { Database } from '../store/open.ts';
import { type BudgetLeft, budgetsLeft } from '../store/rates.ts';
import { forgetConnectionInTokens } from '../store/tokens.ts';
import { createAuths } from './auths.ts';
import { connectionEntry, editEntries, liveReadEntry, stateEntries } from './audit.ts';
import { checkedId, checkedSchedule, nextFreeId } from './checks.ts';
import { dryEnvironment, openEnvironment, type World } from './environment.ts';
import { named, noSuchConnection } from './errors.ts';
import { guided, guidedConnector } from './guidance.ts';
import { afterProbe, checkSameTenant, foundBy } from './probe-state.ts';
import type { Registry } from './registry.ts';
import { changedConfig, keepSecrets, readSecrets } from './stored-config.ts';
import {
  type ActionOutcome, type Connected, type ConnectionChange, type ConnectionView, type NewConnection,
  type OpenedConnection, type RemovalView, viewOf,
} from './views.ts'; // prettier-ignore

export interface ConnectionsOptions extends World {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly vault: Vault;
  readonly registry: Registry;
  /** Aborted on shutdown. */
  readonly signal: AbortSignal;
}

/** Stored connections, and the way from one to its app. Throws UsherErrors; `notFound` where a connection is not there. */
export interface Connections {
  /** By id. */
  list(): Promise<readonly ConnectionView[]>;
  get(id: string): Promise<ConnectionView>;
  /** Checks the input, probes the app, and only then stores; `dryRun` stores nothing. */
  connect(input: NewConnection, options: { readonly dryRun: boolean }): Promise<Connected>;
  /**
   * Changes a connection. New settings or secrets are probed first and stored only if the probe is good; another address
   * needs the secrets again (`invalidInput`), another company is refused (`conflict`). Resuming probes too, and takes
   * the capabilities as they are now.
   */
  edit(id: string, change: ConnectionChange): Promise<ConnectionView>;
  /** Probes again and keeps what was found; capabilities that shrank pause the connection. */
  test(id: string): Promise<ProbeResult>;
  /** Pauses it with a reason for people. */
  pause(id: string, reason: string): Promise<void>;
  /** Notes what a sync found the credentials to be able to do besides: losing it again pauses the connection. */
  gainCapabilities(id: string, gained: readonly string[]): Promise<void>;
  removal(id: string): Promise<RemovalView>;
  /** Deletes the connection with its data, history, events, secrets and schedule. Nothing happens in the app. */
  remove(id: string): Promise<void>;
  drift(id: string): Promise<readonly StoredDrift[]>;
  /** Tenant and credentials as the unified API shows them, from the stored settings; the app is not asked. */
  describe(id: string): Promise<TenantDescription>;
  /**
   * Opens a connection for work: a pull, a poll, a run. Close it when done: only then is what it noticed kept.
   * `assertMayCall` is asked right before each request, and throws where none may go out any more.
   */
  open(id: string, signal: AbortSignal, assertMayCall?: () => void): Promise<OpenedConnection>;
  /**
   * Runs a reading action live. With `dryRun` the app is not asked and the first request comes back instead, masked; an
   * action that asks nothing of the app answers all the same.
   */
  callAction(
    id: string,
    action: string,
    input: unknown,
    options: { readonly dryRun: boolean; readonly signal: AbortSignal },
  ): Promise<ActionOutcome>;
}

/** Opens the connections room. */
export function createConnections(options: ConnectionsOptions): Connections {
  const { database, registry, vault, clock } = options;
  const auths = createAuths(options.signal);
  const now = (): string => clock.now().toISOString();
  const view = (stored: StoredConnection, budgets: readonly BudgetLeft[]): ConnectionView =>
    viewOf(stored, registry.find(stored.connector), budgets);

  const stored = async (id: string): Promise<StoredConnection> => {
    const isPlausible = /^[a-z0-9-]{1,63}$/.test(id); // Postgres refuses some characters in any text
    const connection = isPlausible ? await connectionById(database.pool, id) : null;
    if (connection === null) throw noSuchConnection(id);
    return connection;
  };
  const configOf = (connection: StoredConnection): Promise<ConnectorConfig> =>
    named(connection.id, async () => {
      const connector = connectorOf(registry, connection);
      return connector.parse(connection.settings, await readSecrets(database.pool, vault, connection.id));
    });
  /** A certificate that is not the pinned one pauses the connection: a schedule must not go on knocking there. */
  const pauseFor =
    (id: string) =>
    async (error: UsherError): Promise<void> => {
      const pausedReason = sentenceOf(guided(id, error));
      const paused = { state: 'paused', pausedReason, updatedAt: now() } as const;
      try {
        await update(id, (current) => (current.state === 'paused' ? current : { ...current, ...paused }));
      } catch (thrown) {
        options.log.warn({ connection: id, error: String(thrown) }, 'the connection could not be paused');
      }
    };
  const probe = (connectionId: string, config: ConnectorConfig, kept: 'tried' | 'edited' | 'stored') =>
    named(connectionId, async (): Promise<ProbeResult> => {
      const opened = openEnvironment(options, {
        connectionId,
        config,
        signal: options.signal,
        auths: kept === 'tried' ? null : auths,
        ...(kept === 'stored' && { onCertificateChanged: pauseFor(connectionId) }),
      });
      const connector = config.open(opened.environment);
      try {
        return await (kept === 'tried' ? connector : guidedConnector(connectionId, connector)).probe();
      } finally {
        await opened.close();
      }
    });
  const open: Connections['open'] = async (id, signal, assertMayCall) => {
    const connection = await stored(id);
    const definition = connectorOf(registry, connection);
    const config = await configOf(connection);
    const { environment, close } = openEnvironment(options, {
      connectionId: id,
      config,
      signal: AbortSignal.any([signal, options.signal]),
      auths,
      assertMayCall,
      onCertificateChanged: pauseFor(id),
    });
    return {
      connection,
      config,
      definition,
      connector: guidedConnector(id, config.open(environment)),
      async preview(change, item) {
        const secrets = Object.values(item.secrets);
        const dry = dryEnvironment(options, { connectionId: id, config, signal, secrets });
        await config.open(dry.environment).writes?.call(change, [item], () => undefined);
        return dry.client.preview;
      },
      close,
    };
  };
  /** Changes the row as it is now, under its lock. */
  const update = (
    id: string,
    change: (current: StoredConnection) => StoredConnection,
    entries: readonly NewAuditEntry[] = [],
  ): Promise<StoredConnection> =>
    database.transaction(async (client) => {
      const current = await connectionById(client, id, { lock: true });
      if (current === null) throw noSuchConnection(id);
      const changed = change(current);
      await updateConnection(client, changed);
      await addAuditEntries(client, [...stateEntries(current, changed, now()), ...entries]);
      return changed;
    });

  return {
    async list() {
      const [all, budgets] = await Promise.all([allConnections(database.pool), budgetsLeft(database.pool, null)]);
      return all.map((each) => view(each, budgets));
    },
    get: async (id) => view(await stored(id), await budgetsLeft(database.pool, id)),

    async connect(input, { dryRun }) {
      const connector = registry.get(input.connector);
      const present = await allConnections(database.pool);
      const taken = new Set(present.map(({ id }) => id));
      const id = input.id === null ? nextFreeId(connector.id, taken) : checkedId(input.id);
      if (taken.has(id)) throw alreadyThere(id);
      const scheduleSeconds = checkedSchedule(input.scheduleSeconds);
      const config = connector.parse(input.settings, input.secrets);
      const found = await probe(id, config, 'tried');
      // Whoever names an id means a second one; whoever does not may have forgotten the first.
      const same = present.find((each) => each.connector === connector.id && each.tenant?.id === found.tenant.id);
      if (input.id === null && same !== undefined) throw connectedAlready(same.id, found);
      const at = now();
      const connection: StoredConnection = {
        id, connector: connector.id, settings: config.settings, ...foundBy(found), state: 'active', pausedReason: null,
        scheduleSeconds, nextSyncAt: nextSync(clock.now(), scheduleSeconds), mappingVersion: connector.mappingVersion,
        baselinedAt: null, lastProbeAt: at, createdAt: at, updatedAt: at,
      }; // prettier-ignore
      if (!dryRun) {
        await database.transaction(async (client) => {
          if (!(await insertConnection(client, connection))) throw alreadyThere(id);
          await keepSecrets(client, vault, id, config.secrets);
          const details = { connector: connector.id, tenant: found.tenant.id, schedule_seconds: scheduleSeconds };
          await addAuditEntries(client, [connectionEntry('connected', id, at, details)]);
        });
      }
      return { connection: view(connection, []), probe: found };
    },

    async edit(id, change) {
      const before = await stored(id);
      const schedule = change.scheduleSeconds === undefined ? undefined : checkedSchedule(change.scheduleSeconds);
      const isReconfigured = change.settings !== undefined || change.secrets !== undefined;
      const isResumed = change.state === 'active' && before.state === 'paused';
      const config = isReconfigured
        ? await changedConfig(before, connectorOf(registry, before), change, () =>
            named(id, () => readSecrets(database.pool, vault, id)),
          )
        : isResumed
          ? await configOf(before)
          : null;
      const found = config === null ? null : await probe(id, config, 'edited');
      if (found !== null) checkSameTenant(before, found);
      const edited = await database.transaction(async (client) => {
        const current = await connectionById(client, id, { lock: true });
        if (current === null) throw noSuchConnection(id);
        if (isReconfigured && wasEdited(before, current)) throw editedMeanwhile(id);
        const at = now();
        const changed: StoredConnection = {
          ...current,
          ...(config === null ? {} : { settings: config.settings }),
          ...(found === null ? {} : { ...foundBy(found), lastProbeAt: at }),
          ...(schedule === undefined ? {} : { scheduleSeconds: schedule, nextSyncAt: nextSync(clock.now(), schedule) }),
          ...stateAfter(current, change.state),
          updatedAt: at,
        };
        await updateConnection(client, changed);
        if (isReconfigured && config !== null) await keepSecrets(client, vault, id, config.secrets);
        await addAuditEntries(client, editEntries(current, changed, change));
        return view(changed, await budgetsLeft(client, id));
      });
      if (isReconfigured) await auths.forget(id);
      return edited;
    },

    async test(id) {
      const before = await stored(id);
      const found = await probe(id, await configOf(before), 'stored');
      const entry = connectionEntry('tested', id, now(), { capabilities: found.capabilities });
      await update(id, (current) => afterProbe(current, found, now()), [entry]);
      return found;
    },

    async pause(id, reason) {
      await update(id, (current) => ({ ...current, state: 'paused', pausedReason: reason, updatedAt: now() }));
    },

    async gainCapabilities(id, gained) {
      await update(id, (current) => {
        const capabilities = [...new Set([...current.capabilities, ...gained])].toSorted();
        return { ...current, capabilities, updatedAt: now() };
      });
    },

    async removal(id) {
      const { scheduleSeconds } = await stored(id);
      const { rows, ...others } = await connectionData(database.pool, id);
      return {
        accounts: rows.account, groups: rows.group, roles: rows.role, resources: rows.resource, grants: rows.grant,
        credentials: rows.credential, ...others, hasSchedule: scheduleSeconds !== null,
      }; // prettier-ignore
    },

    async remove(id) {
      await stored(id);
      await database.transaction(async (client) => {
        // Commits of a pull take this lock too, and find the connection gone.
        if ((await connectionById(client, id, { lock: true })) === null) throw noSuchConnection(id);
        await deleteConnectionData(client, id);
        await forgetConnectionInTokens(client, id);
        await deleteConnection(client, id);
        await addAuditEntries(client, [connectionEntry('removed', id, now())]);
      });
      await auths.forget(id);
    },

    async drift(id) {
      await stored(id);
      return driftOf(database.pool, id);
    },

    describe: async (id) => (await configOf(await stored(id))).describe,

    open,

    async callAction(id, action, input, { dryRun, signal }) {
      if (dryRun) {
        const config = await configOf(await stored(id));
        const dry = dryEnvironment(options, { connectionId: id, config, signal });
        const outcome = await named(id, () => config.open(dry.environment).call(action, input)).then(
          (result) => ({ kind: 'result' as const, result }),
          (error: unknown) => ({ kind: 'failure' as const, error }),
        );
        if (dry.client.preview !== null) return { kind: 'preview', preview: dry.client.preview };
        if (outcome.kind === 'failure') throw outcome.error;
        return outcome;
      }
      const opened = await open(id, signal);
      let failure: unknown = null;
      try {
        return { kind: 'result', result: await opened.connector.call(action, input) };
      } catch (error) {
        failure = error;
        throw error;
      } finally {
        await opened.close();
        await addAuditEntries(database.pool, [liveReadEntry(id, action, now(), failure)]);
      }
    },
  };
}

function connectorOf(registry: Registry, { id, connector }: StoredConnection): ReturnType<Registry['get']> {
  const found = registry.find(connector);
  if (found !== null) return found;
  throw new UsherError('unsupported', `This Usher has no connector ${connector}, which the connection ${id} needs.`, {
    connection: id,
    next: 'Start an Usher version that has it, or remove the connection.',
  });
}

function stateAfter(
  current: StoredConnection,
  wanted: 'active' | 'paused' | undefined,
): Pick<StoredConnection, 'state' | 'pausedReason'> {
  if (wanted === 'active') return { state: 'active', pausedReason: null };
  if (wanted === 'paused') return { state: 'paused', pausedReason: current.pausedReason ?? 'Paused by hand.' };
  return { state: current.state, pausedReason: current.pausedReason };
}

/** The first sync is asked for by whoever connects; the schedule counts from now. */
function nextSync(from: Date, scheduleSeconds: number | null): string | null {
  return scheduleSeconds === null ? null : new Date(from.getTime() + scheduleSeconds * 1000).toISOString();
}

function alreadyThere(id: string): UsherError {
  return new UsherError('alreadyExists', `There is a connection ${id} already.`, {
    field: 'id',
    next: `Choose another id, or change that one: usher connections edit ${id}.`,
  });
}

function connectedAlready(id: string, { tenant }: ProbeResult): UsherError {
  return new UsherError('alreadyExists', `${tenant.name} is connected already, as ${id}.`, {
    code: 'alreadyConnected',
    connection: id,
    next: `Change that one: usher connections edit ${id}. To connect it twice all the same, give the new one an id.`,
  });
}

/** Settings and secrets are only ever stored after a probe, so its time tells of new secrets. */
function wasEdited(before: StoredConnection, current: StoredConnection): boolean {
  return before.lastProbeAt !== current.lastProbeAt || !isDeepStrictEqual(current.settings, before.settings);
}

function editedMeanwhile(id: string): UsherError {
  return new UsherError('stale', `Somebody else changed the connection ${id} in the meantime. Nothing was changed.`, {
    connection: id,
    next: 'Look at it again, then repeat your change.',
  });
}
