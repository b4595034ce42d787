import { UsherError } from '../../model/errors.ts';
import type { InsightVmContext, Settings } from './config.ts';
import { getUsers, MAX_PAGE_SIZE } from './client.ts';
import { ALL_FLAGS, type Area, ASSET_GROUP, SITE, wayToAll } from './mapping.ts';
import type { User } from './schemas.ts';

/** Who sees all of an area, and through what; who does not is only counted. */
export interface Reach {
  /** Keys of users by the way in which they see all (`role:global-admin`, `all_sites`). */
  readonly all: Readonly<Record<Area, ReadonlyMap<string, readonly string[]>>>;
  /** How many users see only what is granted to them. */
  readonly restricted: Readonly<Record<Area, number>>;
  /** Their ids, ascending, where they are few; null: too many to be kept. */
  readonly few: Readonly<Record<Area, readonly number[] | null>>;
  /** When the console was first asked for these users. ISO 8601, UTC. */
  readonly observedAt: string;
}

/** So many ids of restricted users are kept: a console with more resources than that is rare. */
const FEW = 5000;
/** Requests at a time where each user, site or asset group takes one of its own. */
export const WIDTH = 4;

/** Gathers the reach of users as they are walked past: ids alone, and of those who see no area whole only so many. */
export class ReachGatherer {
  readonly #observedAt: string;
  readonly #all: Record<Area, Map<string, string[]>> = { [SITE]: new Map(), [ASSET_GROUP]: new Map() };
  readonly #restricted: Record<Area, number> = { [SITE]: 0, [ASSET_GROUP]: 0 };
  readonly #few: Record<Area, number[]> = { [SITE]: [], [ASSET_GROUP]: [] };

  constructor(observedAt: string) {
    this.#observedAt = observedAt;
  }

  add(user: User): void {
    for (const area of [SITE, ASSET_GROUP] as const) {
      const way = wayToAll(area, user);
      if (way === null) {
        this.#restricted[area] += 1;
        if (this.#few[area].length < FEW) this.#few[area].push(user.id);
        continue;
      }
      const keys = this.#all[area].get(way);
      if (keys === undefined) this.#all[area].set(way, [String(user.id)]);
      else keys.push(String(user.id));
    }
  }

  reach(): Reach {
    const few = (area: Area): readonly number[] | null =>
      this.#restricted[area] > this.#few[area].length ? null : this.#few[area].toSorted((one, two) => one - two);
    return {
      all: this.#all,
      restricted: this.#restricted,
      few: { [SITE]: few(SITE), [ASSET_GROUP]: few(ASSET_GROUP) },
      observedAt: this.#observedAt,
    };
  }
}

const reaches = new WeakMap<Settings, Reach>();

/** Keeps what a whole walk has shown, for the collections that come after it in the same pull. */
export function keepReach(context: InsightVmContext, reach: Reach): void {
  reaches.set(context.settings, reach);
}

/**
 * The reach of all users: of the walk that went before in this pull, else (the pull was interrupted in between) of a walk
 * for it alone. null where this login may not see the users.
 */
export async function reachOf(context: InsightVmContext): Promise<Reach | null> {
  const kept = reaches.get(context.settings);
  if (kept !== undefined) return kept;
  const gatherer = new ReachGatherer(context.clock.now().toISOString());
  try {
    for await (const user of allUsers(context)) gatherer.add(user);
  } catch (error) {
    if (error instanceof UsherError && error.kind === 'permission') return null;
    throw error;
  }
  const reach = gatherer.reach();
  keepReach(context, reach);
  return reach;
}

/** Walks all users by id, in the longest pages. The end of the pages ends it; whether that was all, totals tell. */
export async function* allUsers(context: InsightVmContext, sort?: string): AsyncGenerator<User, void, void> {
  for await (const { rows } of userPages(context, sort)) yield* rows;
}

/** As `allUsers`, page by page, with how many pages are left after each. */
export async function* userPages(
  context: InsightVmContext,
  sort?: string,
): AsyncGenerator<
  { readonly rows: readonly User[]; readonly observedAt: string; readonly pagesLeft: number },
  void,
  void
> {
  for (let page = 0; ; page += 1) {
    const observedAt = context.clock.now().toISOString();
    const { rows, total, isLast } = await getUsers(context, { page, size: MAX_PAGE_SIZE, sort });
    const pages = total === null ? page + 1 : Math.ceil(total / MAX_PAGE_SIZE);
    yield { rows, observedAt, pagesLeft: isLast ? 0 : Math.max(1, pages - page - 1) };
    if (isLast) return;
  }
}

/** Whether a user sees all of an area. */
export function seesAll(area: Area, user: Pick<User, 'role'>): boolean {
  return user.role.superuser === true || user.role[ALL_FLAGS[area]] === true;
}

/** Works on items a few at a time, in their order; throws the first failure. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<number, Result>();
  let next = 0;
  let hasFailed = false;
  const lane = async (): Promise<void> => {
    while (next < items.length && !hasFailed) {
      const at = next;
      next += 1;
      const item = items[at];
      if (item === undefined) return;
      try {
        results.set(at, await work(item));
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return [...results].sort(([one], [two]) => one - two).map(([, result]) => result);
}
