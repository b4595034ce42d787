import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testApi } from '../testing/api.ts';
import type { TestApi } from '../testing/api.ts';
import { endedRun, HANDOFF_ID, PLAN_ID, run, RUN_ID } from '../testing/changes.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => api.close());
let before = 0;
beforeEach(() => {
  before = api.changes.calls.length;
});

/** What the lifecycle was asked since the test began. */
const asked = () => api.changes.calls.slice(before);
const body = { connection: 'paper', action: 'paper_disable_user', input: { user: 'ada@northwind.example' } };

describe('making a plan', () => {
  test('answers 201 with what it would change, and hands on reason, overrides and the idempotency key', async () => {
    const answer = await api.call('POST', '/v1/plans', {
      body: {
        ...body, reason: 'Left', override: ['blastRadius'], apply_when_approved: false, apply_at: '2099-03-02T18:00:00+01:00',
      }, // prettier-ignore
      headers: { 'idempotency-key': 'abc-1' },
    });
    expect(answer.statusCode, answer.body).toBe(201);
    expect(answer.json()).toMatchObject({
      id: PLAN_ID,
      state: 'waiting',
      requested_by: { name: 'Ada', kind: 'person' },
      approval_reasons: ['An agent asks for it.'],
      guards: [{ guard: 'blastRadius', is_overridden: true }],
      first_changes: [{ subject: { email: 'ada@northwind.example' }, undo: { is_possible: true }, preview: { method: 'POST' } }],
    }); // prettier-ignore
    expect(asked()).toEqual([
      [
        'plan',
        {
          connectionId: 'paper',
          action: 'paper_disable_user',
          input: { user: 'ada@northwind.example' },
          reason: 'Left',
          override: ['blastRadius'],
          appliesWhenApproved: false,
          applyAt: '2099-03-02T18:00:00+01:00',
          dryRun: false,
          idempotencyKey: 'abc-1',
        },
      ],
    ]);
  });

  test('as a dry run answers 200 and no id, for nothing is stored', async () => {
    const answer = await api.call('POST', '/v1/plans?dry_run=true', { body });
    expect([answer.statusCode, answer.json().id]).toEqual([200, '']);
    expect(asked()).toMatchObject([['plan', { dryRun: true, idempotencyKey: null, appliesWhenApproved: true }]]);
  });

  test('of what reads, of another connector, or of nothing is refused before anything is planned', async () => {
    const answers = [
      await api.call('POST', '/v1/plans', { body: { ...body, action: 'paper_unified_list_users' } }),
      await api.call('POST', '/v1/plans', { body: { ...body, action: 'moon_walk' } }),
      await api.call('POST', '/v1/plans', { body: { ...body, connection: 'nowhere' } }),
      await api.call('POST', '/v1/plans', { body: { ...body, override: ['gravity'] } }),
      await api.call('POST', '/v1/plans', { body, headers: { 'idempotency-key': '' } }),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([400, 404, 404, 400, 400]);
    expect(asked()).toEqual([]);
  });

  test('on a connection that a token is not good for is as if it were not there', async () => {
    const token = await api.tokenOf('operator', ['other']);
    expect((await api.call('POST', '/v1/plans', { as: token, body })).statusCode).toBe(404);
    expect((await api.get('/v1/plans?connection=paper', { as: token })).statusCode).toBe(404);
    expect((await api.get(`/v1/plans/${PLAN_ID}`, { as: token })).statusCode).toBe(404);
    expect(asked()).toEqual([]);
  });
});

test('plans are listed by connection and state, and shown with their changes', async () => {
  const list = (await api.get('/v1/plans?connection=paper&state=waiting,%20ready&page_size=5&next=abc')).json();
  expect(list).toMatchObject({ data: [{ id: PLAN_ID, changes: 1, run_id: null }], next: 'more' });
  expect(list.data[0]).not.toHaveProperty('first_changes');
  expect((await api.get(`/v1/plans/${PLAN_ID}`)).json()).toMatchObject({ decisions: [{ reason: 'Fine.' }] });
  const changes = (await api.get(`/v1/plans/${PLAN_ID}/changes?state=done`)).json();
  expect(changes.data[0].outcome).toMatchObject({
    state: 'done',
    receipt: { proof: 'state', calls: [{ status: 200 }] },
  });
  expect(asked()).toEqual([
    ['listPlans', { connectionId: 'paper', states: ['waiting', 'ready'], limit: 5, next: 'abc' }],
    ['getPlan', PLAN_ID],
    ['planChanges', PLAN_ID, { states: ['done'], limit: 50, next: undefined }],
  ]);
  expect((await api.get('/v1/plans?state=waiting,lost')).json()).toMatchObject({
    field: 'state',
    detail: expect.stringContaining('waiting, ready, applied'),
  });
});

test('an empty next is refused rather than taken for the first page', async () => {
  for (const url of ['/v1/plans?next=', '/v1/accounts?next=', '/actions?next=']) {
    expect((await api.get(url)).json(), url).toMatchObject({ field: 'next' });
  }
  expect((await api.unified('users?next=')).json()).toMatchObject({ statusCode: 400, field: 'next' });
});

test('decisions take a reason or nothing; applying answers 202 with the run', async () => {
  const url = `/v1/plans/${PLAN_ID}`;
  const approved = await api.call('POST', `${url}/approve`, { body: { reason: 'Agreed' } });
  expect([approved.statusCode, approved.json().state]).toEqual([200, 'applied']);
  expect((await api.call('POST', `${url}/reject`)).json().state).toBe('rejected');
  expect((await api.call('POST', `${url}/cancel`, { body: {} })).json().state).toBe('cancelled');
  const applied = await api.call('POST', `${url}/apply`);
  expect([applied.statusCode, applied.json().id]).toEqual([202, RUN_ID]);
  expect(asked()).toEqual([
    ['approve', PLAN_ID, 'Agreed'],
    ['reject', PLAN_ID, null],
    ['cancelPlan', PLAN_ID],
    ['apply', PLAN_ID],
  ]);
});

test('an operator makes plans and decides none; an approver decides and makes none; an agent never approves', async () => {
  const statusOf = async (role: 'operator' | 'approver' | 'agent', url: string, sent?: object) => {
    return (await api.call('POST', url, { as: await api.tokenOf(role), body: sent })).statusCode;
  };
  expect(await statusOf('operator', '/v1/plans', body)).toBe(201);
  expect(await statusOf('agent', '/v1/plans', body)).toBe(201);
  expect(await statusOf('approver', '/v1/plans', body)).toBe(403);
  for (const verb of ['approve', 'reject']) {
    expect(await statusOf('operator', `/v1/plans/${PLAN_ID}/${verb}`)).toBe(403);
    expect(await statusOf('agent', `/v1/plans/${PLAN_ID}/${verb}`)).toBe(403);
    expect(await statusOf('approver', `/v1/plans/${PLAN_ID}/${verb}`)).toBe(200);
  }
});

test('runs are listed, shown by their id or their plan, steered and taken back', async () => {
  expect((await api.get('/v1/runs?state=running')).json().data).toMatchObject([{ id: RUN_ID, counts: { planned: 1 } }]);
  expect((await api.get(`/v1/runs/${PLAN_ID}`)).json()).toMatchObject({ id: RUN_ID, plan_id: PLAN_ID });
  expect((await api.get(`/v1/runs/${RUN_ID}/changes`)).json().data).toMatchObject([{ outcome: { state: 'done' } }]);
  for (const verb of ['pause', 'resume', 'cancel', 'retry']) {
    expect((await api.call('POST', `/v1/runs/${RUN_ID}/${verb}`)).statusCode, verb).toBe(202);
  }
  const undo = await api.call('POST', `/v1/runs/${RUN_ID}/undo`, { body: { reason: 'Wrong person' } });
  expect([undo.statusCode, undo.json().id]).toEqual([201, PLAN_ID]);
  expect(asked().map(([name]) => name)).toEqual([
    'listRuns', 'getRun', 'getRun', 'planChanges', 'pause', 'resume', 'cancelRun', 'retry', 'undo',
  ]); // prettier-ignore
  expect(asked().at(-1)).toEqual(['undo', RUN_ID, 'Wrong person']);
});

test('a task is said to be done by the number of its change, with a note', async () => {
  const url = `/v1/runs/${RUN_ID}/changes`;
  expect((await api.call('POST', `${url}/2/confirm`, { body: { note: 'Sent.' } })).statusCode).toBe(202);
  expect((await api.call('POST', `${url}/0/confirm`)).json()).toMatchObject({ id: RUN_ID, wake_at: null });
  expect(asked()).toEqual([['confirmTask', RUN_ID, 2, 'Sent.'], ['confirmTask', RUN_ID, 0, null]]); // prettier-ignore
  for (const ordinal of ['-1', 'x', '1.5']) {
    expect((await api.call('POST', `${url}/${ordinal}/confirm`)).statusCode, ordinal).toBe(400);
  }
});

describe('following a run', () => {
  const changed = (position: number) => ({
    kind: 'change' as const,
    position,
    change: { ordinal: 0, subject: 'ada@northwind.example', summary: 'Disable', state: 'done' as const, attempt: 1, outcome: 'Done.' },
  }); // prettier-ignore

  test('sends its progress as events, each change with its position, and ends with the run', async () => {
    api.changes.progress = [{ kind: 'run', run }, changed(7), { kind: 'run', run: endedRun }];
    const answer = await api.get(`/v1/runs/${RUN_ID}/events`);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-request-id': expect.any(String),
    });
    const [, ...blocks] = answer.body.trimEnd().split('\n\n');
    expect(blocks.map((block) => block.split('\n').slice(0, -1))).toEqual([
      ['event: run'],
      ['id: 7', 'event: change'],
      ['event: run'],
    ]);
    expect(JSON.parse(blocks[1]?.split('data: ')[1] ?? '')).toEqual(changed(7).change);
    expect(blocks[2]).toContain('"state":"succeeded"');
    expect(asked()).toEqual([['getRun', RUN_ID], ['follow', RUN_ID, 0], ['unfollowed']]);
  });

  test('goes on from Last-Event-ID, or from after', async () => {
    api.changes.progress = [];
    await api.get(`/v1/runs/${RUN_ID}/events`, { headers: { 'last-event-id': '41' } });
    await api.get(`/v1/runs/${RUN_ID}/events?after=9`);
    expect(asked().filter(([name]) => name === 'follow')).toEqual([
      ['follow', RUN_ID, 41],
      ['follow', RUN_ID, 9],
    ]);
    expect((await api.get(`/v1/runs/${RUN_ID}/events?after=x`)).json()).toMatchObject({ status: 400, field: 'after' });
  });

  test('of no run is a 404 and no stream', async () => {
    const answer = await api.get('/v1/runs/run_none/events');
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
  });

  test('stops when the client hangs up, and when the server closes', async () => {
    const other = await testApi();
    const address = await other.app.listen({ host: '127.0.0.1', port: 0 });
    const open = async (signal: AbortSignal | null) => {
      const answer = await fetch(`${address}/v1/runs/${RUN_ID}/events`, {
        headers: { authorization: `Bearer ${other.token}` },
        signal,
      });
      const reader = answer.body?.getReader();
      await reader?.read();
      return reader;
    };
    const unfollowed = async (times: number) => {
      const ended = () => other.changes.calls.filter(([name]) => name === 'unfollowed').length;
      while (ended() < times) await new Promise(setImmediate);
    };
    other.changes.progress = [{ kind: 'run', run }, new Promise(() => {})];
    const client = new AbortController();
    await open(client.signal);
    client.abort();
    await unfollowed(1);
    const reader = await open(null);
    const closed = other.close();
    let text = '';
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      text += Buffer.from(part.value).toString();
    }
    expect(text).not.toContain('event: problem');
    await closed;
    await unfollowed(2);
  });
});

