import { draft } from '../../connector-kit/plan-accounts.ts';
import type { ChangeDraft, ChangeParams, KnownAccount, PlanSnapshot } from '../../connector-kit/changes.ts';
import { subjectLabel } from '../../model/changes.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import type { AccountRecord, RoleRecord } from '../../model/records.ts';
import type { Settings } from './config.ts';
import { refuseOwn } from './item.ts';
import {
  type Area, AUTHENTICATION_SOURCE, forcedBy, GLOBAL_ADMIN, idOfResource, isLocalType, resourceKey,
} from './mapping.ts'; // prettier-ignore
import { nameOf } from './native.ts';
import { bodyOf, type RoleBody, type SourceBody } from './user-body.ts';

/** An account with its record: all that a plan begins with. */
export interface PlannedAccount extends KnownAccount {
  readonly account: AccountRecord;
}

/** The account behind a reference; throws `notFound`, and `conflict` for the login that Usher itself uses. */
export async function accountOf(
  snapshot: PlanSnapshot,
  reference: string,
  settings: Settings,
): Promise<PlannedAccount> {
  const [known] = await snapshot.accounts([reference], 'user');
  const account = known?.state.account ?? null;
  if (known === undefined || account === null) {
    throw new UsherError('notFound', `The console has no user ${reference}.`, {
      field: 'user',
      next: 'Users are known from the last sync, by id or e-mail address: sync the connection if it is new.',
    });
  }
  refuseOwn(settings, account, known.subject);
  return { ...known, account };
}

/** The same, made only where the change before it on the same subject came off. */
export function following(change: string, known: KnownAccount, params: ChangeParams = {}): ChangeDraft {
  return { ...draft(change, known, params), follows: true };
}

/** A role by its id, as last synced; throws `notFound` naming those there are. */
export async function roleOf(snapshot: PlanSnapshot, id: string): Promise<RoleRecord> {
  const [role] = await snapshot.roles([id]);
  if (role !== undefined) return role;
  const all = (await snapshot.roles(null)).map(({ key }) => key);
  throw new UsherError('notFound', `The console has no role ${id}.`, {
    field: 'role',
    next: `Those it has: ${all.slice(0, 30).join(', ') || 'none is known; sync the connection'}.`,
  });
}

/** Ids and names of sites or asset groups, as last synced, each once; throws `notFound` naming the first unknown one. */
export async function placesOf(
  snapshot: PlanSnapshot,
  area: Area,
  ids: readonly number[],
  field: string,
): Promise<readonly { readonly id: number; readonly name: string }[]> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return [];
  const found = await snapshot.resources(
    area,
    wanted.map((id) => resourceKey(area, id)),
  );
  const names = new Map(found.map(({ key, name }) => [idOfResource(area, key), name]));
  return wanted.map((id) => {
    const name = names.get(id);
    if (name !== undefined) return { id, name };
    throw new UsherError('notFound', `The console has no ${nameOf(area)} ${id}, or hides it from Usher's login.`, {
      field,
      next: `See which there are: insightvm_list_${area}s. If it is new, sync the connection first.`,
    });
  });
}

/**
 * Role and flags that fit each other: a Global Administrator is superuser and sees all, nobody else is superuser, and some
 * privileges make no sense without all sites or all asset groups (rapid7/insightconnect-plugins corrects these before
 * sending). What a role opens is never opened in silence: throws `conflict` unless it was asked for.
 */
export function roleBody(
  role: RoleRecord,
  wished: { readonly allSites: boolean; readonly allAssetGroups: boolean },
  isAsked: boolean,
): RoleBody {
  const rights = { id: role.key, privileges: privilegesOf(role) };
  const isGlobal = role.key === GLOBAL_ADMIN;
  const flag = (area: Area, isWished: boolean, name: string): boolean => {
    const privilege = forcedBy(area, rights);
    if (privilege === null || isWished || isGlobal || !isAsked) return isWished || privilege !== null;
    throw new UsherError(
      'conflict',
      `The role ${role.name} (${role.key}) sees all ${nameOf(area)}s, by its privilege ${privilege}: it cannot be restricted.`,
      { code: 'roleSeesAll', field: 'role', next: `Choose another role, or say ${name}: true.` },
    );
  };
  return {
    id: role.key,
    allSites: flag('site', wished.allSites, 'all_sites'),
    allAssetGroups: flag('asset_group', wished.allAssetGroups, 'all_asset_groups'),
    superuser: isGlobal,
  };
}

/** The privileges of a role, as last synced. */
function privilegesOf({ extra }: RoleRecord): readonly string[] {
  const { privileges } = extra;
  return Array.isArray(privileges) ? privileges.filter((privilege) => typeof privilege === 'string') : [];
}

/** Where sign-ins are checked, as last synced. */
export interface KnownSource {
  readonly id: number;
  readonly type: string;
  readonly name: string;
  readonly isExternal: boolean;
}

export async function sourcesOf(snapshot: PlanSnapshot): Promise<readonly KnownSource[]> {
  return (await snapshot.resources(AUTHENTICATION_SOURCE, null)).flatMap(({ key, name, extra }) => {
    const id = idOfResource(AUTHENTICATION_SOURCE, key);
    const { type, external } = extra;
    return id === null || typeof type !== 'string' ? [] : [{ id, type, name, isExternal: external === true }];
  });
}

/**
 * The source that a role takes: local administrators sign in by the type `admin`, other local users by `normal`
 * (rapid7/nexpose-client, recordings). Absent: the present one is right.
 */
export function sourceFor(
  role: string,
  present: string | null,
  sources: readonly KnownSource[],
): SourceBody | undefined {
  if (present !== null && !isLocalType(present)) return undefined;
  const type = role === GLOBAL_ADMIN ? 'admin' : 'normal';
  if (present === type) return undefined;
  const source = sources.find((each) => each.type === type);
  return { type, ...(source === undefined ? {} : { id: source.id }) };
}

/** The type of source by which an account signs in; null: not told. */
export function sourceTypeOf(account: AccountRecord): string | null {
  return bodyOf(account).authentication?.type ?? null;
}

/** Throws `invalidInput` where there is nothing to do. */
export function refuseNothing(isNothing: boolean, field: string, next: string): void {
  if (isNothing) throw invalidInput(field, 'There is nothing to change.', next);
}

/** Throws `unsupported` for an account whose password the console does not keep. */
export function refuseExternal(known: PlannedAccount, what: string): void {
  const { authentication } = bodyOf(known.account);
  if (authentication === undefined || isLocalType(authentication.type)) return;
  throw new UsherError(
    'unsupported',
    `${subjectLabel(known.subject)} signs in by ${authentication.type}, not with a password of the console: ${what} cannot be set here.`,
    { code: 'externalAccount', next: 'Set it where that sign-in is checked: the directory or identity provider.' },
  );
}
