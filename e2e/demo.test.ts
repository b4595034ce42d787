import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli } from '../src/cli/testing/run-cli.ts';
import { freePort, postgresPid, startUsher, temporaryDirectory, type UsherProcess } from './processes.ts';

const SUMMARY = [
  /lastpass {3}Northwind Trading \(simulated\)/,
  /250 accounts {2}\d+ groups {2}\d+ shared folders {2}\d+ grants/,
  /250 accounts {3}\d+ administrators, \d+ of them without a second factor {3}\d+ disabled {3}\d+ never signed in {3}\d+ invited/,
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

async function saved(): Promise<z.infer<typeof savedSchema>> {
  return savedSchema.parse(JSON.parse(await readFile(join(directory.path, 'demo', 'lastpass.json'), 'utf8')));
}

const cli = (...args: readonly string[]) => runCli(args, { env: { USHER_DATA_DIR: directory.path } });

async function statusOf(email: string): Promise<string[]> {
  const path = `/v1/accounts?email=${encodeURIComponent(email)}`;
  const list = z.object({ data: z.array(z.object({ status: z.string() })) });
  return list.parse(await usher.call('GET', path)).data.map(({ status }) => status);
}

/** The runs of the connection, newest first. */
async function runs(): Promise<{ id: string; state: string }[]> {
  const list = z.object({ data: z.array(z.object({ id: z.string(), state: z.string() })) });
  return list.parse(await usher.call('GET', '/v1/connections/lastpass/syncs')).data;
}

async function expectNothingRuns(postgres: number | null, simulatorPort: number): Promise<void> {
  expect(() => process.kill(postgres ?? 0, 0)).toThrow('ESRCH');
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow('fetch failed');
  await expect(fetch(`http://127.0.0.1:${simulatorPort}/`)).rejects.toThrow('fetch failed');
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
  const call = ['call', 'lastpass_unified_list_resource_users', '--connection', 'lastpass'];
  expect(await cli(...call)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('northwind.example') });
  expect((await fetch(`${usher.url}/docs`)).status).toBe(200);
});

it('Ctrl-C stops everything that was started, and the second start goes on with the same data', async () => {
  const before = await saved();
  await fetch(`http://127.0.0.1:${before.port}/_simulator/mutate`, {
    method: 'POST',
    body: JSON.stringify({ op: 'set-user', username: 'jonas.lind@northwind.example', fields: { disabled: true } }),
  });
  const postgres = await postgresPid(directory.path);
  const known = await runs();
  expect(await usher.end('SIGINT')).toEqual({ code: 0, signal: null });
  await expectNothingRuns(postgres, before.port);
  await startDemo();
  for (const part of SUMMARY) expect(usher.output()).toMatch(part);
  expect(await saved()).toEqual(before);
  expect((await runs()).slice(-known.length)).toEqual(known);
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
  expect((await runs()).slice(-known.length)).toEqual(known);
  expect(await cli('sync', 'lastpass')).toMatchObject({ exitCode: 0 });
});
