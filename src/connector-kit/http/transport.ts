import { lookup as dnsLookup } from 'node:dns';
import { isIP, type LookupFunction, Socket } from 'node:net';
import { callbackify } from 'node:util';
import { buildConnector, Client, type Dispatcher, Pool } from 'undici';
import { invalidInput, UsherError } from '../../model/errors.ts';
import { certificateOf, checkAuthority, isUntrusted, normalisePin } from './certificate.ts';
import { type EgressRule, egressRefused, isMetadataName, judgeAddress } from './egress.ts';
import { givingUp } from './give-up.ts';

/** How to trust the app's certificate. Verification cannot be turned off: a private CA or a pin replaces the public CAs. */
export interface TlsSettings {
  /** PEM of the private authority, added to nothing else. */
  readonly ca?: string | undefined;
  /** SHA-256 of the server's certificate (DER), in any way to write it. Only that certificate is then accepted. */
  readonly pinnedSha256?: string | undefined;
}

/** The proxy for HTTPS targets and the hosts that go without; see `proxyFromEnvironment`. */
export interface ProxySettings {
  readonly url: string;
  readonly except: readonly string[];
}

export interface TransportOptions {
  readonly baseUrl: string;
  readonly egress: EgressRule;
  readonly tls?: TlsSettings | null;
  readonly proxy?: ProxySettings | null;
  /** Sockets at most (default 8). */
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
  /** How names become addresses; default: the system's way. */
  readonly resolve?: typeof dnsLookup;
}

/** The sockets of one connection. Share it between clients of the same connection; close it at the end. */
export interface Transport {
  readonly baseUrl: URL;
  readonly dispatcher: Dispatcher;
  close(): Promise<void>;
}

type Connect = buildConnector.connector;

const CONNECT_TIMEOUT_MS = 10_000;

/** How certificates are judged; `look` lets any pass, for a socket on which nothing is sent. */
type Trust = TlsSettings | 'look' | null;

/**
 * Opens sockets to one origin, each checked against the egress rule on the address it really goes to. Throws
 * `invalidInput` for a base URL, an authority or a pin that cannot be used. Connecting happens at the first request. The
 * error for a certificate that is not trusted carries it (`certificate`).
 */
export function createTransport(options: TransportOptions): Transport {
  const baseUrl = parseBaseUrl(options.baseUrl);
  const proxy = options.proxy && usesProxy(baseUrl, options.proxy) ? options.proxy : null;
  const { tls = null } = options;
  checkTls(tls);
  const connectWith = (trust: Trust): Connect =>
    proxy === null ? guardedConnect(options, trust, baseUrl) : connectThrough(proxy, options, trust, baseUrl);
  const connect = showingCertificate(connectWith(tls), connectWith('look'));
  const dispatcher = new Pool(baseUrl.origin, { connections: options.connections ?? 8, connect, pipelining: 1 });
  return { baseUrl, dispatcher, close: () => dispatcher.destroy() };
}

/** Reads HTTPS_PROXY and NO_PROXY, in either case; null where there is none. Throws `invalidInput` for a bad URL. */
export function proxyFromEnvironment(env: Readonly<Record<string, string | undefined>>): ProxySettings | null {
  const url = env['HTTPS_PROXY'] ?? env['https_proxy'] ?? '';
  if (url === '') return null;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw invalidInput(
      'HTTPS_PROXY',
      'HTTPS_PROXY is not an http or https URL.',
      'Write it like http://proxy.example:3128.',
    );
  }
  const except = (env['NO_PROXY'] ?? env['no_proxy'] ?? '').split(',').map((host) => host.trim().toLowerCase());
  return { url, except: except.filter((host) => host !== '') };
}

function parseBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalidInput(
      'settings.baseUrl',
      `"${text}" is not an http or https address.`,
      'Write it like https://host.example.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw invalidInput(
      'settings.baseUrl',
      'The address holds a user name or password.',
      'Leave them out of the address.',
    );
  }
  return url;
}

/** HTTPS only: this machine's own servers and plain HTTP consoles are reached directly. */
function usesProxy(target: URL, proxy: ProxySettings): boolean {
  if (target.protocol !== 'https:' || isLoopbackName(target.hostname)) return false;
  const host = target.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = target.port === '' ? '443' : target.port;
  return !proxy.except.some((entry) => {
    if (entry === '*') return true;
    const [, name = '', entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
    const suffix = name.replace(/^\*?\./, '');
    if (entryPort !== undefined && entryPort !== port) return false;
    return host === suffix || host.endsWith(`.${suffix}`);
  });
}

function isLoopbackName(hostname: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])\.?$/.test(hostname);
}

/** Connects only to addresses that the rule allows; the resolved address is the one checked and the one used. */
function guardedConnect(options: TransportOptions, trust: Trust, baseUrl: URL): Connect {
  const port = portOf(baseUrl);
  const connect = verifiedConnect(options, trust, { lookup: guardedLookup(options, port) });
  return (target, callback) => {
    const refusal = judgeName(options.egress, target.hostname, port);
    return refusal === null ? connect(target, callback) : callback(refusal, null);
  };
}

function portOf(url: URL): number {
  return Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
}

/**
 * What can be said of a host before it is looked up: an address written out never is, and a proxy looks names up where we
 * do not see it. null: nothing against it.
 */
