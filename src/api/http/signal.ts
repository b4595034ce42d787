import type { FastifyInstance, FastifyReply } from 'fastify';

const closing = new WeakMap<object, AbortController>();

/** Lets what waits on behalf of a request (long polls, live reads) end when the server closes. */
export function abortOnClose(app: FastifyInstance): void {
  const controller = new AbortController();
  closing.set(app.server, controller);
  app.addHook('preClose', async () => controller.abort());
}

/** Aborted when the caller hangs up before the answer, or when the server closes. */
export function signalOf(reply: FastifyReply): AbortSignal {
  const hungUp = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) hungUp.abort();
  });
  const server = closing.get(reply.server.server);
  return server ? AbortSignal.any([hungUp.signal, server.signal]) : hungUp.signal;
}
