import type { FastifyInstance, FastifyRequest } from 'fastify';
import { UsherError, invalidInput } from '../../model/errors.ts';
import { assertGoodQuery } from './query-string.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Query parameters that may be given several times; all others may not. */
    repeatable?: readonly string[];
  }
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
/** Asked by load balancers by whatever address they know; they tell nothing. */
const PROBES = new Set(['/healthz', '/readyz']);

/**
 * The rules every request obeys before anything else: a Host we answer to (DNS rebinding), no foreign Origin (CSRF), a
 * well-formed query, and nothing anywhere that cannot be stored.
 */
export function enforceRules(app: FastifyInstance, allowedHosts: readonly string[]): void {
  const hosts = new Set([...LOOPBACK, ...allowedHosts.map((host) => host.toLowerCase())]);
  app.addHook('onRequest', async (request) => {
    const isProbe = PROBES.has(request.url.split('?', 1)[0] ?? '');
    if (!isProbe) assertHost(request, hosts);
    assertOrigin(request);
    assertGoodQuery(request.query, request.routeOptions.config.repeatable);
    assertStorable(request.query, '');
    assertStorable(request.params, '');
  });
  app.addHook('preValidation', async (request) => assertStorable(request.body, ''));
}

function assertHost(request: FastifyRequest, hosts: ReadonlySet<string>): void {
  const host = request.headers.host ?? '';
  const name = host.replace(/:\d+$/u, '').toLowerCase();
  if (hosts.has(name)) return;
  throw new UsherError('permission', 'Usher does not answer to the host name of this request.', {
    code: 'hostNotAllowed',
    field: 'host',
    next: 'Call it by its configured address, or add the name to USHER_ALLOWED_HOSTS.',
  });
}

function assertOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  if (origin === undefined) return;
  const isOwn = URL.canParse(origin) && new URL(origin).host.toLowerCase() === (host ?? '').toLowerCase();
  if (isOwn) return;
  throw new UsherError('permission', 'Pages of other sites may not call Usher.', {
    code: 'originNotAllowed',
    field: 'origin',
  });
}

/** Deeper than anything we take: what looks into a value may then go into it step by step. */
const MAX_DEPTH = 64;

/** Refuses what cannot be kept: NUL and halves of surrogates, which Postgres does not store, and bottomless nesting. */
function assertStorable(value: unknown, path: string, depth = 0): void {
  if (typeof value === 'string') return assertText(value, path);
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) {
    const field = path.split('.', 1)[0] ?? 'body';
    throw invalidInput(field, `${field} is nested more than ${MAX_DEPTH} levels deep.`);
  }
  for (const [key, inner] of Object.entries(value)) {
    assertText(key, path);
    assertStorable(inner, path === '' ? key : `${path}.${key}`, depth + 1);
  }
}

function assertText(text: string, path: string): void {
  const field = path || 'body';
  if (text.includes('\0')) throw invalidInput(field, `${path || 'The body'} holds a NUL character.`);
  if (text.isWellFormed()) return;
  throw invalidInput(field, `${path || 'The body'} holds half a surrogate pair, which is no character.`);
}
