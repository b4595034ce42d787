import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { call } from './commands/call.ts';
import { approve, apply } from './commands/plan.ts';
import { undo } from './commands/runs.ts';
import { take } from './commands/secret.ts';
import { change, disableAction, doorRoutes, events, plan, run, told } from './testing/plans.ts';
import { clientOf, USHER, type CliRun } from './testing/run-cli.ts';
import { localTime } from './text.ts';
import { startStubApi, type StubApi, type StubRoutes } from './testing/stub-api.ts';
import { atTerminal, runHere } from './testing/terminal-context.ts';

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
  return { ...(await runHere(api, args, stdin)), api };
}

const at = '2026-11-21T10:00:00.000Z';
const posted = (api: StubApi): string[] =>
  api.requests.filter(({ method }) => method === 'POST').map(({ path }) => path);

const DISABLE = ['call', 'lastpass_disable_user', '--account', 'person1@northwind.example'];
const readBack = 'person1@northwind.example was read back as disabled.';
const done = events(
  ['run', run('running', { planned: 1 })],
  ['change', told(1, 'calling'), 1],
  ['change', told(1, 'done', readBack), 2],
  ['run', run('succeeded', { done: 1 })],
);

describe('a call that writes', () => {
  it('shows the plan, applies it with --yes, and follows it to its receipts', async () => {
    const { stdout, exitCode, api } = await usher(doorRoutes(plan(), done), [
      ...DISABLE,
      '--yes',
      '--reason',
      'HR-1042',
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      [
        'Plan plan-1   Disable a user   1 change in lastpass   write   asked by Ada',
        '  ~ Disable person1@northwind.example; the vault is kept  (now active, basic, in Sales)',
        '      undo: Enable the user again',
        `  done      ${readBack}`,
        'Done: 1 done  0.8 s',
        '',
      ].join('\n'),
    );
    expect(api.requests.find(({ path }) => path === '/v1/plans')?.body).toEqual({
      connection: 'lastpass',
      action: 'lastpass_disable_user',
      input: { account: 'person1@northwind.example' },
      reason: 'HR-1042',
    });
    expect(posted(api)).toEqual(['/v1/plans', '/v1/plans/plan-1/apply']);
  });

  it('is planned by nobody who could not confirm it', async () => {
    const { api, exitCode, stderr } = await usher(doorRoutes(plan(), done), DISABLE);
    expect({ exitCode, posted: posted(api) }).toEqual({ exitCode: 2, posted: [] });
    expect(stderr).toContain('Add --yes to carry it out, --no-apply to plan it only, or --dry-run to see the plan.');
  });

  it('is refused where a field that takes one value is given two, and nothing is planned', async () => {
    const twice = [...DISABLE, '--account', 'person2@northwind.example', '--yes'];
    const { api, exitCode, stderr } = await usher(doorRoutes(plan(), done), twice);
    expect({ exitCode, posted: posted(api) }).toEqual({ exitCode: 2, posted: [] });
    expect(stderr).toContain('--account is given twice, and takes one value.');
  });

  it('with --dry-run keeps no plan and sends nothing', async () => {
    const { api, stdout, stderr } = await usher(doorRoutes(plan({ id: '' }), done), [
      ...DISABLE,
      '--dry-run',
      '--show-calls',
    ]);
    expect(api.requests.at(-1)?.query.get('dry_run')).toBe('true');
    expect(stdout).toContain('POST https://lastpass.example/enterpriseapi.php {"provhash":"••••","cmd":"disableuser"}');
    expect(stderr).toBe('Nothing was sent, nothing was kept.\n');
  });

  it('with --no-apply makes the plan and names the command that applies it', async () => {
    const { api, stderr } = await usher(doorRoutes(plan(), done), [
      ...DISABLE,
      '--no-apply',
      '--idempotency-key',
      'k-1',
    ]);
    const sent = api.requests.at(-1);
    expect(sent?.body).toMatchObject({ apply_when_approved: false });
    expect(sent?.headers['idempotency-key']).toBe('k-1');
    expect(stderr).toContain('usher plan apply plan-1');
    expect(posted(api)).toEqual(['/v1/plans']);
  });

  it('with --at says when it begins, and does not wait for that', async () => {
    const at = '2099-03-02T17:00:00.000Z';
    const { api, exitCode, stdout, stderr } = await usher(doorRoutes(plan({ apply_at: at }), done), [
      ...DISABLE,
      '--at',
      '2099-03-02T18:00+01:00',
      '--yes',
    ]);
    expect(exitCode).toBe(0);
    expect(api.requests.find(({ path }) => path === '/v1/plans')?.body).toMatchObject({ apply_at: at });
    expect(posted(api)).toEqual(['/v1/plans', '/v1/plans/plan-1/apply']);
    expect(stdout).toContain(`not before ${localTime(at)}`);
    expect(stderr).toContain(`It begins ${localTime(at)}, by itself. See it: usher runs show run-1`);
    expect(stderr).toContain('usher runs cancel run-1');
  });

  it('with a time that is over or none plans nothing', async () => {
    for (const [at, says] of [
      ['2020-03-02T17:00Z', 'is over'],
      ['noon', 'is not a time'],
      ['25:00', 'is not a time'],
      ['2099-03-02', 'is not a time'],
    ] as const) {
      const { api, exitCode, stderr } = await usher(doorRoutes(plan(), done), [...DISABLE, '--at', at, '--yes']);
      expect({ exitCode, posted: posted(api) }).toEqual({ exitCode: 2, posted: [] });
      expect(stderr).toContain(says);
    }
  });

  it('asks on a terminal, and withdraws the plan on a no', async () => {
    const api = await stub(doorRoutes(plan(), done));
    const scene = atTerminal(api, ['n']);
    const ended = call(scene.context, DISABLE.slice(1), {});
    await expect(ended).rejects.toMatchObject({ details: { code: 'notConfirmed', exitCode: 7 } });
    expect(scene.questions).toEqual(['Apply this change?']);
    expect(posted(api)).toEqual(['/v1/plans', '/v1/plans/plan-1/cancel']);
  });

  it('goes on after a yes', async () => {
    const scene = atTerminal(await stub(doorRoutes(plan(), done)), ['y']);
    expect(await call(scene.context, DISABLE.slice(1), {})).toBe(0);
    expect(scene.shown()).toContain('Done: 1 done  0.8 s\n  Take it back: usher runs undo run-1\n');
  });

  it('that cannot be given back wants the address typed, or the number of changes', async () => {
    const gone = (ordinal: number) =>
      change(ordinal, { effect: 'destructive', undo: { is_possible: false, how: 'The vault is gone' } });
    const one = await stub(doorRoutes(plan({ effect: 'destructive' }, [gone(1)]), done));
    const careless = atTerminal(one, ['y']);
    await expect(call(careless.context, DISABLE.slice(1), {})).rejects.toMatchObject({ details: { exitCode: 7 } });
    expect(careless.shown()).toContain('  ! Disable person1@northwind.example');
    const careful = atTerminal(one, ['person1@northwind.example']);
    expect(await call(careful.context, DISABLE.slice(1), {})).toBe(0);
    const two = await stub(doorRoutes(plan({ effect: 'destructive' }, [gone(1), gone(2)]), done));
    const counting = atTerminal(two, ['2']);
    expect(await call(counting.context, DISABLE.slice(1), {})).toBe(0);
    expect(counting.questions).toEqual(['Type the number of changes (2) to go on: ']);
  });

  it('that a guard stops ends with 7, the sentence of the guard, and the flags that let it pass', async () => {
    const problem = {
      type: 'https://usher.example/errors/guarded',
      status: 409,
      code: 'lastAdministrator',
      detail: 'It would leave no administrator.',
      next: 'Make another one first.',
    };
    const stopped = await usher(doorRoutes(plan(), done, { 'POST /v1/plans': [409, problem] }), [...DISABLE, '--yes']);
    expect(stopped).toMatchObject({
      exitCode: 7,
      stderr:
        'usher: It would leave no administrator.\n  If it has to be, an administrator repeats it with: --override lastAdministrator --reason "…"\n',
    });
  });

  it('overrides a guard only with a reason, and only guards that there are', async () => {
    const silent = await usher(doorRoutes(plan(), done), [...DISABLE, '--yes', '--override', 'blastRadius']);
    expect(silent).toMatchObject({ exitCode: 2 });
    expect(silent.stderr).toContain('needs a reason');
    const wrong = await usher(doorRoutes(plan(), done), [...DISABLE, '--yes', '--override', 'all', '--reason', 'x']);
    expect(wrong.stderr).toContain('--override has to be one of blastRadius');
    const finding = {
      guard: 'blastRadius',
      message: '31 accounts are too many.',
      threshold: '20 %',
      is_overridden: true,
    };
    const said = await usher(doorRoutes(plan({ guards: [finding] }), done), [
      ...DISABLE, '--yes', '--override', 'blastRadius', '--override', 'ownAccount', '--reason', 'A merger',
    ]); // prettier-ignore
    expect(said.api.requests.find(({ path }) => path === '/v1/plans')?.body).toMatchObject({
      override: ['blastRadius', 'ownAccount'],
      reason: 'A merger',
    });
    expect(said.stdout).toContain('  Overridden: blastRadius (20 %): 31 accounts are too many.\n');
  });

  it('with --json answers plan, run and every change with its receipt', async () => {
    const receipt = { summary: readBack, code: null, proof: 'state', calls: [] };
    const ended = change(1, { outcome: { state: 'done', attempt: 1, receipt } });
    const { stdout } = await usher(
      doorRoutes(plan(), done, { 'GET /v1/runs/run-1/changes': [200, { data: [ended], next: null }] }),
      [...DISABLE, '--yes', '--json'],
    );
    expect(JSON.parse(stdout)).toMatchObject({
      plan: { id: 'plan-1' },
      run: { id: 'run-1', state: 'succeeded' },
      changes: [{ outcome: { state: 'done', receipt: { proof: 'state' } } }],
    });
  });
});

describe('secrets of an input', () => {
  const push = {
    ...disableAction,
    input_schema: {
      type: 'object',
      properties: {
        account: { type: 'string' },
        token: { type: 'string', writeOnly: true },
        sites: {
          type: 'array',
          items: { type: 'object', properties: { url: { type: 'string' }, password: { type: 'string' } } },
        },
      },
      required: ['account', 'token'],
    },
  };
  const routes = doorRoutes(plan(), done, { 'GET /actions/lastpass_disable_user': [200, push] });

  it('are taken neither from a flag nor from --input on the command line', async () => {
    const flag = await usher(routes, [...DISABLE, '--yes', '--token', 'hunter2']);
    expect({ exitCode: flag.exitCode, posted: posted(flag.api) }).toEqual({ exitCode: 2, posted: [] });
    expect(flag.stderr).toContain('token is a secret');
    expect(flag.stderr).not.toContain('hunter2');
    const json = '{"sites":[{"url":"https://site.example","password":"hunter2"}]}';
    const nested = await usher(routes, [...DISABLE, '--yes', '--input', json]);
    expect(nested.stderr).toContain('sites.password is a secret');
    expect(posted(nested.api)).toEqual([]);
  });

  it('come by standard input with --input -', async () => {
    const { api } = await usher(routes, [...DISABLE, '--yes', '--input', '-'], '{"token":"hunter2"}');
    expect(api.requests.find(({ path }) => path === '/v1/plans')?.body).toMatchObject({
      input: { account: 'person1@northwind.example', token: 'hunter2' },
    });
  });

  it('are asked for on a terminal', async () => {
    const scene = atTerminal(await stub(routes), ['hunter2', 'y']);
    expect(await call(scene.context, DISABLE.slice(1), {})).toBe(0);
    expect(scene.questions[0]).toBe('token: ');
    expect(scene.shown()).not.toContain('hunter2');
  });
});

describe('a plan that waits', () => {
  const waiting = plan({ state: 'waiting', approval_reasons: ['It is destructive.'] });
  const refusal = {
    status: 403,
    code: 'needsAnotherPerson',
    detail: 'You asked for it; another person has to approve.',
  };

  it('stays where whoever asked may not approve, and names the command for the approver', async () => {
    const me = { principal: { kind: 'agent' }, permissions: ['plan:make'] };
    const { api, exitCode, stderr, stdout } = await usher(doorRoutes(waiting, done, { 'GET /v1/me': [200, me] }), [
      ...DISABLE,
      '--yes',
    ]);
    expect(exitCode).toBe(7);
    expect(stdout).toContain('  Approval: It is destructive.\n');
    expect(stderr).toContain('An approver runs: usher plan approve plan-1');
    expect(posted(api)).toEqual(['/v1/plans']);
  });

  it('is said to need another person where the server says so', async () => {
    const { exitCode, stderr } = await usher(
      doorRoutes(waiting, done, { 'POST /v1/plans/plan-1/approve': [403, refusal] }),
      [...DISABLE, '--yes', '--json'],
    );
    expect(exitCode).toBe(7);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'needsApproval', plan: 'plan-1', exit_code: 7 } });
    expect(JSON.parse(stderr).error.detail).toContain('another person has to approve');
  });

  it('is approved by the one who asks where that one may alone', async () => {
    const applied = { ...waiting, state: 'applied', run_id: 'run-1' };
    const { api, exitCode, stderr } = await usher(
      doorRoutes(waiting, done, {
        'POST /v1/plans/plan-1/approve': [200, applied],
        'GET /v1/runs/run-1': [200, run('running', { planned: 1 })],
      }),
      [...DISABLE, '--yes', '--reason', 'HR-1042'],
    );
    expect(exitCode).toBe(0);
    expect(stderr).toContain('Approved by you.\n');
    expect(api.requests.find(({ path }) => path.endsWith('/approve'))?.body).toEqual({ reason: 'HR-1042' });
    expect(posted(api)).toEqual(['/v1/plans', '/v1/plans/plan-1/approve']);
  });

  it('is shown before it is approved, and stays on a no', async () => {
    const api = await stub({ 'GET /v1/plans/plan-1': [200, waiting] });
    const scene = atTerminal(api, ['n']);
    expect(await approve(scene.context, ['plan-1'], {})).toBe(1);
    expect(scene.shown()).toContain('~ Disable person1@northwind.example');
    expect(posted(api)).toEqual([]);
  });

  it('that was there before is not withdrawn by a no to applying it', async () => {
    const api = await stub(doorRoutes(plan(), done, { 'GET /v1/plans/plan-1': [200, plan()] }));
    await expect(apply(atTerminal(api, ['n']).context, ['plan-1'], {})).rejects.toThrow('the plan stays as it is');
    expect(posted(api)).toEqual([]);
  });
});

