import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A private key and its certificate, both PEM, as `node:tls` takes them. */
export interface KeyedCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface CertificateOptions {
  readonly commonName: string;
  readonly organization?: string;
  /** Names and IPv4 addresses it is for. */
  readonly hosts: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * Makes a new key and a certificate signed by itself, as appliances present them out of the box: version 3, P-256, ECDSA
 * with SHA-256 (RFC 5280, RFC 5758). For simulators and tests; nobody trusts it who was not told to. Throws a RangeError
 * for a date before 1950 or after 9999.
 */
export function selfSignedCertificate(options: CertificateOptions): KeyedCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = distinguishedName(options);
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serialNumber()),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(options.notBefore), time(options.notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(alternativeNames(options.hosts), isAuthority())),
  );
  const signature = sign('sha256', body, privateKey);
  const der = sequence(body, ECDSA_WITH_SHA256, bitString(signature));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: pem(der) };
}

/** SHA-256 of the certificate in DER, lower-case hex: what a pin compares. Throws for text that is no certificate. */
export function fingerprintOf(cert: string): string {
  return createHash('sha256').update(new X509Certificate(cert).raw).digest('hex');
}

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = '550403';
const ORGANIZATION = '55040a';
const SUBJECT_ALTERNATIVE_NAME = '551d11';
const BASIC_CONSTRAINTS = '551d13';
const TRUE = der(0x01, Buffer.from([0xff]));

/** Most appliances say CN first, as openssl prints it: CN=…, O=…. */
function distinguishedName({ commonName, organization }: CertificateOptions): Buffer {
  const parts = [[COMMON_NAME, commonName] as const, ...(organization ? [[ORGANIZATION, organization] as const] : [])];
  return sequence(...parts.map(([type, text]) => der(0x31, sequence(oid(type), der(0x0c, Buffer.from(text))))));
}

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host, 'ascii')),
  );
  return sequence(oid(SUBJECT_ALTERNATIVE_NAME), der(0x04, sequence(...names)));
}

/** As its own issuer it has to be one. */
function isAuthority(): Buffer {
  return sequence(oid(BASIC_CONSTRAINTS), TRUE, der(0x04, sequence(TRUE)));
}

/** Sixteen random bytes, positive, never zero. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

/** UTCTime until 2049, GeneralizedTime after, as RFC 5280 has it. */
function time(moment: Date): Buffer {
  const year = moment.getUTCFullYear();
  if (!(year >= 1950 && year <= 9999)) throw new RangeError(`A certificate cannot name the year ${year}.`);
  const digits = `${moment.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
  return year < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function tagged(number: number, content: Buffer): Buffer {
  return der(0xa0 + number, content);
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

function der(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthOf(content), content]);
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  return length < 0x100 ? Buffer.from([0x81, length]) : Buffer.from([0x82, length >> 8, length & 0xff]);
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
