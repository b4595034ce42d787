import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ERROR_KINDS } from '../model/errors.ts';
import { refused } from './failure.ts';
import { startStubApi, type StubApi, type StubRoutes } from './testing/stub-api.ts';
import { clientOf, runCli, USHER, type CliRun } from './testing/run-cli.ts';

const stubs: StubApi[] = [];
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()));
});

async function stub(routes: StubRoutes): Promise<StubApi> {
  const api = await startStubApi(routes);
  stubs.push(api);
  return api;
}

async function usher(routes: StubRoutes, args: readonly string[], stdin = ''): Promise<CliRun & { api: StubApi }> {
  const api = await stub(routes);
  return { ...(await runCli(args, { stdin, env: clientOf(api) })), api };
}

const account = (key: string, more: object = {}) => ({
  connection: 'lastpass',
  key,
  email: `${key}@northwind.example`,
  username: null,
  display_name: `Person ${key}`,
  status: 'active',
  mfa: ['totp'],
  roles: ['basic'],
  last_login_at: '2026-11-20T21:59:00.000Z',
  ...more,
});
const lastpass = {
  id: 'lastpass',
  connector: 'lastpass',
  state: 'active',
  counts: { account: 250, grant: 412 },
  settings: {},
};
const run = (state: string, more: object = {}) => ({ id: 'r1', connection: 'lastpass', state, ...more });
const succeeded = run('succeeded', {
  started_at: '2026-11-21T10:00:00.000Z',
  finished_at: '2026-11-21T10:00:01.400Z',
  is_baseline: true,
  counts: { account: 250, group: 18, resource: 31, grant: 412 },
  collections: [{ id: 'directory', state: 'complete' }],
});

describe('errors', () => {
  it('end with the exit code of their kind', () => {
    for (const [kind, { status, exitCode }] of Object.entries(ERROR_KINDS)) {
      expect(refused({ code: kind, detail: 'It was so.' }, status).details).toMatchObject({ code: kind, exitCode });
    }
    expect(refused({ code: 'tokenExpired', detail: 'It has ended.' }, 401).details.exitCode).toBe(
      ERROR_KINDS.auth.exitCode,
    );
    expect(refused({ detail: 'Broken.' }, 500).details.exitCode).toBe(1);
  });

  it('say what happened and what to do next, on standard error', async () => {
    const problem = { status: 422, code: 'unsupported', detail: 'It cannot do this.', next: 'Do that.' };
    const ended = await usher({ 'GET /v1/connections/x': [422, problem] }, ['connections', 'show', 'x']);
    expect(ended).toMatchObject({ exitCode: 8, stdout: '', stderr: 'usher: It cannot do this.\n  Do that.\n' });
  });

  it('with a finer code take the exit code from the kind that their type names', async () => {
    const problem = {
      type: 'https://usher.example/errors/wrong-scope',
      status: 403,
      code: 'keyOfSubAccount',
      detail: 'No.',
    };
    const ended = await usher({ 'GET /v1/connections': [403, problem] }, ['connections', '--json']);
    expect(ended.exitCode).toBe(ERROR_KINDS.wrongScope.exitCode);
    expect(JSON.parse(ended.stderr)).toMatchObject({ error: { code: 'keyOfSubAccount', detail: 'No.', exit_code: 4 } });
  });

  it('in the frame of the compatible paths are understood too', async () => {
    const problem = { statusCode: 404, message: 'No action "nope".', timestamp: '2026-11-21T10:00:00.000Z' };
    const ended = await usher({ 'GET /actions/nope': [404, problem] }, ['call', 'nope']);
    expect(ended).toMatchObject({ exitCode: 5, stderr: 'usher: No action "nope".\n' });
  });

  it('say that no Usher answers, with an exit code of its own', async () => {
    const api = await startStubApi({});
    await api.close();
    const ended = await runCli(['accounts'], { env: clientOf(api) });
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain(`No Usher answers at ${api.url} (connection refused)`);
  });

  it('say so when the address is none', async () => {
    const ended = await runCli(['accounts'], { env: { USHER_URL: 'nowhere', USHER_TOKEN: 'ush_x' } });
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toContain('"nowhere" is no address of an Usher.');
  });

  it('say so when the token is set and empty, and do not act as whoever may read the file', async () => {
    const ended = await runCli(['accounts'], { env: { USHER_TOKEN: '' } });
    expect(ended).toMatchObject({ stdout: '' });
    expect(ended.exitCode).not.toBe(0);
    expect(ended.stderr).toContain('USHER_TOKEN is set, and empty.');
  });

  it('say so when what answers is no Usher', async () => {
    const page = await usher({ 'GET /v1/connections': [502, '<html>Bad gateway</html>'] }, ['connections']);
    expect(page).toMatchObject({ exitCode: 1, stdout: '' });
    expect(page.stderr).toContain('does not speak as this Usher does');
    const other = await usher({ 'GET /v1/connections': [200, { items: [] }] }, ['connections']);
    expect(other.stderr).toContain('GET /v1/connections answered something else than expected: data:');
  });

  it('show a stack only with --debug', async () => {
    const routes = { 'GET /v1/connections': [500, { status: 500, detail: 'Broken.' }] } as const;
    expect((await usher(routes, ['connections'])).stderr).not.toContain('at ');
    expect((await usher(routes, ['connections', '--debug'])).stderr).toMatch(/\n +at /);
  });

  it('of the command line name what is wrong and where the help is', async () => {
    expect(await runCli(['sync'])).toMatchObject({
      exitCode: 2,
      stderr: "usher: Missing required argument 'connection'.\n  See: usher sync --help\n",
    });
    expect(
      (await runCli(['accounts', '--limit', 'many'], { env: { USHER_URL: 'http://127.0.0.1:9', USHER_TOKEN: 'x' } }))
        .stderr,
    ).toContain('--limit has to be a whole number');
  });
});

