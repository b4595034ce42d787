import type { JsonValue, RecordKind } from './records.ts';

/**
 * A change event: derived from the diff of a pull (`source: 'sync'`) or from what was read back after a change that Usher
 * made itself (`source: 'usher'`), or reported by the app's own log (`source: 'app'`).
 * `type` is `<subject>.<what>`: account.created, account.updated, account.disabled, account.enabled, account.joined,
 * account.removed, group.created …, grant.added, grant.removed, credential.created …, connection.baselined; app events are
 * `app.<action>`.
 */
export interface ChangeEvent {
  /** Its place in the feed: strictly increasing in commit order; the cursor of readers. */
  readonly position: number;
  readonly connectionId: string;
  readonly source: 'sync' | 'usher' | 'app';
  readonly type: string;
  readonly subjectKind: RecordKind | 'connection' | 'app';
  readonly subjectKey: string;
  /** When it happened in the app, if the app told (app events), else when it was seen. ISO 8601, UTC. */
  readonly occurredAt: string;
  /** The sync or the run of a plan that it came from. */
  readonly runId: string | null;
  /** What changed: `{field: {before, after}}` for updates, the record's main fields otherwise. */
  readonly data: JsonValue;
}

/** One entry of an app's own audit log, as a connector hands it over. */
export interface AppEvent {
  /** Stable over polls: the same entry has the same id however often it is read. */
  readonly id: string;
  readonly occurredAt: string;
  /** The vendor's word for it, as sent. */
  readonly action: string;
  readonly actor: string | null;
  readonly target: string | null;
  readonly ipAddress: string | null;
  readonly data: JsonValue;
}
