import { z } from 'zod';
import type { ZoneTime } from '../../connector-kit/time.ts';
import type { JsonValue } from '../../model/records.ts';
import type { UserDataPage } from './client.ts';
import { flagOf, type RawUser, redactAttribs, toAccount } from './mapping.ts';

/** A user in the vendor's own words, with real booleans and UTC times. Fields that are not listed are passed on. */
export const userSchema = z.looseObject({
  id: z.string(),
  username: z.string(),
  fullname: z.string().nullable(),
  admin: z.boolean(),
  disabled: z.boolean(),
  neverloggedin: z.boolean(),
  created: z.string().nullable().meta({ description: 'UTC' }),
  last_login: z.string().nullable().meta({ description: 'UTC; null: never' }),
  last_pw_change: z.string().nullable().meta({ description: 'UTC' }),
  multifactor: z.string().nullable().meta({ description: "The app's code; null: no second factor" }),
  groups: z.array(z.string()),
});

/** Shows a user as `lastpass_list_users` answers it; throws where the user makes no sense (see `toAccount`). */
export function showUser(id: string, user: RawUser, page: UserDataPage, zone: ZoneTime): z.input<typeof userSchema> {
  const account = toAccount(id, user, zone);
  const changedAt = user['last_pw_change'];
  const multifactor = user['multifactor'];
  const rest = Object.fromEntries(Object.entries(user).filter(([name]) => name !== 'attribs'));
  const attribs: Record<string, JsonValue> | null = redactAttribs(user['attribs']);
  return {
    ...rest,
    ...(attribs === null ? {} : { attribs }),
    id,
    username: account.username ?? '',
    fullname: account.displayName,
    admin: account.roles.includes('admin'),
    disabled: account.status === 'disabled',
    neverloggedin: flagOf(user['neverloggedin']) === true,
    created: account.createdAt,
    last_login: account.volatile.lastLoginAt,
    last_pw_change: typeof changedAt === 'string' && changedAt !== '' ? zone.toUtc(changedAt) : null,
    multifactor: typeof multifactor === 'string' && multifactor !== '' ? multifactor : null,
    groups: groupsOf(user, page),
  };
}

function groupsOf(user: RawUser, page: UserDataPage): string[] {
  const own = Array.isArray(user['groups']) ? user['groups'].filter((name) => typeof name === 'string') : [];
  const address = typeof user['username'] === 'string' ? user['username'].toLowerCase() : '';
  const named = page.groups.filter(([, members]) => members.some((member) => member.toLowerCase() === address));
  return [...new Set([...own, ...named.map(([name]) => name)])].sort();
}
