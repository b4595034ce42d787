import type { FastifyRequest } from 'fastify';
import { named } from '../telemetry/log.ts';
import { serverSpan } from '../telemetry/tracing.ts';
import { allow, publicRoute } from './http/access.ts';
import type { Services } from './services.ts';
import type { App } from './types.ts';

const spans = new WeakMap<FastifyRequest, ReturnType<typeof serverSpan>>();

/**
 * Gives each request its name in the log, its span and its place in the figures. Routes are told by their pattern:
 * addresses may hold names of people. Add it before all other hooks, so that what they log is named too.
 */
export function observeRequests(app: App, { metrics }: Services): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url ?? null;
    named({ request: request.id }, () => {
      const span = serverSpan(
        `${request.method} ${route ?? 'none'}`,
        { 'http.request.method': request.method, 'http.route': route ?? 'none', 'usher.request': request.id },
        () => done(),
      );
      spans.set(request, span);
    });
  });
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode: status, elapsedTime } = reply;
    const route = request.routeOptions.url ?? null;
    metrics.httpAnswered({ method: request.method, route, status, seconds: elapsedTime / 1000 });
    spans.get(request)?.end({ 'http.response.status_code': status }, status >= 500);
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
