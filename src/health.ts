import { createServer } from 'node:http';
import type { Services } from './api/services.ts';
import { VERSION } from './version.ts';

/** Where a worker says how it is. */
export interface Health {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Answers `/healthz`, `/readyz` and, where it is open to all (`USHER_METRICS_OPEN`), `/metrics` as a server does, and nothing
 * else: for whoever runs workers. null: no port was asked for. Rejects with the error of the system where the port cannot
 * be had.
 */
export async function startHealth(
  { health, metrics, settings }: Pick<Services, 'health' | 'metrics' | 'settings'>,
  options: { readonly host: string; readonly healthPort: number | null },
): Promise<Health | null> {
  const { host, healthPort } = options;
  if (healthPort === null) return null;
  const answerOf = async (path: string): Promise<Answer> => {
    if (path === '/healthz') return json(200, { status: 'ok', version: VERSION });
    if (path === '/metrics' && settings.isMetricsOpen === true) {
      return { status: 200, type: metrics.contentType, body: await metrics.text() };
    }
    if (path !== '/readyz') return json(404, { title: 'Not found' });
    const waitingFor = await health.notReady().catch(() => ['the check itself']);
    const workers = await health.workers().catch(() => null);
    const isReady = waitingFor.length === 0;
    return json(isReady ? 200 : 503, { status: isReady ? 'ready' : 'notReady', waiting_for: waitingFor, workers });
  };
  const server = createServer((request, response) => {
    answerOf((request.url ?? '').split('?', 1)[0] ?? '').then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(healthPort, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : healthPort;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function json(status: number, body: unknown): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}
