import { draft } from '../../connector-kit/plan-accounts.ts';
import { z } from 'zod';
import type { ChangeDraft, WriteAction } from '../../connector-kit/changes.ts';
import { writeAction } from '../../connector-kit/define-change.ts';
import { subjectLabel } from '../../model/changes.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import { accessActions } from './access-actions.ts';
import type { Settings } from './config.ts';
import { createUserAction } from './create-action.ts';
import * as fields from './inputs.ts';
import { ASSET_GROUP, forcedBy, SITE } from './mapping.ts';
import {
  accountOf, following, type PlannedAccount, refuseExternal, refuseNothing, roleBody, roleOf, sourceFor, sourcesOf,
  sourceTypeOf,
} from './plan-accounts.ts'; // prettier-ignore
import { changeFor } from './role-changes.ts';
import { bodyOf, type RoleBody } from './user-body.ts';
import { disabledCannotBeUnlocked, profileChange } from './user-changes.ts';

const userOnly = z.strictObject({ user: fields.user });

const updateInput = z.strictObject({
  user: fields.user,
  name: fields.name.optional().meta({ description: 'The full name' }),
  email: fields.email.optional().meta({ description: 'The e-mail address' }),
  login: fields.login.optional().meta({ description: 'The user name to sign in with' }),
  language: fields.language.optional().meta({ description: 'Language of the pages, such as en-US' }),
  report_language: fields.language.optional().meta({ description: 'Language of reports' }),
});

const updateUser = writeAction<typeof updateInput, Settings>({
  id: 'insightvm_update_user',
  title: 'Change name, address, login or language of a user',
  description:
    'Changes what a user is called and how it signs in. Everything else is sent back as it is, and compared afterwards.',
  effect: 'write',
  input: updateInput,
  async plan({ user, name, email, login, language, report_language }, snapshot, settings) {
    const locale = {
      ...(language === undefined ? {} : { default: language }),
      ...(report_language === undefined ? {} : { reports: report_language }),
    };
    const params = {
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
      ...(login === undefined ? {} : { login }),
      ...(Object.keys(locale).length === 0 ? {} : { locale }),
    };
    refuseNothing(Object.keys(params).length === 0, 'name', 'Give name, email, login, language or report_language.');
    const known = await accountOf(snapshot, user, settings);
    if (email !== undefined && fold(email) !== fold(known.account.email ?? '')) {
      const others = await snapshot.accountsAt([email]);
      if (others.size > 0) {
        throw new UsherError('alreadyExists', `${email} is the address of another user.`, {
          field: 'email',
          next: 'Give another one, or change that user first.',
        });
      }
    }
    return [draft('update_user', known, profileChange(known.account, params))];
  },
});

const disableUser = writeAction<typeof userOnly, Settings>({
  id: 'insightvm_disable_user',
  title: 'Disable a user, keep its history',
  description:
    'Blocks the sign-in of a user. Role, access, reports and tickets stay; insightvm_enable_user takes it back.',
  effect: 'write',
  input: userOnly,
  plan: async ({ user }, snapshot, settings) => [draft('disable_user', await accountOf(snapshot, user, settings))],
});

const enableUser = writeAction<typeof userOnly, Settings>({
  id: 'insightvm_enable_user',
  title: 'Enable a disabled user',
  description: 'Lets a disabled user sign in again, with the role and access of before.',
  effect: 'write',
  input: userOnly,
  plan: async ({ user }, snapshot, settings) => [draft('enable_user', await accountOf(snapshot, user, settings))],
});

const deleteUser = writeAction<typeof userOnly, Settings>({
  id: 'insightvm_delete_user',
  title: 'Delete a user for good',
  description:
    'Deletes a user. It cannot be undone, and what becomes of reports and tickets it owns is not documented: to end access and keep history, disable it.',
  effect: 'destructive',
  input: userOnly,
  plan: async ({ user }, snapshot, settings) => [draft('delete_user', await accountOf(snapshot, user, settings))],
});

/** Unlocks; with a new password and enabled first, where that is asked for. `newPassword` makes the password. */
function unlockUser(newPassword: () => string) {
  const input = z.strictObject({
    user: fields.user,
    enable: z.boolean().default(false).meta({
      description: 'Enable a disabled user first: the console cannot unlock a disabled one',
    }),
    reset_password: z.boolean().default(false).meta({
      description: 'Set a new password afterwards, made for it and handed to you once',
    }),
  });
  return writeAction<typeof input, Settings>({
    id: 'insightvm_unlock_user',
    title: 'Unlock a user',
    description:
      'Lets a user sign in again who was locked after wrong passwords. Does nothing for one who is not locked when it comes to it.',
    effect: 'destructive',
    input,
    async plan({ user, enable, reset_password }, snapshot, settings) {
      const known = await accountOf(snapshot, user, settings);
      const isDisabled = known.account.status === 'disabled';
      if (isDisabled && !enable) throw disabledCannotBeUnlocked(known.subject);
      if (reset_password) refuseExternal(known, 'a password');
      const steps: ((change: typeof draft) => ChangeDraft)[] = [
        ...(isDisabled ? [(make: typeof draft) => make('enable_user', known)] : []),
        (make) => make('unlock_user', known),
        ...(reset_password ? [(make: typeof draft) => passwordDraft(make, known, newPassword(), true, true)] : []),
      ];
      return steps.map((step, at) => step(at === 0 ? draft : following));
    },
  });
}

