import { describe, expect, it } from 'vitest';
import type { ItemResult } from '../../connector-kit/changes.ts';
import type { CallTrace } from '../../connector-kit/http/types.ts';
import { newAccountSubject, type Subject } from '../../model/changes.ts';
import { type ErrorKind, UsherError } from '../../model/errors.ts';
import { lastpass } from './index.ts';
import { inBatch, namesAddress, settledByReading } from './item-results.ts';
import { writingDesk } from './testing/writing.ts';

const at = (name: string): string => `${name}@northwind.example`;
const [ROSA, JONAS, PRIYA, LENA, OMAR] = ['rosa.delgado', 'jonas.lind', 'priya.raman', 'lena.hart', 'omar.said'].map(
  at,
) as [string, string, string, string, string];
const GHOST: Subject = { kind: 'account', key: '999', email: at('ghost'), name: null };
const NEW = { groups: [], attribs: {}, hasPassword: false, passwordResetRequired: true };

const SITE = {
  url: 'https://bank.example', name: '', folder: '', usernameType: 'custom', isPersistent: false, isFavorite: false,
}; // prettier-ignore

const kinds = (results: readonly ItemResult[]): readonly string[] => results.map(({ kind }) => kind);

describe('disabling and enabling', () => {
  it.each([
    ['unchanged', 'unclear'],
    ['named', 'refused'],
    ['silent', 'unclear'],
  ] as const)('never takes an unknown address for done when the answer has it %s', async (unknownUser, kind) => {
    const { call, subject } = await writingDesk({ switches: { unknownUser } });
    const people = [await subject(ROSA), GHOST, await subject(JONAS)];
    expect(kinds(await call('disable_user', people))).toEqual(['taken', kind, 'taken']);
    expect(kinds(await call('disable_user', people)), 'unchanged is done').toEqual(['taken', kind, 'taken']);
    expect(kinds(await call('enable_user', people))).toEqual(['taken', kind, 'taken']);
  });

  it('sends one request for a hundred', async () => {
    const { writes, pull, requestsOf } = await writingDesk({ people: 150 });
    const { accounts } = await pull();
    const items = accounts
      .filter(({ state }) => state.account?.status === 'active')
      .slice(0, 100)
      .map(({ subject, state }) => ({ subject, params: {}, secrets: {}, before: state }));
    expect(items).toHaveLength(100);
    let results: readonly ItemResult[] = [];
    const asked = await requestsOf(async () => {
      results = await writes.call('disable_user', items, () => undefined);
    });
    expect(asked).toEqual(['disableuser']);
    expect(new Set(kinds(results))).toEqual(new Set(['taken']));
  });
});

describe('a batch with something wrong', () => {
  it('refuses whom a warning names, with its words, and is sure of nobody else', async () => {
    const { call, subject, read } = await writingDesk();
    const rosa = await subject(ROSA);
    const [one, two] = await call('change_groups', [GHOST, rosa], { params: { add: ['Finance'], remove: [] } });
    expect(one).toMatchObject({
      kind: 'refused',
      error: { kind: 'notFound', message: `LastPass refused batchchangegrp: ${GHOST.email} does not exist` },
    });
    expect(two?.kind).toBe('unclear');
    const { grants } = await read(rosa, 'after');
    expect(grants.map(({ targetKey }) => targetKey)).toContain('Finance');
  });

  it('leaves it to reading what was done of one change that is half wrong', async () => {
    const { call, subject, simulator } = await writingDesk({ switches: { unknownGroup: 'warn' } });
    const rosa = await subject(ROSA);
    const half = { params: { add: ['Finance', 'Nobody has it'], remove: [] } };
    expect(await call('change_groups', [rosa], half)).toMatchObject([
      { kind: 'unclear', error: { message: expect.stringContaining('Group Nobody has it does not exist') } },
    ]);
    const wrong = { params: { add: ['Nobody has it'], remove: [] } };
    expect(await call('change_groups', [rosa], wrong)).toMatchObject([
      { kind: 'refused', error: { kind: 'notFound' } },
    ]);
    expect(simulator.effects()).toHaveLength(1);
  });

  it('says that somebody is there already in so many words', async () => {
    const { call, read, simulator } = await writingDesk({ switches: { existingUser: 'warn' } });
    const people = [newAccountSubject(ROSA, null), newAccountSubject(LENA, 'Lena Hart')];
    const [rosa, lena] = await call('create_user', people, { params: NEW });
    expect(rosa).toMatchObject({ kind: 'refused', error: { kind: 'alreadyExists' } });
    expect(lena?.kind).toBe('unclear');
    expect((await read(newAccountSubject(LENA, null), 'after')).account).toMatchObject({ status: 'pending' });
    expect(simulator.effects().map(({ kind }) => kind)).toEqual(['user.created', 'mail.activation']);
  });

  it.each(['string', 'array'] as const)(
    'is refused as a whole where nothing was done, told as %s',
    async (batchaddError) => {
      const { call, simulator } = await writingDesk({ switches: { existingUser: 'warn', batchaddError } });
      const people = [newAccountSubject(ROSA, null), newAccountSubject(JONAS, null)];
      expect(kinds(await call('create_user', people, { params: NEW }))).toEqual(['refused', 'refused']);
      expect(simulator.effects()).toEqual([]);
    },
  );

  it('does not believe an OK that comes with a message: LastPass may have stopped in the middle', async () => {
    const { call, read } = await writingDesk({ switches: { batchaddMost: 1 } });
    const people = [LENA, OMAR].map((email) => newAccountSubject(email, null));
    const results = await call('create_user', people, { params: NEW });
    expect(kinds(results)).toEqual(['unclear', 'unclear']);
    expect(results[1]).toMatchObject({ error: { message: expect.stringContaining('Too many users in one request.') } });
    const seen = await Promise.all(people.map((subject) => read(subject, 'after')));
    expect(seen.map(({ account }) => account?.email ?? null)).toEqual([LENA, null]);
  });
});