describe('following a run', () => {
  const two = [change(1), change(2)];
  const failed = change(2, {
    outcome: {
      state: 'failed',
      attempt: 1,
      receipt: { summary: 'LastPass refused it.', code: 'upstreamBug', calls: [] },
    },
  });

  it('ends with 11 where some of it failed, and says what failed, why and what to do', async () => {
    const stream = events(
      ['run', run('running', { planned: 2 })],
      ['change', told(1, 'done', readBack), 1],
      ['change', told(2, 'failed', 'LastPass refused it.'), 2],
      ['run', run('partial', { done: 1, failed: 1 }, { can_retry: true })],
    );
    const { exitCode, stdout, stderr } = await usher(
      doorRoutes(plan({}, two), stream, { 'GET /v1/runs/run-1/changes': [200, { data: [failed], next: null }] }),
      [...DISABLE, '--yes'],
    );
    expect(exitCode).toBe(11);
    expect(stdout).toContain(
      '  failed    person2@northwind.example: LastPass refused it.\nPartly done: 1 done  1 failed  0.8 s\n',
    );
    expect(stderr).toContain('usher runs retry run-1');
  });

  it('of one change that failed ends with the code of its own error, with --json and without', async () => {
    const receipt = { summary: 'No.', code: 'auth', calls: [] };
    const refused = change(2, { outcome: { state: 'failed', attempt: 1, receipt } });
    const ended = run('failed', { failed: 1 });
    const stream = events(
      ['run', run('running', { planned: 1 })],
      ['change', told(2, 'failed', 'No.'), 1],
      ['run', ended],
    );
    for (const more of [[], ['--json']]) {
      const routes = doorRoutes(plan(), stream, {
        'GET /v1/runs/run-1/changes': [200, { data: [refused], next: null }],
      });
      expect((await usher(routes, [...DISABLE, '--yes', ...more])).exitCode).toBe(4);
    }
  });

  it('of many changes says at its end again what failed, and why', async () => {
    const many = Array.from({ length: 30 }, (_, index) => change(index + 1));
    const stream = events(
      ['run', run('running', { planned: 30 })],
      ...many.map(({ ordinal }) => ['change', told(ordinal, ordinal === 2 ? 'failed' : 'done'), ordinal] as const),
      ['run', run('partial', { done: 29, failed: 1 })],
    );
    const { stdout } = await usher(
      doorRoutes(plan({}, many), stream, { 'GET /v1/runs/run-1/changes': [200, { data: [failed], next: null }] }),
      [...DISABLE, '--yes'],
    );
    expect(stdout).toMatch(
      /29 done {2}1 failed {2}0.8 s\n {2}failed {4}person2@\S+: LastPass refused it. \(upstreamBug\)\n$/,
    );
  });

  it('goes on where the connection broke, without telling anything twice', async () => {
    const first = events(['run', run('running', { planned: 2 })], ['change', told(1, 'done', readBack), 7]);
    const second = events(
      ['run', run('running', { done: 1, planned: 1 })],
      ['change', told(1, 'done', readBack), 7],
      ['change', told(2, 'done'), 9],
      ['run', run('succeeded', { done: 2 })],
    );
    const { api, stdout } = await usher(
      doorRoutes(plan({}, two), '', {
        'GET /v1/runs/run-1/events': [
          [200, first],
          [200, second],
        ],
      }),
      [...DISABLE, '--yes'],
    );
    const asked = api.requests.filter(({ path }) => path.endsWith('/events'));
    expect(asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '7']);
    expect(stdout.match(/^ {2}done /gm)).toHaveLength(2);
  });

  it('of a run that has ended meanwhile still tells what came of each change', async () => {
    const ended = run('succeeded', { done: 1 });
    const stream = events(['run', ended], ['change', told(1, 'done', readBack), 7], ['run', ended]);
    const { exitCode, stdout } = await usher({ ...doorRoutes(plan(), stream), 'GET /v1/runs/run-1': [200, ended] }, [
      'runs',
      'follow',
      'run-1',
    ]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `  done      ${readBack}\nDone: 1 done  0.8 s\n` });
  });

  it('with a token that is revoked on the way ends as any refused token does', async () => {
    const problem = { status: 401, code: 'tokenRevoked', detail: 'The token was revoked.', retry: false };
    const stream = events(['run', run('running', { planned: 1 })], ['problem', problem]);
    const { exitCode, stderr } = await usher(doorRoutes(plan(), stream), [...DISABLE, '--yes']);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('The token was revoked.');
  });

  it('of a paused run says how to go on, and ends with 7', async () => {
    const stream = events([
      'run',
      run('paused', { done: 1, planned: 1 }, { reason: 'The app refused the credentials.' }),
    ]);
    const { exitCode, stdout, stderr } = await usher(
      { ...doorRoutes(plan(), stream), 'GET /v1/runs/run-1': [200, run('running', { planned: 2 })] },
      ['runs', 'follow', 'run-1'],
    );
    expect(exitCode).toBe(7);
    expect(stdout).toContain('Paused: 1 not begun  1 done  0.8 s  The app refused the credentials.');
    expect(stderr).toContain('usher runs resume run-1');
  });

  it('of a run that has to wait says what for and how it goes on, and ends with 7', async () => {
    const reason = 'Waits for a person: Tell the users. (When it is done: usher runs task run-1 1 --done)';
    const stream = events(['run', run('waiting', { done: 1, planned: 1 }, { reason, wake_at: null })]);
    const { exitCode, stdout, stderr } = await usher(
      { ...doorRoutes(plan(), stream), 'GET /v1/runs/run-1': [200, run('running', { planned: 2 })] },
      ['runs', 'follow', 'run-1'],
    );
    expect(exitCode).toBe(7);
    expect(stdout).toContain(`Waiting: 1 not begun  1 done  0.8 s  ${reason}`);
    expect(stderr).toContain('It goes on by itself when that is over. Follow it then: usher runs follow run-1');
    expect(stderr).toContain('for good: usher runs cancel run-1');
  });

  it('of a run that waits for a moment looks on', async () => {
    const soon = new Date(Date.now() + 5000).toISOString();
    const stream = events(
      ['run', run('waiting', { planned: 1 }, { reason: 'Waits until soon.', wake_at: soon })],
      ['run', run('succeeded', { done: 1 })],
    );
    const { exitCode, stdout } = await usher(
      { ...doorRoutes(plan(), stream), 'GET /v1/runs/run-1': [200, run('waiting', { planned: 1 }, { wake_at: soon })] },
      ['runs', 'follow', 'run-1'],
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining('Done: 1 done') });
  });

  it('names a secret that waits to be taken', async () => {
    const handoff = {
      id: 'h1',
      connection: 'lastpass',
      label: 'Password of person1',
      created_at: '2026-11-21T10:00:01.000Z',
      expires_at: '2026-11-22T10:00:00.000Z',
    };
    const { stderr } = await usher(doorRoutes(plan(), done, { 'GET /v1/handoffs': [200, { data: [handoff] }] }), [
      ...DISABLE,
      '--yes',
    ]);
    expect(stderr).toContain('Password of person1, to be seen once: usher secret take h1');
  });

  it('stopped by Ctrl-C leaves the run to the server, and says how to see or stop it', async () => {
    const api = await stub(
      doorRoutes(plan(), '', {
        'GET /v1/runs/run-1/events': () => [200, events(['run', run('running', { planned: 1 })])],
      }),
    );
    const child = spawn(process.execPath, [USHER, ...DISABLE, '--yes'], {
      env: { PATH: process.env['PATH'], ...clientOf(api) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    while (!api.requests.some(({ path }) => path.endsWith('/events')))
      await once(child.stderr, 'data', { signal: AbortSignal.timeout(50) }).catch(() => {});
    child.kill('SIGINT');
    const [exitCode] = await once(child, 'close');
    expect(exitCode).toBe(130);
    expect(stderr).toContain('usher runs follow run-1');
    expect(stderr).toContain('usher runs pause run-1');
    expect(posted(api)).toEqual(['/v1/plans', '/v1/plans/plan-1/apply']);
  });

  it('is a JSON line a message with --json', async () => {
    const { stdout } = await usher(
      { ...doorRoutes(plan(), done), 'GET /v1/runs/run-1': [200, run('running', { planned: 1 })] },
      ['runs', 'follow', 'run-1', '--json'],
    );
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event);
    expect(lines).toEqual(['run', 'change', 'change', 'run']);
  });
});

