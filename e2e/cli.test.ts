import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli } from '../src/cli/testing/run-cli.ts';
import { freePort } from './processes.ts';
import { type Scene, setScene } from './scene.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await setScene({ people: 60 });
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

const hash = () => scene.simulator.credentials['provisioning_hash'] ?? '';

/** The command that connects the simulated company. */
function connecting(more: readonly string[] = [], baseUrl = scene.simulator.url): string[] {
  const company = ['--company-id', scene.simulator.credentials['company_id'] ?? ''];
  const place = ['--region', 'custom', '--base-url', baseUrl, '--requests-per-second', '1000'];
  return ['connect', 'lastpass', ...company, ...place, '--secret-stdin', ...more];
}

const listSchema = z.object({ data: z.array(z.record(z.string(), z.unknown())) });
const errorSchema = z.object({
  error: z.object({ code: z.string(), detail: z.string(), next: z.string().nullish(), exit_code: z.number() }),
});

/** Runs a command with `--json` and reads its one document. */
async function json<T>(schema: z.ZodType<T>, ...args: readonly string[]): Promise<T> {
  const { stdout, stderr, exitCode } = await scene.cli([...args, '--json']);
  if (exitCode !== 0) throw new Error(`usher ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
  return schema.parse(JSON.parse(stdout));
}

const list = async (...args: readonly string[]) => (await json(listSchema, ...args)).data;
const connections = async () => listSchema.parse(await scene.call('GET', '/v1/connections')).data;
const accounts = async () => listSchema.parse(await scene.call('GET', '/v1/accounts?page_size=500')).data;

it('without an Usher at the address it says so and ends with 3', async () => {
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const run = await runCli(['connections'], { env: { USHER_URL: nowhere, USHER_TOKEN: 'ush_none' } });
  expect(run).toMatchObject({ exitCode: 3, stdout: '' });
  expect(run.stderr).toContain(nowhere);
});

it('with a token that nobody knows it ends with 4 and tells how to make one', async () => {
  const env = { USHER_URL: scene.usher.url, USHER_TOKEN: 'ush_Unknown' };
  const run = await runCli(['accounts', '--json'], { env });
  expect(run).toMatchObject({ exitCode: 4, stdout: '' });
  expect(errorSchema.parse(JSON.parse(run.stderr)).error).toMatchObject({
    code: 'invalidToken',
    next: expect.stringContaining('usher token create'),
  });
});

it.each([
  ['a wrong hash', () => scene.cli(connecting(), 'not-the-hash'), 4, /Authorization Error/],
  ['a key of the other API', () => scene.cli(connecting(), 'lpkey_0123456789'), 2, /REST API.*nothing was sent/],
  [
    'a port of this machine that is not allowed',
    async () => scene.cli(connecting([], await closedPort()), hash()),
    7,
    /USHER_EGRESS_ALLOW/,
  ],
  [
    'encryption where there is none',
    () => scene.cli(connecting([], tls(scene.simulator.url)), hash()),
    10,
    /encryption/,
  ],
  ['the metadata address', () => scene.cli(connecting([], 'http://169.254.169.254'), hash()), 7, /never connects/],
  ['no secret', () => scene.cli(connecting(), ''), 2, /no secret/],
  ['a secret as a flag', () => scene.cli(['connect', 'lastpass', '--provisioning-hash', 'x']), 2, /seen by everybody/],
  ['letters for a number', () => scene.cli(connecting(['--company-id', 'acme']), hash()), 2, /company_id|twice/],
])('connect with %s is refused, says why and saves nothing', async (_what, attempt, exitCode, says) => {
  const run = await attempt();
  expect(run.stderr.replaceAll(/\s+/g, ' ')).toMatch(says);
  expect(run.exitCode).toBe(exitCode);
  expect(run.stdout + run.stderr).not.toMatch(/\n\s+at |not-the-hash|lpkey_0123456789/);
  expect(run.stdout + run.stderr).not.toContain(hash());
  expect(await connections()).toEqual([]);
});

it('connect with a page of the edge instead of the app says so and saves nothing', async () => {
  await scene.simulator.inspect('PUT', 'faults', ['html-403']);
  const run = await scene.cli(connecting(), hash());
  await scene.simulator.inspect('DELETE', 'faults');
  expect(run).toMatchObject({ exitCode: 9 });
  expect(run.stderr.replaceAll(/\s+/g, ' ')).toContain('A web page (status 403) came instead of data');
  expect(await connections()).toEqual([]);
});

it('connect --dry-run checks and saves nothing; connect saves, pulls and tells what it found', async () => {
  expect((await scene.cli(connecting(['--dry-run']), hash())).stdout).toMatch(
    /ok: LastPass company \d+[^]*nothing was saved/,
  );
  expect(await connections()).toEqual([]);
  const run = await scene.cli(connecting(['--every', '6h']), hash());
  expect(run).toMatchObject({ exitCode: 0 });
  expect(run.stdout).toMatch(/Saved as lastpass\.[^]*\d+ accounts.*complete/);
  expect(await list('connections')).toMatchObject([{ id: 'lastpass', schedule_seconds: 21_600, state: 'active' }]);
});

it('lists, shows and filters accounts, in tables and in JSON', async () => {
  const all = await list('accounts');
  expect(all).toHaveLength(60);
  expect(all).toEqual(await accounts());
  expect((await scene.cli(['accounts', '--limit', '3'])).stdout.trim().split('\n')).toHaveLength(4);
  const exposed = await list('accounts', '--role', 'admin', '--mfa', 'none');
  expect(exposed.map((account) => account['display_name'])).toContain('Lena Fischer');
  expect(exposed.map((account) => account['display_name'])).not.toContain('Ada Okonkwo');
  const pending = await list('accounts', '--status', 'never-signed-in');
  expect(pending).toEqual(all.filter(({ status }) => status === 'pending'));
  const shown = await json(
    z.object({ key: z.string(), grants: z.array(z.unknown()) }),
    'accounts',
    'show',
    'JONAS.LIND@northwind.example',
  );
  expect(all.find(({ key }) => key === shown.key)).toMatchObject({ email: 'jonas.lind@northwind.example' });
  expect(shown.grants.length).toBeGreaterThan(0);
  expect(await scene.cli(['accounts', 'show', 'nobody@northwind.example'])).toMatchObject({ exitCode: 5, stdout: '' });
});

it('lists every action and calls one live; --dry-run prints the exact call without its secret', async () => {
  expect((await scene.cli(['actions'])).stdout).toMatch(/^lastpass_unified_list_resource_users +read +/m);
  const call = ['call', 'lastpass_unified_get_user', '--id', 'ada.okonkwo@northwind.example'];
  expect(await json(z.object({ data: z.unknown() }), ...call)).toMatchObject({ data: { first_name: 'Ada' } });
  const dry = await scene.cli([...call, '--dry-run']);
  expect(dry.stdout).toMatch(/^POST http.*enterpriseapi\.php[^]*"provhash":"••••"/);
  expect(dry.stdout).not.toContain(hash());
  const unknown = ['call', 'lastpass_unified_get_user', '--id', 'nobody@northwind.example', '--json'];
  expect(await scene.cli(unknown)).toMatchObject({ exitCode: 5 });
});

it('a sync that finds too much gone pauses with 7, changes nothing, and goes on when confirmed', async () => {
  const before = await accounts();
  await scene.mutate({ op: 'delete-share', share: 0.4 });
  const paused = await scene.cli(['sync', 'lastpass']);
  expect(paused).toMatchObject({ exitCode: 7 });
  expect(paused.stdout).toMatch(/Paused: \d+ of \d+ accounts are gone in lastpass \(\d+ %, the limit is 20 %\)/);
  expect(paused.stdout).toContain('usher sync confirm lastpass');
  expect(await accounts()).toEqual(before);
  expect(await scene.cli(['sync', 'confirm', 'lastpass'])).toMatchObject({ exitCode: 0 });
  expect((await accounts()).filter(({ missing_since }) => missing_since !== null).length).toBeGreaterThan(10);
  expect(await scene.cli(['sync', 'lastpass'])).toMatchObject({ exitCode: 0 });
  expect((await accounts()).length).toBeLessThan(before.length * 0.8);
  expect(await scene.cli(['sync', 'confirm', 'lastpass'])).toMatchObject({ exitCode: 6 });
  const [run] = await list('sync', 'status', 'lastpass');
  expect(run).toMatchObject({ state: 'succeeded', anomalies: [] });
});

it('a sync asked for while one runs joins it', async () => {
  await scene.simulator.inspect('PUT', 'faults', ['slow=4000/getuserdata@1']);
  const first = await json(z.object({ id: z.string() }), 'sync', 'lastpass', '--no-wait');
  const second = await json(z.object({ id: z.string(), state: z.string() }), 'sync', 'lastpass');
  await scene.simulator.inspect('DELETE', 'faults');
  expect(second).toEqual({ id: first.id, state: 'succeeded' });
});

it('a new address asks for the secret again; a reset hash fails the sync with 4 and edit mends it', async () => {
  const other = await scene.cli(['connections', 'edit', 'lastpass', '--base-url', 'http://127.0.0.1:9']);
  expect(other).toMatchObject({ exitCode: 2 });
  expect(other.stderr).toContain('the secrets have to be entered again');
  const { provisioning_hash } = z
    .object({ provisioning_hash: z.string() })
    .parse(await scene.simulator.inspect('POST', 'mutate', { op: 'reset-provisioning-hash' }));
  const before = await accounts();
  const failed = await scene.cli(['sync', 'lastpass']);
  expect(failed).toMatchObject({ exitCode: 4 });
  expect(failed.stderr).toContain('was it reset lately?');
  expect(failed.stderr).toContain('`usher connections edit lastpass --new-secret`');
  expect(await scene.cli(['connections', 'test', 'lastpass'])).toMatchObject({ exitCode: 4 });
  expect(await accounts()).toEqual(before);
  expect(await scene.cli(['connections', 'edit', 'lastpass', '--secret-stdin'], 'still-wrong')).toMatchObject({
    exitCode: 4,
  });
  expect(await scene.cli(['connections', 'edit', 'lastpass', '--secret-stdin'], provisioning_hash)).toMatchObject({
    exitCode: 0,
  });
  expect(await scene.cli(['sync', 'lastpass'])).toMatchObject({ exitCode: 0 });
});

it('events come one JSON document a line, in order', async () => {
  const { stdout } = await scene.cli(['events', '--all', '--json', '--source', 'sync']);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => z.object({ position: z.int(), type: z.string() }).parse(JSON.parse(line)));
  expect(events[0]).toMatchObject({ type: 'connection.baselined' });
  expect(events.map(({ type }) => type)).toContain('account.removed');
  const positions = events.map(({ position }) => position);
  expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b));
});

it('tokens: less than one has, shown once, for one connection, and ended', async () => {
  const made = z.object({ secret: z.string(), token: z.object({ id: z.string() }) });
  const { secret, token } = await json(made, 'token', 'create', '--role', 'viewer', '--connection', 'lastpass');
  const as = (args: readonly string[]) => runCli(args, { env: { USHER_URL: scene.usher.url, USHER_TOKEN: secret } });
  expect(await as(['accounts', '--limit', '1'])).toMatchObject({ exitCode: 0 });
  expect(await as(['sync', 'lastpass'])).toMatchObject({ exitCode: 4 });
  expect(await as(['connections', 'remove', 'lastpass', '--yes'])).toMatchObject({ exitCode: 4 });
  expect(await as(['token', 'create', '--role', 'admin', '--json'])).toMatchObject({ exitCode: 4 });
  expect((await scene.cli(['token', 'list', '--json'])).stdout).not.toContain(secret);
  expect(await scene.cli(['token', 'revoke', token.id])).toMatchObject({ exitCode: 0 });
  const revoked = await as(['accounts']);
  expect(revoked).toMatchObject({ exitCode: 4 });
  expect(revoked.stderr).toContain('was revoked');
});

it('token create --local makes a token beside the running server, for whoever owns the data', async () => {
  const { secret } = await json(z.object({ secret: z.string() }), 'token', 'create', '--local');
  const run = await runCli(['connections', '--json'], { env: { USHER_URL: scene.usher.url, USHER_TOKEN: secret } });
  expect(run).toMatchObject({ exitCode: 0 });
});

it('a second Usher on the same data does not start, and names the first', async () => {
  const port = String(await freePort());
  const second = await runCli(['serve', '--port', port], { env: { USHER_DATA_DIR: scene.dataDir } });
  expect(second).toMatchObject({ exitCode: 6, stdout: '' });
  expect(second.stderr).toContain(`process ${scene.usher.pid}`);
  expect(await connections()).toHaveLength(1);
});

it('remove says what goes, asks for a yes, and takes all of it', async () => {
  const refused = await scene.cli(['connections', 'remove', 'lastpass']);
  expect(refused).toMatchObject({ exitCode: 2 });
  expect(refused.stderr).toContain('--yes');
  expect(await connections()).toHaveLength(1);
  expect(await scene.cli(['connections', 'remove', 'lastpass', '--yes'])).toMatchObject({ exitCode: 0 });
  expect(await connections()).toEqual([]);
  expect(await accounts()).toEqual([]);
  expect((await scene.cli(['events', '--all', '--json'])).stdout).not.toContain('account.');
});

async function closedPort(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}

function tls(url: string): string {
  return url.replace('http:', 'https:');
}
