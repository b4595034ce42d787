import type { OpenWrites } from '../connector-kit/changes.ts';
import type { OpenConnector } from '../connector-kit/connector.ts';
import { UsherError } from '../model/errors.ts';

/**
 * The same error as it is told of a stored connection: it carries the connection's id and, where a person can mend it
 * there, the command that does. One that carries a connection already is left as it is.
 */
export function guided(connectionId: string, error: UsherError): UsherError {
  const { details } = error;
  if (details.connection !== undefined) return error;
  const command = commandFor(connectionId, error);
  const next = [details.next, command].filter((sentence) => sentence !== undefined).join(' ');
  return new UsherError(error.kind, error.message, {
    ...details,
    connection: connectionId,
    ...(next === '' ? {} : { next }),
    cause: details.cause ?? error,
  });
}

function commandFor(connectionId: string, { kind, details }: UsherError): string | undefined {
  if (details.code === 'certificateChanged') {
    // By convention every connector that pins calls its setting so.
    const flag = `--certificate-fingerprint sha256:${details.certificate?.sha256 ?? 'FINGERPRINT'}`;
    return `To trust the new one, once compared: \`usher connections edit ${connectionId} ${flag} --resume\`.`;
  }
  // What is wrong with a setting is not mended by another secret.
  if (kind !== 'auth' || details.field?.startsWith('settings.') === true) return undefined;
  return `To give the connection another secret: \`usher connections edit ${connectionId} --new-secret\`.`;
}

/** The same connector, whose errors are told as those of this stored connection. */
export function guidedConnector(connectionId: string, connector: OpenConnector): OpenConnector {
  const told = <T>(work: () => Promise<T>): Promise<T> => tell(connectionId, work);
  return {
    probe: () => told(() => connector.probe()),
    scopes: (collection) => told(() => connector.scopes(collection)),
    pull: (...asked) => tellPages(connectionId, connector.pull(...asked)),
    call: (action, input) => told(() => connector.call(action, input)),
    auditEvents: (cursor) => tellPages(connectionId, connector.auditEvents(cursor)),
    writes: connector.writes === null ? null : guidedWrites(connectionId, connector.writes),
  };
}

function guidedWrites(connectionId: string, writes: OpenWrites): OpenWrites {
  const told = <T>(work: () => Promise<T>): Promise<T> => tell(connectionId, work);
  return {
    plan: (...asked) => told(() => writes.plan(...asked)),
    maskInput: (action, input) => writes.maskInput(action, input),
    read: (...asked) => told(() => writes.read(...asked)),
    administrators: () => told(() => writes.administrators()),
    ownAccount: () => told(() => writes.ownAccount()),
    readLog: (since) => told(() => writes.readLog(since)),
    async call(...asked) {
      const results = await told(() => writes.call(...asked));
      return results.map((result) =>
        result.kind === 'taken' ? result : { ...result, error: guided(connectionId, result.error) },
      );
    },
  };
}

async function tell<T>(connectionId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof UsherError ? guided(connectionId, thrown) : thrown;
  }
}

async function* tellPages<Page, End>(
  connectionId: string,
  pages: AsyncGenerator<Page, End, void>,
): AsyncGenerator<Page, End, void> {
  try {
    return yield* pages;
  } catch (thrown) {
    throw thrown instanceof UsherError ? guided(connectionId, thrown) : thrown;
  }
}
