import { draft } from '../../connector-kit/plan-accounts.ts';
import { z } from 'zod';
import type { ChangeDraft, PlanSnapshot, WriteAction } from '../../connector-kit/changes.ts';
import { writeAction } from '../../connector-kit/define-change.ts';
import { invalidInput } from '../../model/errors.ts';
import { seesAllAnyway } from './access-changes.ts';
import type { Settings } from './config.ts';
import * as fields from './inputs.ts';
import { ALL_FLAGS, type Area, ASSET_GROUP, SITE } from './mapping.ts';
import { nameOf } from './native.ts';
import { accountOf, placesOf, type PlannedAccount, roleBody, roleOf } from './plan-accounts.ts';
import { bodyOf, grantedTo, seesWhole } from './user-body.ts';

const grantSite = singleAction(SITE, true);
const revokeSite = singleAction(SITE, false);

function singleAction(area: Area, isGrant: boolean) {
  const verb = isGrant ? 'grant' : 'revoke';
  const input = z.strictObject({ user: fields.user, site: fields.siteId });
  return writeAction<typeof input, Settings>({
    id: `insightvm_${verb}_site_access`,
    title: isGrant ? 'Let a user see a site' : 'Take a site from a user',
    description: isGrant
      ? 'Adds one site to what a user may see; what else it sees, and who else sees the site, stays.'
      : 'Takes one site from what a user may see; what else it sees, and who else sees the site, stays.',
    effect: 'write',
    input,
    async plan({ user, site }, snapshot, settings) {
      const known = await accountOf(snapshot, user, settings);
      const [place] = await placesOf(snapshot, area, [site], 'site');
      if (seesWhole(area, known.account)) throw seesAllAnyway(area, known.subject);
      return place === undefined ? [] : [draft(`${verb}_site`, known, { ...place })];
    },
  });
}

const siteInput = z.strictObject({
  user: fields.user,
  all_sites: z.boolean().default(false).meta({ description: 'Let the user see every site, now and later' }),
  sites: fields.sites
    .default([])
    .meta({ description: 'Ids of exactly the sites to see, where not all; none: no site' }),
});

const setSiteAccess = writeAction<typeof siteInput, Settings>({
  id: 'insightvm_set_site_access',
  title: 'Set which sites a user sees',
  description:
    'Brings the sites of a user to exactly these, each by itself, or opens all. What others see is not touched: no list is written over.',
  effect: 'write',
  input: siteInput,
  plan: ({ user, all_sites, sites }, snapshot, settings) =>
    setAccess(snapshot, settings, SITE, { user, all: all_sites, ids: sites, field: 'sites' }),
});

const groupInput = z.strictObject({
  user: fields.user,
  all_asset_groups: z
    .boolean()
    .default(false)
    .meta({ description: 'Let the user see every asset group, now and later' }),
  asset_groups: fields.assetGroups
    .default([])
    .meta({ description: 'Ids of exactly the asset groups to see, where not all; none: no asset group' }),
});

const setAssetGroupAccess = writeAction<typeof groupInput, Settings>({
  id: 'insightvm_set_asset_group_access',
  title: 'Set which asset groups a user sees',
  description: 'Brings the asset groups of a user to exactly these, each by itself, or opens all.',
  effect: 'write',
  input: groupInput,
  plan: ({ user, all_asset_groups, asset_groups }, snapshot, settings) =>
    setAccess(snapshot, settings, ASSET_GROUP, {
      user,
      all: all_asset_groups,
      ids: asset_groups,
      field: 'asset_groups',
    }),
});

/** Grants and revokes one by one; where the flag changes, the flag and the list in one change, as they go together. */
async function setAccess(
  snapshot: PlanSnapshot,
  settings: Settings,
  area: Area,
  wish: { readonly user: string; readonly all: boolean; readonly ids: readonly number[]; readonly field: string },
): Promise<readonly ChangeDraft[]> {
  const { all, field } = wish;
  if (all && wish.ids.length > 0) {
    throw invalidInput(field, `A user for all ${nameOf(area)}s takes no single ones.`, 'Give the one or the other.');
  }
  const known = await accountOf(snapshot, wish.user, settings);
  const places = await placesOf(snapshot, area, wish.ids, field);
  const isWhole = seesWhole(area, known.account);
  if (all || isWhole) return all && isWhole ? nothing(field) : [await reachDraft(snapshot, known, area, all, places)];
  const suffix = area === SITE ? 'site' : 'asset_group';
  const held = grantedTo(known.state, area);
  const revoked = await namesOf(
    snapshot,
    area,
    held.filter((id) => !places.some((place) => place.id === id)),
  );
  const drafts = [
    ...places.filter(({ id }) => !held.includes(id)).map((place) => draft(`grant_${suffix}`, known, { ...place })),
    ...revoked.map((place) => draft(`revoke_${suffix}`, known, { ...place })),
  ];
  return drafts.length === 0 ? nothing(field) : drafts;
}

function nothing(field: string): never {
  throw invalidInput(field, 'There is nothing to change: the user sees exactly this already.');
}

/** Names of what is held; what is not known any more goes by its id. */
async function namesOf(
  snapshot: PlanSnapshot,
  area: Area,
  ids: readonly number[],
): Promise<readonly { readonly id: number; readonly name: string }[]> {
  const found = await snapshot.resources(
    area,
    ids.map((id) => `${area}:${id}`),
  );
  return ids.map((id) => ({ id, name: found.find(({ key }) => key === `${area}:${id}`)?.name ?? String(id) }));
}

/** The flag, and with it exactly what is to be seen. A role that opens everything cannot be restricted. */
async function reachDraft(
  snapshot: PlanSnapshot,
  known: PlannedAccount,
  area: Area,
  all: boolean,
  places: readonly { readonly id: number }[],
): Promise<ChangeDraft> {
  const present = bodyOf(known.account).role;
  const record = await roleOf(snapshot, present.id);
  const wished = { ...present, [ALL_FLAGS[area]]: all };
  const role = roleBody(record, wished, true);
  if (!all && role[ALL_FLAGS[area]]) throw seesAllAnyway(area, known.subject);
  const ids = all ? null : places.map(({ id }) => id);
  return draft('set_reach', known, {
    role: { ...role },
    from: { ...present },
    sites: area === SITE ? ids : null,
    assetGroups: area === ASSET_GROUP ? ids : null,
  });
}

/** Actions on what a user may see. */
export const accessActions: readonly WriteAction<z.ZodObject, Settings>[] = [
  setSiteAccess,
  grantSite,
  revokeSite,
  setAssetGroupAccess,
];
