import type { Dispatcher } from 'undici';
import type { UsherError } from '../../model/errors.ts';
import type { Clock } from '../connector.ts';
import type { Limiter } from '../limiter.ts';
import { flatHeaders, openStream, type Read, readWhole, refusalOf, refuseRedirect } from './answers.ts';
import type { HttpAuth } from './auth.ts';
import { describeFailure } from './failures.ts';
import { createRedactor, type Redactor } from './redact.ts';
import { buildRequest, type BuiltRequest } from './request.ts';
import { backoffMs, budgetSaid, defaultRetry, type RetryPolicy, sleep as realSleep, waitAskedMs } from './retry.ts';
import type { Transport } from './transport.ts';
import type { CallTrace, HttpAnswer, HttpClient, HttpRequest, HttpStream } from './types.ts';

export type { CallTrace, HttpClient, RequestPreview } from './types.ts';

export interface HttpClientOptions {
  /** The sockets, with base URL, egress rule, TLS and proxy; may be shared by clients of one connection. */
  readonly transport: Transport;
  /** Aborts everything this client does. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Values that must not be seen in traces and errors. */
  readonly secrets?: readonly string[];
  readonly auth?: HttpAuth;
  readonly limiter?: Limiter;
  /** Called right before each request goes out, after all waiting; throws where none may go out any more. */
  readonly assertMayCall?: () => void;
  readonly retry?: RetryPolicy;
  /** Default for requests that name none: 60 s. */
  readonly timeoutMs?: number;
  /** However long a request may take by itself, never longer than this. */
  readonly maxTimeoutMs?: number;
  /** Default for requests that name none: 64 MB read whole, 2 GB as a stream. */
  readonly maxBytes?: number;
  /** Called after each attempt. */
  readonly onCall?: (trace: CallTrace) => void;
  /** [0, 1): the jitter. */
  readonly random?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const TIMEOUT_MS = 60_000;
/** Where no call was refused yet and the app says when there will be more, that is worth waiting for. */
const MAX_HOLD_MS = 3_600_000;
const RENEWS_ON: readonly number[] = [401];
const RIGHT_EVERY_MS = 250;
const BODY_HEAD_CHARS = 1024;
/** Statuses that say: not now. 500 and 501 say what went wrong with this call, but a read may still be tried again. */
const REPEATABLE_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Makes the HTTP client a connector speaks through. Errors and what they mean: see `HttpClient`. Calls that are safe to
 * repeat are repeated with full-jitter backoff on 408, 425, 429, 5xx and broken connections, all others on 429 alone;
 * `Retry-After` and `RateLimit-*` are honoured. Redirects are never followed.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const call = new Caller(options);
  return {
    baseUrl: options.transport.baseUrl.href,
    request: (request) => call.run(request, readWhole),
    stream: (request) => call.run(request, openStream),
  };
}

