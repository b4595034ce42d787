import type { FastifyReply, FastifyRequest } from 'fastify';
import { hash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { Caller } from '../../model/access.ts';
import { UsherError, invalidInput } from '../../model/errors.ts';
import type { ApiLimits } from '../services.ts';
import { type Allowance, type Buckets, createBuckets } from './buckets.ts';
import { SOCKET_LIMITS } from './sockets.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How much one caller may ask for. null: as much as it likes. */
export interface RequestLimits {
  /** Requests of one token. */
  readonly perToken: Allowance | null;
  /** Requests of one address that are refused for their token. */
  readonly failuresPerAddress: Allowance | null;
}

/** The limits as hooks of the server use them. */
export interface Limiter {
  /** Before the token is looked at. Throws `rateLimited` where the address has failed too often. */
  admit(request: FastifyRequest): void;
  /** After a token was refused. */
  failed(request: FastifyRequest): void;
  /** After the token was found good. Sets the RateLimit headers; throws `rateLimited` where the token has asked too much. */
  count(request: FastifyRequest, reply: FastifyReply, caller: Caller): void;
}

const DEFAULT_RATE = 200;
const DEFAULT_FAILURES_PER_MINUTE = 60;
/** A burst is worth this many seconds of the rate unless said otherwise. */
const BURST_SECONDS = 5;
const MAX_REMEMBERED = 10_000;

/**
 * Reads what bounds callers from the environment: `USHER_TOKEN_RATE` (requests a second of one token, 0: no limit),
 * `USHER_TOKEN_BURST`, `USHER_AUTH_FAILURES_PER_MINUTE` (refused tokens of one address, 0: no limit),
 * `USHER_CONNECTIONS`, `USHER_CONNECTIONS_PER_ADDRESS`, `USHER_TRUSTED_PROXIES` (addresses or networks, with commas
 * between). Throws `invalidInput` naming the variable.
 */
export function apiLimitsFromEnvironment(env: Environment): ApiLimits {
  const rate = numberOf(env, 'USHER_TOKEN_RATE', DEFAULT_RATE);
  const burst = numberOf(env, 'USHER_TOKEN_BURST', rate * BURST_SECONDS);
  const failures = numberOf(env, 'USHER_AUTH_FAILURES_PER_MINUTE', DEFAULT_FAILURES_PER_MINUTE);
  const { connections, connectionsPerAddress } = SOCKET_LIMITS;
  const proxies = trustedProxies(env);
  return {
    requestLimits: {
      perToken: rate === 0 ? null : { perSecond: rate, burst: Math.max(1, burst) },
      failuresPerAddress: failures === 0 ? null : { perSecond: failures / 60, burst: Math.max(1, failures) },
    },
    socketLimits: {
      connections: Math.max(1, numberOf(env, 'USHER_CONNECTIONS', connections)),
      connectionsPerAddress: Math.max(1, numberOf(env, 'USHER_CONNECTIONS_PER_ADDRESS', connectionsPerAddress)),
    },
    ...(proxies.length > 0 && { trustedProxies: proxies }),
  };
}

/** Keeps the limits in the memory of this process. `nowMs` is any clock that never goes back. */
export function createLimiter(limits: RequestLimits, nowMs: () => number): Limiter {
  const tokens = limits.perToken === null ? null : createBuckets(limits.perToken, nowMs);
  const failures = limits.failuresPerAddress === null ? null : createBuckets(limits.failuresPerAddress, nowMs);
  const limit = String(Math.floor(limits.perToken?.burst ?? 0));
  const good = rememberedGood();
  return {
    admit(request) {
      const waitMs = failures?.waitMs(request.ip) ?? 0;
      // Whoever shares an address with somebody who guesses tokens must not be shut out by it.
      if (waitMs > 0 && !good.has(request)) throw tooManyFailures(waitMs);
    },
    failed(request) {
      failures?.take(request.ip);
    },
    count(request, reply, caller) {
      if (failures !== null) good.add(request, caller.tokenId);
      if (tokens !== null) countToken(tokens, limit, reply, caller);
    },
  };
}

function countToken(tokens: Buckets, limit: string, reply: FastifyReply, caller: Caller): void {
  const { remaining, resetMs, waitMs } = tokens.take(caller.tokenId);
  reply.header('ratelimit-limit', limit);
  reply.header('ratelimit-remaining', String(remaining));
  reply.header('ratelimit-reset', String(Math.ceil(resetMs / 1000)));
  if (waitMs === 0) return;
  throw new UsherError('rateLimited', 'This token asks more often than it may.', {
    code: 'tooManyRequests',
    retryAfterSeconds: waitMs / 1000,
    next: 'Wait as long as Retry-After says; the operator of Usher sets the limit with USHER_TOKEN_RATE.',
  });
}

function tooManyFailures(waitMs: number): UsherError {
  return new UsherError('rateLimited', 'Too many requests with a bad token came from this address.', {
    code: 'tooManyFailures',
    retryAfterSeconds: waitMs / 1000,
    next: 'Wait as long as Retry-After says, then call with a good token.',
  });
}

/** Which credentials were good, by digest. A token's own is taken once, so a request costs a look-up. */
function rememberedGood(): {
  has(request: FastifyRequest): boolean;
  add(request: FastifyRequest, token: string): void;
} {
  const digests = new Set<string>();
  const tokens = new Set<string>();
  const digest = ({ headers }: FastifyRequest): string => hash('sha256', headers.authorization ?? '', 'base64');
  return {
    has: (request) => digests.has(digest(request)),
    add(request, token) {
      if (tokens.has(token)) return;
      if (tokens.size >= MAX_REMEMBERED) {
        tokens.clear();
        digests.clear();
      }
      tokens.add(token);
      digests.add(digest(request));
    },
  };
}

function trustedProxies(env: Environment): readonly string[] {
  const entries = (env['USHER_TRUSTED_PROXIES'] ?? '').split(',').map((entry) => entry.trim());
  const proxies = entries.filter((entry) => entry !== '');
  for (const entry of proxies) {
    if (ipaddr.isValid(entry) || ipaddr.isValidCIDR(entry)) continue;
    throw invalidInput(
      'USHER_TRUSTED_PROXIES',
      `"${entry}" in USHER_TRUSTED_PROXIES is no address and no network.`,
      'Write addresses or networks, separated by commas, for example 127.0.0.1,10.0.0.0/8.',
    );
  }
  return proxies;
}

function numberOf(env: Environment, name: string, otherwise: number): number {
  const text = env[name]?.trim() ?? '';
  if (text === '') return otherwise;
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw invalidInput(name, `${name} is not a number from 0 on: "${text}".`, 'Give a number; 0 means no limit.');
}
