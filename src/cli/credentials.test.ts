import { afterEach, expect, it } from 'vitest';
import { startStubApi, type StubApi, type StubRoutes } from './testing/stub-api.ts';
import { clientOf, runCli, type CliRun } from './testing/run-cli.ts';

const stubs: StubApi[] = [];
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()));
});

async function usher(routes: StubRoutes, args: readonly string[]): Promise<CliRun & { api: StubApi }> {
  const api = await startStubApi(routes);
  stubs.push(api);
  return { ...(await runCli(args, { env: clientOf(api) })), api };
}

const LIST = 'GET /v1/connections/lacework/credentials';
const credential = (key: string, more: object = {}) => ({
  connection: 'lacework', key, type: 'api_key', name: `terraform ${key}`, is_enabled: true, expires_at: null,
  owner: { key: 'u1', name: 'Lena Fischer', email: 'lena.fischer@northwind.example' },
  created_at: '2025-11-03T14:02:00.000Z', last_used_at: null, extra: { sub_account: 'emea' }, missing_since: null, ...more,
}); // prettier-ignore

it('lists the credentials of a connection with their owners', async () => {
  const data = [
    credential('K1'),
    credential('K2', { is_enabled: false, missing_since: '2026-01-01T00:00:00.000Z' }),
    credential('K3', { is_enabled: null, owner: null, type: 'agent_token' }),
  ];
  const { stdout } = await usher({ [LIST]: [200, { data, next: null }] }, ['credentials', 'list', 'lacework']);
  expect(stdout.split('\n')).toEqual([
    'Credential    Key  Type         Owner                           State              Created           Last used',
    'terraform K1  K1   api key      lena.fischer@northwind.example  enabled            2025-11-03 14:02  -',
    'terraform K2  K2   api key      lena.fischer@northwind.example  disabled, missing  2025-11-03 14:02  -',
    'terraform K3  K3   agent token  -                               not told           2025-11-03 14:02  -',
    '',
  ]);
});

it('passes every filter on, and says where to look when nothing fits', async () => {
  const empty: StubRoutes = { [LIST]: [200, { data: [], next: null }] };
  const { api, stdout, stderr } = await usher(empty, [
    'credentials', 'list', 'lacework', '--owner', 'lena@northwind.example', '--type', 'api_key', '--search', 'terra',
    '--disabled', '--limit', '3',
  ]); // prettier-ignore
  expect(Object.fromEntries(api.requests[0]?.query ?? [])).toEqual({
    owner: 'lena@northwind.example', type: 'api_key', search: 'terra', enabled: 'false', page_size: '3',
  }); // prettier-ignore
  expect(stdout + stderr).toContain('No credential fits.');
  expect(stdout + stderr).toContain('usher connections show lacework');
  const both = await usher(empty, ['credentials', 'list', 'lacework', '--enabled', '--disabled']);
  expect(both).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('cannot be used with') });
});

it('shows one by its key', async () => {
  const shown = { ...credential('K1'), raw: undefined };
  const { stdout } = await usher({ [`${LIST}/K1`]: [200, shown] }, ['credentials', 'show', 'lacework', 'K1']);
  expect(stdout).toMatch(/^terraform K1\n/u);
  expect(stdout).toMatch(/Owner +lena\.fischer@northwind\.example/u);
  expect(stdout).toMatch(/State +enabled/u);
  expect(stdout).toMatch(/sub_account +emea/u);
});
