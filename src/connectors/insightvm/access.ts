import { z } from 'zod';
import type { Collection, CollectionEnd, CollectionPage } from '../../connector-kit/connector.ts';
import { watchShape } from '../../connector-kit/drift.ts';
import { UsherError } from '../../model/errors.ts';
import type { AnyRecord, GrantRecord, JsonValue, ResourceRecord } from '../../model/records.ts';
import {
  getAssetGroups, getAssetGroupUsers, getSites, getSiteUsers, getUserAssetGroups, getUserSites, MAX_PAGE_SIZE, type Page,
} from './client.ts'; // prettier-ignore
import type { InsightVmContext, Settings } from './config.ts';
import { type Area, ASSET_GROUP, SITE, toAccessGrants, toAssetGroup, toSite } from './mapping.ts';
import { ownRights } from './rights.ts';
import { ASSET_GROUP_SHAPE, SITE_SHAPE } from './schemas.ts';
import { allUsers, inParallel, type Reach, reachOf, seesAll, WIDTH } from './walk.ts';

/** How an area is read: sites and asset groups differ in little but their names. */
interface AreaReader {
  readonly area: Area;
  readonly many: string;
  readonly operation: string;
  list(context: InsightVmContext, page: number): Promise<Page<{ readonly id: number }>>;
  shape: typeof SITE_SHAPE;
  toResource(row: { readonly id: number }): ResourceRecord;
  /** Ids of those who may see one; null: it is gone, or hidden. */
  holders(context: InsightVmContext, id: number): Promise<readonly number[] | null>;
  /** Ids of what a user may see; null: the user is gone, or hidden. */
  held(context: InsightVmContext, userKey: string): Promise<readonly number[] | null>;
}

const READERS: Readonly<Record<Area, AreaReader>> = {
  [SITE]: {
    area: SITE,
    many: 'sites',
    operation: 'getSites',
    list: (context, page) => getSites(context, { page, size: MAX_PAGE_SIZE }),
    shape: SITE_SHAPE,
    toResource: toSite,
    holders: async (context, id) => (await getSiteUsers(context, id))?.map((user) => user.id) ?? null,
    held: getUserSites,
  },
  [ASSET_GROUP]: {
    area: ASSET_GROUP,
    many: 'asset groups',
    operation: 'getAssetGroups',
    list: (context, page) => getAssetGroups(context, { page, size: MAX_PAGE_SIZE }),
    shape: ASSET_GROUP_SHAPE,
    toResource: toAssetGroup,
    holders: getAssetGroupUsers,
    held: getUserAssetGroups,
  },
};

/** Grants a page at most: however many people see however many sites, memory stays flat. */
const PAGE_GRANTS = 5000;

/** Where a pull of access stands: everything up to this id is handed over. */
const checkpointSchema = z.strictObject({ by: z.enum(['resource', 'user']), upTo: z.int() });

/** Sites, and who sees them: granted, through `allSites`, or through the role. */
export const siteCollection: Collection<Settings> = accessCollection(
  READERS[SITE],
  'sites',
  'Sites and who may see them',
);

/** Asset groups, and who sees them: granted, through `allAssetGroups`, or through the role. */
export const assetGroupCollection: Collection<Settings> = accessCollection(
  READERS[ASSET_GROUP],
  'asset_groups',
  'Asset groups and who may see them',
);

function accessCollection(reader: AreaReader, id: string, title: string): Collection<Settings> {
  return {
    id,
    title,
    yields: ['resource', 'grant'],
    dependsOn: ['users'],
    pull: (context, _scope, checkpoint) => pullAccess(context, reader, readCheckpoint(checkpoint)),
  };
}

/**
 * Reads an area by the fewest calls: one a resource, or one a user where fewer users are restricted to what is granted to
 * them. Who sees all comes from the walk over the users, with its time.
 */
