import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli } from '../src/cli/testing/run-cli.ts';
import { freePort, postgresPid, startUsher, temporaryDirectory, type UsherProcess } from './processes.ts';

const APPS = ['lastpass', 'lacework', 'insightvm', 'insight-platform'];
const SUMMARY = [
  /Northwind Trading \(simulated\)/,
  /^ {2}lastpass +(?:█+ {2})?250 accounts {2}\d+ groups {2}\d+ shared folders {2}\d+ grants/mu,
  /^ {2}lastpass +\d+ administrators, \d+ of them without a second factor {3}\d+ disabled {3}\d+ never signed in {3}\d+ invited/mu,
  /^ {2}lacework +(?:█+ {2})?\d{3} accounts {2}\d groups {2}\d resources {2}\d+ grants {2}\d+ API keys/mu,
  /^ {2}lacework +\d+ administrators/mu,
  /^ {2}insight-platform +(?:█+ {2})?\d{3} accounts {2}\d+ groups {2}\d+ products and organizations {2}\d+ grants/mu,
  /^ {2}insight-platform +\d+ administrators/mu,
  /^ {2}insightvm +(?:█+ {2})?250 accounts {2}\d+ sites and asset groups {2}\d+ grants/mu,
  /^ {2}insightvm +\d+ administrators {3}\d+ disabled/mu,
  /\.\/bin\/usher\.js accounts --status never-signed-in/,
];

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let port: number;
let usher: UsherProcess;

beforeAll(async () => {
  directory = await temporaryDirectory();
  port = await freePort();
});

afterAll(async () => {
  await usher?.end('SIGTERM');
  await directory?.remove();
});

/** Starts the demo and waits until it has told where to look. */
async function startDemo(): Promise<void> {
  usher = await startUsher({ allow: [], dataDir: directory.path, port, args: ['--demo'] });
  while (!usher.output().includes('/docs')) await wait(50);
}

const savedSchema = z.object({ port: z.int(), anchor: z.string() });

/** Port and day of each app. */
async function saved(): Promise<readonly z.infer<typeof savedSchema>[]> {
  const files = APPS.map((app) => readFile(join(directory.path, 'demo', `${app}.json`), 'utf8'));
  return (await Promise.all(files)).map((text) => savedSchema.parse(JSON.parse(text)));
}

const cli = (...args: readonly string[]) => runCli(args, { env: { USHER_DATA_DIR: directory.path } });

async function statusOf(email: string): Promise<string[]> {
  const path = `/v1/accounts?connection=lastpass&email=${encodeURIComponent(email)}`;
  const list = z.object({ data: z.array(z.object({ status: z.string() })) });
  return list.parse(await usher.call('GET', path)).data.map(({ status }) => status);
}

/** The runs of each connection, newest first. */
async function runs(): Promise<{ id: string; state: string }[][]> {
  const list = z.object({ data: z.array(z.object({ id: z.string(), state: z.string() })) });
  const lists = APPS.map((app) => usher.call('GET', `/v1/connections/${app}/syncs`));
  return (await Promise.all(lists)).map((answer) => list.parse(answer).data);
}

/** The first start pulls, a later one does not: what is known is still there, under what the schedule may have added. */
async function expectOldest(known: Awaited<ReturnType<typeof runs>>): Promise<void> {
  const present = await runs();
  expect(present.map((each, i) => each.slice(-(known[i]?.length ?? 0)))).toEqual(known);
}

async function expectNothingRuns(postgres: number | null, simulatorPorts: readonly number[]): Promise<void> {
  expect(() => process.kill(postgres ?? 0, 0)).toThrow('ESRCH');
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow('fetch failed');
  for (const simulatorPort of simulatorPorts) {
    await expect(fetch(`http://127.0.0.1:${simulatorPort}/`)).rejects.toThrow('fetch failed');
  }
}

it('the first start pulls Northwind and says what it found and where to look', async () => {
  await startDemo();
  for (const part of SUMMARY) expect(usher.output()).toMatch(part);
  expect(usher.output()).not.toContain(usher.token);
  expect(usher.output()).not.toContain('"level":');
});

it('the commands that the summary names work', async () => {
  const pending = await cli('accounts', '--status', 'never-signed-in');
  expect(pending).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('grace.kim@northwind.example') });
  const everywhere = await cli('accounts', '--search', 'jonas lind', '--json');
  const found = z.object({ data: z.array(z.object({ connection: z.string() })) }).parse(JSON.parse(everywhere.stdout));
  expect(new Set(found.data.map(({ connection }) => connection))).toEqual(new Set(APPS));
  expect(await cli('credentials', 'list', 'lacework')).toMatchObject({ stdout: expect.stringContaining('enabled') });
  const call = ['call', 'lastpass_unified_list_resource_users', '--connection', 'lastpass'];
  expect(await cli(...call)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('northwind.example') });
  expect((await fetch(`${usher.url}/docs`)).status).toBe(200);
});

it('Ctrl-C stops everything that was started, and the second start goes on with the same data', async () => {
  const before = await saved();
  expect(new Set(before.map(({ anchor }) => anchor)).size).toBe(1);
  await fetch(`http://127.0.0.1:${before[0]?.port}/_simulator/mutate`, {
    method: 'POST',
    body: JSON.stringify({ op: 'set-user', username: 'jonas.lind@northwind.example', fields: { disabled: true } }),
  });
  const postgres = await postgresPid(directory.path);
  const known = await runs();
  expect(await usher.end('SIGINT')).toEqual({ code: 0, signal: null });
  const ports = before.map((app) => app.port);
  await expectNothingRuns(postgres, ports);
  await startDemo();
  for (const part of SUMMARY) expect(usher.output()).toMatch(part);
  expect(await saved()).toEqual(before);
  await expectOldest(known);
  // The company goes on too: what changed in it before the stop is found by the next sync.
  expect(await statusOf('jonas.lind@northwind.example')).toEqual(['active']);
  expect(await cli('sync', 'lastpass')).toMatchObject({ exitCode: 0 });
  expect(await statusOf('jonas.lind@northwind.example')).toEqual(['disabled']);
});

it('after kill -9 of everything it starts again and works', async () => {
  const [postgres, known] = [await postgresPid(directory.path), await runs()];
  if (postgres !== null) process.kill(postgres, 'SIGKILL');
  await usher.end('SIGKILL');
  await startDemo();
  expect(await statusOf('jonas.lind@northwind.example')).toEqual(['disabled']);
  await expectOldest(known);
  for (const app of ['lastpass', 'insightvm']) expect(await cli('sync', app)).toMatchObject({ exitCode: 0 });
});
