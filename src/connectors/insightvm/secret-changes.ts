import { z } from 'zod';
import type { ConnectorChange } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { subjectLabel } from '../../model/changes.ts';
import type { Settings } from './config.ts';
import { accountOf, one } from './item.ts';
import { bodyOf } from './user-body.ts';
import { asWished, passwordGone } from './user-changes.ts';
import { newTwoFactorSeed, replaceUser } from './write-calls.ts';

const passwordParams = z.strictObject({ mustChange: z.boolean() });

/**
 * By replacing the user with itself and a password: `PUT …/password` is for one's own alone (OpenAPI document). No state
 * shows a password.
 */
const resetPassword = defineChange<Settings, z.output<typeof passwordParams>>({
  id: 'reset_password',
  summary: (subject, { mustChange }) =>
    `Set a new password for ${subjectLabel(subject)}${mustChange ? ', to be changed at the next sign-in' : ''}`,
  params: passwordParams,
  secrets: ['password'],
  effect: () => 'destructive',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: false, how: 'Nobody knows the password from before; set another one.' },
  wanted: () => false,
  besides: (before, after) => asWished(before, after, (body) => body),
  proof: { by: 'answer', note: 'no state shows a password; try it by signing in' },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    one(context, items, async (item) => {
      const account = accountOf(item, context.settings);
      const password = item.secrets['password'];
      if (password === undefined) throw passwordGone(item.subject);
      await replaceUser(context, account.key, {
        ...bodyOf(account), password, passwordResetOnLogin: item.params.mustChange,
      }); // prettier-ignore
    }),
});

/** The console makes the seed and tells it once; there is no way to switch a second factor off by the API. */
const resetTwoFactor = defineChange<Settings, Record<string, never>>({
  id: 'reset_two_factor',
  summary: (subject) =>
    `Make a new two-factor seed for ${subjectLabel(subject)}: codes of the present one stop working`,
  params: z.strictObject({}),
  secrets: [],
  effect: () => 'destructive',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: false, how: 'The seed from before is gone; the person sets up the new one.' },
  looksAt: [],
  wanted: () => false,
  proof: {
    by: 'made',
    note: 'The seed is handed over once: give it to the person, who enters it into an authenticator app.',
  },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    one(context, items, async (item) => {
      const account = accountOf(item, context.settings);
      const seed = await newTwoFactorSeed(context, account.key);
      return { kind: 'taken', made: { facts: {}, secrets: { seed } } };
    }),
});

/** Changes of what only the person may know. */
export const secretChanges: readonly ConnectorChange<Settings>[] = [resetPassword, resetTwoFactor];
