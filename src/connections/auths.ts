import { createHash } from 'node:crypto';
import type { ConnectorConfig } from '../connector-kit/connector.ts';
import type { HttpAuth } from '../connector-kit/http/auth.ts';

/** An authorisation on loan to one pull, probe or call. */
export interface LentAuth {
  readonly auth: HttpAuth | null;
  /** Gives it back; it stays for the next. */
  readonly giveBack: () => Promise<void>;
}

/** What authorises the calls of connections in this process: one for each connection and its credentials. */
export interface Auths {
  /** `make` is called where there is none yet for these very credentials. */
  lend(connectionId: string, config: ConnectorConfig, make: () => OwnedAuth): LentAuth;
  /** The connection was changed or removed: what is on loan ends with its last user. */
  forget(connectionId: string): Promise<void>;
}

/** An authorisation with the sockets it asks for tokens through. */
export interface OwnedAuth {
  readonly auth: HttpAuth | null;
  readonly close: () => Promise<void>;
}

/** An authorisation nobody has used for so long is thrown away with its token. */
const IDLE_MS = 3_600_000;

/**
 * Keeps authorisations by connection and a hash of its settings and secrets, so that a token serves all that is under
 * way and another process's change of the credentials is noticed by itself. All end with `signal`; `nowMs` is a clock
 * that never goes back.
 */
export function createAuths(signal: AbortSignal, nowMs: () => number = () => performance.now()): Auths {
  const kept = new Map<string, Kept>();
  const drop = async (entry: Kept): Promise<void> => {
    if (kept.get(entry.key) === entry) kept.delete(entry.key);
    entry.isDropped = true;
    if (entry.users === 0) await entry.owned.close();
  };
  const dropIdle = (): void => {
    for (const entry of kept.values()) {
      if (entry.users === 0 && nowMs() - entry.usedAtMs > IDLE_MS) void drop(entry).catch(() => undefined);
    }
  };
  signal.addEventListener('abort', () => {
    for (const entry of kept.values()) void drop(entry).catch(() => undefined);
  });
  return {
    lend(connectionId, config, make) {
      dropIdle();
      const key = keyOf(connectionId, config);
      let entry = kept.get(key);
      if (entry === undefined) {
        entry = { key, connectionId, owned: make(), users: 0, usedAtMs: nowMs(), isDropped: false };
        kept.set(key, entry);
      }
      const lent = entry;
      lent.users += 1;
      return {
        auth: lent.owned.auth,
        async giveBack() {
          lent.users -= 1;
          lent.usedAtMs = nowMs();
          if (lent.users === 0 && lent.isDropped) await lent.owned.close();
        },
      };
    },
    async forget(connectionId) {
      const theirs = [...kept.values()].filter((entry) => entry.connectionId === connectionId);
      await Promise.all(theirs.map(drop));
    },
  };
}

interface Kept {
  readonly key: string;
  readonly connectionId: string;
  readonly owned: OwnedAuth;
  users: number;
  usedAtMs: number;
  isDropped: boolean;
}

/** A hash, so that no secret is a key of anything. */
function keyOf(connectionId: string, { settings, secrets, baseUrl }: ConnectorConfig): string {
  const sorted = Object.entries(secrets).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([connectionId, baseUrl, settings, sorted]))
    .digest('base64');
}
