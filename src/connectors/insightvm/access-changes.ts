import { z } from 'zod';
import type { ConnectorChange, ItemResult } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { isNewAccount, type Subject, subjectLabel } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import { getUserAssetGroups, getUserSites } from './client.ts';
import type { InsightVmContext, Settings } from './config.ts';
import { accountOf, idOf, one } from './item.ts';
import { type Area, ASSET_GROUP, SITE } from './mapping.ts';
import { nameOf } from './native.ts';
import { bodyOf, differences, grantedTo, listsOf, seesWhole } from './user-body.ts';
import { grantAccess, revokeAccess } from './write-calls.ts';

/** The name is for people: the id decides. */
const accessParams = z.strictObject({ id: z.int(), name: z.string() });
type AccessParams = z.output<typeof accessParams>;

/** One site or asset group of one user: others on the user's list, and other users of it, are never rewritten. */
function accessChange(area: Area, isGrant: boolean): ConnectorChange<Settings> {
  const what = nameOf(area);
  const suffix = area === SITE ? 'site' : 'asset_group';
  const id = `${isGrant ? 'grant' : 'revoke'}_${suffix}`;
  return defineChange<Settings, AccessParams>({
    id,
    summary: (subject, { id: resource, name }) =>
      isGrant
        ? `Let ${subjectLabel(subject)} see the ${what} ${name} (${resource})`
        : `Take the ${what} ${name} (${resource}) from ${subjectLabel(subject)}`,
    params: accessParams,
    secrets: [],
    effect: () => 'write',
    endsAccess: false,
    sendsMail: false,
    undo: { isPossible: true, how: isGrant ? 'It is taken away again.' : 'It is granted again.' },
    looksAt: ['resource'],
    wanted: (state, { id: resource }) =>
      state.account !== null &&
      !seesWhole(area, state.account) &&
      grantedTo(state, area).includes(resource) === isGrant,
    besides(before, after, { id: resource }) {
      if (before.account === null) return [];
      const lists = listsOf(before);
      const changed = changedList(grantedTo(before, area), resource, isGrant);
      const asked = area === SITE ? { ...lists, sites: changed } : { ...lists, assetGroups: changed };
      return differences({ body: bodyOf(before.account), ...asked }, after);
    },
    proof: { by: 'state' },
    batchSize: 1,
    inverse: (before, params) =>
      grantedTo(before, area).includes(params.id) === isGrant
        ? null
        : { change: `${isGrant ? 'revoke' : 'grant'}_${suffix}`, params: { ...params } },
    call: (context, items) =>
      one(context, items, async (item) => {
        if (item.before.account !== null || !isNewAccount(item.subject)) {
          const account = accountOf(item, context.settings);
          if (seesWhole(area, account)) throw seesAllAnyway(area, item.subject);
        }
        const user = idOf(item);
        if (!isGrant) {
          await revokeAccess(context, area, user, item.params.id);
          return undefined;
        }
        await grantAccess(context, area, user, item.params.id);
        return appliedOr(context, area, item.subject, user, item.params);
      }),
  });
}

/**
 * The console may answer 200 to an assignment and not make it (a guide says so of users for all sites). Told at once by
 * looking; where looking fails, reading back tells.
 */
async function appliedOr(
  context: InsightVmContext,
  area: Area,
  subject: Subject,
  user: string,
  { id, name }: AccessParams,
): Promise<ItemResult> {
  let held: readonly number[] | null;
  try {
    held = await (area === SITE ? getUserSites : getUserAssetGroups)(context, user);
  } catch (error) {
    if (context.signal.aborted) throw error;
    return { kind: 'taken' };
  }
  if (held === null || held.includes(id)) return { kind: 'taken' };
  return {
    kind: 'refused',
    error: new UsherError(
      'conflict',
      `The console accepted the ${nameOf(area)} ${name} (${id}) for ${subjectLabel(subject)}, and did not apply it.`,
      {
        code: 'notApplied',
        next: 'Look at the user in the console: one who may see everything takes no single assignment. A user made by this plan is deleted by undoing it.',
      },
    ),
  };
}

/** Single assignments mean nothing to who sees all: the console answers 200 and ignores them. */
export function seesAllAnyway(area: Area, subject: Subject): UsherError {
  const what = nameOf(area);
  return new UsherError(
    'conflict',
    `${subjectLabel(subject)} sees all ${what}s, through its role or a flag: single ${what}s can be neither granted nor revoked.`,
    {
      code: 'seesAll',
      next: `To restrict it, set all of its access: ${area === SITE ? 'insightvm_set_site_access with all_sites: false' : 'insightvm_set_asset_group_access with all_asset_groups: false'}.`,
    },
  );
}

function changedList(held: readonly number[], id: number, isGrant: boolean): readonly number[] {
  const others = held.filter((each) => each !== id);
  return isGrant ? [...others, id].sort((first, second) => first - second) : others;
}

/** Changes of single sites and asset groups. */
export const accessChanges: readonly ConnectorChange<Settings>[] = [
  accessChange(SITE, true), accessChange(SITE, false), accessChange(ASSET_GROUP, true), accessChange(ASSET_GROUP, false),
]; // prettier-ignore
