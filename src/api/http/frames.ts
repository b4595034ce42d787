import type { FastifyError, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ERROR_KINDS, type ErrorKind, problemType, type ShownCertificate, UsherError } from '../../model/errors.ts';
import { databaseTrouble, troubleError } from '../../store/trouble.ts';
import { HttpError } from './errors.ts';
import { isCompatiblePath } from './paths.ts';
import { validationProblem } from './validation.ts';

/** An answer ready to send: the same sentence in either frame. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** What happened, in one sentence. */
  readonly message: string;
  /** Whether nobody foresaw it: worth a line in the log with its stack. */
  readonly isInternal: boolean;
}

/** A failure as HTTP speaks of it, whatever was thrown. */
interface Failure {
  readonly status: number;
  readonly kind?: ErrorKind;
  readonly code: string;
  readonly title: string;
  readonly message: string;
  readonly retry: boolean;
  readonly next?: string;
  readonly field?: string;
  readonly connection?: string;
  readonly help?: string;
  readonly plan?: string;
  readonly run?: string;
  readonly retryAfterSeconds?: number;
  readonly certificate?: ShownCertificate;
  readonly isInternal?: boolean;
}

/** Clients retry 429 and 408 for up to an hour: never without telling them when. */
const DEFAULT_RETRY_AFTER_SECONDS = 5;
const TITLES: Readonly<Record<string, string>> = {
  invalidToken: 'The token is not valid',
  missingToken: 'A token is needed',
  tokenExpired: 'The token has expired',
  tokenRevoked: 'The token was revoked',
  principalDisabled: 'The principal is disabled',
};

/**
 * Translates whatever a handler threw, once. StackOne-compatible paths get its frame as plain `application/json`, which
 * its SDK insists on; all others get problem details (RFC 9457). Unforeseen errors tell nothing but their request id.
 */
export function frameError(thrown: unknown, request: FastifyRequest, now: Date): ErrorAnswer {
  const failure = failureOf(thrown, request);
  const { status, code, message, next, field, connection, retry, help, plan, run } = failure;
  const certificate = failure.certificate && certificateBody(failure.certificate);
  const seconds = failure.retryAfterSeconds ?? (status === 429 || status === 408 ? DEFAULT_RETRY_AFTER_SECONDS : null);
  const headers = {
    ...(seconds !== null && { 'retry-after': String(Math.max(1, Math.ceil(seconds))) }),
    ...(status === 401 && failure.connection === undefined && { 'www-authenticate': 'Bearer realm="usher"' }),
  };
  const shared = { next, field, connection, retry, help, plan, run, certificate, request_id: request.id };
  const isCompatible = isCompatiblePath(request.url);
  const body = isCompatible
    ? { statusCode: status, message: wholeMessage(failure), timestamp: now.toISOString(), code, ...shared }
    : {
        // The kind, where there is one: programs that know no finer code still know what sort of failure it is.
        type: problemType(failure.kind ?? code),
        title: failure.title,
        status,
        code,
        detail: message,
        ...shared,
      };
  const contentType = isCompatible ? 'application/json; charset=utf-8' : 'application/problem+json; charset=utf-8';
  return { status, headers, contentType, body, message, isInternal: failure.isInternal ?? false };
}

/** Clients of the compatible paths show the message alone: how to approve, or where to look, has to be in it. */
function wholeMessage({ message, next, plan, run }: Failure): string {
  const isAboutChanges = plan !== undefined || run !== undefined;
  return isAboutChanges && next !== undefined && !message.includes(next) ? `${message} ${next}` : message;
}

function failureOf(thrown: unknown, request: FastifyRequest): Failure {
  if (thrown instanceof UsherError) return ofUsherError(thrown);
  if (thrown instanceof HttpError) {
    const { status, code, title, message, details } = thrown;
    return { status, code, title, message, retry: false, ...details };
  }
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const context = 'validationContext' in thrown ? thrown.validationContext : undefined;
    return { ...invalid, ...validationProblem(thrown.validation, context, request.routeOptions.schema) };
  }
  if (isFastifyError(thrown)) return ofFastifyError(thrown);
  const trouble = databaseTrouble(thrown);
  if (trouble !== null) return ofUsherError(troubleError(trouble, thrown));
  return {
    status: 500,
    code: 'internal',
    title: 'Something went wrong in Usher',
    message: 'Something went wrong in Usher itself. Nothing is known to have been changed.',
    next: "Look for the request id in Usher's log.",
    retry: false,
    isInternal: true,
  };
}

const invalid = {
  status: ERROR_KINDS.invalidInput.status,
  code: 'invalidInput',
  title: ERROR_KINDS.invalidInput.title,
  retry: false,
};

function ofUsherError(error: UsherError): Failure {
  const { status, title } = ERROR_KINDS[error.kind];
  const { code = error.kind, next, field, connection, help, plan, run, retryAfterSeconds, certificate } = error.details;
  return {
    status,
    kind: error.kind,
    code,
    title: TITLES[code] ?? title,
    message: error.message,
    retry: error.canRetry,
    next,
    field,
    connection,
    help,
    plan,
    run,
    retryAfterSeconds,
    certificate,
  };
}

function certificateBody({ sha256, subject, issuer, validFrom, validTo }: ShownCertificate) {
  return { sha256, subject, issuer, valid_from: validFrom, valid_to: validTo };
}

/** What fastify itself refuses before a handler runs: bad JSON, a body of another type or too large, a bad address. */
function ofFastifyError(error: FastifyError): Failure {
  const status = error.statusCode ?? 400;
  const next = NEXT_OF_STATUS[status];
  const code = CODE_OF_STATUS[status] ?? 'invalidInput';
  // What is wrong with a content type, a length or JSON is of the body; all else that is refused so early is the address.
  const field = error.code.startsWith('FST_ERR_CTP') ? 'body' : 'path';
  return { ...invalid, status, code, message: error.message, next, field };
}

const CODE_OF_STATUS: Readonly<Record<number, string>> = { 413: 'bodyTooLarge', 415: 'unsupportedMediaType' };
const NEXT_OF_STATUS: Readonly<Record<number, string>> = {
  413: 'Send less at once.',
  415: 'Send `Content-Type: application/json`.',
};

function isFastifyError(thrown: unknown): thrown is FastifyError {
  return (
    thrown instanceof Error &&
    'statusCode' in thrown &&
    typeof thrown.statusCode === 'number' &&
    thrown.statusCode >= 400 &&
    thrown.statusCode < 500
  );
}
