import { expect, it } from 'vitest';
import { createMetrics, type HouseFigures } from './metrics.ts';

const figures: HouseFigures = {
  runs: { queued: 1, running: 2, paused: 0 },
  unplacedEvents: 7,
  oldestUnplacedSeconds: 1.5,
  waitingPlans: 3,
  waitingTasks: 2,
  uncertainChanges: 1,
  unlinkedEntries: 3,
  connections: [
    { id: 'lastpass', state: 'active', lastSuccessAt: 1_772_000_000 },
    { id: 'new', state: 'paused', lastSuccessAt: null },
  ],
  budgets: [{ connectionId: 'new', functionality: 'list', limit: 480, left: 12 }],
  pool: { total: 5, idle: 3, waiting: 1 },
};

/** The value of a sample, as Prometheus would read it; undefined where it is not there. */
function sample(text: string, name: string): string | undefined {
  return text
    .split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.slice(name.length + 1);
}

it('tells syncs, pages, records, calls to apps, waits and requests by their labels', async () => {
  const metrics = createMetrics({ version: '1.2.3', figures: async () => figures });
  metrics.httpAnswered({ method: 'GET', route: '/v1/syncs/:run', status: 200, seconds: 0.02 });
  metrics.httpAnswered({ method: 'GET', route: null, status: 404, seconds: 0.001 });
  const call = { connection: 'lastpass', functionality: 'read', seconds: 0.3 } as const;
  metrics.vendorCalled({ ...call, outcome: 'answered', status: 200 });
  metrics.vendorCalled({ ...call, outcome: 'answered', status: 200 });
  metrics.vendorCalled({ ...call, outcome: 'repeated', status: null });
  metrics.limiterWaited('lastpass', 'read', 0.5);
  metrics.pagePulled('lastpass', 'accounts', 200);
  metrics.pagePulled('lastpass', 'accounts', 50);
  metrics.syncEnded('lastpass', 'succeeded', 12);
  metrics.changesEnded('lastpass', ['done', 'done', 'failed']);
  const text = await metrics.text();
  expect(sample(text, 'usher_info{version="1.2.3"}')).toBe('1');
  const http = 'usher_http_request_duration_seconds_count';
  expect(sample(text, `${http}{method="GET",route="/v1/syncs/:run",status="200"}`)).toBe('1');
  expect(sample(text, `${http}{method="GET",route="none",status="404"}`)).toBe('1');
  const vendor = 'usher_vendor_call_duration_seconds_count{connection="lastpass",functionality="read"';
  expect(sample(text, `${vendor},outcome="answered",status="200"}`)).toBe('2');
  expect(sample(text, `${vendor},outcome="repeated",status="none"}`)).toBe('1');
  expect(sample(text, 'usher_limiter_wait_seconds_sum{connection="lastpass",functionality="read"}')).toBe('0.5');
  expect(sample(text, 'usher_sync_pages_total{connection="lastpass",collection="accounts"}')).toBe('2');
  expect(sample(text, 'usher_sync_records_total{connection="lastpass",collection="accounts"}')).toBe('250');
  expect(sample(text, 'usher_sync_duration_seconds_sum{connection="lastpass",state="succeeded"}')).toBe('12');
  expect(sample(text, 'usher_changes_total{connection="lastpass",end="done"}')).toBe('2');
  expect(sample(text, 'process_cpu_seconds_total')).toBeDefined();
});

it('tells the state of the house as it is at each look, and forgets connections that were removed', async () => {
  let now = figures;
  const metrics = createMetrics({ version: '1', figures: async () => now });
  const before = await metrics.text();
  expect(sample(before, 'usher_sync_runs{state="running"}')).toBe('2');
  expect(sample(before, 'usher_events_unplaced')).toBe('7');
  expect(sample(before, 'usher_plans_waiting')).toBe('3');
  expect(sample(before, 'usher_tasks_waiting')).toBe('2');
  expect(sample(before, 'usher_changes_uncertain')).toBe('1');
  expect(sample(before, 'usher_audit_unlinked')).toBe('3');
  expect(sample(before, 'usher_events_lag_seconds')).toBe('1.5');
  expect(sample(before, 'usher_connection_active{connection="new"}')).toBe('0');
  expect(sample(before, 'usher_connection_last_success_timestamp_seconds{connection="lastpass"}')).toBe('1772000000');
  expect(sample(before, 'usher_connection_last_success_timestamp_seconds{connection="new"}')).toBeUndefined();
  expect(sample(before, 'usher_database_connections{use="busy"}')).toBe('2');
  expect(sample(before, 'usher_rate_budget_left{connection="new",functionality="list"}')).toBe('12');
  expect(sample(before, 'usher_rate_budget_limit{connection="new",functionality="list"}')).toBe('480');
  now = { ...figures, connections: [], budgets: [] };
  expect(await metrics.text()).not.toMatch(/connection="(?:lastpass|new)"/);
});

it('says that the database is gone, and then nothing that only the database knows', async () => {
  let isGone = false;
  const metrics = createMetrics({
    version: '1',
    figures: async () => (isGone ? Promise.reject(new Error('gone')) : figures),
  });
  expect(sample(await metrics.text(), 'usher_database_up')).toBe('1');
  isGone = true;
  const text = await metrics.text();
  expect(sample(text, 'usher_database_up')).toBe('0');
  expect(sample(text, 'usher_events_unplaced')).toBeUndefined();
  expect(sample(text, 'usher_sync_runs{state="running"}')).toBeUndefined();
  isGone = false;
  expect(sample(await metrics.text(), 'usher_events_unplaced')).toBe('7');
});