describe('creating', () => {
  it('invites who has a LastPass account; the invitation is what was wanted, as it shows no groups', async () => {
    const { call, read, simulator } = await writingDesk();
    simulator.mutate({ op: 'own-account', username: OMAR });
    const omar = newAccountSubject(OMAR, null);
    const params = { ...NEW, groups: ['Legal'] };
    expect(await call('create_user', [omar], { params })).toEqual([{ kind: 'taken' }]);
    const seen = await read(omar, 'after');
    expect(seen.account).toMatchObject({ status: 'invited', key: `invited:${OMAR}` });
    expect(lastpass.writes?.change('create_user').wanted(seen, params)).toBe(true);
  });

  it('refuses to send a password that is no longer kept, before anything is sent', async () => {
    const { call, requestsOf } = await writingDesk();
    const people = [newAccountSubject(LENA, null)];
    const asked = await requestsOf(async () => {
      const results = await call('create_user', people, { params: { ...NEW, hasPassword: true } });
      expect(results).toMatchObject([{ kind: 'refused', error: { details: { code: 'secretGone' } } }]);
    });
    expect(asked).not.toContain('batchadd');
  });
});

describe('what LastPass says of single items', () => {
  const refused = (kind: 'conflict' | 'notFound', code?: string): ItemResult => ({
    kind: 'refused',
    error: new UsherError(kind, 'x', { code }),
  });

  it('is left to reading where it may be so already, and believed otherwise', async () => {
    const results = [refused('conflict'), refused('notFound'), refused('conflict', 'batchRefused')];
    const settled = (kinds?: readonly ErrorKind[]) => settledByReading(Promise.resolve(results), kinds);
    expect(kinds(await settled())).toEqual(['unclear', 'refused', 'refused']);
    expect(kinds(await settled(['notFound', 'conflict']))).toEqual(['unclear', 'unclear', 'refused']);
  });

  it('means this very address, not one that begins or ends with it', () => {
    const bob = 'bob@northwind.example';
    for (const sentence of [`No such user: ${bob}`, `'${bob.toUpperCase()}' is new.`, `a@b.example,${bob}; more`]) {
      expect(namesAddress(sentence, bob), sentence).toBe(true);
    }
    for (const sentence of [`jim.${bob} is new`, `${bob}.example`, `o'${bob}`, `x+${bob}`, '']) {
      expect(namesAddress(sentence, bob), sentence).toBe(false);
    }
  });

  it('refuses the whole of a batch that did nothing: those named with its words, the others because of them', async () => {
    const error = new UsherError('notFound', 'LastPass refused disableuser: No such user: a@northwind.example');
    const { signal } = new AbortController();
    const results = await inBatch({ signal }, ['a', 'b'].map(at), () => Promise.reject(error));
    expect(results).toMatchObject([
      { kind: 'refused', error: { kind: 'notFound' } },
      { kind: 'refused', error: { kind: 'conflict', details: { code: 'batchRefused' } } },
    ]);
    const stopped = { signal: AbortSignal.abort() };
    await expect(inBatch(stopped, ['a', 'b'].map(at), () => Promise.reject(error))).rejects.toBe(error);
  });
});

