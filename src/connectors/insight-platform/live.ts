import { fold } from '../../model/ids.ts';
import type { AccountRecord, AnyRecord, RoleRecord } from '../../model/records.ts';
import { getProducts, getRoles, getUser, getUsers, getVmUsers } from './client.ts';
import type { InsightContext } from './config.ts';
import { type GroupWithMembers, readGroups } from './groups.ts';
import {
  adminGrant, membership, ORGANIZATION, PLATFORM_ADMIN_ROLE, productGrant, toAccount, toOrganization, toProduct, toRole,
  toVmAccount,
} from './mapping.ts'; // prettier-ignore
import { readOrganizations } from './organizations.ts';
import { type Holder, readHolders } from './products.ts';
import type { Row } from './paging.ts';

/** The largest page the guide names for its list of users. */
export const LARGEST_VM_PAGE = 500;
/** What an id of the Account API looks like. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A user as sent, by id or by address; null: there is none. The filter is the vendor's; who it found is checked. */
export async function findUser(context: InsightContext, reference: string): Promise<Row | null> {
  if (!reference.includes('@')) return UUID.test(reference) ? getUser(context, reference) : null;
  const wanted = fold(reference);
  const found = await getUsers(context, { email: reference });
  // Whether the filter minds the letter case is not known: that nobody has the address is believed of the list of all.
  return withAddress(found, wanted) ?? withAddress(await getUsers(context), wanted);
}

function withAddress(rows: readonly Row[], wanted: string): Row | null {
  return rows.find((row) => fold(toAccount('getUsers', row).email ?? '') === wanted) ?? null;
}

/** A page of accounts with their grants; `cursor` is the id of the last one, or the number of the page of the guide's list. */
export async function readAccounts(
  context: InsightContext,
  query: { readonly cursor: string | null; readonly pageSize: number },
): Promise<{ readonly records: readonly AnyRecord[]; readonly next: string | null }> {
  const { cursor, pageSize } = query;
  if (context.settings.userList === 'vm_v4') {
    const index = cursor === null ? 0 : Number(cursor);
    const page = await getVmUsers(context, index, Math.min(pageSize, LARGEST_VM_PAGE));
    const records = page.rows.map((row) => toVmAccount('getVmUsers', row));
    return { records, next: page.isLast ? null : String(index + 1) };
  }
  const accounts = (await getUsers(context)).map((row) => toAccount('getUsers', row)).sort(byKey);
  const rest = cursor === null ? accounts : accounts.filter(({ key }) => key > cursor);
  const page = rest.slice(0, pageSize);
  const last = page.at(-1);
  const records = withGrants(page, await readGroups(context));
  return { records, next: last === undefined || page.length === rest.length ? null : last.key };
}

/** One account with its grants, by id or address; empty where there is none. */
export async function readAccount(context: InsightContext, reference: string): Promise<readonly AnyRecord[]> {
  if (context.settings.userList === 'vm_v4') return readVmAccount(context, reference);
  const row = await findUser(context, reference);
  if (row === null) return [];
  return withGrants([toAccount('getUser', row)], await readGroups(context));
}

async function readVmAccount(context: InsightContext, reference: string): Promise<readonly AnyRecord[]> {
  for (let index = 0; ; index += 1) {
    const page = await getVmUsers(context, index, LARGEST_VM_PAGE);
    const accounts = page.rows.map((row) => toVmAccount('getVmUsers', row));
    const found = accounts.find(({ key, email }) => key === reference || fold(email ?? '') === fold(reference));
    if (found !== undefined) return [found];
    if (page.isLast) return [];
  }
}

/** All groups, with memberships and the accounts these name. */
export async function readGroupRecords(context: InsightContext): Promise<readonly AnyRecord[]> {
  const groups = await readGroups(context);
  if (context.settings.userList === 'vm_v4') return groups.map(({ group }) => group);
  const accounts = (await getUsers(context)).map((row) => toAccount('getUsers', row));
  return [...groups.map(({ group }) => group), ...withGrants(accounts, groups).filter(({ kind }) => kind !== 'group')];
}

/** Resources of a type; products with who has them, where that is shown. */
export async function readResources(
  context: InsightContext,
  type: string,
  id: string | null,
): Promise<readonly AnyRecord[]> {
  const isWanted = ({ key }: AnyRecord): boolean => id === null || key === id;
  if (type === ORGANIZATION) {
    return (await readOrganizations(context)).map((row) => toOrganization('getOrganizations', row)).filter(isWanted);
  }
  const rows = await getProducts(context);
  const holders = await readHolders(context);
  const products = rows.map((row) => toProduct('getProducts', row, holders !== null)).filter(isWanted);
  if (holders === null) return products;
  const accounts = (await getUsers(context)).map((row) => toAccount('getUsers', row));
  return [...products, ...accounts, ...products.flatMap(({ key }) => grantsOf(holders, key))];
}

/** All roles, Platform Admin first. */
export async function readRoles(context: InsightContext): Promise<readonly RoleRecord[]> {
  return [PLATFORM_ADMIN_ROLE, ...(await getRoles(context)).map((row) => toRole('getRoles', row))];
}

/** Accounts with their groups, memberships and the role they hold. */
export function withGrants(accounts: readonly AccountRecord[], groups: readonly GroupWithMembers[]): AnyRecord[] {
  const keys = new Set(accounts.map(({ key }) => key));
  const held = groups.flatMap(({ group, members }): AnyRecord[] => {
    const here = [...new Set(members ?? [])].filter((id) => keys.has(id));
    return here.length === 0 ? [] : [group, ...here.map((id) => membership(id, group.key))];
  });
  return [...accounts, ...accounts.flatMap((account) => adminGrant(account) ?? []), ...held];
}

function grantsOf(holders: readonly Holder[], token: string): readonly AnyRecord[] {
  return holders.filter(({ tokens }) => tokens.includes(token)).map(({ account }) => productGrant(account, token));
}

function byKey(a: AccountRecord, b: AccountRecord): number {
  return a.key < b.key ? -1 : 1;
}
