import { z } from 'zod';
import type { Collection, CollectionEnd, CollectionPage } from '../../connector-kit/connector.ts';
import { watchShape } from '../../connector-kit/drift.ts';
import type { AnyRecord, JsonValue } from '../../model/records.ts';
import { readCheckpoint } from './checkpoint.ts';
import { getOrganizations, getRoles, getUsers, getVmUsers, type OrganizationList } from './client.ts';
import type { InsightContext, Settings } from './config.ts';
import { groupCollection } from './group-collection.ts';
import { adminGrant, PLATFORM_ADMIN_ROLE, toAccount, toOrganization, toRole, toVmAccount } from './mapping.ts';
import type { Row, RowPage } from './paging.ts';
import { productCollection } from './product-collection.ts';
import { ORGANIZATION_SHAPE, ROLE_SHAPE, USER_SHAPE, VM_USER_SHAPE } from './schemas.ts';

type Pull = AsyncGenerator<CollectionPage, CollectionEnd, void>;

/** How much is asked for and handed on at a time; tests have smaller pages. */
export interface PageSizes {
  /** Users a page: of the guide's list as asked for, of the Account API's one answer as handed on. */
  readonly users: number;
  readonly organizations: number;
}

/** All that a connection is pulled for. */
export function collectionsOf(sizes: PageSizes): readonly Collection<Settings>[] {
  return [
    {
      id: 'roles',
      title: 'Roles',
      yields: ['role'],
      pull: (context) => pullRoles(context),
    },
    {
      id: 'users',
      title: 'Users',
      yields: ['account', 'grant'],
      dependsOn: ['roles'],
      pull: (context, _scope, checkpoint) =>
        context.settings.userList === 'vm_v4'
          ? pullVmUsers(context, checkpoint, sizes.users)
          : pullUsers(context, sizes.users),
    },
    groupCollection,
    productCollection,
    {
      id: 'organizations',
      title: 'Organizations',
      yields: ['resource'],
      pull: (context, _scope, checkpoint) => pullOrganizations(context, checkpoint, sizes.organizations),
    },
  ];
}

async function* pullRoles(context: InsightContext): Pull {
  const operation = 'getRoles';
  const observedAt = now(context);
  const rows = unique(await getRoles(context));
  const shape = watchShape(context.drift, { operation, path: '*' }, ROLE_SHAPE);
  for (const row of rows) shape.observe(row);
  const records = [PLATFORM_ADMIN_ROLE, ...rows.map((row) => toRole(operation, row))];
  yield { records, observedAt, checkpoint: null, total: null };
  return { isComplete: true };
}

/** The Account API gives all users at once: one answer, handed on in parts. It cannot resume inside. */
async function* pullUsers(context: InsightContext, pageSize: number): Pull {
  const operation = 'getUsers';
  const observedAt = now(context);
  const rows = unique(await getUsers(context));
  const shape = watchShape(context.drift, { operation, path: '*' }, USER_SHAPE);
  for (let at = 0; at < rows.length; at += pageSize) {
    const part = rows.slice(at, at + pageSize);
    for (const row of part) shape.observe(row);
    const records = part.flatMap((row): AnyRecord[] => {
      const account = toAccount(operation, row);
      const admin = adminGrant(account);
      return admin === null ? [account] : [account, admin];
    });
    yield { records, observedAt, checkpoint: null, total: rows.length };
  }
  // Whom the key belongs to is there at least, or who made it: an empty list is a list that was kept back.
  if (rows.length > 0) return { isComplete: true };
  return { isComplete: false, reason: 'The Insight Platform sent no user at all, not even whom the key belongs to.' };
}

const walkSchema = z.strictObject({
  index: z.int().nonnegative(),
  size: z.int().positive(),
  seen: z.int().nonnegative(),
  total: z.int().nonnegative().nullable(),
});
type Walk = z.output<typeof walkSchema>;

/** The guide's list, page by page. Pages are told by number, so a total that changes means that rows have shifted. */
async function* pullVmUsers(context: InsightContext, checkpoint: JsonValue, size: number): Pull {
  const operation = 'getVmUsers';
  const shape = watchShape(context.drift, { operation, path: 'data.*' }, VM_USER_SHAPE);
  let walk = readCheckpoint(walkSchema, checkpoint, { index: 0, size, seen: 0, total: null });
  for (;;) {
    const observedAt = now(context);
    const page = await getVmUsers(context, walk.index, walk.size);
    for (const row of page.rows) shape.observe(row);
    const first = walk.total;
    walk = stepOf(walk, page);
    const records = page.rows.map((row) => toVmAccount(operation, row));
    yield { records, observedAt, checkpoint: walk, total: page.total };
    if (page.isLast) return endOf('users', first ?? page.total, page.total, walk.seen);
  }
}

const organizationWalkSchema = walkSchema.extend({ list: z.enum(['organizations', 'managed-organizations']) });

/** The organizations of the key and, where one is named in the settings, those that it manages. */
async function* pullOrganizations(context: InsightContext, checkpoint: JsonValue, size: number): Pull {
  const shape = watchShape(context.drift, { operation: 'getOrganizations', path: 'data.*' }, ORGANIZATION_SHAPE);
  const start = { index: 0, size, seen: 0, total: null };
  const from = readCheckpoint(organizationWalkSchema, checkpoint, { ...start, list: 'organizations' });
  const lists: readonly OrganizationList[] =
    context.settings.organizationId === undefined ? ['organizations'] : ['organizations', 'managed-organizations'];
  for (const list of lists.slice(lists.indexOf(from.list))) {
    let walk: Walk = list === from.list ? withoutList(from) : start;
    for (let isLast = false; !isLast;) {
      const observedAt = now(context);
      const page = await getOrganizations(context, list, walk.index, walk.size);
      for (const row of page.rows) shape.observe(row);
      const first = walk.total;
      walk = stepOf(walk, page);
      ({ isLast } = page);
      const end = isLast ? endOf('organizations', first ?? page.total, page.total, walk.seen) : null;
      const next = lists[lists.indexOf(list) + 1];
      yield {
        records: unique(page.rows).map((row) => toOrganization('getOrganizations', row)),
        observedAt,
        checkpoint: isLast && next !== undefined ? { ...start, list: next } : { ...walk, list },
        total: null,
      };
      if (end?.isComplete === false) return end;
    }
  }
  return { isComplete: true };
}

function withoutList({ index, size, seen, total }: z.output<typeof organizationWalkSchema>): Walk {
  return { index, size, seen, total };
}

function stepOf(walk: Walk, { rows, total }: RowPage): Walk {
  return { ...walk, index: walk.index + 1, seen: walk.seen + rows.length, total: walk.total ?? total };
}

/** Complete only when as many came as there are said to be, by a count that did not change. */
function endOf(what: string, first: number | null, last: number | null, seen: number): CollectionEnd {
  if (first !== last) {
    return { isComplete: false, reason: `The number of ${what} changed from ${first} to ${last} during the pull.` };
  }
  if (last === null || seen === last) return { isComplete: true };
  return { isComplete: false, reason: `The Insight Platform sent ${seen} of ${last} ${what} and then no more.` };
}

/** Rows named twice in one answer are taken once, the first time. */
function unique(rows: readonly Row[]): readonly Row[] {
  const seen = new Set<unknown>();
  return rows.filter(({ id }) => !seen.has(id) && seen.add(id));
}

function now(context: InsightContext): string {
  return context.clock.now().toISOString();
}
