import type { FastifyRequest } from 'fastify';
import { AsyncLocalStorage } from 'node:async_hooks';
import { named } from '../telemetry/log.ts';
import { serverSpan } from '../telemetry/tracing.ts';
import { allow, publicRoute } from './http/access.ts';
import type { Services } from './services.ts';
import type { App } from './types.ts';

interface Observed {
  readonly span: ReturnType<typeof serverSpan>;
  /** Runs something as a part of the request. */
  readonly inside: (work: () => void) => void;
}

const observed = new WeakMap<FastifyRequest, Observed>();

/**
 * Gives each request its name in the log, its span and its place in the figures. Routes are told by their pattern:
 * addresses may hold names of people. Add it before all other hooks, so that what they log is named too.
 */
export function observeRequests(app: App, { metrics }: Services): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url ?? null;
    let inside: Observed['inside'] = (work) => work();
    named({ request: request.id }, () => {
      const span = serverSpan(
        `${request.method} ${route ?? 'none'}`,
        { 'http.request.method': request.method, 'http.route': route ?? 'none', 'usher.request': request.id },
        () => {
          inside = AsyncLocalStorage.snapshot();
        },
      );
      observed.set(request, { span, inside });
    });
    inside(done);
  });
  // A body arrives in events of the socket, which know nothing of the request they belong to.
  app.addHook('preValidation', (request, _reply, done) => {
    const inside = observed.get(request)?.inside;
    if (inside === undefined) done();
    else inside(done);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode: status, elapsedTime } = reply;
    const route = request.routeOptions.url ?? null;
    metrics.httpAnswered({ method: request.method, route, status, seconds: elapsedTime / 1000 });
    observed.get(request)?.span.end({ 'http.response.status_code': status }, status >= 500);
  });
}

/**
 * `/metrics` for Prometheus. It names connections and how busy they are, so it needs a token (any role, not limited to
 * some connections) unless the operator opens it to whoever reaches the port.
 */
export function metricsRoute(app: App, { metrics, settings }: Services): void {
  app.get('/metrics', {
    config: settings.isMetricsOpen === true ? { access: publicRoute } : allow('snapshot:read', 'instance'),
    schema: { hide: true },
    handler: async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  });
}
