import { afterAll, describe, expect, test } from 'vitest';
import { encodeCompositeId } from '../connector-kit/unified/ids.ts';
import { marksOf } from '../store/lifecycle/marks.ts';
import { openDesk } from './testing/desk.ts';

const desk = await openDesk();
const { database, records, clock } = desk;
afterAll(() => desk.close());
const { pool } = database;
const ada = await desk.caller('Ada', 'person', 'admin');
const ben = await desk.caller('Ben', 'person', 'admin');
const olga = await desk.caller('Olga', 'person', 'operator');

const addAccount = (key: string, email: string) =>
  pool.query(
    `insert into account (connection_id, key, collection, scope, email, email_folded, status, roles, extra, content_hash, observed_at, seen_from)
     values ('lastpass', $1, 'directory', '', $2, lower($2), 'active', '{basic}', '{}', gen_random_uuid(), now(), now())`,
    [key, email],
  );
await addAccount('1001', 'Jane@northwind.example');
await addAccount('1002', 'deploy@northwind.example');
const set = (...rest: Parameters<typeof records.setMark>) => records.setMark(...rest);

describe('a mark', () => {
  test('is set by key, address or composite id, and says who set it and when', async () => {
    expect(await records.getMark('lastpass', '1001', olga)).toEqual({
      connectionId: 'lastpass', accountKey: '1001', isProtected: false, isService: false, owner: null, ignoredUntil: null,
      note: null, setBy: null, setAt: null,
    }); // prettier-ignore
    await set('lastpass', 'jane@NORTHWIND.example', { isProtected: true }, ada);
    await set('lastpass', encodeCompositeId({ id: '1001' }), { note: ' Break-glass. ' }, ben);
    expect(await records.getMark('lastpass', '1001', olga)).toEqual({
      connectionId: 'lastpass', accountKey: '1001', isProtected: true, isService: false, owner: null, ignoredUntil: null,
      note: 'Break-glass.', setBy: { id: ben.principalId, name: 'Ben', kind: 'person' }, setAt: clock.now().toISOString(),
    }); // prettier-ignore
  });

  test('changes only in what is said anew; null takes it away', async () => {
    const until = '2027-01-31T00:00:00.000Z';
    await set('lastpass', '1002', { isService: true, owner: 'Platform', ignoredUntil: '2027-01-31' }, ada);
    expect(await set('lastpass', '1002', { note: 'CI' }, ada)).toMatchObject({
      isService: true, owner: 'Platform', ignoredUntil: until, note: 'CI', isProtected: false,
    }); // prettier-ignore
    expect(await set('lastpass', '1002', { owner: null, ignoredUntil: null, isService: false }, ada)).toMatchObject({
      isService: false, owner: null, ignoredUntil: null, note: 'CI',
    }); // prettier-ignore
  });

  test('said by two at once keeps what each has said', async () => {
    await addAccount('1003', 'both@northwind.example');
    await Promise.all([
      set('lastpass', '1003', { isProtected: true }, ada),
      set('lastpass', '1003', { owner: 'Ben' }, ben),
    ]);
    expect(await records.getMark('lastpass', '1003', olga)).toMatchObject({ isProtected: true, owner: 'Ben' });
  });

  test('stays when the account goes, can still be taken away by key, and holds again when it comes back', async () => {
    await addAccount('1004', 'leaver@northwind.example');
    await set('lastpass', 'leaver@northwind.example', { isProtected: true }, ada);
    await pool.query(`delete from account where key = '1004'`);
    expect(await records.getMark('lastpass', '1004', olga)).toMatchObject({ isProtected: true });
    await expect(records.getMark('lastpass', 'leaver@northwind.example', olga)).rejects.toMatchObject({
      kind: 'notFound',
    });
    expect((await marksOf(pool, 'lastpass', ['1004', '1099'])).get('1004')).toMatchObject({ isProtected: true });
    await addAccount('1004', 'leaver@northwind.example');
    expect(await records.getMark('lastpass', 'leaver@northwind.example', olga)).toMatchObject({ isProtected: true });
    await pool.query(`delete from account where key = '1004'`);
    expect(await set('lastpass', '1004', { isProtected: false }, ada)).toMatchObject({ isProtected: false });
  });

  test('cannot be set on an account there is not, in a connection out of sight, or by an operator', async () => {
    const protect = { isProtected: true };
    await expect(set('lastpass', 'nobody@northwind.example', protect, ada)).rejects.toMatchObject({ kind: 'notFound' });
    await expect(set('lastpass', 'a\0', protect, ada)).rejects.toMatchObject({ kind: 'notFound' });
    await expect(set('nowhere', '1001', protect, ada)).rejects.toMatchObject({ kind: 'notFound' });
    const elsewhere = { ...ada, connections: ['other'] };
    await expect(set('lastpass', '1001', protect, elsewhere)).rejects.toMatchObject({ kind: 'notFound' });
    await expect(records.listMarks('lastpass', elsewhere)).rejects.toMatchObject({ kind: 'notFound' });
    await expect(set('lastpass', '1001', protect, olga)).rejects.toMatchObject({ kind: 'permission' });
  });

  test('is not ignored until a day that is over, or none', async () => {
    for (const ignoredUntil of ['2026-03-01', 'soon']) {
      await expect(set('lastpass', '1001', { ignoredUntil }, ada)).rejects.toMatchObject({
        kind: 'invalidInput', details: { field: 'ignored_until' },
      }); // prettier-ignore
    }
  });
});

