import { describe, expect, it } from 'vitest';
import { simulate } from './testing/caller.ts';

const ROSA = 'rosa.delgado@northwind.example';
const GHOST = 'ghost@northwind.example';

describe('switches of the writing commands', () => {
  it('put an unknown address among the unchanged, into the error alone, or nowhere', async () => {
    const { call, setSwitches } = await simulate();
    const answers = [];
    for (const unknownUser of ['unchanged', 'named', 'silent']) {
      setSwitches({ unknownUser });
      answers.push((await call('disableuser', [ROSA, GHOST])).json);
    }
    expect(answers).toEqual([
      {
        status: 'success',
        disabled_users: [ROSA],
        unchanged_users: [GHOST],
        error: `No such user: ${GHOST}`,
      },
      { status: 'success', unchanged_users: [ROSA], error: `No such user: ${GHOST}` },
      { status: 'success', unchanged_users: [ROSA] },
    ]);
    setSwitches({ unknownUser: 'named' });
    expect((await call('enableuser', [GHOST])).json).toEqual({ status: 'fail', error: `No such user: ${GHOST}` });
  });

  it('stop a batchadd after some, with a message beside the OK', async () => {
    const { call, user, effects } = await simulate({ switches: { batchaddMost: 1 } });
    const entries = ['lena.hart@northwind.example', 'omar.said@northwind.example'].map((username) => ({ username }));
    expect((await call('batchadd', entries)).json).toEqual({
      status: 'OK',
      message: 'Too many users in one request.',
    });
    expect(await user('lena.hart@northwind.example')).toBeDefined();
    expect(await user('omar.said@northwind.example')).toBeUndefined();
    expect(effects().map(({ kind }) => kind)).toEqual(['user.created', 'mail.activation']);
    expect((await call('batchadd', entries.slice(1))).json).toEqual({ status: 'OK' });
  });

  it('warn of an unknown group and still do the rest of the entry; FAIL means that nothing was done', async () => {
    const { call, user } = await simulate({ switches: { unknownGroup: 'warn' } });
    const errors = ['Group Nobody has it does not exist'];
    const change = { username: ROSA, add: ['Nobody has it'] };
    expect((await call('batchchangegrp', [change])).json).toEqual({ status: 'FAIL', errors });
    const mixed = { ...change, add: ['Finance', 'Nobody has it'] };
    expect((await call('batchchangegrp', [mixed])).json).toEqual({ status: 'WARN', errors });
    expect(await user(ROSA)).toMatchObject({ groups: ['Legal', 'Finance'] });
  });
});
