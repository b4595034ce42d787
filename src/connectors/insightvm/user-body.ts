import { z } from 'zod';
import type { SubjectState } from '../../connector-kit/changes.ts';
import { isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import type { AccountRecord } from '../../model/records.ts';
import { type Area, ASSET_GROUP, idOfResource, SITE } from './mapping.ts';

/**
 * All of a user that can be sent (`UserEdit` of the console's OpenAPI document). A PUT replaces the whole user, and what
 * it leaves out is reset: `enabled` to true, the address to none, the flags to false. So every one is made of the record
 * as it was read right before, reduced to what may be sent.
 */
export interface UserBody {
  readonly login: string;
  readonly name: string;
  readonly email?: string;
  readonly enabled: boolean;
  readonly locale?: { readonly default?: string | undefined; readonly reports?: string | undefined };
  readonly role: RoleBody;
  readonly authentication?: SourceBody;
}

export const roleBodySchema = z.strictObject({
  id: z.string(),
  allSites: z.boolean(),
  allAssetGroups: z.boolean(),
  superuser: z.boolean(),
});
export type RoleBody = z.output<typeof roleBodySchema>;

export const sourceBodySchema = z.strictObject({ type: z.string(), id: z.int().optional() });
export type SourceBody = z.output<typeof sourceBodySchema>;

/** `extra` of an account as `mapping.ts` makes it. */
const extraSchema = z.looseObject({
  allSites: z.boolean(),
  allAssetGroups: z.boolean(),
  superuser: z.boolean(),
  locale: z.looseObject({ default: z.string().optional(), reports: z.string().optional() }).optional(),
  authentication: z.looseObject({ type: z.string(), id: z.int().nullable(), external: z.boolean() }).optional(),
});

/** The body that would change nothing. Throws `stale` for a record of an Usher that kept less. */
export function bodyOf(account: AccountRecord): UserBody {
  const { locale, authentication, ...flags } = extraOf(account);
  const login = account.username ?? '';
  return {
    login,
    name: account.displayName ?? login,
    ...(account.email === null ? {} : { email: account.email }),
    enabled: account.status !== 'disabled',
    ...(locale === undefined ? {} : { locale: { default: locale.default, reports: locale.reports } }),
    role: {
      id: account.roles[0] ?? '',
      allSites: flags.allSites,
      allAssetGroups: flags.allAssetGroups,
      superuser: flags.superuser,
    },
    ...(authentication === undefined
      ? {}
      : {
          authentication: {
            type: authentication.type,
            ...(authentication.id === null ? {} : { id: authentication.id }),
          },
        }),
  };
}

/** Whether a flag lets the account see all of an area. */
export function seesWhole(area: Area, account: AccountRecord): boolean {
  const { superuser, allSites, allAssetGroups } = extraOf(account);
  return superuser || (area === SITE ? allSites : allAssetGroups);
}

/** Ids of the sites or asset groups that were granted to the account itself, ascending. */
export function grantedTo({ grants }: Pick<SubjectState, 'grants'>, area: Area): readonly number[] {
  return grants
    .flatMap(({ targetKind, targetKey, path }) =>
      targetKind === 'resource' && path === '' ? (idOfResource(area, targetKey) ?? []) : [],
    )
    .sort((one, two) => one - two);
}

/** Whether two bodies ask for the same in these fields. */
export function isSame(one: UserBody, two: UserBody, fields: readonly (keyof UserBody)[]): boolean {
  const [first, second] = [flat(one), flat(two)];
  return [...new Set([...first.keys(), ...second.keys()])]
    .filter((path) => fields.some((field) => path === field || path.startsWith(`${field}.`)))
    .every((path) => first.get(path) === second.get(path));
}

/** Ids granted to a user itself; null: not told, or of no meaning. */
export interface Lists {
  readonly sites: readonly number[] | null;
  readonly assetGroups: readonly number[] | null;
}

/** What was granted to an account itself; of an area that it sees whole anyway, the console does not tell. */
export function listsOf(state: SubjectState): Lists {
  const of = (area: Area): readonly number[] | null =>
    state.account === null || seesWhole(area, state.account) ? null : grantedTo(state, area);
  return { sites: of(SITE), assetGroups: of(ASSET_GROUP) };
}

/**
 * What the console shows otherwise than it was asked for, of everything that can be sent and of what was granted: a
 * sentence a difference. `asked`: all of the user as it should be now.
 */
export function differences(asked: { readonly body: UserBody } & Lists, after: SubjectState): readonly string[] {
  if (after.account === null) return [];
  const [wished, seen] = [flat(asked.body), flat(bodyOf(after.account), asked.body)];
  const fields = [...new Set([...wished.keys(), ...seen.keys()])].sort().flatMap((path) => {
    const [from, to] = [wished.get(path), seen.get(path)];
    return from === to ? [] : [`${path} went from ${told(from)} to ${told(to)}`];
  });
  return [
    ...fields,
    ...listDifference('sites', asked.sites, asked.body.role.allSites, grantedTo(after, SITE)),
    ...listDifference('asset groups', asked.assetGroups, asked.body.role.allAssetGroups, grantedTo(after, ASSET_GROUP)),
  ];
}

/** Who sees all has no list that means anything. */
function listDifference(
  what: string,
  from: readonly number[] | null,
  isAll: boolean,
  to: readonly number[],
): readonly string[] {
  if (isAll || from === null || from.join() === to.join()) return [];
  return [`${what} went from ${from.join(', ') || 'none'} to ${to.join(', ') || 'none'}`];
}

type Flat = ReadonlyMap<string, string | number | boolean>;

/** Fields by path (`role.allSites`). A source without an id means any of its type: then none is compared. */
function flat(body: UserBody, like: UserBody = body): Flat {
  const found = new Map<string, string | number | boolean>();
  const put = (path: string, value: unknown): void => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') found.set(path, value);
    else if (isObject(value))
      for (const [name, inner] of Object.entries(value)) put(path === '' ? name : `${path}.${name}`, inner);
  };
  put('', { ...body, login: fold(body.login) });
  if (like.authentication === undefined) for (const name of ['type', 'id']) found.delete(`authentication.${name}`);
  if (like.authentication?.id === undefined) found.delete('authentication.id');
  if (like.locale === undefined) for (const name of ['default', 'reports']) found.delete(`locale.${name}`);
  return found;
}

function told(value: string | number | boolean | undefined): string {
  return value === undefined ? 'nothing' : String(value);
}

function extraOf(account: AccountRecord): z.output<typeof extraSchema> {
  const parsed = extraSchema.safeParse(account.extra);
  if (parsed.success) return parsed.data;
  throw new UsherError('stale', `What is known of user ${account.key} is of another version of the connector.`, {
    next: 'Sync the connection, then plan again.',
  });
}