describe('plans and runs', () => {
  it('are listed with whole ids however narrow the terminal', async () => {
    const long = '0199a3f4-5b6c-7d8e-9f00-112233445566';
    const { stdout } = await usher({ 'GET /v1/plans': [200, { data: [plan({ id: long })], next: null }] }, [
      'plan',
      '--state',
      'waiting,ready',
    ]);
    expect(stdout).toMatch(new RegExp(`^${long}  ready  Disable a user`, 'm'));
  });

  it('tell what was decided and what came of each change', async () => {
    const decided = plan({
      state: 'applied',
      run_id: 'run-1',
      decisions: [{ decision: 'approve', by: { id: 'p2', name: 'Bo', kind: 'person' }, reason: 'HR-1042', at: '2026-11-21T10:00:00.000Z' }],
    }, [change(1, { outcome: { state: 'done', attempt: 1, receipt: { summary: readBack, calls: [] } } })]); // prettier-ignore
    const { stdout } = await usher({ 'GET /v1/plans/plan-1': [200, decided] }, ['plan', 'show', 'plan-1']);
    expect(stdout).toContain(`  Approved by Bo, ${localTime(at)}: HR-1042\n`);
    expect(stdout).toContain(`  done      ${readBack}\n`);
  });

  it('pause, resume, cancel and retry by name', async () => {
    for (const [verb, told] of [
      ['pause', 'is paused.'],
      ['resume', 'goes on.'],
      ['cancel', 'is cancelled when'],
      ['retry', 'goes on.'],
    ] as const) {
      const state = verb === 'pause' ? 'paused' : 'running';
      const flags = verb === 'resume' || verb === 'retry' ? ['--no-wait'] : [];
      const { stdout, exitCode } = await usher({ [`POST /v1/runs/run-1/${verb}`]: [202, run(state, { planned: 1 })] }, [
        'runs',
        verb,
        'run-1',
        ...flags,
      ]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining(told) });
    }
  });

  it('go on when a person says that a task is done, with a note; without --done the task is shown', async () => {
    const held = change(0, {
      follows: true,
      hold: { kind: 'task', task: 'Tell the users.' },
      outcome: { state: 'planned', attempt: 0, ended_at: null, receipt: null, waits_for: 'task', held_until: null },
    });
    const routes = {
      'GET /v1/runs/run-1': [200, run('waiting', { planned: 1 })],
      'GET /v1/runs/run-1/changes': [200, { data: [held], next: null }],
      'POST /v1/runs/run-1/changes/0/confirm': [202, run('waiting', { planned: 1 })],
    } as const;
    const shown = await usher(routes, ['runs', 'task', 'run-1', '0']);
    expect(shown.stdout).toContain('waits     Disable person0@northwind.example; the vault is kept, after a task');
    expect(shown.stdout).toContain('Tell the users.');
    expect(shown.stderr).toContain('usher runs task run-1 0 --done');
    expect(posted(shown.api)).toEqual([]);
    const said = await usher(routes, ['runs', 'task', 'run-1', '0', '--done', '--note', 'Mail sent.']);
    expect(said.exitCode).toBe(0);
    expect(said.api.requests.at(-1)?.body).toEqual({ note: 'Mail sent.' });
    expect((await usher(routes, ['runs', 'task', 'run-1', 'first', '--done'])).exitCode).toBe(2);
  });

  it('of a chain are shown in their order, with what they wait for', async () => {
    const wait = { kind: 'wait', seconds: 86_400, why: 'Caches keep it.' };
    const chain = [
      change(1),
      change(2, { follows: true, hold: wait }),
      change(3, { hold: { kind: 'task', task: 'Ask.' } }),
    ];
    const { stdout } = await usher(doorRoutes(plan({ id: '' }, chain), done), [...DISABLE, '--dry-run']);
    expect(stdout).toContain('  then ~ Disable person2');
    expect(stdout).toContain('      waits 24 h after the one before: Caches keep it.\n');
    expect(stdout).toContain('      waits for a person: Ask.\n');
  });

  it('are taken back by a plan that is shown and asked for like any other', async () => {
    const back = plan({ title: 'Undo: Disable a user' }, [
      change(1, { change: 'enable_user', summary: 'Enable person1@northwind.example', before: { status: 'disabled' } }),
    ]);
    const api = await stub(doorRoutes(back, done, { 'POST /v1/runs/run-1/undo': [201, back] }));
    const scene = atTerminal(api, ['y']);
    expect(await undo(scene.context, ['run-1'], { reason: 'The wrong Jane' })).toBe(0);
    expect(scene.shown()).toContain('~ Enable person1@northwind.example  (now disabled)');
    expect(posted(api)).toEqual(['/v1/runs/run-1/undo', '/v1/plans/plan-1/apply']);
  });
});

