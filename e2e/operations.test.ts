import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type Run, type Scene, setScene } from './scene.ts';

const spanSchema = z.object({
  name: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  status: z.object({ code: z.number().optional(), message: z.string().optional() }),
});
type Span = z.infer<typeof spanSchema>;
const exported = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })) })),
});

const spans: Span[] = [];
const collector = createServer((request, response) => {
  json(request)
    .then((body) => {
      for (const { scopeSpans } of exported.parse(body).resourceSpans)
        spans.push(...scopeSpans.flatMap((s) => s.spans));
      return response.end('{}');
    })
    .catch(() => response.writeHead(500).end());
});

let scene: Scene;
let synced: Run;

/** A company whose second answer is a fault, so that one call is tried again. */
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    collector.listen(0, '127.0.0.1', resolve);
  });
  const address = collector.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  scene = await setScene({
    people: 60,
    simulator: ['--fault', '503/getsfdata@2'],
    environment: { USHER_LOG: 'debug', OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
  });
  await scene.connect();
  synced = await scene.sync();
});
afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
  await new Promise((resolve) => {
    collector.close(resolve);
  });
});

it('the figures agree with what the app saw: every call, each by how it ended', async () => {
  const response = await fetch(`${scene.usher.url}/metrics`, {
    headers: { authorization: `Bearer ${scene.usher.token}` },
  });
  const text = await response.text();
  const sums = new Map<string, number>();
  for (const [, outcome = '', count] of text.matchAll(
    /^usher_vendor_call_duration_seconds_count\{.*outcome="(\w+)".*\} (\d+)$/gm,
  )) {
    sums.set(outcome, (sums.get(outcome) ?? 0) + Number(count));
  }
  const seen = z.array(z.unknown()).parse(await scene.simulator.inspect('GET', 'requests?after=0')).length;
  expect([...sums.values()].reduce((sum, count) => sum + count, 0)).toBe(seen);
  expect(sums.get('repeated')).toBe(1);
  expect(text).toContain('usher_sync_duration_seconds_count{connection="lastpass",state="succeeded"} 1\n');
  expect(text).toMatch(
    /usher_http_request_duration_seconds_count\{method="GET",route="\/v1\/syncs\/:run",status="200"\} \d/,
  );
  expect(text).not.toContain('@');
});

it('the log tells of each request by the id that its answer has', async () => {
  const response = await fetch(`${scene.usher.url}/v1/accounts/lastpass/none`, {
    headers: { authorization: `Bearer ${scene.usher.token}` },
  });
  const id = response.headers.get('x-request-id');
  expect(await response.json()).toMatchObject({ request_id: id });
  const mine = (): Record<string, unknown>[] =>
    scene
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)))
      .filter(({ request }) => request === id);
  while (mine().length === 0) await wait(5); // written after the answer
  expect(mine()).toMatchObject([
    { level: 'debug', route: '/v1/accounts/:connection/:key', status: 404, trace: expect.any(String) },
  ]);
});

it('the doctor finds a set-up well that is', async () => {
  const { exitCode, stdout } = await scene.cli(['doctor', '--json']);
  const { findings } = z
    .object({ findings: z.array(z.object({ check: z.string(), state: z.string() })) })
    .parse(JSON.parse(stdout));
  expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['connection:lastpass', 'engine', 'token']),
  );
  expect(exitCode).toBe(0);
});

it('stopped, it has sent its traces: the sync, in it the collections and the commit, in them the calls', async () => {
  await scene.restart('SIGTERM');
  const sync = spans.find(({ name }) => name === 'sync');
  const within = (parent: Span | undefined): string[] =>
    spans.filter(({ parentSpanId }) => parentSpanId === parent?.spanId).map(({ name }) => name);
  expect(synced.state).toBe('succeeded');
  expect(within(sync)).toEqual(expect.arrayContaining(['sync.collection', 'sync.commit']));
  const collections = spans.filter(({ name }) => name === 'sync.collection').flatMap((span) => within(span));
  expect(collections).toEqual(expect.arrayContaining(['call getuserdata', 'call getsfdata']));
  // While it starts it says that it is not ready yet: how often somebody asks then is chance.
  const failed = spans.filter(({ status, name }) => status.code === 2 && name !== 'GET /readyz');
  expect(failed.map(({ name }) => name)).toEqual(['call getsfdata']);
  expect(spans.map(({ name }) => name)).toContain('POST /v1/connections/:connection/syncs');
});

it('stopped, the doctor says so, and ends with 0', async () => {
  await scene.usher.end('SIGTERM');
  const { exitCode, stdout } = await scene.cli(['doctor']);
  expect(stdout).toContain('no server runs on the data directory');
  expect(stdout).toContain('(was not running; run for this look only)');
  expect(exitCode).toBe(0);
});
