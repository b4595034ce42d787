import { afterEach, describe, expect, it } from 'vitest';
import { connect } from './commands/connect.ts';
import { startStubApi, type StubApi, type StubRequest, type StubRoutes } from './testing/stub-api.ts';
import { atTerminal, runHere } from './testing/terminal-context.ts';

const stubs: StubApi[] = [];
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()));
});

const sha256 = 'ab12'.repeat(16);
const untrusted = {
  status: 502,
  code: 'certificateUntrusted',
  detail: 'Nobody whom Usher trusts vouches for the certificate of console.example:3780.',
  next: 'Compare it.',
  certificate: {
    sha256,
    subject: 'CN=Rapid7 Security Console, O=Rapid7',
    issuer: 'CN=Rapid7 Security Console, O=Rapid7',
    valid_from: '2026-01-01T00:00:00.000Z',
    valid_to: '2036-01-01T00:00:00.000Z',
  },
};
const field = (name: string, kind: string, required: boolean) => ({ name, title: name, kind, required });
const fields = [field('user', 'text', true), field('password', 'secret', true)];
const pinning = {
  id: 'console',
  title: 'Console',
  fields: [...fields, field('certificate_fingerprint', 'text', false)],
};
const connection = { id: 'console', connector: 'console', state: 'active' };
const settingsOf = ({ body }: StubRequest): unknown =>
  Object.entries(body ?? {}).find(([name]) => name === 'settings')?.[1];

/** An API whose app shows a certificate that is trusted only once it is pinned. */
async function stub(connector: object = pinning): Promise<StubApi> {
  const routes: StubRoutes = {
    'GET /v1/connectors': [200, { data: [connector], next: null }],
    'POST /v1/connections': (request) =>
      JSON.stringify(settingsOf(request)).includes(`sha256:${sha256}`) ? [201, connection] : [502, untrusted],
  };
  const api = await startStubApi(routes);
  stubs.push(api);
  return api;
}
const posted = (api: StubApi) => api.requests.filter(({ method }) => method === 'POST');

describe('an app whose certificate nobody vouches for', () => {
  it('is connected once the person has compared the certificate and trusts it, it alone', async () => {
    const api = await stub();
    const scene = atTerminal(api, ['ada', 'not-a-real-password', 'y']);
    expect(await connect(scene.context, ['console'], { sync: false })).toBe(0);
    expect(posted(api).map(settingsOf)).toEqual([
      { user: 'ada' },
      { user: 'ada', certificate_fingerprint: `sha256:${sha256}` },
    ]);
    expect(scene.questions.at(-1)).toBe('Trust this certificate, and only this one?');
    expect(scene.shown()).toContain('Subject   CN=Rapid7 Security Console, O=Rapid7\n');
    expect(scene.shown()).toContain(`SHA-256   ${'AB:12:'.repeat(16).slice(0, -1)}\n`);
    expect(scene.shown()).toContain('Checking ... ok.');
  });

  it('is not connected when the person does not trust it', async () => {
    const api = await stub();
    const { context } = atTerminal(api, ['ada', 'not-a-real-password', '']);
    await expect(connect(context, ['console'], { sync: false })).rejects.toThrow('Nobody whom Usher trusts');
    expect(posted(api)).toHaveLength(1);
  });

  it('is told to a script with the flag that would trust it', async () => {
    const api = await stub();
    const ended = await runHere(api, ['connect', 'console', '--user', 'ada', '--secret-stdin'], 'not-a-real-password');
    expect(ended.exitCode).toBe(10);
    expect(ended.stderr).toContain(`add: --certificate-fingerprint sha256:${sha256}`);
    const trusting = ['--certificate-fingerprint', `sha256:${sha256}`, '--no-sync'];
    const again = ['connect', 'console', '--user', 'ada', '--secret-stdin', ...trusting];
    expect((await runHere(api, again, 'not-a-real-password')).exitCode).toBe(0);
  });

  it('is not asked about where the connector pins none, or one was named already', async () => {
    const plain = await stub({ id: 'console', title: 'Console', fields });
    const words = ['connect', 'console', '--user', 'ada', '--secret-stdin'];
    expect((await runHere(plain, words, 'not-a-real-password')).stderr).not.toContain('--certificate-fingerprint');
    const api = await stub();
    const { context } = atTerminal(api, ['not-a-real-password', 'n']);
    const named = ['console', '--user', 'ada', '--certificate-fingerprint', 'cd'.repeat(32)];
    await expect(connect(context, named, { sync: false })).rejects.toThrow('Nothing was saved');
  });
});
