/** Every kind of failure Usher speaks of, once: how each surface says it and whether trying again can help. */
export const ERROR_KINDS = {
  auth: { status: 401, exitCode: 4, retry: false, title: 'The app refused the credentials' },
  permission: { status: 403, exitCode: 4, retry: false, title: 'Not allowed' },
  wrongScope: { status: 403, exitCode: 4, retry: false, title: 'The credentials are limited to a smaller scope' },
  notFound: { status: 404, exitCode: 5, retry: false, title: 'Not found' },
  alreadyExists: { status: 409, exitCode: 6, retry: false, title: 'It exists already' },
  conflict: { status: 409, exitCode: 6, retry: false, title: 'It conflicts with the present state' },
  stale: { status: 409, exitCode: 6, retry: true, title: 'It changed in the meantime' },
  notSynced: { status: 409, exitCode: 6, retry: true, title: 'Not synced yet' },
  guarded: { status: 409, exitCode: 7, retry: false, title: 'A guard stopped it' },
  invalidInput: { status: 400, exitCode: 2, retry: false, title: 'Invalid input' },
  unsupported: { status: 422, exitCode: 8, retry: false, title: 'The app cannot do this' },
  rateLimited: { status: 429, exitCode: 9, retry: true, title: 'Too many requests' },
  transient: { status: 503, exitCode: 9, retry: true, title: 'It failed for the moment' },
  upstreamBug: { status: 502, exitCode: 10, retry: false, title: 'The app answered something that makes no sense' },
  partialFailure: { status: 502, exitCode: 11, retry: false, title: 'Some of it failed' },
} as const satisfies Record<string, { status: number; exitCode: number; retry: boolean; title: string }>;

export type ErrorKind = keyof typeof ERROR_KINDS;

/** The address that names a kind of problem to programs (RFC 9457 `type`): `https://usher.example/errors/wrong-scope`. */
export function problemType(code: string): string {
  return `https://usher.example/errors/${code.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A server's certificate as it was shown in a handshake in which nothing was sent. */
export interface ShownCertificate {
  /** Of the certificate (DER), 64 hex digits. */
  readonly sha256: string;
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601, UTC. */
  readonly validFrom: string;
  readonly validTo: string;
}

export interface UsherErrorDetails {
  /** What the reader should do next: one sentence. */
  readonly next?: string;
  /** The connection it happened on, if any. */
  readonly connection?: string;
  /** The field of the input that is wrong, as a path (`settings.company_id`). */
  readonly field?: string;
  /** A finer code than the kind, for programs (`tokenExpired`); the kind where absent. */
  readonly code?: string;
  /** Seconds to wait before trying again, where known. */
  readonly retryAfterSeconds?: number;
  /** A page of the documentation. */
  readonly help?: string;
  /** The plan it is about (held for approval, still running), for programs. */
  readonly plan?: string;
  /** The run it is about. */
  readonly run?: string;
  /** What the app showed where its certificate was not trusted, for a person to compare. */
  readonly certificate?: ShownCertificate;
  readonly cause?: unknown;
}

/**
 * The one class of errors that reach a user. `message` says what happened and to which thing; it never carries a
 * secret. Thrown once, translated once, at the surface.
 */
export class UsherError extends Error {
  readonly kind: ErrorKind;
  readonly details: UsherErrorDetails;

  constructor(kind: ErrorKind, message: string, details: UsherErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'UsherError';
    this.kind = kind;
    this.details = details;
  }

  /** Whether the same call can succeed later without anybody changing anything. */
  get canRetry(): boolean {
    return ERROR_KINDS[this.kind].retry;
  }
}

/** An error where there is room for one sentence alone: what happened, and what to do next. */
export function sentenceOf({ message, details }: UsherError): string {
  return details.next === undefined ? message : `${message} ${details.next}`;
}

/** An input that cannot be used: `field` is its path, `message` says what is wrong with it. */
export function invalidInput(field: string, message: string, next?: string): UsherError {
  return new UsherError('invalidInput', message, { field, next });
}

/** Wraps what was thrown so that callers always hold an UsherError; `kind` is used for errors that are not ours. */
export function toUsherError(thrown: unknown, kind: ErrorKind = 'transient'): UsherError {
  if (thrown instanceof UsherError) return thrown;
  return new UsherError(kind, thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}
