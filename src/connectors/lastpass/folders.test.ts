import { describe, expect, it } from 'vitest';
import { mapFolder, readFolder } from './folders.ts';
import { traits } from './unified.ts';

const entry = (username: string, flags: object = {}) => ({
  username,
  readonly: 0,
  give: 0,
  can_administer: 0,
  ...flags,
});
const grantsOf = (users: unknown, more: object = {}) =>
  mapFolder(readFolder(['7301944', { sharedfoldername: 'Finance', score: 88, users, ...more }]))
    .filter((record) => record.kind === 'grant')
    .map(({ holderKind, holderKey, permission, path }) => [holderKind, holderKey, permission, path]);

describe('a shared folder', () => {
  it('is a resource with a grant for each user, held by the address until the account is known', () => {
    const records = mapFolder(
      readFolder([
        '7301944',
        { sharedfoldername: 'Finance', score: 88, users: [entry('Ines@northwind.example', { give: 1, readonly: 1 })] },
      ]),
    );
    expect(records).toMatchObject([
      { kind: 'resource', key: '7301944', type: 'shared_folder', name: 'Finance', volatile: { extra: { score: 88 } } },
      {
        kind: 'grant', holderKind: 'account', holderKey: 'email:ines@northwind.example', targetKind: 'resource', targetKey: '7301944',
        permission: 'editor', path: '', extra: { can_administer: false, give: true, readonly: true },
      },
    ]); // prettier-ignore
  });

  it.each([
    [{ can_administer: 1, give: 1, readonly: 1 }, 'admin'],
    [{ can_administer: '1' }, 'admin'],
    [{ give: true, readonly: true }, 'editor'],
    [{ give: '0', readonly: '1' }, 'viewer'],
    [{}, 'viewer'],
  ])('gives by its first flag: %j is %s', (flags, permission) => {
    expect(grantsOf([entry('a@x.example', flags)])).toEqual([['account', 'email:a@x.example', permission, '']]);
  });

  it.each([
    [{ can_administer: 1, readonly: 1 }, ['read', 'write', 'delete']],
    [{ give: 1 }, ['read', 'write']],
    [{}, ['read', 'write']],
    [{ give: 1, readonly: 1 }, ['read']],
    [{ readonly: '1' }, ['read']],
  ])('lets its users do what the flags say, whatever the role is called: %j is %j', (flags, actions) => {
    const records = mapFolder(
      readFolder(['1', { sharedfoldername: 'A', score: 1, users: [entry('a@x.example', flags)] }]),
    );
    const grants = records.filter((record) => record.kind === 'grant');
    expect(grants.map((grant) => traits.actionsOf?.(grant))).toEqual([actions]);
  });

  it('shared with a group gives the group its grant once, and each member one through it', () => {
    const through = { group_name: 'Platform', give: 1 };
    expect(grantsOf([entry('a@x.example', through), entry('b@x.example', through), entry('a@x.example')])).toEqual([
      ['group', 'Platform', 'editor', ''],
      ['account', 'email:a@x.example', 'editor', 'group:Platform'],
      ['account', 'email:b@x.example', 'editor', 'group:Platform'],
      ['account', 'email:a@x.example', 'viewer', ''],
    ]);
  });

  it('takes a grantee that is no address for a group', () => {
    expect(grantsOf([entry('All Staff', { give: 1 })])).toEqual([['group', 'All Staff', 'editor', '']]);
    expect(grantsOf([entry('', { group_name: 'All Staff' })])).toEqual([['group', 'All Staff', 'viewer', '']]);
  });

  it('holds one grant where an entry comes twice', () => {
    expect(grantsOf([entry('a@x.example'), entry('A@X.example')])).toHaveLength(1);
  });

  it('that was deleted softly is not there', () => {
    for (const deleted of [true, 1, '1']) {
      expect(mapFolder(readFolder(['7', { sharedfoldername: 'Old', users: [entry('a@x.example')], deleted }]))).toEqual(
        [],
      );
    }
    expect(grantsOf([entry('a@x.example')], { deleted: false })).toHaveLength(1);
  });

  it('may be empty, and PHP may send its users as a map', () => {
    expect(grantsOf([])).toEqual([]);
    expect(grantsOf({ 0: entry('a@x.example') })).toHaveLength(1);
  });

  it.each([
    [null, 'itself'],
    [{ users: [] }, 'sharedfoldername'],
    [{ sharedfoldername: 'F' }, 'users'],
    [{ sharedfoldername: 'F', users: [entry('a@x.example', { give: 'maybe' })] }, 'give'],
    [{ sharedfoldername: 'F', users: [{ readonly: 0 }] }, 'username'],
    [{ sharedfoldername: 'F', users: ['a@x.example'] }, 'users'],
    [{ sharedfoldername: 'F', users: [], deleted: 'perhaps' }, 'deleted'],
  ])('is refused where access cannot be understood: %j', (folder, field) => {
    expect(() => readFolder(['7301944', folder])).toThrow(`shared folder 7301944 with a field ${field}`);
  });
});
