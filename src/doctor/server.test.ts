import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { examineCredential, examineServer } from './server.ts';

const TOKEN = 'ush_the-token-of-this-test';
const START = Date.parse('2026-03-02T10:00:00Z');

let answers: Record<string, readonly [number, unknown]>;
let asked: (string | undefined)[];
let server: Server;
let url: string;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'usher-doctor-'));
  server = createServer((request, response) => {
    if (request.headers.authorization !== undefined) asked.push(request.url);
    const [status, body] = answers[request.url ?? ''] ?? [404, {}];
    response.writeHead(status, { date: new Date(START).toUTCString() }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterAll(async () => {
  await rm(dataDir, { recursive: true, force: true });
  await new Promise((resolve) => {
    server.close(resolve);
  });
});
beforeEach(() => {
  asked = [];
  answers = {
    '/healthz': [200, { status: 'ok', version: '1.0.0' }],
    '/readyz': [200, { status: 'ready', waiting_for: [] }],
    '/v1/me': [200, { principal: { name: 'Ada', role: 'admin' } }],
  };
});

const examined = async (more: { isHeld?: boolean; now?: number; to?: string; version?: string } = {}) => {
  const options = {
    dataDir,
    named: null,
    version: more.version ?? '1.0.0',
    fetch,
    now: () => new Date(more.now ?? START + 400),
  };
  const findings = await examineServer(options, { url: more.to ?? url, token: TOKEN }, more.isHeld ?? true);
  expect(JSON.stringify(findings)).not.toContain(TOKEN);
  return Object.fromEntries(findings.map((finding) => [finding.check, finding]));
};

it('a server that is well is told of in four findings, and only /v1/me sees the token', async () => {
  const found = await examined();
  expect(Object.values(found).map(({ check, state }) => [check, state])).toEqual([
    ['server', 'ok'],
    ['engine', 'ok'],
    ['token', 'ok'],
    ['clock-server', 'ok'],
  ]);
  expect(asked).toEqual(['/v1/me']);
});

it('a server that does not run is a warning; one that should answer is a problem', async () => {
  const to = 'http://127.0.0.1:1';
  expect(await examined({ to, isHeld: false })).toMatchObject({
    server: { state: 'warning', next: expect.any(String) },
  });
  expect(await examined({ to })).toMatchObject({ server: { state: 'problem' } });
});

it('another program at the address is told from an Usher, and gets no token', async () => {
  answers['/healthz'] = [200, 'hello'];
  expect(await examined()).toEqual({ server: expect.objectContaining({ state: 'problem' }) });
  expect(asked).toEqual([]);
});

it('an engine that does not run, a token that is no good, another version and a wrong clock are each found', async () => {
  answers['/readyz'] = [503, { status: 'notReady', waiting_for: ['The engine is not running.'] }];
  answers['/v1/me'] = [401, { code: 'invalidToken' }];
  expect(await examined({ version: '1.1.0', now: START + 90_000 })).toMatchObject({
    server: { state: 'warning', detail: expect.stringContaining('1.1.0') },
    engine: { state: 'problem', detail: expect.stringContaining('The engine is not running.') },
    token: { state: 'problem', next: expect.stringContaining('usher token create --local') },
    'clock-server': { state: 'warning', detail: expect.stringContaining('90 s off') },
  });
});

it('the credential file is missing, broken, open to others or well', async () => {
  const path = join(dataDir, 'cli.json');
  const look = () => examineCredential({ dataDir, named: null });
  expect(await look()).toMatchObject({ finding: { state: 'warning' }, server: null });
  await writeFile(path, '{"url": 1}', { mode: 0o600 });
  expect(await look()).toMatchObject({ finding: { state: 'problem' }, server: null });
  await writeFile(path, JSON.stringify({ url, token: TOKEN }));
  expect(await look()).toMatchObject({ finding: { state: 'ok' }, server: { url } });
  await chmod(path, 0o644);
  const open = await look();
  expect(open).toMatchObject({ finding: { state: 'problem', next: `chmod 600 ${path}` } });
  expect(JSON.stringify(open.finding)).not.toContain(TOKEN);
  const named = { url: 'https://usher.example', token: TOKEN };
  expect(await examineCredential({ dataDir, named })).toMatchObject({ finding: { state: 'skipped' }, server: named });
});
