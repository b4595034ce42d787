import { afterEach, describe, expect, it } from 'vitest';
import { clientOf, runCli } from './testing/run-cli.ts';
import { startStubApi, type StubApi, type StubRoutes } from './testing/stub-api.ts';

let api: StubApi;
afterEach(() => api.close());

async function usher(routes: StubRoutes, ...args: readonly string[]) {
  api = await startStubApi(routes);
  return runCli(args, { stdin: '', env: clientOf(api) });
}

const entry = {
  seq: 7, hash: 'a1', at: '2026-03-02T10:15:00.000Z', kind: 'denied', action: 'GET /v1/plans', outcome: 'denied',
  summary: 'Robin: GET /v1/plans was answered with 403', actor: { name: 'Robin' }, connection: null,
}; // prettier-ignore
const whole = {
  is_whole: true, entries: 7, last: 7, problems: [], unlinked: 0, head: { state: 'kept', seq: 7, since: 0 },
}; // prettier-ignore

describe('usher audit', () => {
  it('lists entries, narrowed by what the flags say', async () => {
    const { stdout, exitCode } = await usher(
      { 'GET /v1/audit': [200, { data: [entry], next: null }] },
      'audit', '--outcome', 'denied', '--since', '2026-03-01',
    ); // prettier-ignore
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Robin: GET /v1/plans was answered with 403');
    const query = api.requests[0]?.query;
    expect([query?.get('outcome'), query?.get('since')]).toEqual(['denied', '2026-03-01T00:00:00.000Z']);
  });

  it('verify says that the log is whole, and what waits to be linked', async () => {
    const { stdout, exitCode } = await usher(
      { 'GET /v1/audit/verify': [200, { ...whole, unlinked: 2 }] },
      'audit',
      'verify',
    );
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      'The audit log is whole: 7 entries, the last one is 7.\n2 entries wait to be linked: look again in a moment.\n',
    );
  });

  it('verify ends with 6 where it is not, and says where', async () => {
    const problems = [{ kind: 'missing', from: 4, to: 5, message: 'Entries 4 to 5 are missing.' }];
    const broken = { ...whole, is_whole: false, entries: 5, problems };
    const { stdout, exitCode } = await usher({ 'GET /v1/audit/verify': [200, broken] }, 'audit', 'verify');
    expect(exitCode).toBe(6);
    expect(stdout).toContain('Entries 4 to 5 are missing.');
  });
});
