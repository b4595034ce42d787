// What a person reads when something is wrong: each message as it stands, since it is all that they have to go by.
import { describe, expect, it } from 'vitest';
import { openConnector } from '../../connector-kit/testkit/index.ts';
import { UsherError } from '../../model/errors.ts';
import type { JsonValue } from '../../model/records.ts';
import { createInsightVm, insightvm } from './index.ts';
import { consoleDesk, type DeskOptions } from './testing/desk.ts';

/** The error of this, as code, message and what to do next. */
async function said(work: Promise<unknown>): Promise<{ kind: string; code: string; message: string; next: string }> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UsherError)) throw new Error('An error was expected, and there was none.');
  const { kind, message, details } = error;
  return {
    kind,
    code: details.code ?? '',
    message: message.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST'),
    next: details.next ?? '',
  };
}

async function probed(options: DeskOptions): Promise<Awaited<ReturnType<typeof said>>> {
  const { open } = await consoleDesk(options);
  return said(open.probe());
}

const GLOBAL = 'Give that login the role Global Administrator';

describe('what a person reads', () => {
  it('of bad credentials: that trying again locks the login', async () => {
    const { simulator } = await consoleDesk();
    const open = openConnector({
      connector: insightvm,
      settings: { base_url: simulator.url, user: 'ada.okonkwo', requests_per_second: 1000 },
      secrets: { password: 'not the password' },
    });
    expect(await said(open.probe())).toEqual({
      kind: 'auth',
      code: '',
      message:
        'The console refused the login ada.okonkwo: its name or password is wrong, it is locked or disabled, or its two-factor code is missing or over.',
      next: 'Sign in to the console with it by hand. Do not just try again: several wrong tries lock the login.',
    });
    expect(simulator.requests()).toHaveLength(1);
    await open[Symbol.asyncDispose]();
  });

  it.each([
    [
      'cloud-html',
      'A web page (status 200) came instead of data for resources: this is not the API of an InsightVM Security Console.',
    ],
    [
      'cloud-json',
      'Something like the Insight Platform, the cloud, answered resources: this is not the API of an InsightVM Security Console.',
    ],
  ])('of the wrong surface (%s): which connector it takes', async (surface, message) => {
    const error = await probed({ switches: { surface } });
    expect(error).toMatchObject({ code: 'wrongSurface', message });
    expect(error.next).toBe(
      'Give the address of the console itself with its port, usually 3780. For the cloud (insight.rapid7.com, an API key) use the connector insight-platform.',
    );
  });

  it("of the cloud's address, before anything is sent", () => {
    const settings = { base_url: 'https://us.api.insight.rapid7.com', user: 'usher' };
    expect(() => insightvm.parse(settings, { password: 'x' })).toThrow(
      'settings.base_url: This is the address of the Insight Platform, the cloud. For it use the connector insight-platform; here goes the address of your own Security Console.',
    );
    expect(() => insightvm.parse({ ...settings, base_url: 'http://console.example:3780' }, { password: 'x' })).toThrow(
      'settings.base_url: The console speaks https only; http would send the password in clear text.',
    );
  });

  it('of a certificate that nobody vouches for, and of one that is another than before', async () => {
    const { simulator } = await consoleDesk({ tls: true });
    const connect = (fingerprint: JsonValue) => {
      const { user, password } = simulator.credentials;
      const settings = {
        base_url: simulator.url,
        user,
        ...(fingerprint === null ? {} : { certificate_fingerprint: fingerprint }),
      };
      return openConnector({ connector: createInsightVm(), settings, secrets: { password }, clock: simulator.clock });
    };
    await using unpinned = connect(null);
    expect(await said(unpinned.probe())).toMatchObject({
      code: 'certificateUntrusted',
      message: expect.stringContaining('Nobody whom Usher trusts vouches for the certificate of HOST'),
    });
    const pin = `sha256:${simulator.fingerprint}`;
    await using pinned = connect(pin);
    await expect(pinned.probe()).resolves.toMatchObject({ capabilities: expect.arrayContaining(['users']) });
    simulator.mutate({ op: 'change-certificate' });
    await using again = connect(pin);
    expect(await said(again.probe())).toMatchObject({
      code: 'certificateChanged',
      message: expect.stringContaining('The certificate of HOST is not the pinned one: nothing was sent.'),
      next: expect.stringContaining('somebody may be listening in'),
    });
  });

  it('of a page past the end: that the list is over, not that something is missing', async () => {
    const { open, simulator } = await consoleDesk();
    const all = await open.call('insightvm_list_users', { page_size: 20 });
    expect(all.next).not.toBeNull();
    simulator.mutate({ op: 'delete-share', share: 0.95 });
    expect(await open.call('insightvm_list_users', { page_size: 20, next: all.next })).toEqual({
      data: [],
      next: null,
    });
  });

  it('of a 404 that means hidden: that nothing was concluded from it', async () => {
    const { open, simulator } = await consoleDesk();
    const role = { id: 'user', allSites: false, allAssetGroups: false, superuser: false };
    simulator.mutate({ op: 'set-user', login: 'ada.okonkwo', fields: { role, source: 2 } });
    expect(await said(open.call('insightvm_list_users', {}))).toEqual({
      kind: 'permission',
      code: 'hidden',
      message:
        'The console hides this list from the login ada.okonkwo: it answered getUsers with 404, as if there were none.',
      next: `${GLOBAL}. Nothing was concluded from it: what is hidden is not gone.`,
    });
    expect(await said(open.call('insightvm_get_user', { user: '4' }))).toEqual({
      kind: 'permission',
      code: 'hidden',
      message:
        'The console answered 404 for user 4, which to the login ada.okonkwo may mean gone or hidden: it is no Global Administrator.',
      next: `${GLOBAL}. Nothing was concluded from it: what is hidden is not gone.`,
    });
  });

  it.each(['401', '403'])('of what a login may not do, where the console says %s', async (denied) => {
    const { open } = await consoleDesk({ switches: { denied }, login: 'mei-ling.chu' });
    expect(await said(open.call('insightvm_list_users', {}))).toEqual({
      kind: 'permission',
      code: '',
      message: 'The console does not let the login mei-ling.chu do this (getUsers).',
      next: `${GLOBAL}: without it the console hides its users, and everything that others may see.`,
    });
  });

  it('of privileges outside the published list: that they are kept', async () => {
    const { open, pull } = await consoleDesk({ switches: { advancedPolicies: 'on' } });
    const { notes } = await open.probe();
    expect(notes).toContain(
      'It has privileges that the published API does not know, kept as they are: manage-advpolicies.',
    );
    const { records, ends } = await pull('users');
    expect(ends).toEqual([{ isComplete: true }]);
    const admin = records.find(({ kind, key }) => kind === 'role' && key === 'global-admin');
    expect(admin).toMatchObject({ extra: { privileges: expect.arrayContaining(['manage-advpolicies']) } });
    expect(open.drifts).toEqual([
      { operation: 'getRoles', path: 'resources.*.privileges', problem: 'unknown-value', sample: 'string(18)' },
    ]);
  });

  it('of a console that is too busy: when to come back', async () => {
    const { open, simulator } = await consoleDesk();
    simulator.faults.set(['429-retry-after=7/getUsers']);
    const { message, kind } = await said(open.call('insightvm_list_users', {}));
    expect({ message, kind }).toEqual({
      kind: 'rateLimited',
      message: 'HOST answered getUsers with 429 Too Many Requests.',
    });
  });

  it.each([
    ['ids', 'The console answered getUsers in an unexpected shape (resources.1.id).'],
    ['resources', 'The console answered getUsers in an unexpected shape (resources).'],
    ['login', 'The console answered getUsers in an unexpected shape (resources.1.login).'],
    ['role', 'The console answered getUsers in an unexpected shape (resources.1.role).'],
  ])('of another version of the API (%s): where it no longer fits', async (drift, message) => {
    const { open } = await consoleDesk({ switches: { drift } });
    expect(await said(open.call('insightvm_list_users', {}))).toEqual({
      kind: 'upstreamBug',
      code: 'unexpectedShape',
      message,
      next: 'Nothing was concluded from it. Try again; if it stays so, report it with the name of the operation.',
    });
  });

  it('of a console that is starting', async () => {
    expect(await probed({ switches: { surface: 'starting' } })).toMatchObject({
      kind: 'transient',
      code: 'serverError',
      message: 'HOST answered resources with 503.',
    });
  });
});