async function* pullAccess(
  context: InsightVmContext,
  reader: AreaReader,
  from: z.output<typeof checkpointSchema> | null,
): AsyncGenerator<CollectionPage, CollectionEnd, void> {
  const isFirst = from === null;
  const ids: number[] = [];
  for await (const { rows, observedAt, total } of resourcePages(context, reader)) {
    ids.push(...rows.map(({ id }) => id));
    if (!isFirst) continue;
    yield { records: rows.map((row) => reader.toResource(row)), observedAt, checkpoint: null, total };
  }
  ids.sort((one, two) => one - two);
  const reach = await reachOf(context);
  if (reach === null) return endOf(context, reader, ids.length, 0);
  const by = from?.by ?? (reach.restricted[reader.area] < ids.length ? 'user' : 'resource');
  const upTo = from?.upTo ?? -1;
  let missing = 0;
  const pages =
    by === 'resource' ? byResource(context, reader, reach, ids, upTo) : byUser(context, reader, reach, ids, upTo);
  for await (const { gone, ...page } of pages) {
    missing += gone;
    yield { ...page, total: null };
  }
  return endOf(context, reader, ids.length, missing);
}

/** Ids of all sites, or all asset groups, that this login may see. */
export async function listIds(context: InsightVmContext, area: Area): Promise<readonly number[]> {
  const ids: number[] = [];
  for await (const { rows } of resourcePages(context, READERS[area])) ids.push(...rows.map(({ id }) => id));
  return ids;
}

/** An area, or one resource of it, with all who may see it: for live reads. Only empty where there is none. */
export async function readArea(
  context: InsightVmContext,
  area: Area,
  { only, reach }: { readonly only: number | null; readonly reach: Reach },
): Promise<readonly AnyRecord[]> {
  const reader = READERS[area];
  const resources: ResourceRecord[] = [];
  const ids: number[] = [];
  for await (const { rows } of resourcePages(context, reader)) {
    const wanted = rows.filter(({ id }) => only === null || id === only);
    resources.push(...wanted.map((row) => reader.toResource(row)));
    ids.push(...wanted.map(({ id }) => id));
  }
  const grants: AnyRecord[] = [];
  for await (const { records } of byResource(context, reader, reach, ids, -1)) grants.push(...records);
  return [...resources, ...grants];
}

interface AccessPage extends Omit<CollectionPage, 'total'> {
  /** How many the console no longer knew. */
  readonly gone: number;
}

/** One call a resource; with the grants of those who see all. */
async function* byResource(
  context: InsightVmContext,
  reader: AreaReader,
  reach: Reach,
  ids: readonly number[],
  upTo: number,
): AsyncGenerator<AccessPage, void, void> {
  const { area } = reader;
  const open = new Set([...reach.all[area].values()].flat());
  let before = upTo;
  for (const batch of batches(
    ids.filter((id) => id > upTo),
    WIDTH * 4,
  )) {
    const observedAt = context.clock.now().toISOString();
    const answers = await inParallel(batch, WIDTH, async (id) => ({ id, holders: await reader.holders(context, id) }));
    const granted = answers.flatMap(({ id, holders }) => {
      const keys = [...new Set(holders)].map(String).filter((key) => !open.has(key));
      return toAccessGrants(area, id, keys, '');
    });
    const there = answers.filter(({ holders }) => holders !== null).map(({ id }) => id);
    const through = open.size === 0 ? [] : there.flatMap((id) => throughAll(area, reach, id));
    yield* sliced({ by: 'resource', before, upTo: batch.at(-1) ?? before }, [
      { grants: through, observedAt: reach.observedAt },
      { grants: granted, observedAt },
    ], batch.length - there.length); // prettier-ignore
    before = batch.at(-1) ?? before;
  }
}

/** One call a restricted user: there are fewer of these than resources. */
async function* byUser(
  context: InsightVmContext,
  reader: AreaReader,
  reach: Reach,
  ids: readonly number[],
  upTo: number,
): AsyncGenerator<AccessPage, void, void> {
  const { area } = reader;
  const known = new Set(ids);
  if (upTo < 0) {
    for (const batch of batches(ids, WIDTH * 4)) {
      const grants = batch.flatMap((id) => throughAll(area, reach, id));
      yield* sliced({ by: 'user', before: -1, upTo: -1 }, [{ grants, observedAt: reach.observedAt }], 0);
    }
  }
  const users = await restrictedUsers(context, area, reach);
  let before = upTo;
  for (const batch of batches(
    users.filter((id) => id > upTo),
    WIDTH * 4,
  )) {
    const observedAt = context.clock.now().toISOString();
    const answers = await inParallel(batch, WIDTH, async (id) => ({
      id,
      held: await reader.held(context, String(id)),
    }));
    const grants = answers.flatMap(({ id, held }) =>
      [...new Set(held)]
        .filter((each) => known.has(each))
        .flatMap((each) => toAccessGrants(area, each, [String(id)], '')),
    );
    const gone = answers.filter(({ held }) => held === null).length;
    yield* sliced({ by: 'user', before, upTo: batch.at(-1) ?? before }, [{ grants, observedAt }], gone);
    before = batch.at(-1) ?? before;
  }
}

