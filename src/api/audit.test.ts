import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseEntry } from '../audit/link.ts';
import type { AuditEntry } from '../model/audit.ts';
import { testApi, type TestApi } from './testing/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => api.close());

const entries = async (): Promise<readonly AuditEntry[]> => {
  const { rows } = await api.database.pool.query<{ content: string }>('select content from audit_inbox order by id');
  return rows.flatMap(({ content }) => parseEntry(content) ?? []);
};
/** The entries of one answer; they are written when it was sent. */
const told = async (answer: { readonly headers: object }, kind: string): Promise<readonly AuditEntry[]> => {
  const id: unknown = Reflect.get(answer.headers, 'x-request-id');
  const found = async () => (await entries()).filter((entry) => entry.request === id && entry.kind === kind);
  await expect.poll(found).not.toHaveLength(0);
  return found();
};

describe('the audit log is told', () => {
  test('of a request without a good token, and of one without the right', async () => {
    const stranger = await api.get('/v1/principals', { as: 'ush_made_up_secret' });
    expect(stranger.statusCode).toBe(401);
    expect(await told(stranger, 'denied')).toMatchObject([
      { action: 'GET /v1/principals', outcome: 'denied', actor: null, details: { status: 401, address: '127.0.0.1' } },
    ]);
    const viewer = await api.get('/v1/principals', { as: await api.tokenOf('viewer') });
    expect(viewer.statusCode).toBe(403);
    expect(await told(viewer, 'denied')).toMatchObject([{ outcome: 'denied', actor: { name: 'A viewer' } }]);
    expect(JSON.stringify(await entries())).not.toContain('made_up_secret');
  });

  test('of every request that wants to change something, and not of each that reads', async () => {
    const before = (await entries()).length;
    expect((await api.get('/v1/principals')).statusCode).toBe(200);
    const made = await api.call('POST', '/v1/principals', { body: { name: 'Robin', kind: 'person', role: 'viewer' } });
    expect(await told(made, 'request')).toMatchObject([
      {
        action: 'POST /v1/principals',
        outcome: 'ok',
        actor: { name: 'A admin', kind: 'person' },
        details: { status: 201 },
      },
    ]);
    const bad = await api.call('POST', '/v1/principals', { body: { name: '' } });
    expect(await told(bad, 'request')).toMatchObject([{ outcome: 'failed', details: { status: 400 } }]);
    expect((await entries()).slice(before).map(({ action }) => action)).not.toContain('GET /v1/principals');
  });

  test('of strangers one by one, and of a flood of them as a number', async () => {
    const refused = async () =>
      (await entries()).filter(({ details }) => JSON.stringify(details).includes('401')).length;
    for (let i = 0; i < 100; i += 1) await api.get('/v1/me', { as: null });
    expect(await refused()).toBeLessThanOrEqual(60);
  });
});

describe('/v1/audit', () => {
  test('is for administrators and approvers, of the whole instance', async () => {
    expect((await api.get('/v1/audit', { as: await api.tokenOf('approver') })).statusCode).toBe(200);
    for (const role of ['viewer', 'operator', 'agent'] as const) {
      expect((await api.get('/v1/audit', { as: await api.tokenOf(role) })).statusCode).toBe(403);
    }
    expect((await api.get('/v1/audit', { as: await api.tokenOf('admin', ['paper']) })).statusCode).toBe(403);
  });

  test('pages newest first, and a cursor belongs to its filters', async () => {
    const first = (await api.get('/v1/audit?kind=request&page_size=1')).json();
    expect(first.data).toHaveLength(1);
    const second = (await api.get(`/v1/audit?kind=request&page_size=1&next=${first.next}`)).json();
    expect(second.data[0].seq).toBeLessThan(first.data[0].seq);
    expect((await api.get(`/v1/audit?kind=denied&page_size=1&next=${first.next}`)).statusCode).toBe(400);
    expect((await api.get('/v1/audit?kind=gossip')).statusCode).toBe(400);
  });

  test('exports all of it as CSV, in cells that no spreadsheet takes for a formula', async () => {
    const name = '=cmd|"/c calc",1';
    await api.call('POST', '/v1/principals', { body: { name, kind: 'person', role: 'viewer' } });
    await api.services.audit.record([
      {
        at: '2026-03-02T10:15:00.000Z',
        kind: 'access',
        action: 'test',
        summary: name,
        subject: { kind: 'principal', key: '-1', name: '+x' },
      },
    ]);
    const answer = await api.get('/v1/audit/export');
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    const lines = answer.body.split('\r\n');
    expect(lines[0]).toMatch(/^seq,at,kind,action,outcome,actor_id/);
    expect(lines.length).toBeGreaterThan(3);
    expect(answer.body).toContain(`,'-1,'+x,`);
    expect(answer.body).toContain(`"'=cmd|""/c calc"",1"`);
  });

  test('verifies, and says where it is broken', async () => {
    const answer = await api.get('/v1/audit/verify');
    expect(answer.json()).toMatchObject({
      is_whole: false, problems: [{ kind: 'missing', from: 4, to: 4 }], unlinked: 1, head: { state: 'kept' },
    }); // prettier-ignore
  });
});
