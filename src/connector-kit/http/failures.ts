import { z } from 'zod';
import { type ShownCertificate, UsherError } from '../../model/errors.ts';
import { readableFingerprint } from './certificate.ts';

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
  const certificate = shownCertificate(thrown);
  const shown = certificate === null ? '' : ` ${describeCertificate(certificate)}`;
  const details = { cause: thrown, ...(certificate === null ? {} : { certificate }) };
  if (code === 'ERR_USHER_PIN') {
    return new UsherError(
      'upstreamBug',
      `The certificate of ${host} is not the pinned one: nothing was sent.${shown}`,
      {
        ...details,
        code: 'certificateChanged',
        next: "If it was renewed, compare the new fingerprint with what the app's administrator sees and put it into the settings; if not, somebody may be listening in.",
      },
    );
  }
  if (certificate !== null) {
    return new UsherError(
      'upstreamBug',
      `Nobody whom Usher trusts vouches for the certificate of ${host} (${code}): nothing was sent.${shown}`,
      {
        ...details,
        code: 'certificateUntrusted',
        next: 'If the app has a certificate of its own, compare the fingerprint with what its administrator sees and put it into the settings, where the connector takes one; if not, look for a proxy that opens TLS.',
      },
    );
  }
  return new UsherError(
    'upstreamBug',
    `The certificate or encryption of ${host} could not be trusted (${code}): nothing was sent.`,
    {
      ...details,
      code: 'tls',
      next: 'See that the address and port are those of an https server; check also for a proxy that opens TLS.',
    },
  );
}

/** `It shows CN=console, valid from 2026-01-01 to 2027-01-01, SHA-256 AB:CD:…` */
function describeCertificate({ subject, validFrom, validTo, sha256 }: ShownCertificate): string {
  const name = subject === '' ? 'a certificate without a name' : subject;
  return `It shows ${name}, valid from ${validFrom.slice(0, 10)} to ${validTo.slice(0, 10)}, SHA-256 ${readableFingerprint(sha256)}.`;
}

const shownSchema = z.object({
  certificate: z.object({
    sha256: z.string(), subject: z.string(), issuer: z.string(), validFrom: z.string(), validTo: z.string(),
  }),
}); // prettier-ignore

/** What the transport put beside the error of a handshake. */
function shownCertificate(thrown: unknown): ShownCertificate | null {
  for (const error of causes(thrown)) {
    const shown = shownSchema.safeParse(error);
    if (shown.success) return shown.data.certificate;
  }
  return null;
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