describe('single changes', () => {
  it('leave it to reading whether somebody unknown was ended already', async () => {
    const { call } = await writingDesk();
    for (const change of ['remove_user', 'delete_user', 'uninvite_user']) {
      expect(await call(change, [GHOST]), change).toMatchObject([{ kind: 'unclear', error: { kind: 'notFound' } }]);
    }
  });

  it('pass on what LastPass says of a wish it does not grant', async () => {
    const { call, subject, simulator } = await writingDesk();
    const [rosa, priya] = [await subject(ROSA), await subject(PRIYA)];
    expect(await call('resend_invitation', [rosa])).toMatchObject([
      { kind: 'refused', error: { kind: 'conflict', message: expect.stringContaining('already active') } },
    ]);
    expect(await call('send_password_reset', [GHOST])).toMatchObject([
      { kind: 'refused', error: { kind: 'notFound' } },
    ]);
    simulator.setSwitches({ pushSites: 'withdrawn' });
    expect(await call('push_site', [rosa], { params: SITE })).toMatchObject([
      { kind: 'refused', error: { kind: 'unsupported', message: expect.stringContaining('no longer available') } },
    ]);
    expect(await call('disable_multifactor', [priya])).toMatchObject([
      { kind: 'refused', error: { kind: 'notFound' } },
    ]);
  });

  it('are not carried out when LastPass is too busy, and so are refused', async () => {
    const { call, subject, simulator } = await writingDesk();
    const rosa = await subject(ROSA);
    simulator.faults.set(['429/deluser']);
    expect(await call('remove_user', [rosa])).toMatchObject([{ kind: 'refused', error: { kind: 'rateLimited' } }]);
    simulator.faults.set(['lost-answer/deluser']);
    expect(kinds(await call('remove_user', [rosa]))).toEqual(['unclear']);
    expect(simulator.requests().filter(({ operation }) => operation === 'deluser')).toHaveLength(2);
  });

  it('put names back as they were, an absent one as an empty one', async () => {
    const { call, subject, read, simulator } = await writingDesk();
    simulator.mutate({ op: 'set-user', username: ROSA, fields: { duousername: null } });
    const rosa = await subject(ROSA);
    const before = await read(rosa);
    const params = { fullname: 'Rosa D.', duousername: 'rosa' };
    await call('update_names', [rosa], { params });
    const inverse = lastpass.writes?.change('update_names').inverse(before, params, rosa);
    expect(inverse).toEqual({ change: 'update_names', params: { fullname: 'Rosa Delgado', duousername: '' } });
    await call('update_names', [rosa], { params: inverse?.params ?? {} });
    expect((await read(rosa, 'after')).account).toMatchObject({
      displayName: 'Rosa Delgado',
      extra: before.account?.extra,
    });
  });

  it('take back only those memberships that they changed', async () => {
    const { subject, read } = await writingDesk();
    const rosa = await subject(ROSA);
    const change = lastpass.writes?.change('change_groups');
    const before = await read(rosa);
    expect(change?.inverse(before, { add: ['Legal', 'Finance'], remove: ['Sales'] }, rosa)).toEqual({
      change: 'change_groups',
      params: { add: [], remove: ['Finance'] },
    });
    expect(change?.inverse(before, { add: ['Legal'], remove: ['Sales'] }, rosa)).toBeNull();
  });
});

describe('secrets on their way', () => {
  it('are seen in no trace, preview or error, not even when LastPass repeats them', async () => {
    const { call, open, subject, simulator } = await writingDesk({ switches: { existingUser: 'warn' } });
    const password = 'Bären/"und" otters';
    const traces: CallTrace[] = [];
    const rosa = await subject(ROSA);
    const results = [
      ...(await call(
        'create_user',
        [newAccountSubject(LENA, null)],
        { params: { ...NEW, hasPassword: true }, secrets: { password } },
        (trace) => void traces.push(trace),
      )),
      ...(await call(
        'push_site',
        [rosa],
        {
          params: SITE,
          secrets: { username: ROSA, password: 'x1', notes: password },
        },
        (trace) => void traces.push(trace),
      )),
    ];
    const preview = await open.dryRunChange('create_user', [
      {
        subject: newAccountSubject(OMAR, null),
        params: { ...NEW, hasPassword: true },
        secrets: { password },
        before: { account: null, grants: [] },
      },
    ]);
    expect(preview?.body).toContain('"password":"••••"');
    // Here the name to sign in with is masked, which is also the address it is pushed to: LastPass then repeats it.
    simulator.mutate({ op: 'delete-user', username: ROSA });
    const [repeated] = await call(
      'push_site',
      [rosa],
      {
        params: SITE,
        secrets: { username: ROSA },
      },
      (trace) => void traces.push(trace),
    );
    expect(repeated).toMatchObject({
      kind: 'refused',
      error: { message: 'LastPass refused pushsitestousers: No such user: ••••' },
    });
    const seen = JSON.stringify([results, traces, open.traces, preview]);
    expect(kinds(results)).toEqual(['taken', 'taken']);
    expect(traces.map(({ operation }) => operation)).toEqual(['batchadd', 'pushsitestousers', 'pushsitestousers']);
    for (const form of ['Bären', 'otters', '\\u00e4', '"x1"', 'x1\\"']) expect(seen).not.toContain(form);
  });
});
