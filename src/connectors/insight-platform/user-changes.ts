import { z } from 'zod';
import type { ChangeItem, ConnectorChange, SubjectState } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { subjectLabel } from '../../model/changes.ts';
import type { AccountRecord, JsonValue } from '../../model/records.ts';
import { isUnknownCall } from './answers.ts';
import { callOnce } from './client.ts';
import type { InsightContext, Settings } from './config.ts';
import { idOf, oneByOne } from './item-results.ts';

const newUserParams = z.strictObject({
  firstName: z.string(),
  lastName: z.string(),
  platformAdmin: z.boolean(),
  timezone: z.string().optional(),
});
type NewUserParams = z.output<typeof newUserParams>;

/** There are no passwords: the person accepts an invitation, and is PENDING until then. */
const create = defineChange<Settings, NewUserParams>({
  id: 'create_user',
  summary: (subject, { platformAdmin }) =>
    `Invite ${subjectLabel(subject)}${platformAdmin ? ' as a Platform Admin' : ''}: a mail goes out, and the user is pending until it is accepted`,
  params: newUserParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: true,
  looksAt: [],
  undo: {
    isPossible: false,
    how: 'The mail is out. End the user by insight_platform_delete_user: the invitation is then good for nothing.',
  },
  wanted: ({ account }) => account !== null,
  proof: { by: 'state' },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    oneByOne(context, items, ({ subject, params: { firstName, lastName, platformAdmin, timezone } }) =>
      callOnce(context, 'createUser', 'POST', '/users', {
        json: {
          email: subject.email,
          first_name: firstName,
          last_name: lastName,
          platform_admin: platformAdmin,
          ...(timezone !== undefined && { timezone }),
        },
      }),
    ),
});

const nameParams = z
  .strictObject({ firstName: z.string().optional(), lastName: z.string().optional() })
  .refine(({ firstName, lastName }) => firstName !== undefined || lastName !== undefined);
type NameParams = z.output<typeof nameParams>;

/** First and last name are all that an update can change; the address never does (Okta's help page). */
const update = defineChange<Settings, NameParams>({
  id: 'update_names',
  summary(subject, { firstName, lastName }) {
    const parts = [
      ...(firstName === undefined ? [] : [`first name "${firstName}"`]),
      ...(lastName === undefined ? [] : [`last name "${lastName}"`]),
    ];
    return `Set ${parts.join(' and ')} of ${subjectLabel(subject)}`;
  },
  params: nameParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  looksAt: [],
  undo: { isPossible: true, how: 'The names from before are set again.' },
  wanted({ account }, { firstName, lastName }) {
    if (account === null) return false;
    return isName(account.givenName, firstName) && isName(account.familyName, lastName);
  },
  besides: (before, after, params) => otherDifferences(before, after, params),
  proof: { by: 'state' },
  batchSize: 1,
  inverse({ account }, { firstName, lastName }) {
    if (account === null) return null;
    const names = {
      ...(isName(account.givenName, firstName) ? {} : { firstName: account.givenName ?? '' }),
      ...(isName(account.familyName, lastName) ? {} : { lastName: account.familyName ?? '' }),
    };
    return Object.keys(names).length === 0 ? null : { change: 'update_names', params: names };
  },
  call: (context, items) => oneByOne(context, items, (item) => updateNames(context, item)),
});

/** What an update has changed beside the names it was to change: of its verb nobody has published what else it does. */
function otherDifferences(
  { account: before }: SubjectState,
  { account: after }: SubjectState,
  { firstName, lastName }: NameParams,
): readonly string[] {
  if (before === null || after === null) return [];
  const fieldsOf = (account: AccountRecord): Readonly<Record<string, JsonValue>> => ({
    ...(firstName === undefined && { 'the first name': account.givenName }),
    ...(lastName === undefined && { 'the last name': account.familyName }),
    'the address': account.email,
    'the time zone': account.extra['timezone'] ?? null,
    'Platform Admin': account.roles.includes('platform_admin') ? 'yes' : 'no',
  });
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  return Object.keys(was)
    .filter((field) => was[field] !== is[field])
    .map((field) => `${field} went from ${JSON.stringify(was[field])} to ${JSON.stringify(is[field])}`);
}

function isName(shown: string | null, wanted: string | undefined): boolean {
  return wanted === undefined || (shown ?? '') === wanted;
}

/**
 * The verb of an update is not published. PATCH with the names alone cannot touch anything else, so it comes first; where
 * the platform has no such verb (405, which did nothing), PUT sends all that is known of the user, with the names changed.
 */
async function updateNames(context: InsightContext, item: ChangeItem<NameParams>): Promise<unknown> {
  const { updateVerb } = context.settings;
  if (updateVerb === 'PUT') return putUser(context, item);
  const { firstName, lastName } = item.params;
  const names = {
    ...(firstName !== undefined && { first_name: firstName }),
    ...(lastName !== undefined && { last_name: lastName }),
  };
  const path = `/users/${encodeURIComponent(idOf(item))}`;
  try {
    return await callOnce(context, 'updateUser', 'PATCH', path, { json: names });
  } catch (thrown) {
    if (updateVerb === 'auto' && isUnknownCall(thrown)) return putUser(context, item);
    throw thrown;
  }
}

function putUser(context: InsightContext, item: ChangeItem<NameParams>): Promise<unknown> {
  const { params, subject, before } = item;
  const timezone = before.account?.extra['timezone'];
  return callOnce(context, 'updateUser', 'PUT', `/users/${encodeURIComponent(idOf(item))}`, {
    json: {
      email: before.account?.email ?? subject.email,
      first_name: params.firstName ?? before.account?.givenName ?? '',
      last_name: params.lastName ?? before.account?.familyName ?? '',
      platform_admin: isPlatformAdmin(before),
      ...(typeof timezone === 'string' && { timezone }),
    },
  });
}

function isPlatformAdmin({ account }: SubjectState): boolean {
  return account?.roles.includes('platform_admin') === true;
}

const noParams = z.strictObject({});
type NoParams = z.output<typeof noParams>;

/** The only way to end access: no call sets the status DISABLED, and Okta's integration deletes, too. */
const remove = defineChange<Settings, NoParams>({
  id: 'delete_user',
  summary: (subject) =>
    `Delete ${subjectLabel(subject)} from the Insight Platform, which cannot disable: sessions end, every API key they own stops working at once, and to come back they need a new invitation, products and groups`,
  params: noParams,
  secrets: [],
  effect: () => 'destructive',
  endsAccess: true,
  sendsMail: false,
  looksAt: [],
  undo: {
    isPossible: false,
    how: 'A deleted user is gone with their API keys. Invited again, it is another user: groups and products are given anew.',
  },
  wanted: ({ account }) => account === null,
  proof: { by: 'state' },
  batchSize: 5,
  inverse: () => null,
  call: (context, items) =>
    oneByOne(
      context,
      items,
      (item) => callOnce(context, 'deleteUser', 'DELETE', `/users/${encodeURIComponent(idOf(item))}`),
      ['notFound'],
    ),
});

/** Changes that make a user, name it, or end it. */
export const userChanges: readonly ConnectorChange<Settings>[] = [create, update, remove];
