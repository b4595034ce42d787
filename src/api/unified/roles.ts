import { iamRoleSchema, plainId, toIamRole, unknownRole } from '../../connector-kit/unified/index.ts';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import type { RoleRecord } from '../../model/records.ts';
import type { Page, Stored } from '../../store/read/index.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import type { Account } from './account.ts';
import { addList, addOne } from './routes.ts';
import { namedQuery } from './schemas.ts';

/** How many roles an error names. */
const ROLES_NAMED = 50;

/** `GET /unified/iam/roles` and `/roles/{id}`. */
export function roleRoutes(app: App, services: Services): void {
  addList(app, services, {
    path: '/unified/iam/roles',
    summary: 'List roles',
    operationId: 'iam_list_roles',
    query: namedQuery,
    item: iamRoleSchema,
    live: 'list_roles',
    async page({ account, pageSize, next, expand, updatedAfter }, { filter = {} }) {
      const binding = { list: `unified/roles/${account.id}`, filters: { ...filter, updated_after: updatedAfter } };
      const [after = null] = decodeCursor(next, binding, 1) ?? [];
      const page = await rolesOf(services, account, { name: filter.name ?? null, updatedAfter }, after, pageSize);
      const last = page.rows.at(-1);
      return {
        items: page.rows.map(({ record }) => toIamRole(record, expand)),
        next: page.hasMore && last ? encodeCursor(binding, [last.record.key]) : null,
      };
    },
  });

  addOne(app, services, {
    path: '/unified/iam/roles/:id',
    summary: 'Get a role',
    operationId: 'iam_get_role',
    item: iamRoleSchema,
    live: 'get_role',
    async one({ account, expand }, id) {
      const key = plainId(id);
      const known = await rolesOf(services, account, NO_FILTER, null, ROLES_NAMED, key);
      const found = known.rows.find(({ record }) => record.key === key);
      if (found) return { item: toIamRole(found.record, expand) };
      const all = await rolesOf(services, account, NO_FILTER, null, ROLES_NAMED);
      throw unknownRole(
        account.shape,
        account.id,
        id,
        all.rows.map(({ record }) => record),
      );
    },
  });
}

const NO_FILTER = { name: null, updatedAfter: null };

/**
 * A page of a connection's roles: those its connector makes up, or those that were pulled. Made-up roles never change,
 * so `updatedAfter` leaves them out.
 */
async function rolesOf(
  { reads }: Services,
  account: Account,
  filter: { readonly name: string | null; readonly updatedAfter: string | null },
  after: string | null,
  pageSize: number,
  key?: string,
): Promise<Page<Pick<Stored<RoleRecord>, 'record'>>> {
  const { roles } = account.shape;
  if (roles === 'collected') {
    const position = after === null ? null : { connectionId: account.id, key: after };
    const keys = key === undefined ? null : [key];
    const query = { scope: [account.id], name: filter.name, changedAfter: filter.updatedAfter, keys };
    return reads.listRoles(query, position, pageSize);
  }
  const word = filter.name?.toLowerCase() ?? '';
  const rows = [...roles]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .filter((role) => filter.updatedAfter === null && role.name.toLowerCase().includes(word))
    .filter((role) => after === null || role.key > after);
  return { rows: rows.slice(0, pageSize).map((record) => ({ record })), hasMore: rows.length > pageSize };
}
