import { UsherError } from '../../model/errors.ts';

/** Ends the message of a failed call that is not safe to repeat, until reading shows what came of it. */
export const DOUBT = ' It may have been carried out all the same.';

/** Codes of Node and OpenSSL that mean: the connection stands, the certificate does not. */
const TLS_CODE =
  /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO$|ERR_OSSL|ERR_USHER_PIN)/;

/**
 * Translates what undici, Node or a timer threw while calling `host` into an UsherError. `isSafe` says whether the call
 * can simply be made again; where it cannot, the message says that it may have been carried out.
 */
export function describeFailure(thrown: unknown, operation: string, host: string, isSafe: boolean): UsherError {
  const own = findUsherError(thrown);
  if (own !== null) return own;
  const code = errorCode(thrown);
  const doubt = isSafe ? '' : DOUBT;
  if (TLS_CODE.test(code)) return tlsFailure(thrown, code, host);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new UsherError('transient', `The name ${host} could not be resolved (${code}) for ${operation}.`, {
      code: 'unknownHost',
      next: 'Check the address in the settings, and the DNS and proxy of the machine Usher runs on.',
      cause: thrown,
    });
  }
  if (code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'ERR_USHER_PROXY') {
    return new UsherError('transient', `${host} did not accept the connection (${code}) for ${operation}.`, {
      code: 'connectionRefused',
      next: 'Check the address and port, and whether a firewall or proxy stands between.',
      cause: thrown,
    });
  }
  if (/TIMEOUT|ETIMEDOUT/.test(code) || (thrown instanceof Error && thrown.name === 'TimeoutError')) {
    return new UsherError('transient', `${host} did not answer ${operation} in time.${doubt}`, {
      code: 'timeout',
      next: 'Try again later; if it stays so, look at the network and at the status page of the app.',
      cause: thrown,
    });
  }
  return new UsherError('transient', `The connection to ${host} broke (${code}) during ${operation}.${doubt}`, {
    code: 'connectionLost',
    next: 'Try again; if it stays so, look at the network and proxy.',
    cause: thrown,
  });
}

function tlsFailure(thrown: unknown, code: string, host: string): UsherError {
  if (code === 'ERR_USHER_PIN') {
    return new UsherError('upstreamBug', `The certificate of ${host} is not the pinned one: nothing was sent.`, {
      code: 'tls',
      next: 'If the certificate was renewed, put its new SHA-256 fingerprint into the settings; if not, somebody may be listening in.',
      cause: thrown,
    });
  }
  return new UsherError(
    'upstreamBug',
    `The certificate or encryption of ${host} could not be trusted (${code}): nothing was sent.`,
    {
      code: 'tls',
      next: 'If the app uses a private authority, give its CA certificate or pin the certificate; check also for a proxy that opens TLS.',
      cause: thrown,
    },
  );
}

/** Thrown errors are often wrapped: by undici, and by Node when several addresses failed. */
function* causes(thrown: unknown, depth = 0): Generator<Error, void, void> {
  if (!(thrown instanceof Error) || depth > 5) return;
  yield thrown;
  if (thrown instanceof AggregateError) for (const inner of thrown.errors) yield* causes(inner, depth + 1);
  yield* causes(thrown.cause, depth + 1);
}

function findUsherError(thrown: unknown): UsherError | null {
  for (const error of causes(thrown)) if (error instanceof UsherError) return error;
  return null;
}

function errorCode(thrown: unknown): string {
  let found = '';
  for (const error of causes(thrown)) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    if (TLS_CODE.test(code)) return code;
    if (found === '' || found.startsWith('UND_')) found = code === '' ? found : code;
  }
  return found === '' ? 'unknown error' : found;
}
