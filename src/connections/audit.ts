import { isDeepStrictEqual } from 'node:util';
import type { NewAuditEntry } from '../model/audit.ts';
import { toUsherError } from '../model/errors.ts';
import type { JsonValue } from '../model/records.ts';
import type { StoredConnection } from '../store/connections.ts';
import type { ConnectionChange } from './views.ts';

/** What the audit log is told of connections: names of secrets that were set, never what they are. */

const SENTENCES = {
  connected: 'was connected',
  edited: 'was changed',
  paused: 'was paused',
  resumed: 'was resumed',
  tested: 'was tested',
  adopted: 'went over to other credentials, by a change of its own',
  removed: 'was removed, with all that Usher held of it',
} as const;

/** One thing that was done to a connection. */
export function connectionEntry(
  what: keyof typeof SENTENCES,
  id: string,
  at: string,
  details: JsonValue = null,
): NewAuditEntry {
  return {
    at,
    kind: 'connection',
    action: `connection.${what}`,
    summary: `The connection ${id} ${SENTENCES[what]}.`,
    connection: id,
    details,
  };
}

/** What an edit came to: settings by name, whether it was paused or resumed. */
export function editEntries(
  before: StoredConnection,
  after: StoredConnection,
  change: ConnectionChange,
): readonly NewAuditEntry[] {
  const { id, updatedAt: at } = after;
  const [was, is] = [fieldsOf(before.settings), fieldsOf(after.settings)];
  const settings = [...new Set([...was.keys(), ...is.keys()])].filter(
    (name) => !isDeepStrictEqual(was.get(name), is.get(name)),
  );
  const secrets = Object.keys(change.secrets ?? {});
  const hasSchedule = before.scheduleSeconds !== after.scheduleSeconds;
  const isEdited = settings.length + secrets.length > 0 || hasSchedule;
  const schedule = hasSchedule ? { before: before.scheduleSeconds, after: after.scheduleSeconds } : null;
  return [
    ...(isEdited ? [connectionEntry('edited', id, at, { settings, secrets, schedule_seconds: schedule })] : []),
    ...stateEntries(before, after, at),
  ];
}

function fieldsOf(settings: JsonValue): ReadonlyMap<string, unknown> {
  return new Map(typeof settings === 'object' && settings !== null ? Object.entries(settings) : []);
}

/** Whether it was paused or resumed on the way. */
export function stateEntries(before: StoredConnection, after: StoredConnection, at: string): readonly NewAuditEntry[] {
  if (before.state === after.state) return [];
  const isPaused = after.state === 'paused';
  return [connectionEntry(isPaused ? 'paused' : 'resumed', after.id, at, isPaused ? after.pausedReason : null)];
}

/** People's data read from the app itself: which action, and whether it answered; neither input nor answer. */
export function liveReadEntry(connection: string, action: string, at: string, failure: unknown): NewAuditEntry {
  const error = failure === null ? null : toUsherError(failure);
  return {
    at,
    kind: 'read',
    action,
    outcome: error === null ? 'ok' : 'failed',
    summary: `${action} asked the app of ${connection} now.`,
    connection,
    details: error === null ? null : { code: error.details.code ?? error.kind },
  };
}