test('marks are listed, shown and set; what is absent is left as it is, null takes away', async () => {
  expect((await api.get('/v1/connections/paper/marks')).json().data).toMatchObject([{ account: '101', set_at: null }]);
  expect((await api.get('/v1/accounts/paper/101/mark')).json()).toMatchObject({ is_protected: false });
  const url = '/v1/accounts/paper/ada%40northwind.example/mark';
  const set = await api.call('PATCH', url, {
    body: { is_service: true, owner: null, ignored_until: '2026-04-01T00:00:00+02:00' },
  });
  expect(set.json()).toMatchObject({
    is_service: true,
    ignored_until: '2026-03-31T22:00:00.000Z',
    set_by: { name: 'Ada' },
  });
  expect(asked().at(-1)).toEqual([
    'setMark',
    'ada@northwind.example',
    { isService: true, owner: null, ignoredUntil: '2026-03-31T22:00:00.000Z' },
  ]);
  const operator = await api.tokenOf('operator');
  expect((await api.call('PATCH', url, { as: operator, body: { is_protected: true } })).statusCode).toBe(403);
});

test('thresholds are shown and set, for all connections and for one; null takes one away', async () => {
  expect((await api.get('/v1/policy')).json()).toMatchObject({ connection: null, policy: { stop_above_percent: 20 } });
  const set = await api.call('PATCH', '/v1/policy', { body: { stop_above_subjects: 200 } });
  expect(set.json()).toMatchObject({ own: ['plan_days'] });
  await api.call('PATCH', '/v1/connections/paper/policy', { body: { plan_days: null } });
  expect(asked()).toEqual([
    ['setPolicy', null, { stopAboveSubjects: 200 }],
    ['setPolicy', 'paper', { planDays: null }],
  ]);
  const wrong = await api.call('PATCH', '/v1/policy', { body: { plan_days: 1000 } });
  expect(wrong.json()).toMatchObject({ status: 400, field: 'plan_days' });
});

test('a secret that waits is listed without itself, and shown when it is taken', async () => {
  const list = await api.get('/v1/handoffs');
  expect(list.json().data).toMatchObject([{ id: HANDOFF_ID, label: 'Password' }]);
  expect(list.body).not.toContain('hunter2');
  const taken = await api.call('POST', `/v1/handoffs/${HANDOFF_ID}/take`);
  expect(taken.json()).toMatchObject({ handoff: { id: HANDOFF_ID }, secret: 'hunter2-of-a-test' });
  expect((await api.call('POST', '/v1/handoffs/hnd_other/take')).statusCode).toBe(404);
});
