import type { AppEventPage, OpenConnector } from '../connector-kit/connector.ts';
import { toUsherError, UsherError } from '../model/errors.ts';
import type { JsonValue } from '../model/records.ts';
import type { SyncDependencies } from '../sync/dependencies.ts';
import { addAppEvents } from '../store/sync/events.ts';
import { lockConnection, readCursor, writeCursor } from '../store/sync/connection.ts';

/** The name under which a connection's place in its app's log is kept. */
export const APP_LOG_CURSOR = 'app-log';

type PollDependencies = Pick<SyncDependencies, 'database' | 'clock' | 'log' | 'openConnection'>;

/**
 * Reads what is new in an app's own log and adds it to the feed, page by page: a page's events and its cursor are kept
 * in one transaction, so a poll that is killed goes on where it was. Entries that are there already are left alone.
 * Answers how many were new. A failure is logged and left to the next poll.
 */
export async function pollAppEvents(
  deps: PollDependencies,
  connectionId: string,
  signal: AbortSignal,
): Promise<number> {
  let added = 0;
  const opened = await deps.openConnection(connectionId, signal);
  try {
    if (!opened.definition.hasAuditEvents) return 0;
    const cursor = await deps.database.transaction((client) => readCursor(client, connectionId, APP_LOG_CURSOR));
    for await (const page of entriesFrom(opened.connector, cursor)) {
      added += await deps.database.transaction(async (client) => {
        if ((await lockConnection(client, connectionId)) === null) return 0; // it was removed meanwhile
        const count = await addAppEvents(client, connectionId, page.events);
        await writeCursor(client, connectionId, APP_LOG_CURSOR, page.cursor, deps.clock.now().toISOString());
        return count;
      });
      if (signal.aborted) break;
    }
  } catch (thrown) {
    const error = toUsherError(thrown, 'upstreamBug');
    deps.log.warn({ connection: connectionId, code: error.kind }, `The app's log could not be read: ${error.message}`);
  } finally {
    await opened.close();
  }
  return added;
}

/** A cursor of an older version of the connector is given up: what is then read again is known by its ids. */
async function* entriesFrom(
  connector: Pick<OpenConnector, 'auditEvents'>,
  cursor: JsonValue,
): AsyncGenerator<AppEventPage, void, void> {
  try {
    yield* connector.auditEvents(cursor);
  } catch (thrown) {
    if (cursor === null || !(thrown instanceof UsherError) || thrown.kind !== 'stale') throw thrown;
    yield* connector.auditEvents(null);
  }
}
