import { createHash, X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { ShownCertificate } from '../../model/errors.ts';
import { invalidInput } from '../../model/errors.ts';

/**
 * Codes of OpenSSL and Node that mean: encryption works, but nobody that is trusted vouches for the certificate, or for
 * another name, or no longer. A person may compare such a certificate and pin it.
 */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_UNTRUSTED', 'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID', 'CERT_REJECTED', 'CERT_SIGNATURE_FAILURE', 'CERT_CHAIN_TOO_LONG', 'HOSTNAME_MISMATCH',
  'INVALID_CA', 'INVALID_PURPOSE', 'ERR_TLS_CERT_ALTNAME_INVALID',
]); // prettier-ignore

/** Whether a certificate was refused for who vouches for it, so that looking at it helps. */
export function isUntrusted(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && UNTRUSTED.has(error.code);
}

/** The server's certificate of a finished handshake; null where there is none to see. */
export function certificateOf(socket: unknown): ShownCertificate | null {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined) return null;
  return {
    sha256: createHash('sha256').update(certificate.raw).digest('hex'),
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    validFrom: certificate.validFromDate.toISOString(),
    validTo: certificate.validToDate.toISOString(),
  };
}

/** A fingerprint as people compare it: `AB:CD:…`. */
export function readableFingerprint(sha256: string): string {
  return sha256.toUpperCase().replaceAll(/(..)(?!$)/g, '$1:');
}

/**
 * A SHA-256 fingerprint as 64 hex digits, from any way to write one (`sha256:` before it, colons, capitals). Throws
 * `invalidInput`.
 */
export function normalisePin(pin: string): string {
  const hex = pin
    .trim()
    .replace(/^sha-?256[:=]/i, '')
    .replaceAll(':', '')
    .toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  throw invalidInput(
    'settings.certificate_fingerprint',
    'The fingerprint is not a SHA-256.',
    'Give 64 hex digits, with or without sha256: before them; colons are fine.',
  );
}

/** Throws `invalidInput` where the PEM of an authority cannot be read. */
export function checkAuthority(pem: string): void {
  const all = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [pem];
  try {
    all.map((one) => new X509Certificate(one));
  } catch {
    throw invalidInput(
      'settings.trusted_ca',
      'The certificate of the authority cannot be read.',
      'Give it as PEM, whole, with its BEGIN CERTIFICATE and END CERTIFICATE lines.',
    );
  }
}

/** OpenSSL tells a name in lines (`CN=console`). */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ').slice(0, 500);
}
