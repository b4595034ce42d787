import type { ConnectorInfo, Problem } from './contract.ts';
import type { Context } from './context.ts';
import { Failure } from './failure.ts';
import { kebab, localTime, printable } from './text.ts';

/** The setting by which a connector takes a pinned certificate, by convention. */
const FINGERPRINT = 'certificate_fingerprint';

type Certificate = NonNullable<Problem['certificate']>;

/**
 * The certificate that the app showed and nobody vouches for, where the connector takes a fingerprint and none was given;
 * else null.
 */
export function untrustedCertificate(
  failure: Failure,
  connector: ConnectorInfo,
  settings: Readonly<Record<string, unknown>>,
): Certificate | null {
  const { code, problem } = failure.details;
  const takesOne = connector.fields.some(({ name }) => name === FINGERPRINT);
  const isAsked = code === 'certificateUntrusted' && takesOne && !(FINGERPRINT in settings);
  return isAsked ? (problem?.certificate ?? null) : null;
}

/**
 * Shows the certificate and asks whether it is to be trusted from now on, it alone. Returns the setting for it, null for
 * no. Nothing has been sent to the app.
 */
export async function askToTrust(
  { out, prompt }: Pick<Context, 'out' | 'prompt'>,
  certificate: Certificate,
): Promise<Readonly<Record<string, string>> | null> {
  out.note('Checking ... stopped: nobody known vouches for the certificate of the app. Nothing was sent.');
  for (const [name, value] of [
    ['Subject', certificate.subject || '(none)'],
    ['Issued by', certificate.issuer || '(none)'],
    ['Valid', `${localTime(certificate.valid_from)} to ${localTime(certificate.valid_to)}`],
    ['SHA-256', certificate.sha256.toUpperCase().replaceAll(/(..)(?!$)/g, '$1:')],
  ] as const) {
    out.note(`  ${name.padEnd(10)}${printable(value)}`);
  }
  out.note('  Compare the fingerprint with what the administrator of the app sees there, not over this connection.');
  const isTrusted = await prompt.confirm('Trust this certificate, and only this one?', false);
  return isTrusted ? { [FINGERPRINT]: `sha256:${certificate.sha256}` } : null;
}

/** The failure for who cannot be asked: with the flag that trusts the certificate, once it was compared. */
export function tellHowToTrust(failure: Failure, certificate: Certificate): Failure {
  return new Failure(failure.message, {
    ...failure.details,
    next: `If its administrator sees the same fingerprint, add: --${kebab(FINGERPRINT)} sha256:${certificate.sha256}`,
  });
}
