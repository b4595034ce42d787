import fastify from 'fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { randomUUID } from 'node:crypto';
import { invalidInput } from '../model/errors.ts';
import { actionRoutes } from './actions/index.ts';
import { auditRequests } from './audit.ts';
import { enforceAccess } from './http/access.ts';
import { HttpError } from './http/errors.ts';
import { frameError } from './http/frames.ts';
import { addSecurityHeaders } from './http/headers.ts';
import { createLimiter } from './http/limits.ts';
import { parseQueryString } from './http/query-string.ts';
import { keepRouteTable } from './http/route-table.ts';
import { enforceRules } from './http/rules.ts';
import { abortOnClose } from './http/signal.ts';
import { guardSockets, SOCKET_LIMITS, socketOptions } from './http/sockets.ts';
import { describeApi, isDocumentationRoute } from './openapi.ts';
import { operationRoutes } from './operations.ts';
import { pageRoutes } from './page/index.ts';
import type { Services } from './services.ts';
import { metricsRoute, observeRequests } from './telemetry.ts';
import type { App } from './types.ts';
import { unifiedRoutes } from './unified/index.ts';
import { v1Routes } from './v1/index.ts';

const BODY_LIMIT_BYTES = 1024 * 1024;
/** Ids in paths may be long: composite ids, e-mail addresses percent-encoded. */
const MAX_PARAM_LENGTH = 4096;
const NO_LIMITS = { perToken: null, failuresPerAddress: null };

/**
 * The HTTP API over the services of the house; not listening yet (`app.listen`). Every route has an access rule or it
 * does not start; every failure leaves in the frame of its path.
 */
export async function createApp(services: Services): Promise<App> {
  const { settings, clock, log } = services;
  const sockets = { ...SOCKET_LIMITS, ...settings.socketLimits };
  const limiter = createLimiter(settings.requestLimits ?? NO_LIMITS, () => performance.now());
  const app: App = fastify({
    ...socketOptions(sockets),
    logger: false,
    trustProxy: settings.trustedProxies === undefined ? false : [...settings.trustedProxies],
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    bodyLimit: settings.bodyLimitBytes ?? BODY_LIMIT_BYTES,
    routerOptions: { querystringParser: parseQueryString, maxParamLength: MAX_PARAM_LENGTH },
    // Bad addresses, before any route: awaited by nobody, and it cannot fail.
    frameworkErrors: (error, request, reply) => {
      answerError(error, request, reply);
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  app.setNotFoundHandler((request, reply) => answerError(noSuchRoute(request), request, reply));
  guardSockets(app, sockets);
  acceptJsonAlone(app);
  observeRequests(app, services);
  addSecurityHeaders(app);
  abortOnClose(app);
  enforceRules(app, settings.allowedHosts);
  enforceAccess(app, services.access, limiter, isDocumentationRoute);
  auditRequests(app, services);
  keepRouteTable(app);
  logAnswers(app, services);
  await describeApi(app, settings.version);
  operationRoutes(app, services);
  metricsRoute(app, services);
  pageRoutes(app);
  v1Routes(app, services);
  unifiedRoutes(app, services);
  actionRoutes(app, services);
  await app.ready();
  return app;

  function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const answer = frameError(error, request, clock.now());
    request.refusal = answer.message;
    if (answer.isInternal) {
      const details = error instanceof Error ? { error: error.message, stack: error.stack } : { error: String(error) };
      log.error(
        { ...details, request: request.id, method: request.method, route: request.routeOptions.url },
        'a request failed',
      );
    }
    // A string, so that no response schema of the route touches the frame.
    return reply.code(answer.status).headers(answer.headers).type(answer.contentType).send(JSON.stringify(answer.body));
  }
}

/** Bodies are JSON in UTF-8 or nothing: a form or plain text can be sent by a page of another site without asking. */
function acceptJsonAlone(app: App): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes: Buffer): string => {
    try {
      return utf8.decode(bytes);
    } catch {
      throw invalidInput('body', 'The body holds bytes that are no UTF-8.');
    }
  };
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, bytes: Buffer) => {
      if (bytes.length === 0) return undefined;
      const body = decode(bytes);
      return new Promise((resolve, reject) => {
        const done = (error: Error | null, value?: unknown) => (error === null ? resolve(value) : reject(error));
        Promise.resolve(parse(request, body, done)).catch(reject);
      });
    },
  );
}

/** One line a request: who, what, how it ended. Routes, not addresses: those may hold names of people. */
function logAnswers(app: App, { log }: Services): void {
  app.addHook('onResponse', async (request, reply) => {
    const details = {
      request: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      principal: request.caller?.principalId ?? null,
    };
    log.debug(details, 'answered');
  });
}

function noSuchRoute(request: FastifyRequest): HttpError {
  const path = request.url.split('?', 1)[0] ?? '';
  const shown = path.replaceAll(/[^\p{L}\p{N}\p{P}\p{S}]/gu, '?').slice(0, 200);
  return new HttpError(404, 'noSuchRoute', 'No such route', `There is no ${request.method} ${shown}.`, {
    next: '/docs lists what there is.',
  });
}
