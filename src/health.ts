import { createServer } from 'node:http';
import type { HealthService } from './api/services.ts';
import { VERSION } from './version.ts';

/** Where a worker says how it is. */
export interface Health {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Answers `/healthz` and `/readyz` as a server does, and nothing else: for whoever runs workers. null: no port was asked
 * for. Rejects with the error of the system where the port cannot be had.
 */
export async function startHealth(
  health: HealthService,
  options: { readonly host: string; readonly healthPort: number | null },
): Promise<Health | null> {
  const { host, healthPort } = options;
  if (healthPort === null) return null;
  const answerOf = async (path: string): Promise<readonly [status: number, body: unknown]> => {
    if (path === '/healthz') return [200, { status: 'ok', version: VERSION }];
    if (path !== '/readyz') return [404, { title: 'Not found' }];
    const waitingFor = await health.notReady().catch(() => ['the check itself']);
    const workers = await health.workers().catch(() => null);
    const isReady = waitingFor.length === 0;
    return [isReady ? 200 : 503, { status: isReady ? 'ready' : 'notReady', waiting_for: waitingFor, workers }];
  };
  const server = createServer((request, response) => {
    answerOf((request.url ?? '').split('?', 1)[0] ?? '').then(
      ([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
      },
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
