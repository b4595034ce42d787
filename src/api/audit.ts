import type { FastifyRequest } from 'fastify';
import { actorOf, type AuditKind, type AuditOutcome, type NewAuditEntry } from '../model/audit.ts';
import { onBehalfOf } from '../store/audit/origin.ts';
import type { Services } from './services.ts';
import type { App } from './types.ts';

/** Requests without a good token told one by one in a minute; more are told as a number, so that nobody fills the log. */
const TOLD_A_MINUTE = 60;
const MINUTE_MS = 60_000;

declare module 'fastify' {
  interface FastifyRequest {
    /** What is wrong with a request, as its answer says it: for the audit log. */
    refusal: string | null;
  }
}

/**
 * Tells the audit log of every request that wants to change something, and of what is refused for want of a token or a
 * right. Routes, not addresses, and no bodies. Whatever is done for a request is done on behalf of its caller.
 */
export function auditRequests(app: App, services: Services): void {
  const { audit, clock, log } = services;
  const strangers = createCounter();
  app.decorateRequest('refusal', null);
  // After the body was read: reading it may leave the async context of the request.
  app.addHook('preValidation', (request, _reply, done) => {
    onBehalfOf({ actor: actorOf(request.caller), request: request.id }, done);
  });
  app.addHook('onResponse', async (request, reply) => {
    const at = clock.now();
    const entry = entryOf(request, reply.statusCode, at);
    const entries: NewAuditEntry[] = [];
    const untold = strangers.over(at.getTime());
    if (untold > 0) entries.push(untoldEntry(untold, at));
    if (entry !== null && (reply.statusCode !== 401 || strangers.admits(at.getTime()))) entries.push(entry);
    if (entries.length === 0) return;
    await audit.record(entries).catch((error: unknown) => {
      log.warn({ error: String(error), request: request.id }, 'A request could not be told to the audit log.');
    });
  });
}

function entryOf(request: FastifyRequest, status: number, at: Date): NewAuditEntry | null {
  const kind = kindOf(request, status);
  if (kind === null) return null;
  const route = request.routeOptions.url ?? 'no route';
  const caller = request.caller;
  const who = caller?.principalName ?? 'Somebody without a good token';
  const outcome: AuditOutcome = isDenied(status) ? 'denied' : status >= 400 ? 'failed' : 'ok';
  const said = request.refusal === null ? '' : `: ${request.refusal}`;
  return {
    at: at.toISOString(),
    kind,
    action: `${request.method} ${route}`,
    outcome,
    summary: `${who}: ${request.method} ${route} was answered with ${status}${said}`,
    actor: actorOf(caller),
    connection: connectionOf(request),
    request: request.id,
    details: { status, address: request.ip },
  };
}

function kindOf(request: FastifyRequest, status: number): AuditKind | null {
  const rule = request.routeOptions.config.access;
  if (rule?.kind === 'token' && isDenied(status)) return 'denied';
  if (rule?.kind !== 'token' || request.caller === null) return null;
  return request.method === 'GET' || request.method === 'HEAD' ? null : 'request';
}

function isDenied(status: number): boolean {
  return status === 401 || status === 403;
}

function connectionOf(request: FastifyRequest): string | null {
  const { params } = request;
  const named: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, 'connection') : null;
  const value = named ?? request.headers['x-account-id'];
  return typeof value === 'string' ? value.slice(0, 80) : null;
}

function untoldEntry(count: number, at: Date): NewAuditEntry {
  return {
    at: at.toISOString(),
    kind: 'denied',
    action: 'requests.refused',
    outcome: 'denied',
    summary: `${count} more requests without a good token were refused within a minute.`,
    actor: null,
    request: null,
    details: { count },
  };
}

/** Counts by the minute: who is told, and how many were not when the minute is over. */
function createCounter(): { admits(nowMs: number): boolean; over(nowMs: number): number } {
  let startMs = 0;
  let count = 0;
  const over = (nowMs: number): number => {
    if (nowMs >= startMs && nowMs < startMs + MINUTE_MS) return 0;
    const untold = Math.max(0, count - TOLD_A_MINUTE);
    [startMs, count] = [nowMs, 0];
    return untold;
  };
  return {
    over,
    admits() {
      count += 1;
      return count <= TOLD_A_MINUTE;
    },
  };
}
