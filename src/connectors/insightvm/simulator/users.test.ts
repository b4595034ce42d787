import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredUser } from './model.ts';
import { openUsers } from './users.ts';

const LOGINS = ['ann', 'ben', 'cem', 'dee'];
const THINGS = [1, 2, 3];

type Step = { readonly login: string } & (
  | { readonly sites: number[]; readonly assetGroups: number[] }
  | { readonly gone: true }
);

const steps = fc.array(
  fc.oneof(
    fc.record({
      login: fc.constantFrom(...LOGINS),
      sites: fc.uniqueArray(fc.constantFrom(...THINGS)),
      assetGroups: fc.uniqueArray(fc.constantFrom(...THINGS)),
    }),
    fc.record({ login: fc.constantFrom(...LOGINS), gone: fc.constant(true as const) }),
  ),
  { maxLength: 30 },
);

describe('the users of the console', () => {
  it('are found by what is on their lists as a look at every one of them would find them, saved and opened again too', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const first = [
          user(1, { login: 'ann', sites: [1], assetGroups: [] }),
          user(2, { login: 'ben', sites: [], assetGroups: [2] }),
        ];
        const store = openUsers(first);
        for (const step of taken) take(store, step);
        const again = openUsers(first, { lastId: store.lastId, changed: store.save() });
        for (const list of ['sites', 'assetGroups'] as const) {
          for (const thing of THINGS) {
            const having = store.list().filter((one) => one[list].includes(thing));
            const ids = having.map(({ id }) => id).sort((left, right) => left - right);
            expect(store.on(list, thing)).toEqual(ids);
            expect(again.on(list, thing)).toEqual(ids);
          }
        }
        expect(again.list()).toEqual(store.list());
        for (const login of LOGINS) {
          const found = store.list().find((one) => one.login === login) ?? null;
          expect([store.byLogin(login), again.byLogin(login.toUpperCase())]).toEqual([found, found]);
        }
        expect(again.nextId()).toBe(store.nextId());
      }),
    );
  });
});

function take(store: ReturnType<typeof openUsers>, step: Step): void {
  const known = store.byLogin(step.login);
  if (!('gone' in step)) store.put(user(known?.id ?? store.nextId(), step));
  else if (known) store.remove(known.id);
}

function user(id: number, fields: Pick<StoredUser, 'login' | 'sites' | 'assetGroups'>): StoredUser {
  return {
    id,
    name: fields.login,
    email: null,
    enabled: true,
    locked: false,
    failures: 0,
    locale: null,
    source: 2,
    role: { id: 'user', allSites: false, allAssetGroups: false, superuser: false },
    password: null,
    passwordResetOnLogin: false,
    twoFactorKey: null,
    ...fields,
  };
}
