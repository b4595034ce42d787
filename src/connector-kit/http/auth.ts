import type { Clock } from '../connector.ts';

/** How requests are authorised, where that is more than fields of the body. One serves all calls of a connection. */
export interface HttpAuth {
  /** Names of the headers it adds: what a dry run shows without asking for a token. */
  readonly headerNames: readonly string[];
  /** Statuses that say that the headers are no longer good; default 401. */
  readonly renewsOn?: readonly number[];
  /** Headers for the next request; may fetch a token first. */
  headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /**
   * Called once for a call when the app answered it with one of `renewsOn`: true when a new attempt has other headers.
   * The call is then made again, whatever it is: a refused call was not carried out.
   */
  renew(refused: Readonly<Record<string, string>>, signal: AbortSignal, status: number): Promise<boolean>;
  /** Told when the call made again with other headers was refused like the first: it was not for the headers. */
  stillRefused?(status: number): void;
  /** What must be masked now, beside the secrets of the settings. */
  secrets(): readonly string[];
}

export interface Token {
  readonly value: string;
  /** Epoch milliseconds; null: until refused. */
  readonly expiresAtMs: number | null;
}

export interface TokenAuthOptions {
  /** Aborted when nobody waits for the token any more. What it throws reaches all who wait. */
  readonly fetchToken: (signal: AbortSignal) => Promise<Token>;
  readonly clock: Clock;
  /** Default: `Authorization: Bearer <token>`. */
  readonly header?: (token: string) => Readonly<Record<string, string>>;
  /** Renewed when it has less than this left (default 60 s), but never before half of its life is over. */
  readonly marginMs?: number;
  /** As `HttpAuth.renewsOn`. */
  readonly renewsOn?: readonly number[];
}

/** After a new token did not help against a status, so long no other is fetched for that status. */
const VAIN_MS = 5 * 60_000;

/**
 * Authorises with a token that is fetched when needed, by one request however many calls wait for it, kept until it is
 * about to expire, and fetched again once for a call that was refused. A failed fetch is thrown to all who waited, and
 * tried anew by the next. Where an app says 403 both for a dead token and for a missing right, name both statuses in
 * `renewsOn`: once a new token was seen not to help, 403 is left alone for five minutes.
 */
export function tokenAuth(options: TokenAuthOptions): HttpAuth {
  const header = options.header ?? ((token) => ({ authorization: `Bearer ${token}` }));
  const nowMs = (): number => options.clock.now().getTime();
  const vainUntilMs = new Map<number, number>();
  let current: Held | null = null;
  /** The one before is masked as well: calls under way may still be using it. */
  let previous: Held | null = null;
  let pending: Pending | null = null;

  const start = (): Pending => {
    const abort = new AbortController();
    const settled = options.fetchToken(abort.signal).then(
      (token) => {
        const marginMs = options.marginMs ?? 60_000;
        const lifeMs = token.expiresAtMs === null ? null : token.expiresAtMs - nowMs();
        previous = current;
        current = {
          value: token.value,
          renewAtMs: lifeMs === null ? Infinity : nowMs() + Math.max(lifeMs - marginMs, lifeMs / 2),
        };
        if (pending === mine) pending = null;
        return current;
      },
      (error: unknown) => {
        if (pending === mine) pending = null;
        throw error;
      },
    );
    settled.catch(() => undefined); // it is thrown to those who wait; there may be none left
    const mine: Pending = { settled, waiting: 0, abort };
    return mine;
  };
  const fetchOnce = async (signal: AbortSignal): Promise<Held> => {
    const joined = (pending ??= start());
    joined.waiting += 1;
    try {
      return await unlessAborted(joined.settled, signal);
    } finally {
      joined.waiting -= 1;
      if (joined.waiting === 0 && pending === joined) {
        pending = null;
        joined.abort.abort(signal.reason);
      }
    }
  };

  return {
    headerNames: Object.keys(header('')),
    ...(options.renewsOn === undefined ? {} : { renewsOn: options.renewsOn }),
    async headers(signal) {
      const token = current !== null && current.renewAtMs > nowMs() ? current : await fetchOnce(signal);
      return header(token.value);
    },
    async renew(refused, signal, status) {
      const seen = JSON.stringify(refused);
      if (current !== null && JSON.stringify(header(current.value)) !== seen) return true;
      if ((vainUntilMs.get(status) ?? 0) > nowMs()) return false;
      const token = await fetchOnce(signal);
      return JSON.stringify(header(token.value)) !== seen;
    },
    stillRefused(status) {
      // A 401 is about the token by its very meaning: the next one may be of another cause.
      if (status !== 401) vainUntilMs.set(status, nowMs() + VAIN_MS);
    },
    secrets: () => [current, previous].flatMap((token) => (token === null ? [] : [token.value])),
  };
}

/** Authorises with user name and password (HTTP Basic), and headers of the app's own beside it. */
export function basicAuth(user: string, password: string, besides: Readonly<Record<string, string>> = {}): HttpAuth {
  const login = `${user}:${password}`;
  const headers = { ...besides, authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  return fixedAuth(headers, [login, password, ...Object.values(besides)]);
}

/** Authorises with a key in a header (`X-Api-Key`). */
export function keyAuth(header: string, key: string): HttpAuth {
  return fixedAuth({ [header]: key }, [key]);
}

interface Held {
  readonly value: string;
  /** Epoch milliseconds. */
  readonly renewAtMs: number;
}

interface Pending {
  readonly settled: Promise<Held>;
  waiting: number;
  readonly abort: AbortController;
}

function fixedAuth(headers: Readonly<Record<string, string>>, secrets: readonly string[]): HttpAuth {
  return {
    headerNames: Object.keys(headers),
    renewsOn: [],
    headers: () => Promise.resolve(headers),
    renew: () => Promise.resolve(false),
    secrets: () => secrets,
  };
}

/** The same promise for one who may lose interest; rejects with the signal's reason then. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