function judgeName(rule: EgressRule, hostname: string, port: number): UsherError | null {
  if (isMetadataName(hostname)) return egressRefused(hostname, hostname, port, 'never');
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) === 0) return null;
  const verdict = judgeAddress(rule, address, address, port);
  return verdict === 'allowed' ? null : egressRefused(address, address, port, verdict);
}

/** A lookup that hands on allowed addresses only, and fails when none is left. What it hands on is connected to as it is. */
function guardedLookup({ egress: rule, resolve = dnsLookup }: TransportOptions, port: number): LookupFunction {
  return (hostname, lookupOptions, callback) => {
    resolve(hostname, { ...lookupOptions, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 4);
      const judged = addresses.map((each) => ({ each, verdict: judgeAddress(rule, hostname, each.address, port) }));
      const allowed = judged.filter(({ verdict }) => verdict === 'allowed').map(({ each }) => each);
      const [first] = allowed;
      if (first === undefined) {
        const [refused] = judged;
        const address = refused?.each.address ?? hostname;
        return callback(egressRefused(hostname, address, port, refused?.verdict ?? 'never'), '', 4);
      }
      return lookupOptions.all ? callback(null, allowed) : callback(null, first.address, first.family);
    });
  };
}

/** TLS as the settings say. A pin is checked on the finished handshake, before the socket is used for anything. */
function verifiedConnect(
  options: TransportOptions,
  trust: Trust,
  extra: { readonly lookup?: LookupFunction },
): Connect {
  const ca = trust === 'look' ? undefined : trust?.ca;
  const pin = trust === 'look' || trust?.pinnedSha256 === undefined ? null : normalisePin(trust.pinnedSha256);
  const socket = { ...extra, allowH2: false, timeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS };
  const secure = buildConnector({
    ...socket,
    ...(ca === undefined ? {} : { ca }),
    // A pinned certificate is trusted for itself, by whomever it is signed; a resumed session would not show it.
    ...(pin === null && trust !== 'look' ? {} : { rejectUnauthorized: false, maxCachedSessions: 0 }),
  });
  const connect = givingUp(buildConnector(socket), secure);
  if (pin === null) return connect;
  return (target, callback) =>
    connect(target, (...result) => {
      const [error, socket] = result;
      if (error !== null) return callback(error, null);
      const certificate = certificateOf(socket);
      if (target.protocol !== 'https:' || certificate?.sha256 === pin) return callback(null, socket);
      socket.destroy();
      const changed = new Error('The certificate is not the pinned one.');
      return callback(Object.assign(changed, { code: 'ERR_USHER_PIN', certificate }), null);
    });
}

/**
 * The same, but where the certificate is not trusted a second handshake lets it be seen. Nothing is sent on that socket,
 * and it is gone before anybody could.
 */
function showingCertificate(connect: Connect, look: Connect): Connect {
  return (target, callback) =>
    connect(target, (...result) => {
      const [error] = result;
      if (error === null || !isUntrusted(error)) return callback(...result);
      look(target, (_failure, socket) => {
        const certificate = certificateOf(socket);
        socket?.on('error', () => undefined).destroy();
        callback(certificate === null ? error : Object.assign(error, { certificate }), null);
      });
    });
}

function checkTls(tls: TlsSettings | null): void {
  if (tls?.pinnedSha256 !== undefined) normalisePin(tls.pinnedSha256);
  if (tls?.ca === undefined) return;
  checkAuthority(tls.ca);
  if (tls.pinnedSha256 === undefined) return;
  throw invalidInput(
    'settings.certificate_fingerprint',
    'There are both an authority and a fingerprint to trust the certificate by.',
    'Give one of them: a pinned certificate is trusted for itself, by whomever it is signed.',
  );
}

/**
 * A tunnel through the operator's proxy. The proxy resolves names, so only addresses written out, and names of this
 * machine, can be judged here; the proxy's own address is the operator's choice.
 */
function connectThrough(proxy: ProxySettings, options: TransportOptions, trust: Trust, baseUrl: URL): Connect {
  const connect = verifiedConnect(options, trust, {});
  const port = portOf(baseUrl);
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  return (target, callback) => {
    const refusal = judgeName(options.egress, target.hostname, port);
    if (refusal !== null) return callback(refusal, null);
    dial(proxy, `${baseUrl.hostname}:${port}`, timeoutMs, (failure, httpSocket) => {
      if (failure !== null) return callback(failure, null);
      return connect({ ...target, httpSocket }, callback);
    });
  };
}

const dial = callbackify(openTunnel);

async function openTunnel(proxy: ProxySettings, target: string, timeoutMs: number): Promise<Socket> {
  const url = new URL(proxy.url);
  const client = new Client(url.origin, { allowH2: false });
  const { statusCode, socket } = await client.connect({
    path: target,
    headers: proxyHeaders(url, target),
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (statusCode === 200 && socket instanceof Socket) return socket;
  socket.on('error', () => undefined).destroy();
  throw new UsherError('transient', `The proxy ${url.host} answered ${statusCode} to a tunnel to ${target}.`, {
    code: 'connectionRefused',
    next:
      statusCode === 407
        ? 'Put the user name and password of the proxy into HTTPS_PROXY.'
        : 'Ask whoever runs the proxy.',
  });
}

function proxyHeaders(url: URL, target: string): Record<string, string> {
  if (url.username === '') return { host: target };
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { host: target, 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` };
}
