import type { PlanSnapshot } from '../../connector-kit/changes.ts';
import { accountsIn } from '../../connector-kit/plan-accounts.ts';
import { UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import type { GroupRecord, ResourceRecord } from '../../model/records.ts';
import type { Settings } from './config.ts';
import { PRODUCT } from './mapping.ts';

/** Accounts that an input names, by key or address. */
export const { accountsOf } = accountsIn('The Insight Platform');

/** Throws `unsupported` where users come from the guide's list: its numbers are known to no other call. */
export function refuseGuideList(settings: Pick<Settings, 'userList'>): void {
  if (settings.userList === 'account') return;
  throw new UsherError('unsupported', 'Users are read from GET /vm/v4/users, whose numbers no other call knows.', {
    code: 'readOnlyList',
    next: 'To change users set the list of users to account in the settings of the connection, and sync.',
  });
}

/** The groups behind ids or exact names; throws `notFound` for the first that is none, `conflict` for a name of several. */
export async function groupsOf(
  snapshot: PlanSnapshot,
  references: readonly string[],
  field: string,
): Promise<readonly GroupRecord[]> {
  if (references.length === 0) return [];
  const all = await snapshot.groupRecords();
  return references.map((reference) => theOne('group', all, reference, field, ({ name }) => name));
}

/** The products behind tokens or codes; throws as `groupsOf` does. */
export async function productsOf(
  snapshot: PlanSnapshot,
  references: readonly string[],
  field: string,
): Promise<readonly ResourceRecord[]> {
  if (references.length === 0) return [];
  const all = await snapshot.resources(PRODUCT, null);
  return references.map((reference) =>
    theOne('product', all, reference, field, ({ extra }) => (typeof extra['code'] === 'string' ? extra['code'] : '')),
  );
}

function theOne<Thing extends { readonly key: string; readonly name: string }>(
  what: 'group' | 'product',
  all: readonly Thing[],
  reference: string,
  field: string,
  byName: (thing: Thing) => string,
): Thing {
  const byKey = all.find(({ key }) => key === reference);
  if (byKey !== undefined) return byKey;
  const wanted = fold(reference);
  const [found, other] = all.filter((thing) => fold(byName(thing)) === wanted);
  if (found === undefined) {
    throw new UsherError('notFound', `The Insight Platform has no ${what} ${reference}.`, {
      field,
      next: `See insight_platform_list_${what}s; Usher knows them from the last sync.`,
    });
  }
  if (other === undefined) return found;
  throw new UsherError('conflict', `Several ${what}s are called ${reference}.`, {
    field,
    next: what === 'group' ? 'Give the id of the group.' : 'Give the token of the product.',
  });
}