/** Everybody who sees all sees this one as well. */
function throughAll(area: Area, reach: Reach, id: number): GrantRecord[] {
  return [...reach.all[area]].flatMap(([way, keys]) => toAccessGrants(area, id, keys, way));
}

/** The ids of users who see only what is granted to them, ascending: kept by the walk, as they are few here. */
async function restrictedUsers(context: InsightVmContext, area: Area, reach: Reach): Promise<readonly number[]> {
  const kept = reach.few[area];
  if (kept !== null) return kept;
  const ids: number[] = [];
  for await (const user of allUsers(context)) if (!seesAll(area, user)) ids.push(user.id);
  return ids.sort((one, two) => one - two);
}

/** Pages of no more grants than fit; only the last of them moves the checkpoint on. */
function* sliced(
  place: { readonly by: 'resource' | 'user'; readonly before: number; readonly upTo: number },
  parts: readonly { readonly grants: readonly AnyRecord[]; readonly observedAt: string }[],
  gone: number,
): Generator<AccessPage, void, void> {
  const { by, before, upTo } = place;
  const slices = parts.flatMap(({ grants, observedAt }) =>
    batches(grants, PAGE_GRANTS).map((records) => ({ records, observedAt })),
  );
  const last = slices.pop() ?? { records: [], observedAt: parts.at(-1)?.observedAt ?? '' };
  const at = (id: number): JsonValue => (id < 0 ? null : { by, upTo: id });
  for (const slice of slices) yield { ...slice, checkpoint: at(before), gone: 0 };
  yield { ...last, checkpoint: at(upTo), gone };
}

async function* resourcePages(
  context: InsightVmContext,
  reader: AreaReader,
): AsyncGenerator<
  { readonly rows: Page<{ readonly id: number }>['rows']; readonly observedAt: string; readonly total: number },
  void,
  void
> {
  const shape = watchShape(context.drift, { operation: reader.operation, path: 'resources.*' }, reader.shape);
  let firstTotal: number | null = null;
  let seen = 0;
  for (let page = 0; ; page += 1) {
    const observedAt = context.clock.now().toISOString();
    const { rows, total, isLast } = await reader.list(context, page);
    for (const row of rows) shape.observe({ ...row });
    firstTotal ??= total ?? 0;
    seen += rows.length;
    yield { rows, observedAt, total: total ?? firstTotal };
    if (!isLast) continue;
    if (seen === firstTotal && (total === null || total === firstTotal)) return;
    throw new UsherError(
      'transient',
      `The ${reader.many} changed while they were listed: ${seen} of ${firstTotal} came.`,
      {
        code: 'shifted',
        next: 'Nothing was concluded from it; it is tried again.',
      },
    );
  }
}

async function endOf(
  context: InsightVmContext,
  { many }: AreaReader,
  count: number,
  gone: number,
): Promise<CollectionEnd> {
  if (gone > 0) {
    return { isComplete: false, reason: `${gone} of what was listed was gone, or hidden, when it was looked at.` };
  }
  const { isGlobal } = await ownRights(context);
  if (isGlobal) return { isComplete: true };
  return {
    isComplete: false,
    reason: `The login ${context.settings.user} is no Global Administrator: the console shows it ${count} ${count === 1 ? many.slice(0, -1) : many}, and hides those it may not see.`,
  };
}

function batches<Item>(items: readonly Item[], size: number): Item[][] {
  const found: Item[][] = [];
  for (let at = 0; at < items.length; at += size) found.push(items.slice(at, at + size));
  return found;
}

function readCheckpoint(checkpoint: JsonValue): z.output<typeof checkpointSchema> | null {
  if (checkpoint === null) return null;
  const parsed = checkpointSchema.safeParse(checkpoint);
  if (parsed.success) return parsed.data;
  throw new UsherError('stale', 'The checkpoint of this pull is of another version of the connector.', {
    next: 'Start the collection again.',
  });
}
