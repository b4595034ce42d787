import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { attachEmbedded } from '../src/store/embedded/server.ts';
import { type Scene, setScene, settingsOf } from './scene.ts';

/** In the simulator's `attribs` of ops-shared: what people put there and nobody may keep. */
const PASSPHRASE = 'Invented-Passphrase-7';
/** Secrets of failed attempts: what was typed in wrong is a secret too, perhaps of another place. */
const WRONG = {
  hash: 'canary0wrong0hash0canary0wrong0hash0canary0wrong',
  key: 'lpkey_CanaryOfTheOtherApi0001',
  field: 'Canary-In-An-Unknown-Field-2',
  urlPassword: 'Canary-Url-Password-3',
  token: 'ush_CanaryTokenThatNobodyMadeCanaryTokenThat4',
};

let scene: Scene;
const tokens: string[] = [];
/** Not secret: that it is found shows that the search finds. */
const KNOWN = 'ops-shared@northwind.example';
/** Everything that anybody was told: by the API, the CLI, on stdout and in the log. */
const told: { readonly where: string; readonly text: string }[] = [];

beforeAll(async () => {
  scene = await setScene({ people: 60, environment: { USHER_LOG: 'trace' } });
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

/** The secrets that must be nowhere, by name. */
function canaries(): Record<string, string> {
  const hash = scene.simulator.credentials['provisioning_hash'] ?? '';
  const tokenNames = Object.fromEntries(tokens.map((token, index) => [`token ${index}`, token]));
  return { 'provisioning hash': hash, PASSPHRASE, ...WRONG, 'token of the CLI': scene.usher.token, ...tokenNames };
}

/** Names of the canaries in a text: as they are, and as they look encoded. */
function foundIn(text: string): string[] {
  return Object.entries(canaries()).flatMap(([name, secret]) =>
    [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64').replace(/=+$/, '')].some(
      (form) => text.includes(form),
    )
      ? [name]
      : [],
  );
}

async function ask(method: string, path: string, options: { body?: unknown; token?: string; account?: string } = {}) {
  const { body, token = scene.usher.token, account = 'lastpass' } = options;
  const response = await fetch(new URL(path, scene.usher.url), {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'x-account-id': account,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  told.push({ where: `${method} ${path} (${response.status})`, text: text + JSON.stringify([...response.headers]) });
  return { status: response.status, text };
}

async function run(...args: readonly string[]) {
  const { stdout, stderr, exitCode } = await scene.cli(args);
  told.push({ where: `usher ${args.join(' ')} (${exitCode})`, text: stdout + stderr });
  return { stdout, stderr, exitCode };
}

const connectWith = (settings: object, secrets: object) =>
  ask('POST', '/v1/connections', {
    body: { id: 'other', connector: 'lastpass', settings: { ...settingsOf(scene.simulator), ...settings }, secrets },
  });

it('refuses what is wrong without saying the secret again', async () => {
  const hash = scene.simulator.credentials['provisioning_hash'];
  expect(await connectWith({}, { provisioning_hash: WRONG.hash })).toMatchObject({ status: 401 });
  expect(await connectWith({}, { provisioning_hash: WRONG.key })).toMatchObject({ status: 400 });
  expect(await connectWith({}, { provisioning_hash: hash, other: WRONG.field })).toMatchObject({ status: 400 });
  expect(await connectWith({ provisioning_hash: hash }, {})).toMatchObject({ status: 400 });
  expect(await connectWith({}, { provisioning_hash: { hash } })).toMatchObject({ status: 400 });
  const base_url = scene.simulator.url.replace('://', `://ada:${WRONG.urlPassword}@`);
  expect(await connectWith({ base_url }, { provisioning_hash: hash })).toMatchObject({ status: 400 });
  expect(await ask('GET', '/v1/me', { token: WRONG.token })).toMatchObject({ status: 401 });
  for (const fault of ['html-403', 'truncated', 'wrong-type', 'reset', '500']) {
    await scene.simulator.inspect('PUT', 'faults', [fault]);
    const answer = await connectWith({}, { provisioning_hash: hash });
    expect([fault, answer.status >= 400]).toEqual([fault, true]);
  }
  await scene.simulator.inspect('DELETE', 'faults');
}, 60_000);

it('pulls a company and reads all there is, by API and CLI, told in every detail', async () => {
  await scene.connect();
  expect(await scene.sync()).toMatchObject({ state: 'succeeded' });
  await scene.mutate({ op: 'change-share', share: 0.05 });
  expect(await scene.sync()).toMatchObject({ state: 'succeeded' });
  await scene.simulator.inspect('PUT', 'faults', ['html-403/getsfdata']);
  const failing = z
    .object({ run: z.object({ id: z.string() }) })
    .parse(await scene.call('POST', '/v1/connections/lastpass/syncs', {})).run;
  await ask('GET', `/v1/syncs/${failing.id}`);
  await ask('POST', `/v1/syncs/${failing.id}/cancel`, { body: {} });
  await scene.follow(failing.id);
  await scene.simulator.inspect('DELETE', 'faults');
  for (const name of ['by API', 'by CLI']) {
    const made =
      name === 'by API'
        ? JSON.stringify(await scene.call('POST', '/v1/tokens', { name, role: 'viewer' }))
        : (await scene.cli(['token', 'create', '--name', name, '--json'])).stdout;
    tokens.push(z.object({ secret: z.string() }).parse(JSON.parse(made)).secret);
  }
  await readByApi();
  await callEveryAction();
  await readByCli();
  expect(told.length).toBeGreaterThan(90);
}, 120_000);

/** Every route of the API that reads, as its own document lists them, for the account with the passphrase where one is asked for. */
async function readByApi(): Promise<void> {
  const ids: Record<string, string> = {
    '/v1/accounts/{connection}/{key}': KNOWN,
    '/unified/iam/users/{id}': KNOWN,
    '/unified/iam/groups/{id}': 'IT',
    '/unified/iam/roles/{id}': 'admin',
    '/actions/{id}': 'lastpass_list_users',
  };
  const { paths } = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .parse(JSON.parse((await ask('GET', '/openapi.json')).text));
  for (const [path, methods] of Object.entries(paths)) {
    if (!('get' in methods)) continue;
    const real = path
      .replace('{connection}', 'lastpass')
      .replaceAll(/\{(?:id|key|run)\}/g, () => encodeURIComponent(ids[path] ?? 'nothing'));
    for (const query of ['', '?raw=true', '?page_size=100&raw=true', '?fresh=true', '?search=ops-shared'])
      await ask('GET', real + query);
  }
  const { data } = z
    .object({ data: z.array(z.object({ id: z.string() })) })
    .parse(JSON.parse((await ask('GET', '/v1/connections/lastpass/syncs')).text));
  for (const { id } of data) await ask('GET', `/v1/syncs/${id}`);
  await ask('POST', '/v1/connections/lastpass/test', { body: {} });
}

async function callEveryAction(): Promise<void> {
  const { data } = z
    .object({ data: z.array(z.object({ actions: z.array(z.object({ id: z.string() })) })) })
    .parse(JSON.parse((await ask('GET', '/actions?page_size=100')).text));
  const actions = data.flatMap((connector) => connector.actions);
  expect(actions.length).toBeGreaterThan(20);
  const query = { username: KNOWN };
  for (const { id } of actions) {
    const path = { id: /user/.test(id) ? query.username : 'IT', name: 'IT' };
    for (const body of [{ action: id }, { action: id, path }, { action: id, query, raw: true }])
      await ask('POST', '/actions/rpc', { body });
    await ask('POST', '/actions/rpc', { body: { action: id, path, dry_run: true } });
  }
}

async function readByCli(): Promise<void> {
  const commands = [
    ['accounts', 'show', KNOWN, '--json'],
    ['accounts', '--all', '--json'],
    ['connections', 'show', 'lastpass', '--json'],
    ['connections', 'edit', 'lastpass', '--base-url', 'http://127.0.0.1:9', '--debug'],
    ['sync', 'lastpass', '--json'],
    ['sync', 'status', '--json'],
    ['events', '--all', '--json'],
    ['token', 'list', '--json'],
    ['principals', '--json'],
    ['call', 'lastpass_list_users', '--username', KNOWN, '--json'],
    ['call', 'lastpass_unified_get_user', '--id', KNOWN, '--json'],
    ['call', 'lastpass_list_users', '--dry-run'],
    ['call', 'lastpass_get_group', '--name', 'nobody', '--debug'],
  ];
  for (const command of commands) await run(...command);
}

it('has told no secret in any answer, output, error or line of the log', async () => {
  // A second start logs as well, and so does the end.
  await scene.restart('SIGTERM');
  told.push({ where: 'output and log of serve', text: scene.output() });
  expect(scene.output()).toContain('"level":');
  expect(told.some(({ text }) => text.includes(KNOWN))).toBe(true);
  expect(told.filter(({ text }) => foundIn(text).length > 0).map(({ where, text }) => [where, foundIn(text)])).toEqual(
    [],
  );
});

it('keeps no secret in any table but sealed', async () => {
  const config = await attachEmbedded(scene.dataDir);
  if (config === null) throw new Error('no Usher runs');
  const database = new Client(config);
  await database.connect();
  try {
    const { rows: tables } = await database.query<{ schema: string; name: string }>(
      `select table_schema as schema, table_name as name from information_schema.tables
        where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
    );
    const found: [string, string[]][] = [];
    let isKnownFound = false;
    for (const { schema, name } of tables) {
      const { rows } = await database.query<{ row: string }>(`select t::text as row from "${schema}"."${name}" t`);
      const text = rows.map(({ row }) => row).join('\n');
      isKnownFound ||= text.includes(KNOWN);
      const names = foundIn(text);
      if (names.length > 0) found.push([`${schema}.${name}`, names]);
    }
    expect(found).toEqual([]);
    expect([tables.length > 25, isKnownFound]).toEqual([true, true]);
  } finally {
    await database.end();
  }
});

it('leaves no secret in any file but the key and the credential of this machine', async () => {
  await scene.usher.end('SIGTERM');
  const own = new Set(['master.key', 'cli.json']);
  const entries = await readdir(scene.dataDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found: [string, string[]][] = [];
  let isKnownFound = false;
  for (const file of files) {
    const text = await readFile(file, 'latin1');
    isKnownFound ||= text.includes(KNOWN);
    const names = foundIn(text);
    if (names.length > 0 && !(own.has(basename(file)) && names.join() === 'token of the CLI'))
      found.push([file, names]);
  }
  expect(found).toEqual([]);
  expect([files.length > 500, isKnownFound]).toEqual([true, true]);
});
