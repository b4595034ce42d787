import ipaddr from 'ipaddr.js';
import { invalidInput, UsherError } from '../../model/errors.ts';

/**
 * The operator's rule on where connections may go. Public and private networks are normal (consoles live there);
 * loopback and link-local targets need an entry; metadata services of clouds are never reached.
 */
export interface EgressRule {
  /** Entries that allow loopback and link-local targets; `port: null` means any. */
  readonly allow: readonly { readonly host: string; readonly port: number | null }[];
}

/** What a rule says of one address. */
export type EgressVerdict = 'allowed' | 'local' | 'never';

/** Nothing on this machine, nothing link-local: what applies unless the operator says otherwise. @internal */
export const strictEgress: EgressRule = { allow: [] };

/**
 * Reads `USHER_EGRESS_ALLOW`: entries `host:port` or `host:*`, separated by commas (`127.0.0.1:8421,localhost:*`,
 * `[::1]:8421`). Throws `invalidInput` naming the entry that cannot be read.
 */
export function parseEgressAllow(text: string | undefined): EgressRule {
  const entries = (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return { allow: entries.map(parseEntry) };
}

function parseEntry(entry: string): EgressRule['allow'][number] {
  const match = /^(\[[0-9a-f:.%]+\]|[^\s:[\]]+):(\*|\d{1,5})$/i.exec(entry);
  const [, host, port] = match ?? [];
  if (host === undefined || port === undefined || (port !== '*' && Number(port) > 65_535)) {
    throw invalidInput(
      'USHER_EGRESS_ALLOW',
      `"${entry}" in USHER_EGRESS_ALLOW is not an address and a port.`,
      'Write host:port or host:*, separated by commas, for example 127.0.0.1:8421,localhost:*.',
    );
  }
  return { host: canonicalHost(host), port: port === '*' ? null : Number(port) };
}

/**
 * Whether a connection asked for as `hostname` may go to the resolved `address`. `local` means: only with an entry of
 * the rule, and there is none. An address that cannot be understood is never reached.
 */
export function judgeAddress(rule: EgressRule, hostname: string, address: string, port: number): EgressVerdict {
  const parsed = parseAddress(address);
  if (parsed === null || isNever(parsed)) return 'never';
  if (!isLocal(parsed)) return 'allowed';
  const hosts = new Set([canonicalHost(hostname), parsed.toString()]);
  const isListed = rule.allow.some((entry) => hosts.has(entry.host) && (entry.port === null || entry.port === port));
  return isListed ? 'allowed' : 'local';
}

/** The error for a target that the rule refuses: `guarded`, code `egressRefused`. */
export function egressRefused(hostname: string, address: string, port: number, verdict: EgressVerdict): UsherError {
  const target = hostname === address ? `${address}:${port}` : `${hostname}:${port} (${address})`;
  if (verdict === 'never') {
    return new UsherError('guarded', `${target} is an address Usher never connects to (cloud metadata and the like).`, {
      code: 'egressRefused',
      next: 'Check the address in the settings of the connection.',
    });
  }
  return new UsherError('guarded', `${target} is on this machine or link-local, and the operator has not allowed it.`, {
    code: 'egressRefused',
    next: `If this is meant, the operator of Usher adds ${canonicalHost(hostname)}:${port} to USHER_EGRESS_ALLOW.`,
  });
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Services that hand credentials to whoever asks from inside: AWS (v4, v6, ECS, EKS), Alibaba, Azure, Oracle, GCP. */
const METADATA = new Set(
  [
    '169.254.169.254', 'fd00:ec2::254', '169.254.170.2', '169.254.170.23', 'fd00:ec2::23', '169.254.169.253',
    'fd00:ec2::253', '100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd20:ce::254',
  ].map((text) => ipaddr.parse(text).toString()),
); // prettier-ignore

/** Names under which clouds hand out those services; whatever they resolve to is refused. */
const METADATA_NAMES = new Set([
  'metadata', 'metadata.google.internal', 'metadata.goog', 'metadata.azure.internal', 'metadata.azure.com', 'instance-data',
  'instance-data.ec2.internal',
]); // prettier-ignore

/** Whether a name is one of a cloud's metadata service: told before it is looked up, as a proxy would do that for us. */
export function isMetadataName(hostname: string): boolean {
  return METADATA_NAMES.has(canonicalHost(hostname));
}

function isNever(address: Address): boolean {
  return METADATA.has(address.toString()) || ['broadcast', 'multicast'].includes(address.range());
}

/** The unspecified address reaches this machine too. */
function isLocal(address: Address): boolean {
  return ['loopback', 'linkLocal', 'unspecified'].includes(address.range()) || inThisNetwork(address);
}

/** 0.0.0.0/8 is "this network": Linux routes it to the machine itself. */
function inThisNetwork(address: Address): boolean {
  return address.kind() === 'ipv4' && address.toByteArray()[0] === 0;
}

/** The address meant in the end: IPv4 wrapped in IPv6 (mapped, translated, compatible, NAT64, 6to4) is judged as IPv4. */
function parseAddress(text: string): Address | null {
  const bare = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (!ipaddr.isValid(bare)) return null;
  const address = ipaddr.process(bare);
  return address.kind() === 'ipv6' ? embeddedIpv4(address) : address;
}

function embeddedIpv4(address: Address): Address {
  const bytes = address.toByteArray();
  const startsWith = (...prefix: readonly number[]): boolean => prefix.every((byte, index) => bytes[index] === byte);
  const zeros = (from: number, to: number): boolean => bytes.slice(from, to).every((byte) => byte === 0);
  const isNat64 = startsWith(0, 0x64, 0xff, 0x9b) && (zeros(4, 12) || (bytes[4] === 0 && bytes[5] === 1)); // RFC 6052, 8215
  const isTranslated = zeros(0, 8) && bytes[8] === 0xff && bytes[9] === 0xff && zeros(10, 12); // RFC 2765
  const isCompatible = zeros(0, 12) && !zeros(12, 15);
  if (isNat64 || isTranslated || isCompatible) return new ipaddr.IPv4(bytes.slice(12, 16));
  if (startsWith(0x20, 0x02)) return new ipaddr.IPv4(bytes.slice(2, 6));
  return address;
}

function canonicalHost(host: string): string {
  const bare = host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  return parseAddress(bare)?.toString() ?? bare;
}
