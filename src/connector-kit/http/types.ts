import type { HttpAuth } from './auth.ts';

/** What is sent with a request. `form` goes as application/x-www-form-urlencoded. */
export type HttpBody =
  | { readonly json: unknown }
  | { readonly form: Readonly<Record<string, string>> }
  | { readonly text: string; readonly contentType: string };

/** One call to the app. */
export interface HttpRequest {
  /** The vendor's name for it (`getuserdata`): shown in traces, errors and drift. */
  readonly operation: string;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base URL, starting with `/`; or a whole URL of the same origin (a vendor's next link). */
  readonly path: string;
  /** `undefined` leaves a parameter out; an array repeats it. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  /** Authorised by this in the place of the connection's own (another key's token); null: by nothing. */
  readonly auth?: HttpAuth | null;
  /** Which budget of the limiter it takes from; `default` where absent. */
  readonly functionality?: string;
  /**
   * Whether doing it twice is the same as once. Default: GET and HEAD. Others are made again only where the app refused
   * them unseen: for their rate, or for a token that was renewed.
   */
  readonly isSafeToRepeat?: boolean;
  /** For one attempt: to the last byte for `request`, to the first byte and between bytes for `stream`. */
  readonly timeoutMs?: number;
  /** An answer longer than this, decompressed, is an `upstreamBug`. */
  readonly maxBytes?: number;
  /** Secrets of this request alone (a password it sets): masked in its trace, preview and errors. */
  readonly secrets?: readonly string[];
  /** Gets the trace of each attempt, for whoever has to account for this very call. */
  readonly onTrace?: (trace: CallTrace) => void;
}

interface AnswerHead {
  readonly status: number;
  /** Names in lower case; repeated ones joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A whole answer, read into memory. */
export interface HttpAnswer extends AnswerHead {
  readonly text: string;
}

/** An answer whose body is read piece by piece; reading throws UsherErrors. Read it to its end or leave the loop. */
export interface HttpStream extends AnswerHead {
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Speaks to one connection's app. Both calls throw UsherErrors and hand back every other answer, refusals included:
 * `transient` (codes unknownHost, connectionRefused, connectionLost, timeout, serverError), `rateLimited`,
 * `upstreamBug` (codes certificateUntrusted, certificateChanged, tls, redirect, tooLarge), `guarded` (code egressRefused).
 */
export interface HttpClient {
  readonly baseUrl: string;
  request(request: HttpRequest): Promise<HttpAnswer>;
  stream(request: HttpRequest): Promise<HttpStream>;
}

/** A request as shown to people: secrets are masked, everything else is what would be sent. */
export interface RequestPreview {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** What happened in one attempt of one call; secrets are masked and bodies cut to a head. */
export interface CallTrace {
  readonly operation: string;
  readonly functionality: string;
  /** From 1; more than 1: it was repeated. */
  readonly attempt: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly ms: number;
  /** null: no answer came. */
  readonly status: number | null;
  readonly outcome: 'answered' | 'repeated' | 'failed';
  /** The error's code, for `repeated` and `failed`. */
  readonly error: string | null;
  readonly request: RequestPreview;
  readonly response: { readonly headers: Readonly<Record<string, string>>; readonly bodyHead: string } | null;
}
