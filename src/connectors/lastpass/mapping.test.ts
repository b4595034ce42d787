import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zoneTime } from '../../connector-kit/time.ts';
import { grantKey } from '../../model/records.ts';
import { lastpass } from './index.ts';
import {
  flagOf,
  groupKey,
  membershipMaker,
  PulledUser,
  REDACTED,
  toAccount,
  toInvitation,
  toRoleGrant,
} from './mapping.ts';

const zone = zoneTime('America/New_York');
const user = {
  username: 'Noor.Bakker@northwind.example', fullname: 'Noor Bakker', mpstrength: '100', created: '2023-02-06 09:14:51',
  last_pw_change: '2025-11-03 16:20:07', last_login: '2026-03-02 08:41:33', neverloggedin: false, disabled: false, admin: true,
  totalscore: '83.2', multifactor: 'googleauth', duousername: null, sites: 142, notes: 17, formfills: 2, applications: 0,
  attachments: 3, password_reset_required: false, groups: ['Platform'],
}; // prettier-ignore

describe('a user becomes an account', () => {
  it('with times in UTC, roles, second factors, and what moves with use apart', () => {
    expect(toAccount('310448122', user, zone)).toMatchObject({
      key: '310448122',
      email: 'Noor.Bakker@northwind.example',
      displayName: 'Noor Bakker',
      status: 'active',
      roles: ['admin'],
      mfa: ['totp'],
      createdAt: '2023-02-06T14:14:51.000Z',
      extra: { multifactor: 'googleauth' },
      volatile: {
        lastLoginAt: '2026-03-02T13:41:33.000Z',
        extra: { lastPasswordChangeAt: '2025-11-03T21:20:07.000Z', sites: 142, totalscore: '83.2' },
      },
    });
  });

  it.each([
    [{ disabled: true, neverloggedin: true }, 'disabled'],
    [{ disabled: 1 }, 'disabled'],
    [{ neverloggedin: true }, 'pending'],
    [{ neverloggedin: '1' }, 'pending'],
    [{}, 'active'],
  ])('%j is %s', (fields, status) => expect(toAccount('1', { ...user, ...fields }, zone).status).toBe(status));

  it.each([
    [undefined, []],
    ['', []],
    ['lastpassauth', ['push']],
    ['GoogleAuth', ['totp']],
    ['yubikey', ['hardware_token']],
    ['grid', ['unknown']],
    ['something-new', ['unknown']],
  ])('multifactor %j is %j', (multifactor, mfa) =>
    expect(toAccount('1', { ...user, multifactor }, zone).mfa).toEqual(mfa),
  );

  it('that never signed in has no last login, and no name where none was given', () => {
    const account = toAccount('1', { ...user, last_login: '', fullname: '', neverloggedin: true }, zone);
    expect(account).toMatchObject({ displayName: null, volatile: { lastLoginAt: null } });
  });

  it('is a basic user where older answers do not tell of administrators', () => {
    const { admin: _, ...older } = user;
    expect(toAccount('1', older, zone).roles).toEqual(['basic']);
  });

  it('has its employee number from the custom attributes, in any letter case', () => {
    const attribs = { employeenumber: ' 20417 ', Department: 'Legal' };
    const account = toAccount('1', { ...user, attribs }, zone);
    expect(account.employeeNumber).toBe('20417');
    expect(account.extra).toMatchObject({ attribs: { Department: 'Legal' } });
  });

  it('of this version of the mapping is this, whole: raise `mappingVersion` where that changes', () => {
    // A pull takes accounts for unchanged by what was sent and that version: a new mapping must have a new one.
    const given = { ...user, attribs: { employeenumber: '20417', pin: '1234' }, linked: 'noor@home.example' };
    expect(lastpass.mappingVersion).toBe(1);
    expect(new PulledUser('310448122', given, zone).mappedBy).toBe('America/New_York');
    expect(toAccount('310448122', given, zone)).toEqual({
      kind: 'account', key: '310448122', email: user.username, username: user.username, displayName: 'Noor Bakker',
      givenName: null, familyName: null, status: 'active', isLocked: null, isService: null, mfa: ['totp'],
      roles: ['admin'], employeeNumber: '20417', createdAt: '2023-02-06T14:14:51.000Z',
      extra: {
        attribs: { employeenumber: '20417', pin: REDACTED }, linked: 'noor@home.example', multifactor: 'googleauth',
      },
      volatile: {
        lastLoginAt: '2026-03-02T13:41:33.000Z',
        extra: {
          applications: 0, attachments: 3, formfills: 2, lastPasswordChangeAt: '2025-11-03T21:20:07.000Z',
          mpstrength: '100', notes: 17, sites: 142, totalscore: '83.2',
        },
      },
      raw: { ...given, attribs: { employeenumber: '20417', pin: REDACTED } },
    }); // prettier-ignore
  });

  it('keeps no attribute that may be a secret, neither mapped nor raw', () => {
    const attribs = { password: 'Hunter2!', 'Temp Passwd': 'Hunter2!', apiToken: 'Hunter2!', Department: 'Legal' };
    const account = toAccount('1', { ...user, attribs }, zone);
    expect(JSON.stringify(account)).not.toContain('Hunter2!');
    expect(account.extra).toMatchObject({ attribs: { password: REDACTED, Department: 'Legal' } });
  });

  it.each([
    [{ username: undefined }, 'username'],
    [{ username: 7 }, 'username'],
    [{ disabled: 'perhaps' }, 'disabled'],
    [{ neverloggedin: [] }, 'neverloggedin'],
    [{ admin: {} }, 'admin'],
  ])('is refused where access cannot be understood: %j names user and field', (fields, field) => {
    expect(() => toAccount('310448122', { ...user, ...fields }, zone)).toThrow(`user 310448122 with a field ${field}`);
  });

  it('survives anything in the fields that decide nothing', () => {
    const decisive = new Set(['username', 'disabled', 'neverloggedin', 'admin']);
    const optional = Object.keys(user).filter((name) => !decisive.has(name));
    fc.assert(
      fc.property(
        fc.record(Object.fromEntries([...optional, 'attribs', 'linked'].map((name) => [name, fc.jsonValue()]))),
        (fields) => {
          expect(toAccount('1', { ...user, ...fields }, zone)).toMatchObject({ key: '1', status: 'active' });
        },
      ),
      { seed: 20260302 },
    );
  });

  it('understands the encodings of a flag and no other', () => {
    for (const yes of [true, 1, '1', 'true']) expect(flagOf(yes)).toBe(true);
    for (const no of [false, 0, '0', 'false', '', null, undefined]) expect(flagOf(no)).toBe(false);
    for (const neither of [2, 'yes', {}, []]) expect(flagOf(neither)).toBeNull();
  });
});

describe('what belongs to an account', () => {
  it('has keys made of their parts, also for names that hold separators', () => {
    const names = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 });
    fc.assert(
      fc.property(names, fc.constantFrom('123', 'invited:a b@x.example'), (groups, account) => {
        const memberships = [...membershipMaker()(account, groups.map(groupKey))];
        for (const grant of memberships) expect(grant.key).toBe(grantKey(grant));
      }),
      { seed: 20260302 },
    );
  });

  it('is the administrator role, held only by administrators', () => {
    expect(toRoleGrant(toAccount('1', user, zone))).toMatchObject({
      targetKind: 'role',
      targetKey: 'admin',
      permission: 'holder',
    });
    expect(toRoleGrant(toAccount('1', { ...user, admin: false }, zone))).toBeNull();
  });

  it('an invitation is keyed by the folded address and knows nothing but that', () => {
    expect(toInvitation('Lena.Hart@Northwind.example')).toMatchObject({
      key: 'invited:lena.hart@northwind.example',
      email: 'Lena.Hart@Northwind.example',
      status: 'invited',
      mfa: null,
      roles: [],
    });
  });
});