describe('marks', () => {
  const mark = {
    connection: 'lastpass',
    account: '1',
    is_protected: false,
    is_service: true,
    owner: 'ada@northwind.example',
    ignored_until: null,
    note: null,
    set_by: { id: 'p1', name: 'Ada', kind: 'person' },
    set_at: '2026-11-21T10:00:00.000Z',
  };
  const path = '/v1/accounts/lastpass/ci@northwind.example/mark';

  it('change only what is named', async () => {
    const { api, stdout } = await usher({ [`PATCH ${encodeURI(path).replace('@', '%40')}`]: [200, mark] }, [
      'accounts', 'mark', 'lastpass', 'ci@northwind.example', '--service', '--owner', 'ada@northwind.example', '--note', '', '--ignore-until', '2026-12-01T00:00Z',
    ]); // prettier-ignore
    expect(api.requests.at(-1)?.body).toEqual({
      is_service: true, owner: 'ada@northwind.example', note: null, ignored_until: '2026-12-01T00:00:00.000Z',
    }); // prettier-ignore
    expect(stdout).toBe(
      `ci@northwind.example in lastpass: a service, answered for by ada@northwind.example  (Ada, ${localTime(at)})\n`,
    );
  });

  it('are all taken away by --clear, which stands alone', async () => {
    const both = await usher({}, ['accounts', 'mark', 'lastpass', 'x', '--clear', '--protected']);
    expect(both).toMatchObject({ exitCode: 2 });
    const { api } = await usher(
      { 'PATCH /v1/accounts/lastpass/x/mark': [200, { ...mark, is_service: false, owner: null }] },
      ['accounts', 'mark', 'lastpass', 'x', '--clear'],
    );
    expect(api.requests.at(-1)?.body).toEqual({
      is_protected: false,
      is_service: false,
      owner: null,
      ignored_until: null,
      note: null,
    });
  });
});

