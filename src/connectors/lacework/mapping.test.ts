import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grantKey } from '../../model/records.ts';
import { grantMaker } from './grants.ts';
import { groupOfKey, Person, subAccountsOf } from './mapping.ts';
import { type PersonRow, readMember, readPerson, readUser } from './people.ts';
import { timeOf } from './schemas.ts';
import { createSpill } from './spill.ts';

const member = (over: Readonly<Record<string, unknown>> = {}, props: Readonly<Record<string, unknown>> = {}) => ({
  custGuid: 'ACME_1', userGuid: 'ACME_U1', userName: 'joan.clarke@acme.example', userEnabled: 1,
  props: {
    firstName: 'Joan', lastName: 'Clarke', company: 'Acme', accountAdmin: false, orgAdmin: false, orgUser: false,
    jitCreated: false, createdTime: '2026-11-16T16:33:17.573Z', lastLoginTime: '2026-11-20T16:33:17.573Z', ...props,
  },
  ...over,
}); // prettier-ignore
const user = (over: Readonly<Record<string, unknown>> = {}) => ({
  userGuid: 'LAB_U1', type: 'StandardUser', name: 'Joan Clarke', email: 'Joan.Clarke@acme.example', company: 'Acme',
  userEnabled: 1, userGroups: [], lastLoginTime: 1795341600000, orgAccess: 'NO_ORG_ACCESS', ...over,
}); // prettier-ignore

describe('a person over sub-accounts', () => {
  const rows = fc.array(
    fc.record({
      subAccount: fc.constantFrom('acme', 'acme-eu', 'acme-lab', 'acme-dev'),
      model: fc.constantFrom('legacy', 'rbac'),
      userEnabled: fc.constantFrom(0, 1, true, false),
      lastLoginTime: fc.constantFrom(0, 1795341600000, '2026-11-20T16:33:17.573Z'),
      isAdmin: fc.boolean(),
      orgAdmin: fc.boolean(),
      guid: fc.constantFrom('A', 'B', 'C'),
    }),
    { minLength: 1, maxLength: 8 },
  );

  it('is the same record with the same access, in whatever order its rows come', () => {
    fc.assert(
      fc.property(
        rows.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([one, other]) => {
          const grantsOf = grantMaker();
          const [a, b] = [personOf(one), personOf(other)];
          expect(b.map()).toEqual(a.map());
          expect(grantsOf(b)).toEqual(grantsOf(a));
        },
      ),
    );
  });

  it('is active where it is active anywhere, and disabled only where it is everywhere', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const { status, extra } = personOf(all).map();
        const statuses = Object.values(subAccountsOf({ extra })).map((each) => each.status);
        expect(statuses).toContain(status);
        expect(status === 'active').toBe(statuses.includes('active'));
        expect(status === 'disabled').toBe(statuses.every((each) => each === 'disabled'));
      }),
    );
  });

  it('has grants whose keys are those of all grants, each once', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const grants = grantMaker()(personOf(all));
        for (const grant of grants) expect(grant.key).toBe(grantKey(grant));
        expect(new Set(grants.map(({ key }) => key)).size).toBe(grants.length);
      }),
    );
  });

  function personOf(all: readonly { readonly [K in keyof Generated]: Generated[K] }[]): Person {
    return new Person('joan.clarke@acme.example', all.map(rowOf));
  }
  interface Generated {
    readonly subAccount: string;
    readonly model: string;
    readonly userEnabled: number | boolean;
    readonly lastLoginTime: number | string;
    readonly isAdmin: boolean;
    readonly orgAdmin: boolean;
    readonly guid: string;
  }
  function rowOf({ subAccount, model, userEnabled, lastLoginTime, isAdmin, orgAdmin, guid }: Generated): PersonRow {
    if (model === 'legacy') {
      return readMember(
        subAccount,
        member({ userEnabled, userGuid: guid }, { lastLoginTime, accountAdmin: isAdmin, orgAdmin }),
      );
    }
    const userGroups = isAdmin ? [{ userGroupGuid: 'LACEWORK_USER_GROUP_ADMIN', userGroupName: 'Admin' }] : [];
    const orgAccess = orgAdmin ? 'ORG_ADMIN' : 'NO_ORG_ACCESS';
    return readUser(subAccount, '', user({ userEnabled, userGuid: guid, lastLoginTime, userGroups, orgAccess }));
  }
});

