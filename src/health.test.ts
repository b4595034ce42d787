import { expect, it } from 'vitest';
import { startHealth } from './health.ts';

const metrics = { httpAnswered: () => undefined, text: async () => 'usher_info 1', contentType: 'text/plain' };

async function answers(options: { readonly isMetricsOpen: boolean; readonly waitingFor?: readonly string[] }) {
  const health = { notReady: async () => options.waitingFor ?? [], workers: async () => 2 };
  const settings = { version: '0.0.0', allowedHosts: [], isMetricsOpen: options.isMetricsOpen };
  const started = await startHealth({ health, metrics, settings }, { host: '127.0.0.1', healthPort: 0 });
  const answer = async (path: string) => {
    const response = await fetch(`${started?.url}${path}`);
    return [response.status, await response.text()] as const;
  };
  const seen = { ready: await answer('/readyz'), metrics: await answer('/metrics'), other: await answer('/v1/me') };
  await started?.close();
  return seen;
}

it('tells whether a worker is ready and how many there are, and nothing else', async () => {
  const { ready, metrics: figures, other } = await answers({ isMetricsOpen: false });
  expect(ready).toEqual([200, JSON.stringify({ status: 'ready', waiting_for: [], workers: 2 })]);
  expect([figures[0], other[0]]).toEqual([404, 404]);
});

it('says 503 with what it waits for, and shows its figures where they are open to all', async () => {
  const { ready, metrics: figures } = await answers({ isMetricsOpen: true, waitingFor: ['The database.'] });
  expect(ready).toEqual([503, JSON.stringify({ status: 'notReady', waiting_for: ['The database.'], workers: 2 })]);
  expect(figures).toEqual([200, 'usher_info 1']);
});