function resetPassword(newPassword: () => string) {
  const input = z.strictObject({
    user: fields.user,
    password: fields.password
      .optional()
      .meta({ description: 'The new password; without it one is made and handed to you once' }),
    must_change: z.boolean().default(true).meta({ description: 'Have it changed at the next sign-in' }),
  });
  return writeAction<typeof input, Settings>({
    id: 'insightvm_reset_password',
    title: 'Set a new password for a user',
    description:
      "Sets the password of somebody else, where the console keeps it. Usher's own login is changed in the console, then in the connection.",
    effect: 'destructive',
    input,
    secretInputs: ['password'],
    async plan({ user, password, must_change }, snapshot, settings) {
      const known = await accountOf(snapshot, user, settings);
      refuseExternal(known, 'a password');
      return [passwordDraft(draft, known, password ?? newPassword(), must_change, password === undefined)];
    },
  });
}

function passwordDraft(
  make: typeof draft,
  known: PlannedAccount,
  password: string,
  mustChange: boolean,
  isGenerated: boolean,
): ChangeDraft {
  return {
    ...make('reset_password', known, { mustChange }),
    secrets: { password },
    ...(isGenerated ? { handoff: { label: `Password of ${labelOf(known)}`, secret: password } } : {}),
  };
}

const resetTwoFactor = writeAction<typeof userOnly, Settings>({
  id: 'insightvm_reset_two_factor',
  title: 'Make a new two-factor seed',
  description:
    'Has the console make a new seed for a user, handed to you once: codes from the one before stop working. Switching two-factor authentication off is not possible by the API.',
  effect: 'destructive',
  input: userOnly,
  async plan({ user }, snapshot, settings) {
    const known = await accountOf(snapshot, user, settings);
    return [
      {
        ...draft('reset_two_factor', known),
        handoff: { label: `Two-factor seed of ${labelOf(known)}`, made: 'seed' },
      },
    ];
  },
});

const roleInput = z.strictObject({
  user: fields.user,
  role: fields.role,
  all_sites: z.boolean().optional().meta({
    description: 'Let the user see every site; default: as now, or as the new role demands',
  }),
  all_asset_groups: z.boolean().optional().meta({
    description: 'Let the user see every asset group; default: as now, or as the new role demands',
  }),
});

const setRole = writeAction<typeof roleInput, Settings>({
  id: 'insightvm_set_role',
  title: 'Give a user another role',
  description:
    'Gives a user its one role, with the flags and the sign-in that go with it. What only the role before opened is closed, unless asked otherwise.',
  effect: 'destructive',
  input: roleInput,
  async plan({ user, role: id, all_sites, all_asset_groups }, snapshot, settings) {
    const known = await accountOf(snapshot, user, settings);
    const record = await roleOf(snapshot, id);
    const present = bodyOf(known.account).role;
    const kept = await keptFlags(snapshot, present);
    const role = roleBody(
      record,
      { allSites: all_sites ?? kept.allSites, allAssetGroups: all_asset_groups ?? kept.allAssetGroups },
      all_sites === false || all_asset_groups === false,
    );
    const isSame =
      role.id === present.id && role.allSites === present.allSites && role.allAssetGroups === present.allAssetGroups;
    if (isSame) throw invalidInput('role', `${subjectLabel(known.subject)} has this role already.`);
    const authentication = sourceFor(role.id, sourceTypeOf(known.account), await sourcesOf(snapshot));
    const params = {
      role: { ...role }, from: { ...present }, ...(authentication === undefined ? {} : { authentication: { ...authentication } }),
      sites: null, assetGroups: null,
    }; // prettier-ignore
    return [draft(changeFor(role, present), known, params)];
  },
});

/** The flags that are a choice: those that the present role forces go with it. */
async function keptFlags(
  snapshot: Parameters<typeof roleOf>[0],
  present: RoleBody,
): Promise<Pick<RoleBody, 'allSites' | 'allAssetGroups'>> {
  const [record] = await snapshot.roles([present.id]);
  const listed = record?.extra['privileges'];
  const privileges = Array.isArray(listed) ? listed.filter((privilege) => typeof privilege === 'string') : [];
  const rights = { id: present.id, privileges };
  return {
    allSites: present.allSites && forcedBy(SITE, rights) === null,
    allAssetGroups: present.allAssetGroups && forcedBy(ASSET_GROUP, rights) === null,
  };
}

function labelOf({ subject, account }: PlannedAccount): string {
  return account.username === null ? subjectLabel(subject) : `${account.username} (${subjectLabel(subject)})`;
}

/** The writing actions of the catalogue. `newPassword` makes a password where one is asked for. */
export function writeActions(
  newPassword: () => string = fields.strongPassword,
): readonly WriteAction<z.ZodObject, Settings>[] {
  return [
    createUserAction(newPassword),
    updateUser,
    enableUser,
    disableUser,
    deleteUser,
    unlockUser(newPassword),
    setRole,
    ...accessActions,
    resetPassword(newPassword),
    resetTwoFactor,
  ];
}
