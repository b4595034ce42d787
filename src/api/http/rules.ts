import type { FastifyInstance, FastifyRequest } from 'fastify';
import { UsherError, invalidInput } from '../../model/errors.ts';
import { assertGoodQuery } from './query-string.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
/** Asked by load balancers by whatever address they know; they tell nothing. */
const PROBES = new Set(['/healthz', '/readyz']);

/**
 * The rules every request obeys before anything else: a Host we answer to (DNS rebinding), no foreign Origin (CSRF), a
 * well-formed query, and no NUL anywhere, which Postgres cannot store.
 */
export function enforceRules(app: FastifyInstance, allowedHosts: readonly string[]): void {
  const hosts = new Set([...LOOPBACK, ...allowedHosts.map((host) => host.toLowerCase())]);
  app.addHook('onRequest', async (request) => {
    const isProbe = PROBES.has(request.url.split('?', 1)[0] ?? '');
    if (!isProbe) assertHost(request, hosts);
    assertOrigin(request);
    assertGoodQuery(request.query);
    assertNoNul(request.query, '');
    assertNoNul(request.params, '');
  });
  app.addHook('preValidation', async (request) => assertNoNul(request.body, ''));
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

function assertNoNul(value: unknown, path: string): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw invalidInput(path || 'body', `${path || 'The body'} holds a NUL character.`);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const place = path === '' ? key : `${path}.${key}`;
    if (key.includes('\0')) throw invalidInput(path || 'body', 'A name holds a NUL character.');
    assertNoNul(inner, place);
  }
}