describe('credentials', () => {
  it('come from the file in the data directory', async () => {
    const api = await stub({ 'GET /v1/connections': [200, { data: [], next: null }] });
    const dataDir = mkdtempSync(join(tmpdir(), 'usher-cli-'));
    try {
      writeFileSync(join(dataDir, 'cli.json'), JSON.stringify({ url: api.url, token: 'from-the-file' }));
      const ended = await runCli(['connections', '--json'], { env: { USHER_DATA_DIR: dataDir } });
      expect(ended).toMatchObject({ exitCode: 0, stdout: '{"data":[]}\n' });
      expect(api.requests[0]?.headers.authorization).toBe('Bearer from-the-file');
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });

  it("of the file are not sent to another address than the file's", async () => {
    const api = await stub({});
    const dataDir = mkdtempSync(join(tmpdir(), 'usher-cli-'));
    try {
      writeFileSync(join(dataDir, 'cli.json'), JSON.stringify({ url: 'http://127.0.0.1:1', token: 'from-the-file' }));
      const ended = await runCli(['connections'], { env: { USHER_DATA_DIR: dataDir, USHER_URL: api.url } });
      expect(ended.exitCode).toBe(3);
      expect(ended.stderr).toContain('but the credential file');
      expect(api.requests).toEqual([]);
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });

  it('do not follow a redirect', async () => {
    const other = await stub({});
    const api = await stub({ 'GET /v1/connections': () => [307, { location: other.url }] });
    await runCli(['connections'], { env: clientOf(api) });
    expect(other.requests).toEqual([]);
  });
});

describe('accounts', () => {
  const twoPages: StubRoutes = {
    'GET /v1/accounts': ({ query }) =>
      query.get('next') === null
        ? [
            200,
            {
              data: [account('1', { roles: ['admin'], mfa: [] }), account('2', { mfa: null, last_login_at: null })],
              next: 'more',
            },
          ]
        : [200, { data: [account('3', { status: 'disabled' })], next: null }],
  };

  it('are listed as a table, all pages of it on a pipe', async () => {
    const { stdout, exitCode } = await usher(twoPages, ['accounts']);
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'Account              Name      Connection  Status  Roles  Second factor  Last sign-in',
      '1@northwind.example  Person 1  lastpass    active  admin  none           2026-11-20 21:59',
      '2@northwind.example  Person 2  lastpass    active  basic  not told       -',
      '3@northwind.example  Person 3  lastpass    disabled  basic  totp           2026-11-20 21:59',
      '',
    ]);
  });

  it('are one JSON document with --json', async () => {
    const { stdout } = await usher(twoPages, ['accounts', 'list', '--json']);
    expect(JSON.parse(stdout).data.map(({ key }: { key: string }) => key)).toEqual(['1', '2', '3']);
    const none = await usher({ 'GET /v1/accounts': [200, { data: [], next: null }] }, ['accounts', '--json']);
    expect(JSON.parse(none.stdout)).toEqual({ data: [] });
  });

  it('pass every filter on, and "never signed in" as the status it is', async () => {
    const { api } = await usher({ 'GET /v1/accounts': [200, { data: [], next: null }] }, [
      'accounts', '--connection', 'lastpass', '--status', 'never-signed-in', '--role', 'admin', '--mfa', 'none', '--email', 'a@northwind.example',
      '--search', 'ada', '--group', 'IT', '--as-of', '2026-11-20', '--limit', '7',
    ]); // prettier-ignore
    expect(Object.fromEntries(api.requests[0]?.query ?? [])).toEqual({
      connection: 'lastpass', status: 'pending', role: 'admin', mfa: 'none', email: 'a@northwind.example', search: 'ada', group: 'IT',
      as_of: '2026-11-20T23:59:59.999Z', page_size: '7',
    }); // prettier-ignore
  });

  it('cannot drive the terminal by their names', async () => {
    const name = 'Eve\u001B[2J\u202Ekcatta\nnew line';
    const { stdout } = await usher(
      { 'GET /v1/accounts': [200, { data: [account('1', { display_name: name })], next: null }] },
      ['accounts'],
    );
    expect(stdout).toContain('Eve�[2J�kcatta�new line');
  });

  it('of a status that there is not are not asked for', async () => {
    const { api, exitCode, stderr } = await usher({}, ['accounts', '--status', 'asleep']);
    expect({ exitCode, requests: api.requests }).toEqual({ exitCode: 2, requests: [] });
    expect(stderr).toContain('--status has to be one of invited, pending, active, disabled, not "asleep"');
  });

  it('stop at a list that never ends', async () => {
    const routes: StubRoutes = { 'GET /v1/accounts': [200, { data: [account('1')], next: 'same' }] };
    const { exitCode, stderr } = await usher(routes, ['accounts', '--all']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('the same page again to GET /v1/accounts');
  });

  it('end quietly when the reader has enough', async () => {
    const many = Array.from({ length: 500 }, (_, index) => account(String(index)));
    let page = 0;
    const api = await stub({
      'GET /v1/accounts': () => [200, { data: many, next: (page += 1) < 40 ? String(page) : null }],
    });
    const child = spawn(process.execPath, [USHER, 'accounts'], {
      env: { PATH: process.env['PATH'], ...clientOf(api) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const errors: string[] = [];
    child.stderr.on('data', (chunk) => errors.push(String(chunk)));
    child.stdout.once('data', () => child.stdout.destroy());
    const [exitCode] = await once(child, 'close');
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: [] });
  });

  it('are shown with what they hold, found by address where one connection is', async () => {
    const detail = {
      ...account('1'),
      grants: [
        {
          target: { kind: 'resource', key: '9', name: 'Finance/Payroll', type: 'shared_folder' },
          permission: 'admin',
          path: 'group:Finance',
        },
      ],
      history: [
        {
          seen_from: '2026-11-01T00:00:00.000Z',
          seen_to: null,
          changes: {
            status: { before: 'active', after: 'disabled' },
            extra: { before: { company: 'Acme', in: { eu: 'user' } }, after: { company: 'Acme', in: { eu: 'admin' } } },
          },
        },
      ],
    };
    const { stdout } = await usher(
      {
        'GET /v1/connections': [200, { data: [lastpass], next: null }],
        'GET /v1/accounts/lastpass/a%40northwind.example': [200, detail],
      },
      ['accounts', 'show', 'a@northwind.example'],
    );
    expect(stdout).toMatch(/admin +Finance\/Payroll +shared_folder +group:Finance/);
    expect(stdout).toMatch(/2026-11-01 00:00 +now +status: "active" -> "disabled"; extra\.in\.eu: "user" -> "admin"$/m);
  });
});

describe('credentials of an app', () => {
  it('are asked for as of a moment, in the reader’s own time zone, as one of them is', async () => {
    const key = { connection: 'lacework', key: 'K1', type: 'api_key', name: 'terraform', is_enabled: true };
    const { api, stdout } = await usher(
      { 'GET /v1/connections/lacework/credentials': [200, { data: [key], next: null }] },
      ['credentials', 'list', 'lacework', '--as-of', '2026-11-20'],
    );
    expect(stdout).toContain('terraform');
    expect(api.requests[0]?.query.get('as_of')).toBe('2026-11-20T23:59:59.999Z');
    const shown = await usher({ 'GET /v1/connections/lacework/credentials/K1': [200, key] }, [
      'credentials', 'show', 'lacework', 'K1', '--as-of', '2026-11-20T09:30Z',
    ]); // prettier-ignore
    expect(shown.exitCode, shown.stderr).toBe(0);
    expect(shown.api.requests[0]?.query.get('as_of')).toBe('2026-11-20T09:30:00.000Z');
  });
});

describe('sync', () => {
  it('follows a run to its end', async () => {
    const { stdout, exitCode } = await usher(
      {
        'POST /v1/connections/lastpass/syncs': [202, { run: run('queued'), joined: false }],
        'GET /v1/syncs/r1': [
          [200, run('running', { progress: { records: 10, total: 250 } })],
          [200, succeeded],
        ],
      },
      ['sync', 'lastpass'],
    );
    expect(exitCode).toBe(0);
    expect(stdout).toBe('lastpass  250 accounts  18 groups  31 resources  412 grants  1.4 s  complete\n');
  });

  it('prints the settled run as one document with --json', async () => {
    const { stdout, stderr } = await usher(
      { 'POST /v1/connections/lastpass/syncs': [202, { run: succeeded, joined: true }] },
      ['sync', 'lastpass', '--json'],
    );
    expect(JSON.parse(stdout)).toMatchObject({ id: 'r1', state: 'succeeded' });
    expect(stderr).toBe('');
  });

  it('that is paused says why and how to confirm, and ends as guarded', async () => {
    const paused = run('paused', {
      anomalies: [{ message: '112 of 250 accounts are gone since yesterday (45 %, the limit is 20 %).' }],
    });
    const { stdout, exitCode } = await usher({ 'POST /v1/connections/lastpass/syncs': [202, { run: paused }] }, [
      'sync',
      'lastpass',
    ]);
    expect(exitCode).toBe(ERROR_KINDS.guarded.exitCode);
    expect(stdout).toContain('Paused: 112 of 250 accounts are gone since yesterday (45 %, the limit is 20 %).');
    expect(stdout).toContain('usher sync confirm lastpass');
  });

  it('that failed ends with the exit code of what made it fail', async () => {
    const failed = run('failed', {
      error: { code: 'auth', status: 401, detail: 'LastPass answered "Authorization Error".' },
    });
    const { stderr, exitCode } = await usher({ 'POST /v1/connections/lastpass/syncs': [202, { run: failed }] }, [
      'sync',
      'lastpass',
    ]);
    expect(exitCode).toBe(ERROR_KINDS.auth.exitCode);
    expect(stderr).toContain('usher: LastPass answered "Authorization Error".');
  });

  it('tells what a partial collection could not see', async () => {
    const partial = {
      ...succeeded,
      collections: [{ id: 'sites', scope: '', state: 'partial', reason: 'Only this login may see.' }],
    };
    const { stdout } = await usher({ 'POST /v1/connections/lastpass/syncs': [202, { run: partial }] }, [
      'sync',
      'lastpass',
    ]);
    expect(stdout).toContain('1.4 s  partial\n  Partial: sites: Only this login may see. Nothing of it was removed.\n');
  });

  it('shows the latest run of each connection as its status', async () => {
    const { stdout } = await usher(
      {
        'GET /v1/connections': [200, { data: [lastpass], next: null }],
        'GET /v1/connections/lastpass/syncs': [200, { data: [succeeded], next: null }],
      },
      ['sync', 'status'],
    );
    expect(stdout).toMatch(/lastpass +succeeded +2026-11-21 10:00/);
  });

  it('tells in its status why the latest one of a connection failed, and what to do', async () => {
    const error = {
      code: 'auth',
      detail: 'The key was refused.',
      next: 'usher connections edit lastpass --new-secret',
    };
    const before = run('failed', { error: { code: 'transient', detail: 'It was away.' } });
    const { stdout } = await usher(
      { 'GET /v1/connections/lastpass/syncs': [200, { data: [run('failed', { error }), before], next: null }] },
      ['sync', 'status', 'lastpass'],
    );
    expect(stdout).toContain(
      'Failed: lastpass: The key was refused.\n  usher connections edit lastpass --new-secret\n',
    );
    expect(stdout).not.toContain('It was away.');
  });

  it('shows as many runs of a connection as are asked for, over pages, and else says that there are more', async () => {
    const pages = {
      'GET /v1/connections/lastpass/syncs': [
        [200, { data: [run('failed'), run('succeeded')], next: 'n1' }],
        [200, { data: [run('cancelled')], next: 'n2' }],
      ],
    } as const;
    const status = (...flags: string[]) => usher(pages, ['sync', 'status', 'lastpass', ...flags]);
    const { stdout, api } = await status('--limit', '3', '--json');
    expect(JSON.parse(stdout).data.map(({ state }: { state: string }) => state)).toEqual([
      'failed', 'succeeded', 'cancelled',
    ]); // prettier-ignore
    expect(api.requests.map(({ query }) => String(query))).toEqual(['page_size=3', 'page_size=1&next=n1']);
    expect((await status('--limit', '2')).stderr).toContain('The latest 2; there are more: --limit N or --all.');
  });
});

describe('connect', () => {
  const connector = {
    id: 'lastpass',
    title: 'LastPass',
    fields: [
      { name: 'company_id', title: 'Company ID', description: 'Admin console', kind: 'text', required: true },
      { name: 'region', title: 'Region', kind: 'choice', choices: ['us', 'eu'], default: 'us', required: false },
      { name: 'requests_per_second', title: 'Rate', kind: 'number', default: 2, required: false },
      { name: 'provisioning_hash', title: 'Provisioning hash', kind: 'secret', required: true },
    ],
  };
  const connectors = { 'GET /v1/connectors': [200, { data: [connector], next: null }] } as const;
  const saved = {
    ...lastpass,
    probe: { tenant: { id: '12345678', name: 'Northwind Trading' }, capabilities: ['read'], notes: ['A note.'] },
  };

  it('takes its flags from the connector and the secret from standard input, then syncs', async () => {
    const { api, stdout, exitCode } = await usher(
      {
        ...connectors,
        'POST /v1/connections': [201, saved],
        'POST /v1/connections/lastpass/syncs': [202, { run: succeeded }],
      },
      ['connect', 'lastpass', '--company-id', '12345678', '--requests-per-second=5', '--secret-stdin', '--every', '6h'],
      'not-a-real-hash\n',
    );
    expect(exitCode).toBe(0);
    expect(api.requests[1]?.body).toEqual({
      connector: 'lastpass',
      settings: { company_id: '12345678', requests_per_second: 5 },
      secrets: { provisioning_hash: 'not-a-real-hash' },
      schedule_seconds: 21_600,
    });
    expect(stdout).toContain('Checking ... ok: Northwind Trading (12345678)\n  A note.\n  Saved as lastpass.\n');
    expect(stdout).toContain('250 accounts');
  });

  it('that the app refuses says what the app said and that nothing was saved', async () => {
    const problem = {
      status: 401,
      code: 'auth',
      detail: 'LastPass answered "Authorization Error".',
      next: 'Was the hash reset lately?',
    };
    const { exitCode, stderr } = await usher({ ...connectors, 'POST /v1/connections': [401, problem] }, [
      'connect', 'lastpass', '--company-id', '1', '--secret-stdin',
    ], 'not-a-real-hash'); // prettier-ignore
    expect(exitCode).toBe(ERROR_KINDS.auth.exitCode);
    expect(stderr).toBe(
      [
        'Checking ... refused.',
        '  LastPass answered "Authorization Error".',
        '  Was the hash reset lately?',
        'usher: Nothing was saved.',
        '  Try again, or see usher connect lastpass --help.',
        '',
      ].join('\n'),
    );
  });

  it('never takes a secret from a flag', async () => {
    const { exitCode, stderr } = await usher(connectors, ['connect', 'lastpass', '--provisioning-hash', 'abc']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--secret-stdin');
    expect(stderr).not.toContain('abc');
  });

  it('names all that a script forgot', async () => {
    const { stderr } = await usher(connectors, ['connect', 'lastpass']);
    expect(stderr).toContain('LastPass needs --company-id, --secret-stdin (provisioning_hash).');
  });

  it('refuses a value that is none of the choices, and a flag that is none of the settings', async () => {
    expect((await usher(connectors, ['connect', 'lastpass', '--region', 'mars'])).stderr).toContain(
      'Choose one of: us, eu.',
    );
    expect((await usher(connectors, ['connect', 'lastpass', '--colour', 'red'])).stderr).toContain(
      'LastPass has no setting --colour.',
    );
  });

  it('lists the settings of a connector as its help', async () => {
    const { stdout } = await usher(connectors, ['connect', 'lastpass', '--help']);
    expect(stdout).toMatch(/--company-id VALUE +Company ID \(Admin console\); required/);
    expect(stdout).toMatch(/--region VALUE +Region: us, eu; default us/);
  });

  it('edits only what is named', async () => {
    const { api } = await usher(
      {
        ...connectors,
        'GET /v1/connections/lastpass': [200, lastpass],
        'PATCH /v1/connections/lastpass': [200, lastpass],
      },
      ['connections', 'edit', 'lastpass', '--region', 'eu', '--pause'],
    );
    expect(api.requests.at(-1)?.body).toEqual({ settings: { region: 'eu' }, state: 'paused' });
  });

  it('says that an edited connection is still paused', async () => {
    const paused = { ...lastpass, state: 'paused' };
    const routes = {
      ...connectors,
      'GET /v1/connections/lastpass': [200, paused],
      'PATCH /v1/connections/lastpass': [200, paused],
    } as const;
    const { stderr } = await usher(routes, ['connections', 'edit', 'lastpass', '--region', 'eu']);
    expect(stderr).toBe('It is still paused. Go on: usher connections edit lastpass --resume\n');
  });

  it('is synced by hand only after --schedule manual, and by the clock again after a time', async () => {
    const schedules = [];
    for (const schedule of ['manual', '1h']) {
      const { api } = await usher(
        {
          ...connectors,
          'GET /v1/connections/lastpass': [200, lastpass],
          'PATCH /v1/connections/lastpass': [200, lastpass],
        },
        ['connections', 'edit', 'lastpass', '--schedule', schedule],
      );
      schedules.push(api.requests.at(-1)?.body);
    }
    expect(schedules).toEqual([{ schedule_seconds: null }, { schedule_seconds: 3600 }]);
  });
});

describe('showing a connection', () => {
  const drift = {
    operation: 'getuserdata',
    path: 'Users.*.loginRisk',
    problem: 'unknown-field',
    sample: 'string(12)',
    first_seen_at: '2026-11-20T10:00:00.000Z',
    last_seen_at: '2026-11-21T10:00:00.000Z',
    occurrences: 3,
  };
  const routes = (data: readonly object[]): StubRoutes => ({
    'GET /v1/connections/lastpass': [200, lastpass],
    'GET /v1/connections/lastpass/drift': [200, { data, next: null }],
  });

  it('tells which fields the app sent that nobody knew, since when and how often, with a sample that shows nothing', async () => {
    const { stdout, exitCode } = await usher(routes([drift]), ['connections', 'show', 'lastpass']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Sent by the app, not known to its connector');
    expect(stdout).toMatch(/getuserdata Users\.\*\.loginRisk +unknown field +string\(12\) +3 +\S+/);
  });

  it('says that a sync waits for somebody, what for, and how to let it go on', async () => {
    const waiting = run('paused', { anomalies: [{ message: '112 of 250 accounts are gone.' }] });
    const { stdout } = await usher(
      {
        ...routes([]),
        'GET /v1/connections/lastpass': [200, { ...lastpass, last_sync: { run_id: 'r1', state: 'paused' } }],
        'GET /v1/connections/lastpass/syncs': [200, { data: [waiting], next: null }],
      },
      ['connections', 'show', 'lastpass'],
    );
    expect(stdout).toContain('Paused: 112 of 250 accounts are gone.\n  If this is true: usher sync confirm lastpass');
  });

  it('says why its latest sync failed, and what to do about it', async () => {
    const error = {
      code: 'auth',
      detail: 'The key was refused.',
      next: 'usher connections edit lastpass --new-secret',
    };
    const { stdout } = await usher(
      {
        ...routes([]),
        'GET /v1/connections/lastpass': [200, { ...lastpass, last_sync: { run_id: 'r1', state: 'failed' } }],
        'GET /v1/connections/lastpass/syncs': [200, { data: [run('failed', { error })], next: null }],
      },
      ['connections', 'show', 'lastpass'],
    );
    expect(stdout).toContain(
      'Failed: lastpass: The key was refused.\n  usher connections edit lastpass --new-secret\n',
    );
  });

  it('tells what is left of the budgets that the app grants', async () => {
    const budget = { functionality: 'TeamUsers.list', limit: 480, left: 477, reset_seconds: 22 };
    const full = { functionality: 'AuditLogs.list', limit: 480, left: 480, reset_seconds: 0 };
    const { stdout } = await usher(
      { ...routes([]), 'GET /v1/connections/lastpass': [200, { ...lastpass, budgets: [full, budget] }] },
      ['connections', 'show', 'lastpass'],
    );
    expect(stdout).toMatch(/Left \(TeamUsers\.list\) +477 of 480 calls, all again in 22 s\n/);
    expect(stdout).toMatch(/Left of the others +all of 1 budget\n/);
  });

  it('says nothing of it when the app sent what is known, and hands it on as JSON', async () => {
    expect((await usher(routes([]), ['connections', 'show', 'lastpass'])).stdout).not.toContain('not known');
    const { stdout } = await usher(routes([drift]), ['connections', 'show', 'lastpass', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ id: 'lastpass', drift: [drift] });
  });
});

describe('removing a connection', () => {
  const routes: StubRoutes = {
    'GET /v1/connections/lastpass/removal': [
      200,
      { connection: 'lastpass', goes: { accounts: 250, grants: 1, secrets: 1, schedule: true, events: 0 } },
    ],
    'DELETE /v1/connections/lastpass': [204, ''],
  };

  it('is refused in a script that does not say yes', async () => {
    const { api, exitCode } = await usher(routes, ['connections', 'remove', 'lastpass']);
    expect(exitCode).toBe(2);
    expect(api.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it('says what went', async () => {
    const { api, stdout } = await usher(routes, ['connections', 'remove', 'lastpass', '--yes']);
    expect(stdout).toBe('Removed lastpass: 250 accounts, 1 grant, 1 secret, the schedule.\n');
    expect(api.requests.at(-1)?.query.get('confirm')).toBe('lastpass');
  });
});

describe('actions', () => {
  it('that nearly fit are named where none does', async () => {
    const { api, stdout, stderr } = await usher(
      {
        'GET /actions': [200, { data: [], next: null }],
        'POST /actions/search': [200, { results: [{ action_name: 'lastpass_list_users', label: 'List users' }] }],
      },
      ['actions', '--search', 'lst usrs'],
    );
    expect(stdout).toBe('No action fits.\n');
    expect(stderr).toContain('lastpass_list_users  List users');
    expect(api.requests.at(-1)?.body).toEqual({ query: 'lst usrs', top_k: 3 });
  });
});

describe('call', () => {
  const action = {
    id: 'lastpass_list_users',
    connector: 'lastpass',
    effect: 'read',
    input_schema: {
      type: 'object',
      properties: {
        page_size: { type: 'integer', description: 'How many' },
        disabled: { type: 'boolean' },
        usernames: { type: 'array', items: { type: 'string' } },
        order: { anyOf: [{ type: 'string', enum: ['name', 'date'] }, { type: 'null' }] },
      },
      required: ['page_size'],
    },
  };
  const routes = (answer: unknown): StubRoutes => ({
    'GET /actions/lastpass_list_users': [200, action],
    'GET /v1/connections': [200, { data: [lastpass], next: null }],
    'POST /actions/rpc': [200, answer],
  });

  it('makes the input from flags named after its fields, on the one connection that fits', async () => {
    const { api } = await usher(routes({ data: [] }), [
      'call', 'lastpass_list_users', '--page-size', '10', '--no-disabled', '--usernames', 'a', '--usernames', 'b', '--input', '{"order":"name"}',
    ]); // prettier-ignore
    const sent = api.requests.at(-1);
    expect(sent?.headers['x-account-id']).toBe('lastpass');
    expect(sent?.body).toEqual({
      action: 'lastpass_list_users',
      body: { order: 'name', page_size: 10, disabled: false, usernames: ['a', 'b'] },
    });
  });

  it('prints the exact call to the app with --dry-run', async () => {
    const preview = {
      method: 'POST',
      url: 'https://lastpass.example/enterpriseapi.php',
      headers: { accept: '*/*' },
      body: '{"cmd":"getuserdata"}',
    };
    const { api, stdout, stderr } = await usher(routes({ data: null, preview }), [
      'call',
      'lastpass_list_users',
      '--page-size',
      '1',
      '--dry-run',
    ]);
    expect(api.requests.at(-1)?.body).toMatchObject({ dry_run: true });
    expect(stdout).toBe('POST https://lastpass.example/enterpriseapi.php\naccept: */*\n\n{"cmd":"getuserdata"}\n');
    expect(stderr).toBe('Nothing was sent.\n');
  });

  it('prints a list of objects as a table with numbers to the right', async () => {
    const { stdout } = await usher(routes({ data: [{ id: 5, name: 'Ada', status: { value: 'enabled' }, nested: { a: 1 } }, { id: 12, name: 'Bo' }] }), [
      'call', 'lastpass_list_users', '--page-size', '1',
    ]); // prettier-ignore
    expect(stdout).toBe('id  name  status\n 5  Ada   enabled\n12  Bo    -\n');
  });

  it('names the flag that is missing, unknown or of the wrong type', async () => {
    const call = async (...args: string[]) =>
      (await usher(routes({ data: [] }), ['call', 'lastpass_list_users', ...args])).stderr;
    expect(await call()).toContain('needs --page-size');
    expect(await call('--page-size', 'ten')).toContain('--page-size has to be a number');
    expect(await call('--page', '1')).toContain('--page is not a field of this action');
    expect(await call('--page-size', '1', '--order', 'size')).toContain('Choose one of: name, date.');
    expect(await call('--input', '[]')).toContain('--input has to be a JSON object');
  });
});

describe('events', () => {
  const event = (position: number) => ({
    position,
    connection: 'lastpass',
    type: 'account.disabled',
    subject: { kind: 'account', key: '1' },
    occurred_at: '2026-11-21T10:00:00.000Z',
    data: {},
  });

  it('are JSON lines with --json, page after page', async () => {
    const { stdout } = await usher(
      {
        'GET /v1/events': ({ query }) => {
          const after = Number(query.get('after') ?? 0);
          return [200, { data: after < 3 ? [event(after + 1)] : [], next: String(Math.min(3, after + 1)) }];
        },
      },
      ['events', '--json'],
    );
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).position),
    ).toEqual([1, 2, 3]);
  });

  it('go on with what comes with --follow, until Ctrl-C', async () => {
    const api = await stub({
      'GET /v1/events': ({ query }) => [
        200,
        query.get('after') === '1' ? { data: [event(2)], next: '2' } : { data: [], next: query.get('after') ?? '1' },
      ],
    });
    const child = spawn(process.execPath, [USHER, 'events', '--follow', '--json', '--after', '1'], {
      env: { PATH: process.env['PATH'], ...clientOf(api) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout, 'data');
    expect(JSON.parse(String(line)).position).toBe(2);
    child.kill('SIGINT');
    const [exitCode] = await once(child, 'close');
    expect(exitCode).toBe(130);
  });
});

describe('tokens', () => {
  it('are printed to no pipe, so that none is made that nobody could read', async () => {
    const { api, exitCode, stdout } = await usher({}, ['token', 'create']);
    expect({ exitCode, stdout, requests: api.requests }).toEqual({ exitCode: 2, stdout: '', requests: [] });
  });

  it('are given to a program with --json', async () => {
    const { api, stdout } = await usher(
      { 'POST /v1/tokens': [201, { token: { id: 't1', name: 'ci' }, secret: 'shown-once' }] },
      [
        'token',
        'create',
        '--name',
        'ci',
        '--role',
        'viewer',
        '--connection',
        'a',
        '--connection',
        'b',
        '--expires-in-days',
        '30',
        '--json',
      ],
    );
    expect(JSON.parse(stdout)).toMatchObject({ secret: 'shown-once' });
    expect(api.requests[0]?.body).toEqual({ name: 'ci', role: 'viewer', connections: ['a', 'b'], expires_in_days: 30 });
  });

  it('are revoked by id', async () => {
    const { stdout } = await usher({ 'DELETE /v1/tokens/t1': [204, ''] }, ['token', 'revoke', 't1']);
    expect(stdout).toBe('Revoked t1; it no longer works.\n');
  });
});

describe('principals', () => {
  it('are made as what the flags say', async () => {
    const principal = { id: 'p1', name: 'Ada', kind: 'person', role: 'admin' };
    const { api } = await usher({ 'POST /v1/principals': [201, principal] }, [
      'principals',
      'create',
      'Ada',
      '--role',
      'admin',
      '--email',
      'ada@northwind.example',
    ]);
    expect(api.requests[0]?.body).toEqual({
      name: 'Ada',
      kind: 'person',
      role: 'admin',
      email: 'ada@northwind.example',
    });
  });
});
