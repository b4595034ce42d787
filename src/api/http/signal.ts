import type { FastifyInstance, FastifyReply } from 'fastify';

export interface ClosingPatience {
  /** How long requests that are at work may take to end once the server closes. */
  readonly workMs: number;
  /** How long callers may then take to read their answers. */
  readonly readMs: number;
}

const PATIENCE: ClosingPatience = { workMs: 10_000, readMs: 2000 };

interface Closing {
  /** Aborted as soon as the server closes. */
  readonly begun: AbortController;
  /** Aborted when it has waited long enough. */
  readonly overdue: AbortController;
}

const closings = new WeakMap<object, Closing>();

/**
 * Closing in good order: what only waits for news (long polls) ends at once with what it has; what is at work (a live
 * read) may end; what takes too long is given up, and callers that do not read their answers are cut off.
 */
export function abortOnClose(app: FastifyInstance, patience: ClosingPatience = PATIENCE): void {
  const { server } = app;
  const closing: Closing = { begun: new AbortController(), overdue: new AbortController() };
  const timers: NodeJS.Timeout[] = [];
  closings.set(server, closing);
  app.addHook('preClose', async () => {
    closing.begun.abort();
    timers.push(
      setTimeout(() => closing.overdue.abort(), patience.workMs),
      setTimeout(() => server.closeAllConnections(), patience.workMs + patience.readMs),
    );
  });
  // A socket that is kept alive for a next request would be waited for.
  app.addHook('onSend', async (_request, reply) => {
    if (closing.begun.signal.aborted) reply.header('connection', 'close');
  });
  app.addHook('onClose', async () => timers.forEach(clearTimeout));
}

/** For work on behalf of a request: aborted when the caller hangs up before the answer, or the server can wait no longer. */
export function signalOf(reply: FastifyReply): AbortSignal {
  return signalOr(reply, 'overdue');
}

/** For what only waits for news: aborted when the caller hangs up, or as soon as the server closes. */
export function waitingSignalOf(reply: FastifyReply): AbortSignal {
  return signalOr(reply, 'begun');
}

function signalOr(reply: FastifyReply, when: keyof Closing): AbortSignal {
  const hungUp = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) hungUp.abort();
  });
  const closing = closings.get(reply.server.server);
  return closing ? AbortSignal.any([hungUp.signal, closing[when].signal]) : hungUp.signal;
}
