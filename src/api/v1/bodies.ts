import type { ChangeEvent } from '../../model/events.ts';
import type { AccountRecord, GroupRecord, JsonValue, ResourceRecord } from '../../model/records.ts';
import type { Figures, Freshness, NamedGrant, OwnedCredential, Stored } from '../../store/read/index.ts';
import type { ConnectionView, RemovalView } from '../../connections/views.ts';
import type { Principal } from '../../store/principals.ts';
import type { Token } from '../../store/tokens.ts';
import type { SyncRunView } from '../../sync/view.ts';
import type { AccountBody, ConnectionBody, GrantBody } from './schemas.ts';

/** Puts what the rooms return into the words of `/v1`. */

const NO_COUNTS = { account: 0, group: 0, role: 0, resource: 0, grant: 0, credential: 0 };

export function connectionBody(connection: ConnectionView, fresh: Freshness | undefined): ConnectionBody {
  const { lastSync = null } = fresh ?? {};
  return {
    id: connection.id,
    connector: connection.connector,
    title: connection.title,
    settings: objectOf(connection.settings),
    state: connection.state,
    paused_reason: connection.pausedReason,
    capabilities: [...connection.capabilities],
    tenant: connection.tenant,
    schedule_seconds: connection.scheduleSeconds,
    next_sync_at: connection.nextSyncAt,
    baselined_at: connection.baselinedAt,
    last_sync: lastSync && { run_id: lastSync.runId, state: lastSync.state, finished_at: lastSync.finishedAt },
    snapshot_at: fresh?.snapshotAt ?? null,
    counts: fresh?.counts ?? NO_COUNTS,
    budgets: connection.budgets.map(({ functionality, limit, left, resetSeconds, asOf }) => ({
      functionality, limit, left, reset_seconds: resetSeconds, as_of: asOf,
    })), // prettier-ignore
    created_at: connection.createdAt,
    updated_at: connection.updatedAt,
  };
}

export function removalBody(connection: string, removal: RemovalView) {
  const { hasSchedule, syncRuns, ...rows } = removal;
  return { connection, goes: { ...rows, schedule: hasSchedule, sync_runs: syncRuns } };
}

export function syncRunBody(run: SyncRunView) {
  const { progress } = run;
  return {
    id: run.id,
    connection: run.connectionId,
    state: run.state,
    requested_by: run.requestedBy,
    requested_at: run.requestedAt,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    is_baseline: run.isBaseline,
    progress: {
      pages: progress.pages,
      records: progress.records,
      rate_per_second: progress.ratePerSecond,
      total: progress.total,
      eta_seconds: progress.etaSeconds,
    },
    collections: run.collections.map((collection) => ({ ...collection })),
    changes: run.changes && { ...run.changes },
    anomalies: run.anomalies.map(({ statusChanged, limitPercent, ...anomaly }) => {
      return { ...anomaly, status_changed: statusChanged, limit_percent: limitPercent };
    }),
    error: run.error === null ? null : objectOf(run.error),
    counts: { ...run.counts },
  };
}

export function accountBody({ connectionId, record, seenFrom, missingSince }: Stored<AccountRecord>): AccountBody {
  return {
    connection: connectionId,
    key: record.key,
    email: record.email,
    username: record.username,
    display_name: record.displayName,
    given_name: record.givenName,
    family_name: record.familyName,
    status: record.status,
    is_locked: record.isLocked,
    is_service: record.isService,
    mfa: record.mfa === null ? null : [...record.mfa],
    roles: [...record.roles],
    employee_number: record.employeeNumber,
    created_at: record.createdAt,
    last_login_at: record.volatile.lastLoginAt,
    extra: { ...record.extra, ...record.volatile.extra },
    seen_from: seenFrom,
    missing_since: missingSince,
  };
}

export function grantBody(grant: NamedGrant): GrantBody {
  const { record } = grant;
  return {
    connection: grant.connectionId,
    key: record.key,
    holder: { kind: record.holderKind, key: record.holderKey, name: grant.holderName },
    target: { kind: record.targetKind, key: record.targetKey, name: grant.targetName, type: grant.targetType },
    permission: record.permission,
    path: record.path,
    extra: { ...record.extra },
    seen_from: grant.seenFrom,
    missing_since: grant.missingSince,
  };
}

export function groupBody({ connectionId, record, seenFrom, missingSince }: Stored<GroupRecord>) {
  const { key, name, description, extra } = record;
  return {
    connection: connectionId, key, name, description, extra: { ...extra },
    seen_from: seenFrom, missing_since: missingSince,
  }; // prettier-ignore
}

export function resourceBody({ connectionId, record, seenFrom, missingSince }: Stored<ResourceRecord>) {
  const { key, type, name, extra } = record;
  return {
    connection: connectionId, key, type, name, extra: { ...extra },
    seen_from: seenFrom, missing_since: missingSince,
  }; // prettier-ignore
}

export function credentialBody({
  connectionId,
  record,
  ownerName,
  ownerEmail,
  seenFrom,
  missingSince,
}: OwnedCredential) {
  const { ownerKey, volatile } = record;
  return {
    connection: connectionId,
    key: record.key,
    type: record.type,
    name: record.name,
    owner: ownerKey === null ? null : { key: ownerKey, name: ownerName, email: ownerEmail },
    is_enabled: record.isEnabled,
    created_at: record.createdAt,
    expires_at: record.expiresAt,
    last_used_at: volatile.lastUsedAt,
    extra: { ...record.extra, ...volatile.extra },
    seen_from: seenFrom,
    missing_since: missingSince,
  };
}

export function figuresBody({ accounts, groups, roles, resources, grants, credentials, snapshotAt }: Figures) {
  return {
    accounts: {
      total: accounts.total,
      by_status: { ...accounts.byStatus },
      administrators: accounts.administrators,
      administrators_without_second_factor: accounts.administratorsWithoutSecondFactor,
    },
    groups,
    roles,
    resources,
    grants,
    credentials,
    snapshot_at: snapshotAt,
  };
}

export function eventBody(event: ChangeEvent) {
  return {
    position: event.position,
    connection: event.connectionId,
    source: event.source,
    type: event.type,
    subject: { kind: event.subjectKind, key: event.subjectKey },
    occurred_at: event.occurredAt,
    run_id: event.runId,
    data: event.data,
  };
}

export function principalBodyOf(principal: Principal) {
  const { id, name, email, kind, role, disabledAt, createdAt } = principal;
  return { id, name, email, kind, role, disabled_at: disabledAt, created_at: createdAt };
}

export function tokenBodyOf(token: Token) {
  return {
    id: token.id,
    principal_id: token.principalId,
    name: token.name,
    hint: token.hint,
    role: token.role,
    connections: token.connections && [...token.connections],
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    last_used_at: token.lastUsedAt,
    revoked_at: token.revokedAt,
  };
}

function objectOf(value: JsonValue): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}
