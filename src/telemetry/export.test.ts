import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startTraceExport } from './export.ts';
import { createLog, named } from './log.ts';
import { inSpan, recordSpan, serverSpan } from './tracing.ts';

const spanSchema = z.object({
  name: z.string(),
  kind: z.number(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  startTimeUnixNano: z.coerce.string(),
  endTimeUnixNano: z.coerce.string(),
  attributes: z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })),
  status: z.object({ code: z.number().optional(), message: z.string().optional() }),
});
const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(z.object({ key: z.string(), value: z.unknown() })) }),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
});

const received: z.infer<typeof exported>[] = [];
const paths: (string | undefined)[] = [];
const collector = createServer((request, response) => {
  paths.push(request.url);
  json(request)
    .then((body) => {
      received.push(exported.parse(body));
      return response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    })
    .catch(() => response.writeHead(500).end());
});
const log = createLog('silent');
const before = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    collector.listen(0, '127.0.0.1', resolve);
  });
  const address = collector.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  if (before === undefined) delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  else process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = before;
  await new Promise((resolve) => {
    collector.close(resolve);
  });
});

it('loads and sends nothing where no collector is named or the SDK is switched off', async () => {
  expect(await startTraceExport({ environment: {}, version: '1', log })).toBeNull();
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' };
  expect(await startTraceExport({ environment, version: '1', log })).toBeNull();
});

it('spans reach the collector with their places in the trace, and what is left is sent at the end', async () => {
  const tracing = await startTraceExport({ environment: process.env, version: '1.2.3', log });
  const lines: Record<string, unknown>[] = [];
  const traced = createLog('info', { write: (line) => void lines.push(JSON.parse(line)) });
  await inSpan('sync', { 'usher.connection': 'lastpass' }, async () => {
    await inSpan('sync.collection', {}, async () => {
      const call = { startedAt: '2026-01-01T00:00:00.000Z', ms: 250, attributes: { 'usher.attempt': 2 } };
      recordSpan('call getuserdata', { ...call, error: 'serverError' });
      named({ run: 'r1' }, () => traced.info({}, 'within'));
    });
    const failed = inSpan('sync.commit', {}, async () => Promise.reject(new Error('Ada Lovelace is locked')));
    await expect(failed).rejects.toThrow('Ada');
  });
  serverSpan('GET /v1/me', {}, () => undefined).end({ 'http.response.status_code': 500 }, true);
  await tracing?.stop();

  const resources = received.flatMap(({ resourceSpans }) => resourceSpans);
  const spans = resources.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  const span = (name: string): z.infer<typeof spanSchema> => spanSchema.parse(spans.find((each) => each.name === name));
  expect(paths).toContain('/v1/traces');
  expect(resources[0]?.resource.attributes).toEqual(
    expect.arrayContaining([
      { key: 'service.name', value: { stringValue: 'usher' } },
      { key: 'service.version', value: { stringValue: '1.2.3' } },
    ]),
  );
  const sync = span('sync');
  expect(span('sync.collection')).toMatchObject({ traceId: sync.traceId, parentSpanId: sync.spanId });
  expect(span('sync.commit')).toMatchObject({ parentSpanId: sync.spanId, status: { code: 2, message: 'Error' } });
  const call = span('call getuserdata');
  expect(call).toMatchObject({
    kind: 3,
    parentSpanId: span('sync.collection').spanId,
    status: { code: 2, message: 'serverError' },
  });
  expect(BigInt(call.endTimeUnixNano) - BigInt(call.startTimeUnixNano)).toBe(250_000_000n);
  expect(span('GET /v1/me')).toMatchObject({ kind: 2, status: { code: 2 } });
  expect(JSON.stringify(received)).not.toContain('Lovelace');
  expect(lines).toMatchObject([{ run: 'r1', trace: sync.traceId }]);
});
