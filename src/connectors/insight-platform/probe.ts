import type { ProbeResult } from '../../connector-kit/connector.ts';
import { UsherError } from '../../model/errors.ts';
import type { Extra } from '../../model/records.ts';
import { isUnknownCall } from './answers.ts';
import {
  getOrganizations,
  getProducts,
  getRoles,
  getUserGroup,
  getUserGroups,
  getUsers,
  getVmUsers,
  validate,
} from './client.ts';
import type { InsightContext, InsightSettings } from './config.ts';
import { membersOf, toGroup, toOrganization, toProduct } from './mapping.ts';
import { auditLogs } from './log-search.ts';
import type { Row } from './paging.ts';
import { productsOf } from './products.ts';

/** How this connection is called before the platform has told whose it is. */
export function platformName(settings: Pick<InsightSettings, 'region'>): string {
  return `Insight Platform (${settings.region})`;
}

/** The cheapest call that tells whether the key is good. */
export async function checkKey(context: InsightContext): Promise<void> {
  await validate(context);
}

/**
 * Finds out whether the key is good, what it may read, and whose it is. Each capability is tried by reading; what can only
 * be told by writing (the verb of an update, taking a product away, changing members of a group) is left to the write,
 * which proves itself by reading back. A refusal means that a capability is not there; all else that goes wrong is thrown.
 */
export async function probe(context: InsightContext): Promise<ProbeResult> {
  await checkKey(context);
  const found = new Findings();
  const products = await found.tries('products', () => getProducts(context));
  if (context.settings.userList === 'account') await tryUsers(context, found, products !== null);
  const roles = await found.tries('roles', () => getRoles(context));
  const groups = await found.tries('user_groups', () => getUserGroups(context));
  if (groups !== null) await tryMembers(context, groups, found);
  const organizations = await found.tries('organizations', () => getOrganizations(context, 'organizations', 0, 20));
  await found.tries('vm_v4_users', () => getVmUsers(context, 0, 1));
  await found.tries('events', async () => ((await auditLogs(context)).length > 0 ? true : null));
  if (context.settings.userList === 'vm_v4') found.require('vm_v4_users');
  if (roles === null && groups === null && organizations === null) {
    found.notes.push(
      'This key reads little of the Account API: see Settings > API Keys for a user key of a Platform Admin.',
    );
  }
  return {
    tenant: tenantOf(context, products ?? [], organizations?.rows ?? []),
    capabilities: found.capabilities(),
    notes: [...found.notes, ...notesOf(context, organizations?.rows ?? [])],
  };
}

/** Without users a connection is of no use: then the probe fails, and says which key to take. */
async function tryUsers(context: InsightContext, found: Findings, hasProducts: boolean): Promise<void> {
  const users = await orElsewhere(context, hasProducts, () => getUsers(context));
  found.add('users');
  const [row] = users;
  if (row === undefined) return;
  await found.tries('product_holders', () => productsOf(context, row));
  const admins = users.filter(({ platform_admin: admin }) => admin === true).length;
  found.notes.push(`There are ${users.length} users, ${admins} of them Platform Admins.`);
  const owner = context.settings.keyOwner?.toLowerCase();
  if (owner !== undefined && !users.some(({ email }) => typeof email === 'string' && email.toLowerCase() === owner)) {
    found.notes.push(`No user has the address ${owner}, which the settings name as owner of the key: is that right?`);
  }
}

/**
 * `/validate` and products answer in other regions too (JupiterOne/graph-rapid7-insight asked one host for a tenant of
 * another): a key that is good there and unknown to the users is of another region.
 */
async function orElsewhere<T>(context: InsightContext, hasProducts: boolean, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (!(thrown instanceof UsherError) || thrown.kind !== 'auth') throw thrown;
    const { region } = context.settings;
    const where = hasProducts ? 'its products are known there, too, but' : 'but';
    throw new UsherError('auth', `The key is good, ${where} region ${region} does not have its users.`, {
      code: 'wrongRegion',
      field: 'settings.region',
      next: 'The region is the first part of the address in the browser when you are signed in: us, us2, us3, eu, ca, au, ap …',
    });
  }
}

async function tryMembers(context: InsightContext, groups: readonly Row[], found: Findings): Promise<void> {
  const [row] = groups;
  if (row === undefined || membersOf('getUserGroups', row) !== null) return found.add('group_members');
  await found.tries('group_members', async () => {
    const group = await getUserGroup(context, toGroup('getUserGroups', row).key);
    // A group that went right now tells nothing of the others.
    return group === null ? [] : membersOf('getUserGroup', group);
  });
}

/** What was tried, and what came of it. */
class Findings {
  readonly #capabilities = new Set<string>();
  readonly notes: string[] = [];

  add(capability: string): void {
    this.#capabilities.add(capability);
  }

  /** Reads; null, and no capability, where that is refused, unknown, or answered with null. */
  async tries<T>(capability: string, read: () => Promise<T | null>): Promise<T | null> {
    try {
      const value = await read();
      if (value !== null) this.add(capability);
      return value;
    } catch (thrown) {
      if (isUnknownCall(thrown)) return null;
      if (thrown instanceof UsherError && REFUSALS.has(thrown.kind)) return null;
      throw thrown;
    }
  }

  /** Throws `unsupported` where the settings rest on something that is not there. */
  require(capability: string): void {
    if (this.#capabilities.has(capability)) return;
    throw new UsherError('unsupported', 'This organization has no GET /vm/v4/users, or the key may not read it.', {
      code: 'noVmUsers',
      field: 'settings.user_list',
      next: 'Only one guide knows it: set the list of users to account.',
    });
  }

  capabilities(): readonly string[] {
    return [...this.#capabilities].sort();
  }
}

const NOTHING: Extra = {};
const REFUSALS: ReadonlySet<string> = new Set(['auth', 'permission', 'notFound', 'unsupported', 'invalidInput']);

function tenantOf(
  { settings }: InsightContext,
  products: readonly Row[],
  organizations: readonly Row[],
): ProbeResult['tenant'] {
  const [organization] = organizations.map((row) => toOrganization('getOrganizations', row));
  if (organization !== undefined) return { id: organization.key, name: organization.name };
  const [product] = products.map((row) => toProduct('getProducts', row, false));
  const { organizationId: id, organization: name } = product?.extra ?? NOTHING;
  if (typeof id === 'string') return { id, name: typeof name === 'string' ? name : platformName(settings) };
  return { id: settings.region, name: platformName(settings) };
}

function notesOf({ settings }: InsightContext, organizations: readonly Row[]): readonly string[] {
  const regions = new Set(
    organizations.flatMap((row) => {
      const { region } = toOrganization('getOrganizations', row).extra;
      return typeof region === 'string' ? [region.toLowerCase()] : [];
    }),
  );
  return [
    ...(regions.size > 0 && !regions.has(settings.region)
      ? [
          `The organization is in region ${[...regions].join(', ')}, and the settings say ${settings.region}: is that right?`,
        ]
      : []),
    ...(settings.keyKind !== 'organization' && settings.keyOwner === undefined
      ? ['A user key dies with its owner. Name the owner in the settings, and Usher refuses to delete them.']
      : []),
    ...(settings.userList === 'vm_v4' ? ['Users are read from GET /vm/v4/users: nothing can be changed.'] : []),
  ];
}