class Caller {
  readonly #options: HttpClientOptions;
  readonly #retry: RetryPolicy;
  readonly #sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #random: () => number;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#retry = options.retry ?? defaultRetry;
    this.#sleep = options.sleep ?? realSleep;
    this.#random = options.random ?? Math.random;
  }

  async run<Result extends HttpAnswer | HttpStream>(request: HttpRequest, read: Read<Result>): Promise<Result> {
    const call: Call = {
      request,
      isSafe: request.isSafeToRepeat ?? (request.method === 'GET' || request.method === 'HEAD'),
      functionality: request.functionality ?? 'default',
      auth: request.auth === undefined ? (this.#options.auth ?? null) : request.auth,
      waitedMs: 0,
    };
    const { signal } = this.#options;
    let hasRenewed = false;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(call, attempt, read);
      if (!outcome.hasAnswer) {
        if (outcome.waitMs === null) throw outcome.error;
        call.waitedMs += outcome.waitMs;
        await this.#sleep(outcome.waitMs, signal);
        continue;
      }
      const { result, sent, drop } = outcome;
      if (call.auth === null || !(call.auth.renewsOn ?? RENEWS_ON).includes(result.status)) return result;
      if (hasRenewed) {
        call.auth.stillRefused?.(result.status);
        return result;
      }
      hasRenewed = true;
      if (!(await call.auth.renew(sent, signal, result.status))) return result;
      await drop();
    }
  }

  async #attempt<Result extends HttpAnswer | HttpStream>(
    call: Call,
    attempt: number,
    read: Read<Result>,
  ): Promise<Outcome<Result>> {
    const { request, isSafe, functionality } = call;
    const { signal, limiter, clock } = this.#options;
    // Asked for before the turn comes, so that the turn is not spent on waiting for a token; it may be over by then.
    await call.auth?.headers(signal);
    await limiter?.acquire(functionality, signal);
    const sent = (await call.auth?.headers(signal)) ?? {};
    const built = buildRequest(this.#options.transport.baseUrl, request, sent);
    const { assertMayCall } = this.#options;
    assertMayCall?.();
    const right = isSafe ? null : watchRight(assertMayCall);
    const startedAt = clock.now();
    const startedMs = performance.now();
    const trace = (part: Pick<CallTrace, 'status' | 'outcome' | 'error'>, response: TraceResponse): void => {
      const { onCall } = this.#options;
      if (onCall === undefined && request.onTrace === undefined) return;
      const redact = this.#redactor(call);
      const told: CallTrace = {
        operation: request.operation,
        functionality,
        attempt,
        startedAt: startedAt.toISOString(),
        ms: performance.now() - startedMs,
        ...part,
        request: redactRequest(redact, built),
        response: response && {
          headers: redact.headers(response.headers),
          bodyHead: redact.head(response.head, BODY_HEAD_CHARS),
        },
      };
      onCall?.(told);
      request.onTrace?.(told);
    };

    let status: number | null = null;
    let headers: Readonly<Record<string, string>> = {};
    try {
      const answer = await this.#send(request, built, read === openStream, right?.lost);
      status = answer.statusCode;
      headers = flatHeaders(answer.headers);
      this.#heed(functionality, status, headers);
      const received = {
        answer, headers, request, isSafe, host: built.url.host, defaultMaxBytes: this.#options.maxBytes,
      }; // prettier-ignore
      refuseRedirect(received);
      if (REPEATABLE_STATUS.has(status)) throw await refusalOf(received, clock.now());
      const { result, head, drop } = await read(received);
      trace({ status, outcome: 'answered', error: null }, { headers, head });
      return { hasAnswer: true, result, sent, drop };
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      const error = describeFailure(thrown, request.operation, built.url.host, isSafe);
      const waitMs = this.#waitBeforeRepeat(error, attempt, call);
      const outcome = waitMs === null ? 'failed' : 'repeated';
      trace(
        { status, outcome, error: error.details.code ?? error.kind },
        status === null ? null : { headers, head: '' },
      );
      return { hasAnswer: false, error, waitMs };
    } finally {
      right?.stop();
    }
  }

  /** Keeps to what the answer says of the budget. A wait that is too long holds nobody: each caller is told of it. */
  #heed(functionality: string, status: number, headers: Readonly<Record<string, string>>): void {
    const { limiter, clock } = this.#options;
    if (limiter === undefined) return;
    const { maxWaitMs, perSecond } = limiter.budget(functionality);
    const said = budgetSaid(headers, clock.now());
    const isUsedUp = status === 429 || said?.left === 0;
    if (!isUsedUp) {
      if (said !== null) limiter.told(functionality, said.left);
      return;
    }
    const unsaidMs = maxWaitMs === null ? 0 : 1000 / perSecond;
    const holdMs = waitAskedMs(status, headers, clock.now()) ?? said?.resetMs ?? unsaidMs;
    const longestMs = maxWaitMs ?? (status === 429 ? this.#retry.maxRetryAfterMs : MAX_HOLD_MS);
    if (holdMs <= longestMs) limiter.hold(functionality, holdMs);
  }

  #send(
    request: HttpRequest,
    built: BuiltRequest,
    isStream: boolean,
    lost?: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const wantedMs = request.timeoutMs ?? this.#options.timeoutMs ?? TIMEOUT_MS;
    const timeoutMs = Math.min(wantedMs, this.#options.maxTimeoutMs ?? wantedMs);
    const { signal } = this.#options;
    return this.#options.transport.dispatcher.request({
      path: `${built.url.pathname}${built.url.search}`,
      method: request.method,
      headers: built.headers,
      body: built.body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      // A body that drips keeps the idle timer quiet: a whole answer has a deadline of its own.
      signal: AbortSignal.any([
        signal,
        ...(isStream ? [] : [AbortSignal.timeout(timeoutMs)]),
        ...(lost === undefined ? [] : [lost]),
      ]),
    });
  }

  /**
   * null: do not repeat. A call that was refused for its rate was not carried out, so it may be made again whatever it
   * is; of a budget that is known, the app is waited for instead of counted, as long as the connector says.
   */
  #waitBeforeRepeat(error: UsherError, attempt: number, call: Call): number | null {
    const isRefused = error.kind === 'rateLimited';
    const { attempts, maxRetryAfterMs } = this.#retry;
    if (!error.canRetry || attempts <= 1 || !(call.isSafe || isRefused)) return null;
    const waitMs = Math.max(
      backoffMs(this.#retry, Math.min(attempt, attempts), this.#random),
      (error.details.retryAfterSeconds ?? 0) * 1000,
    );
    const maxWaitMs = isRefused ? (this.#options.limiter?.budget(call.functionality).maxWaitMs ?? null) : null;
    if (maxWaitMs !== null) return call.waitedMs + waitMs > maxWaitMs ? null : waitMs;
    const isTooLong = (error.details.retryAfterSeconds ?? 0) * 1000 > maxRetryAfterMs;
    return attempt >= attempts || isTooLong ? null : waitMs;
  }

  #redactor({ auth, request }: Call): Redactor {
    return createRedactor([...(this.#options.secrets ?? []), ...(auth?.secrets() ?? []), ...(request.secrets ?? [])]);
  }
}

/**
 * Gives a change that is under way up as soon as nothing may be asked of the app any more: whoever goes on with the work
 * goes by what the app shows, so nothing of ours may reach it later.
 */
function watchRight(assertMayCall: (() => void) | undefined): { readonly lost: AbortSignal; stop(): void } | null {
  if (assertMayCall === undefined) return null;
  const lost = new AbortController();
  const timer = setInterval(() => {
    try {
      assertMayCall();
    } catch (cause) {
      const over = new Error('The right to call the app was lost while waiting for its answer.', {
        cause: String(cause),
      });
      lost.abort(Object.assign(over, { code: 'ERR_USHER_GIVEN_UP' }));
    }
  }, RIGHT_EVERY_MS);
  return { lost: lost.signal, stop: () => clearInterval(timer) };
}

/** A call over its attempts. */
interface Call {
  readonly request: HttpRequest;
  readonly isSafe: boolean;
  readonly functionality: string;
  readonly auth: HttpAuth | null;
  /** Between attempts, in all. */
  waitedMs: number;
}

/** What an attempt came to; `waitMs` is how long to wait before the next, null for none. */
type Outcome<Result> =
  | {
      readonly hasAnswer: true;
      readonly result: Result;
      /** Headers of authorisation it was sent with. */
      readonly sent: Readonly<Record<string, string>>;
      readonly drop: () => Promise<void>;
    }
  | { readonly hasAnswer: false; readonly error: UsherError; readonly waitMs: number | null };

type TraceResponse = { readonly headers: Readonly<Record<string, string>>; readonly head: string } | null;

function redactRequest(redact: Redactor, built: BuiltRequest): CallTrace['request'] {
  return {
    method: built.method,
    url: redact.text(built.url.href),
    headers: redact.headers(built.headers),
    body: built.body === null ? null : redact.head(built.body, BODY_HEAD_CHARS),
  };
}