describe('policy', () => {
  const answer = (connection: string | null) => ({
    connection,
    policy: { window_minutes: 60, stop_above_percent: 10 },
    own: ['stop_above_percent'],
  });

  it('is set by name, for all connections or one, and given back to its default', async () => {
    const one = await usher({ 'PATCH /v1/connections/lastpass/policy': [200, answer('lastpass')] }, [
      'policy', 'set', 'lastpass', 'stop_above_percent=10', 'windowMinutes=default',
    ]); // prettier-ignore
    expect(one.api.requests[0]?.body).toEqual({ stop_above_percent: 10, window_minutes: null });
    expect(one.stdout).toMatch(/stop_above_percent +10 +set for lastpass +More than this share/);
    const all = await usher({ 'PATCH /v1/policy': [200, answer(null)] }, ['policy', 'set', 'stop_above_percent=10']);
    expect(all.api.requests[0]?.body).toEqual({ stop_above_percent: 10 });
    expect(all.stdout).toMatch(/window_minutes +60 +default/);
  });

  it('refuses a threshold that there is not, and a value that is no number', async () => {
    expect((await usher({}, ['policy', 'set', 'speed=1'])).stderr).toContain('the names: window_minutes');
    expect((await usher({}, ['policy', 'set', 'plan_days=soon'])).stderr).toContain('plan_days has to be a number');
  });
});

describe('secrets that changes hand over', () => {
  const handoff = {
    id: 'h1',
    connection: 'lastpass',
    label: 'Password of Jane',
    created_at: '2026-11-21T10:00:00.000Z',
    expires_at: '2026-11-22T10:00:00.000Z',
  };
  const routes: StubRoutes = { 'POST /v1/handoffs/h1/take': [200, { handoff, secret: 'correct horse' }] };

  it('are not taken where a log could hold them', async () => {
    const { api, exitCode } = await usher(routes, ['secret', 'take', 'h1']);
    expect({ exitCode, requests: api.requests }).toEqual({ exitCode: 2, requests: [] });
  });

  it('are shown alone on a terminal, and given to a program with --json', async () => {
    const scene = atTerminal(await stub(routes));
    expect(await take(scene.context, ['h1'])).toBe(0);
    expect(scene.shown()).toMatch(/^correct horse\nPassword of Jane\. Keep it now/);
    const { stdout } = await usher(routes, ['secret', 'take', 'h1', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ secret: 'correct horse' });
  });
});
