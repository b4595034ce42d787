import type { Clock } from '../connector.ts';

/** How requests are authorised, where that is more than fields of the body. */
export interface HttpAuth {
  /** Headers for the next request; may fetch a token first. */
  headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /**
   * Called once when the app answered 401 to these headers: true when a new attempt has other headers. The call is then
   * made again, whatever it is: a refused call was not carried out.
   */
  renew(refused: Readonly<Record<string, string>>, signal: AbortSignal): Promise<boolean>;
  /** What must be masked now, beside the secrets of the settings. */
  secrets(): readonly string[];
}

export interface Token {
  readonly value: string;
  /** Epoch milliseconds; null: until refused. */
  readonly expiresAtMs: number | null;
}

export interface TokenAuthOptions {
  readonly fetchToken: (signal: AbortSignal) => Promise<Token>;
  readonly clock: Clock;
  /** Default: `Authorization: Bearer <token>`. */
  readonly header?: (token: string) => Readonly<Record<string, string>>;
  /** Renewed when it has less than this left (default 60 s). */
  readonly marginMs?: number;
}

/**
 * Authorises with a token that is fetched when needed, by one request however many calls wait for it, kept until it is
 * about to expire, and fetched again once after a 401. A failed fetch is thrown to all who waited, and tried anew by the
 * next.
 *
 * @internal no connector uses it yet
 */
export function tokenAuth(options: TokenAuthOptions): HttpAuth {
  const header = options.header ?? ((token) => ({ authorization: `Bearer ${token}` }));
  const marginMs = options.marginMs ?? 60_000;
  let current: Token | null = null;
  let pending: Promise<Token> | null = null;

  const fetchOnce = (signal: AbortSignal): Promise<Token> => {
    pending ??= options.fetchToken(signal).then(
      (token) => {
        pending = null;
        current = token;
        return token;
      },
      (error: unknown) => {
        pending = null;
        throw error;
      },
    );
    return pending;
  };
  const isFresh = (token: Token): boolean =>
    token.expiresAtMs === null || token.expiresAtMs - marginMs > options.clock.now().getTime();

  return {
    async headers(signal) {
      const token = current !== null && isFresh(current) ? current : await fetchOnce(signal);
      return header(token.value);
    },
    async renew(refused, signal) {
      const seen = JSON.stringify(refused);
      if (current !== null && JSON.stringify(header(current.value)) !== seen) return true;
      const token = await fetchOnce(signal);
      return JSON.stringify(header(token.value)) !== seen;
    },
    secrets: () => (current === null ? [] : [current.value]),
  };
}