describe('a row', () => {
  it.each([
    [member({}, { lastLoginTime: 0 }), 'invited'],
    [member({}, { lastLoginTime: undefined }), 'invited'],
    [member({}, { lastLoginTime: 0, lastSessionCreatedTime: '2026-11-20T16:33:17.573Z' }), 'active'],
    [member({ userEnabled: 0 }), 'disabled'],
    [member({ userEnabled: false }), 'disabled'],
    [member({ userEnabled: '1' }), 'active'],
    // A guide's rows have no props: nothing is told of logins then, so nothing is made of it.
    [{ username: 'joan.clarke@acme.example', userEnabled: 1 }, 'active'],
  ])('of TeamMembers is understood: %o is %s', (row, status) => {
    expect(readMember('acme', row)).toMatchObject({ status, key: 'joan.clarke@acme.example' });
  });

  it.each([
    [user({ lastLoginTime: 0 }), 'invited', false],
    [user({ userEnabled: 0 }), 'disabled', false],
    [user({ type: 'ServiceUser', email: undefined, lastLoginTime: 0 }), 'active', true],
  ])('of TeamUsers is understood: %o is %s', (row, status, isService) => {
    expect(readUser('acme-lab', 'LAB', row)).toMatchObject({ status, isService });
  });

  it.each([
    ['legacy', member({ userEnabled: 2 }), 'userEnabled'],
    ['legacy', member({ userName: undefined }), 'userName'],
    ['legacy', member({}, { orgAdmin: 'perhaps' }), 'props.orgAdmin'],
    ['legacy', member({ props: 'none' }), 'props'],
    ['rbac', user({ userEnabled: null }), 'userEnabled'],
    ['rbac', user({ email: '' }), 'email'],
    ['rbac', user({ userGroups: [{ name: 'x' }] }), 'userGroups.*.userGroupGuid'],
    ['rbac', user({ userGroups: 'Admin' }), 'userGroups'],
  ] as const)('of the %s model is refused, naming %s', (model, row, field) => {
    expect(() => readPerson(model, 'acme', '', row)).toThrow(`with a field ${field} that makes no sense`);
  });

  it('says which org role it has, by either model', () => {
    expect(readMember('acme', member({}, { orgAdmin: true })).orgRole).toBe('org_admin');
    expect(readMember('acme', member({}, { orgUser: true })).orgRole).toBe('org_user');
    expect(readUser('acme', '', user({ orgAccess: 'ORG_ADMIN' })).orgRole).toBe('org_admin');
    expect(readUser('acme', '', user({ orgAccess: 'ORG_USER' })).orgRole).toBe('org_user');
    expect(readUser('acme', '', user({ orgAccess: 'NO_ORG_ACCESS' })).orgRole).toBe(null);
  });
});

it('reads every way in which times are written, and never as a time', () => {
  const moment = '2026-11-22T08:00:00.000Z';
  const ms = Date.parse(moment);
  for (const value of [
    moment,
    '2026-11-22T08:00:00Z',
    '2026-11-22T08:00:00',
    ms,
    ms / 1000,
    String(ms),
    String(ms / 1000),
  ]) {
    expect(timeOf(value)).toBe(moment);
  }
  for (const never of [0, '0', '', null, undefined, 'never', -1, Number.NaN, true]) expect(timeOf(never)).toBe(null);
});

it('finds sub-account and GUID in a group key, and none in anything else', () => {
  expect(groupOfKey('acme-lab/LACEWORK_USER_GROUP_ADMIN')).toEqual({
    subAccount: 'acme-lab',
    guid: 'LACEWORK_USER_GROUP_ADMIN',
  });
  for (const key of ['', '/x', 'x/', 'Admins']) expect(groupOfKey(key)).toBe(null);
});

it('hands back every row it was given, those of a person together', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string(), fc.string(), fc.integer({ min: 0, max: 4000 })), { maxLength: 60 }),
      (rows) => {
        const spill = createSpill();
        const partOfKey = new Map<string, number>();
        for (const [key, name, size] of rows) {
          const row = { name, filler: 'x'.repeat(size) };
          const part = spill.add(key, 'tag', JSON.stringify(row));
          expect(partOfKey.get(key) ?? part).toBe(part);
          partOfKey.set(key, part);
        }
        const back = Array.from({ length: spill.parts }, (_, part) => spill.part(part)).flat();
        const shown = (key: string, name: unknown) => JSON.stringify([key.replaceAll(/[\u001e\u001f]/g, ''), name]);
        expect(back.map(({ key, row }) => shown(key, row['name'])).sort()).toEqual(
          rows.map(([key, name]) => shown(key, name)).sort(),
        );
      },
    ),
  );
});
