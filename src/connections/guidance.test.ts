import { describe, expect, test } from 'vitest';
import type { ItemResult } from '../connector-kit/changes.ts';
import type { CollectionEnd, OpenConnector } from '../connector-kit/connector.ts';
import { UsherError } from '../model/errors.ts';
import { guided, guidedConnector } from './guidance.ts';

const refusal = new UsherError('auth', 'The app refused the key.', { next: 'Check it.' });
const told = {
  kind: 'auth',
  message: 'The app refused the key.',
  details: {
    connection: 'paper-eu',
    next: 'Check it. To give the connection another secret: `usher connections edit paper-eu --new-secret`.',
  },
};
const fails = () => Promise.reject(refusal);
const EMPTY_PAGE = { records: [], observedAt: '2026-11-22T02:00:00.000Z', checkpoint: null, total: null };
async function* failingPages<Page>(page: Page): AsyncGenerator<Page, never, void> {
  yield page;
  throw refusal;
}
const unclear: ItemResult = { kind: 'unclear', error: new UsherError('transient', 'It broke.') };
const connector = guidedConnector('paper-eu', {
  probe: fails,
  scopes: fails,
  pull: () => failingPages(EMPTY_PAGE),
  call: fails,
  auditEvents: () => failingPages({ events: [], cursor: 'first' }),
  writes: {
    plan: fails,
    maskInput: () => null,
    read: fails,
    administrators: fails,
    ownAccount: fails,
    readLog: fails,
    call: async () => [{ kind: 'taken' }, { kind: 'refused', error: refusal }, unclear],
  },
} satisfies OpenConnector);
const { writes } = connector;

describe('a refused credential', () => {
  test.each([
    ['the probe', () => connector.probe()],
    ['the scopes', () => connector.scopes('people')],
    ['a live read', () => connector.call('list', {})],
    ['the reading of accounts', () => writes?.read([], 'before')],
    ['the look for administrators', () => writes?.administrators()],
    ['the look into the log', () => writes?.readLog('2026-11-22T02:00:00.000Z')],
  ])('is told by %s with the command that gives the connection another', async (_, work) => {
    await expect(work()).rejects.toMatchObject(told);
  });

  test('in the middle of a pull or of the app log is told so after the pages before it', async () => {
    const pages = connector.pull('people', '', null);
    expect(await pages.next()).toMatchObject({ done: false, value: { records: [] } });
    await expect(pages.next()).rejects.toMatchObject(told);
    const entries = connector.auditEvents(null);
    expect(await entries.next()).toMatchObject({ value: { cursor: 'first' } });
    await expect(entries.next()).rejects.toMatchObject(told);
  });

  test('is told so of the one change it met, the others keep their results', async () => {
    expect(await writes?.call('enable', [], () => undefined)).toMatchObject([
      { kind: 'taken' },
      { kind: 'refused', error: told },
      { kind: 'unclear', error: { message: 'It broke.', details: { connection: 'paper-eu' } } },
    ]);
  });

  test('is told so once, however many pass it on', () => {
    const once = guided('paper-eu', refusal);
    expect(guided('paper-eu', once)).toBe(once);
  });
});

test('a pull that goes well ends as its connector says', async () => {
  const end: CollectionEnd = { isComplete: false, reason: 'The app hides some.' };
  const well = guidedConnector('paper-eu', {
    ...connector,
    async *pull() {
      yield EMPTY_PAGE;
      return end;
    },
  });
  const pages = well.pull('people', '', null);
  await pages.next();
  expect(await pages.next()).toEqual({ done: true, value: end });
});

test('no other secret is asked for where a setting is wrong, or something else than the credential', () => {
  const elsewhere = new UsherError('auth', 'Another region.', { field: 'settings.region', next: 'Give the region.' });
  expect(guided('paper-eu', elsewhere)).toMatchObject({
    details: { connection: 'paper-eu', next: 'Give the region.' },
  });
  const busy = guided('paper-eu', new UsherError('transient', 'It is busy.'));
  expect(busy).toMatchObject({ details: { connection: 'paper-eu' } });
  expect(busy).not.toHaveProperty('details.next');
});

test('a fault of ours goes through as it is', async () => {
  const fault = new TypeError('a fault of ours');
  const faulty = guidedConnector('paper-eu', { ...connector, probe: () => Promise.reject(fault) });
  await expect(faulty.probe()).rejects.toBe(fault);
});

test('a certificate that changed is told with the command that trusts the new one, once it was compared', () => {
  const certificate = { sha256: 'ab'.repeat(32), subject: 'CN=console', issuer: '', validFrom: '', validTo: '' };
  const changed = new UsherError('upstreamBug', 'It changed.', {
    code: 'certificateChanged',
    certificate,
    next: 'Compare.',
  });
  expect(guided('console-eu', changed).details.next).toBe(
    `Compare. To trust the new one, once compared: \`usher connections edit console-eu --certificate-fingerprint sha256:${certificate.sha256} --resume\`.`,
  );
});