test('all marks of a connection are listed by key, with names', async () => {
  const marks = await records.listMarks('lastpass', olga);
  expect(marks.map(({ accountKey, setBy }) => [accountKey, setBy?.name])).toEqual([
    ['1001', 'Ben'],
    ['1002', 'Ada'],
    ['1003', expect.stringMatching(/^Ada$|^Ben$/)],
    ['1004', 'Ada'],
  ]);
});

describe('the policy', () => {
  test('of a connection lies over that for all, and this over the defaults', async () => {
    const defaults = await records.getPolicy('lastpass', olga);
    expect(defaults).toMatchObject({ policy: { windowMinutes: 60, approvalAboveSubjects: 10, planDays: 7 }, own: [] });
    await records.setPolicy(null, { approvalAboveSubjects: 5, planDays: 3 }, ada);
    await records.setPolicy('lastpass', { approvalAboveSubjects: 0 }, ada);
    expect(await records.getPolicy('lastpass', olga)).toEqual({
      connectionId: 'lastpass',
      policy: { ...defaults.policy, approvalAboveSubjects: 0, planDays: 3 },
      own: ['approvalAboveSubjects'],
    });
    expect(await records.getPolicy(null, olga)).toEqual({
      connectionId: null,
      policy: { ...defaults.policy, approvalAboveSubjects: 5, planDays: 3 },
      own: ['approvalAboveSubjects', 'planDays'],
    });
    await desk.addConnection('other');
    expect((await records.getPolicy('other', olga)).policy.approvalAboveSubjects).toBe(5);
  });

  test('loses a threshold of its own by null, and keeps those that are not named', async () => {
    await records.setPolicy('lastpass', { stopAboveSubjects: 50 }, ada);
    const after = await records.setPolicy('lastpass', { approvalAboveSubjects: null, planDays: undefined }, ada);
    expect(after).toMatchObject({
      policy: { approvalAboveSubjects: 5, stopAboveSubjects: 50 },
      own: ['stopAboveSubjects'],
    });
  });

  test('refuses a threshold that cannot be, or that there is not, naming it, and keeps what it had', async () => {
    const before = await records.getPolicy('lastpass', ada);
    const wrong = { stopAboveSubjects: 0, planDays: 5 };
    await expect(records.setPolicy('lastpass', wrong, ada)).rejects.toMatchObject({
      kind: 'invalidInput', details: { field: 'stopAboveSubjects' },
    }); // prettier-ignore
    const unknown: object = { windowSeconds: 5 };
    await expect(records.setPolicy('lastpass', unknown, ada)).rejects.toMatchObject({
      kind: 'invalidInput', details: { field: 'windowSeconds' },
    }); // prettier-ignore
    expect(await records.getPolicy('lastpass', ada)).toEqual(before);
  });

  test('is set by who may override guards; that for all by nobody whose token is limited', async () => {
    const change = { planDays: 5 };
    await expect(records.setPolicy('lastpass', change, olga)).rejects.toMatchObject({ kind: 'permission' });
    const limited = { ...ada, connections: ['lastpass'] };
    await expect(records.setPolicy(null, change, limited)).rejects.toMatchObject({ kind: 'permission' });
    await expect(records.setPolicy('other', change, limited)).rejects.toMatchObject({ kind: 'notFound' });
    await expect(records.setPolicy('lastpass', change, limited)).resolves.toMatchObject({ policy: change });
  });
});
