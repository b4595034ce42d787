import { describe, expect, it } from 'vitest';
import type { ObservedSubject } from '../../connector-kit/changes.ts';
import { newAccountSubject, type Subject } from '../../model/changes.ts';
import { writingDesk } from './testing/writing.ts';

const at = (name: string): string => `${name}@northwind.example`;
const [ROSA, JONAS, TOMAS, PRIYA, LENA] = ['rosa.delgado', 'jonas.lind', 'tomas.ruiz', 'priya.raman', 'lena.hart'].map(
  at,
) as [string, string, string, string, string];

/** Without when it was read, and without the vendor's own words: these differ by what else is in an answer. */
function shown(seen: ObservedSubject | undefined): object {
  const records = seen?.records.map(({ raw: _raw, ...record }) => record);
  return { key: seen?.account?.key ?? null, status: seen?.account?.status, records, covers: seen?.covers };
}

describe('reading accounts', () => {
  it('takes one call for one address, and one more where nobody has it', async () => {
    const { read, subject, requestsOf } = await writingDesk();
    const rosa = await subject(ROSA);
    expect(await requestsOf(() => read(rosa))).toEqual(['getuserdata']);
    expect(await requestsOf(() => read(newAccountSubject(LENA, null)))).toHaveLength(2);
  });

  it('takes one call for a hundred of a small company', async () => {
    const { writes, pull, requestsOf } = await writingDesk({ people: 150 });
    const { accounts } = await pull();
    const subjects = [...accounts.slice(0, 100).map(({ subject }) => subject), newAccountSubject(LENA, null)];
    expect(await requestsOf(() => writes.read(subjects, 'before'))).toHaveLength(1);
  });

  it('looks few up one by one in a large company, walks it for many, and reads the same either way', async () => {
    const { writes, pull, requestsOf } = await writingDesk({ people: 2300 });
    const { accounts } = await pull();
    const last = accounts
      .filter(({ subject }) => /^\d+$/.test(subject.key))
      .slice(-3)
      .map(({ subject }) => subject);
    const few = [...last, newAccountSubject(LENA, null)];
    const many = [...accounts.slice(0, 8).map(({ subject }) => subject), ...few];
    const seen = await writes.read(many, 'before');
    // Two pages; who is on neither is asked for once more, as rows may have shifted in between.
    expect(await requestsOf(() => writes.read(many, 'before'))).toHaveLength(3);
    expect(await requestsOf(() => writes.read(last.slice(0, 1), 'before'))).toHaveLength(1);
    for (const subject of few) {
      const alone = (await writes.read([subject], 'before')).get(subject.key);
      expect(shown(seen.get(subject.key))).toEqual(shown(alone));
    }
  });

  it('walks the pages that LastPass gives, though they are shorter than asked for', async () => {
    const { writes, pull, requestsOf } = await writingDesk({ people: 60, switches: { largestPage: 25 } });
    const { accounts } = await pull();
    const subjects = accounts.filter(({ subject }) => /^\d+$/.test(subject.key)).map(({ subject }) => subject);
    const seen = await writes.read(subjects, 'before');
    expect(subjects.filter(({ key }) => seen.get(key)?.account?.key !== key)).toEqual([]);
    expect(await requestsOf(() => writes.read(subjects, 'before'))).toHaveLength(Math.ceil(subjects.length / 25));
  });

  it('finds a pinned account under another address before a change, and believes its absence after one', async () => {
    const { read, subject, simulator } = await writingDesk();
    const rosa = await subject(ROSA);
    simulator.mutate({ op: 'rename-user', username: ROSA, to: LENA });
    expect((await read(rosa, 'before')).account).toMatchObject({ key: rosa.key, email: LENA });
    expect((await read(rosa, 'after')).account).toBeNull();
  });

  it('shows the account that was meant, not the one that has its address now', async () => {
    const { read, subject, simulator } = await writingDesk();
    const [rosa, jonas] = [await subject(ROSA), await subject(JONAS)];
    simulator.mutate({ op: 'rename-user', username: ROSA, to: LENA });
    simulator.mutate({ op: 'rename-user', username: JONAS, to: ROSA });
    expect((await read(rosa)).account).toMatchObject({ key: rosa.key, email: LENA });
    simulator.mutate({ op: 'delete-user', username: LENA });
    expect((await read(rosa)).account).toMatchObject({ key: jonas.key, email: ROSA });
  });

  it('tells an invitation, and who has accepted it', async () => {
    const { read, subject, simulator } = await writingDesk();
    const priya = await subject(PRIYA);
    expect((await read(priya)).account).toMatchObject({ key: priya.key, status: 'invited' });
    simulator.mutate({ op: 'accept-invitation', username: PRIYA });
    expect((await read(priya)).account).toMatchObject({ key: expect.stringMatching(/^\d+$/), status: 'active' });
  });

  it('says when it asked, and that shared folders were not looked at', async () => {
    const { read, subject, simulator } = await writingDesk();
    const rosa = await subject(ROSA);
    simulator.clock.set(new Date('2026-03-02T16:00:00Z'));
    expect(await read(rosa)).toMatchObject({ observedAt: '2026-03-02T16:00:00.000Z', covers: ['group', 'role'] });
    const group: Subject = { kind: 'group', key: 'Legal', email: null, name: 'Legal' };
    expect(await read(group)).toMatchObject({ account: null, records: [], covers: [] });
  });

  it('shows a change only when LastPass does', async () => {
    const { read, subject, call, simulator } = await writingDesk({ switches: { settleMs: 5000 } });
    const tomas = await subject(TOMAS);
    expect(await call('disable_user', [tomas])).toEqual([{ kind: 'taken' }]);
    expect((await read(tomas, 'after')).account).toMatchObject({ status: 'active' });
    simulator.clock.set(new Date('2026-03-02T15:00:05Z'));
    expect((await read(tomas, 'after')).account).toMatchObject({ status: 'disabled' });
  });

  it('shows an invitation as withdrawn, or made, only when LastPass does', async () => {
    const { read, subject, call, simulator } = await writingDesk({ switches: { settleMs: 5000 } });
    simulator.mutate({ op: 'own-account', username: LENA });
    const [priya, lena] = [await subject(PRIYA), newAccountSubject(LENA, null)];
    const params = { groups: [], attribs: {}, hasPassword: false, passwordResetRequired: true };
    expect(await call('uninvite_user', [priya])).toEqual([{ kind: 'taken' }]);
    simulator.clock.set(new Date('2026-03-02T15:00:02Z'));
    expect(await call('create_user', [lena], { params })).toEqual([{ kind: 'taken' }]);
    const seen = async () =>
      Promise.all([priya, lena].map(async (person) => (await read(person, 'after')).account?.status));
    expect(await seen()).toEqual(['invited', undefined]);
    simulator.clock.set(new Date('2026-03-02T15:00:06Z'));
    expect(await seen()).toEqual([undefined, undefined]);
    simulator.clock.set(new Date('2026-03-02T15:00:07Z'));
    expect(await seen()).toEqual([undefined, 'invited']);
  });

  it('fails rather than call somebody gone whom a short page left out', async () => {
    const { writes, subject, simulator } = await writingDesk();
    const rosa = await subject(ROSA);
    simulator.faults.set(['truncated@1']);
    await expect(writes.read([rosa], 'after')).rejects.toMatchObject({ kind: 'transient' });
  });
});

describe('administrators', () => {
  it('are those who can sign in and have done so', async () => {
    const { writes, subject, simulator } = await writingDesk();
    const admins = await writes.administrators();
    const viktor = await subject(at('viktor.hansen'));
    expect(admins).toContain(viktor.key);
    expect(admins).not.toContain((await subject(ROSA)).key);
    simulator.mutate({ op: 'set-user', username: at('viktor.hansen'), fields: { disabled: true } });
    simulator.mutate({ op: 'set-user', username: at('grace.kim'), fields: { admin: true } });
    expect(await writes.administrators()).toEqual(admins?.filter((key) => key !== viktor.key));
  });
});
