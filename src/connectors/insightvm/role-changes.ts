import { z } from 'zod';
import type { ConnectorChange, InverseChange, SubjectState } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { type ChangeEffect, type Subject, subjectLabel } from '../../model/changes.ts';
import { getUserAssetGroups, getUserSites } from './client.ts';
import type { InsightVmContext, Settings } from './config.ts';
import { accountOf, changedSince, one, unclear } from './item.ts';
import { type Area, ASSET_GROUP, GLOBAL_ADMIN, SITE } from './mapping.ts';
import {
  bodyOf, differences, grantedTo, isSame, listsOf, type RoleBody, roleBodySchema, seesWhole,
  sourceBodySchema, type UserBody,
} from './user-body.ts'; // prettier-ignore
import { grantAccess, replaceUser, revokeAccess } from './write-calls.ts';

const listSchema = z.array(z.int()).nullable();

/** Role, flags, the source that goes with them, and the exact lists in the end. */
const roleParams = z.strictObject({
  role: roleBodySchema,
  /** Role and flags that the plan was made for: where somebody else has changed them meanwhile, nothing is sent. */
  from: roleBodySchema,
  /** Absent: it stays as it is. */
  authentication: sourceBodySchema.optional(),
  /** Ids of all that is granted in the end; null: whatever the console makes of it. */
  sites: listSchema,
  assetGroups: listSchema,
});
export type RoleParams = z.output<typeof roleParams>;

/**
 * A user has exactly one role, and the flags are part of it. Three changes that differ in what they are to guards: who
 * loses the role of administrator may be the last, who gets it is not, and the flags alone are no change of role.
 */
function roleChange(
  id: 'set_role' | 'make_administrator' | 'set_reach',
  endsAccess: boolean,
  summary: (subject: Subject, params: RoleParams) => string,
): ConnectorChange<Settings> {
  return defineChange<Settings, RoleParams>({
    id,
    summary,
    params: roleParams,
    secrets: [],
    effect: effectOf,
    endsAccess,
    sendsMail: false,
    undo: { isPossible: true, how: 'Role, flags and what had been granted are put back.' },
    looksAt: ['resource'],
    wanted(state, params) {
      if (state.account === null || !hasRole(bodyOf(state.account), params)) return false;
      return AREAS.every((area) => isList(listOf(params, area), grantedTo(state, area)));
    },
    besides(before, after, params) {
      if (before.account === null) return [];
      const kept = listsOf(before);
      const lists = { sites: params.sites ?? kept.sites, assetGroups: params.assetGroups ?? kept.assetGroups };
      return differences({ body: withRole(bodyOf(before.account), params), ...lists }, after);
    },
    proof: { by: 'state' },
    batchSize: 1,
    inverse: inverseOf,
    call: (context, items) =>
      one(context, items, async ({ subject, before, params }) => {
        const account = accountOf({ subject, before }, context.settings);
        const body = bodyOf(account);
        const isThere = hasRole(body, params);
        if (!isThere && !isSame(body, { ...body, role: params.from }, ['role']))
          throw changedSince(subject, 'role or flags');
        if (!isThere) await replaceUser(context, account.key, withRole(body, params));
        try {
          for (const area of AREAS) await bringAbout(context, area, before, listOf(params, area), account.key);
        } catch (error) {
          if (context.signal.aborted) throw error;
          return unclear(error);
        }
        return undefined;
      }),
  });
}

const AREAS = [SITE, ASSET_GROUP] as const;

/** Has exactly these granted, one by one. What was granted while a flag opened everything shows only now. */
async function bringAbout(
  context: InsightVmContext,
  area: Area,
  before: SubjectState,
  wished: readonly number[] | null,
  user: string,
): Promise<void> {
  if (wished === null) return;
  const wasWhole = before.account !== null && seesWhole(area, before.account);
  const read = area === SITE ? getUserSites : getUserAssetGroups;
  const held = wasWhole ? ((await read(context, user)) ?? []) : grantedTo(before, area);
  for (const id of wished) if (!held.includes(id)) await grantAccess(context, area, user, id);
  for (const id of held) if (!wished.includes(id)) await revokeAccess(context, area, user, id);
}

function withRole(body: UserBody, { role, authentication }: RoleParams): UserBody {
  return { ...body, role, ...(authentication === undefined ? {} : { authentication }) };
}

function hasRole(body: UserBody, params: RoleParams): boolean {
  return isSame(body, withRole(body, params), ['role', 'authentication']);
}

function listOf({ sites, assetGroups }: RoleParams, area: Area): readonly number[] | null {
  return area === SITE ? sites : assetGroups;
}

function isList(wished: readonly number[] | null, held: readonly number[]): boolean {
  return wished === null || wished.toSorted((first, second) => first - second).join() === held.join();
}

function inverseOf(before: SubjectState, params: RoleParams): InverseChange | null {
  if (before.account === null) return null;
  const body = bodyOf(before.account);
  const kept = listsOf(before);
  const isNothing =
    hasRole(body, params) && AREAS.every((area) => isList(listOf(params, area), grantedTo(before, area)));
  if (isNothing) return null;
  const { role, authentication } = body;
  return {
    change: changeFor(role, params.role),
    params: {
      role: { ...role },
      from: { ...params.role },
      ...(authentication === undefined ? {} : { authentication: { ...authentication } }),
      sites: kept.sites === null ? null : [...kept.sites],
      assetGroups: kept.assetGroups === null ? null : [...kept.assetGroups],
    },
  };
}

/** The change that brings this role about, for one who has that one. */
export function changeFor(
  role: Pick<RoleBody, 'id'>,
  present: Pick<RoleBody, 'id'>,
): 'set_role' | 'make_administrator' | 'set_reach' {
  if (role.id === present.id) return 'set_reach';
  return role.id === GLOBAL_ADMIN ? 'make_administrator' : 'set_role';
}

function effectOf(before: SubjectState | null, { role }: RoleParams): ChangeEffect {
  const isDemotion = before?.account?.roles.includes(GLOBAL_ADMIN) === true && role.id !== GLOBAL_ADMIN;
  return isDemotion ? 'destructive' : 'write';
}

function reachWords({ role, sites, assetGroups }: RoleParams): string {
  const words = (isAll: boolean, list: readonly number[] | null, what: string): string => {
    if (isAll) return `all ${what}`;
    if (list === null) return `only ${what} that are granted`;
    return list.length === 0 ? `no ${what}` : `the ${what} ${list.join(', ')}`;
  };
  return `${words(role.allSites, sites, 'sites')}, ${words(role.allAssetGroups, assetGroups, 'asset groups')}`;
}

function sourceWords({ authentication }: RoleParams): string {
  return authentication === undefined ? '' : `, signing in by a source of type ${authentication.type}`;
}

/** Changes of what a user may do and see as a whole. */
export const roleChanges: readonly ConnectorChange<Settings>[] = [
  roleChange(
    'set_role', true,
    (subject, params) =>
      `Give ${subjectLabel(subject)} the role ${params.role.id} in place of the present one: ${reachWords(params)}${sourceWords(params)}`,
  ),
  roleChange(
    'make_administrator', false,
    (subject, params) =>
      `Make ${subjectLabel(subject)} a Global Administrator, who sees and may do everything${sourceWords(params)}`,
  ),
  roleChange(
    'set_reach', false,
    (subject, params) => `Have ${subjectLabel(subject)} see ${reachWords(params)}; the role ${params.role.id} stays`,
  ),
]; // prettier-ignore
