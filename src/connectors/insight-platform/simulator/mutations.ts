import { z } from 'zod';
import { UsherError } from '../../../model/errors.ts';
import type { JsonValue } from '../../../model/records.ts';
import type { EffectRecorder } from '../../../connector-kit/simulator-kit/logs.ts';
import { audited, type Company, endUser, newId, userAt } from './company.ts';
import { type StoredGroup, type StoredUser, userSchema } from './model.ts';

const email = z.string().min(1);

/** What can be changed behind the API's back, as people do in the browser. */
export const mutationSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('add-user'), email, first_name: z.string(), last_name: z.string() }),
  z.strictObject({ op: z.literal('delete-user'), email }),
  z.strictObject({ op: z.literal('set-user'), email, fields: userSchema.partial().omit({ id: true }) }),
  z.strictObject({ op: z.literal('accept-invitation'), email }),
  z.strictObject({ op: z.literal('sign-in'), email }),
  z.strictObject({ op: z.literal('add-member'), group: z.string(), email }),
  z.strictObject({ op: z.literal('remove-member'), group: z.string(), email }),
  /** Gives the product with this code. */
  z.strictObject({ op: z.literal('give-product'), email, product: z.string() }),
  z.strictObject({ op: z.literal('delete-group'), group: z.string() }),
  z.strictObject({ op: z.literal('revoke-key'), name: z.string() }),
  z.strictObject({ op: z.literal('delete-organization'), name: z.string() }),
  /** The platform answers this operation with 403 from now on. */
  z.strictObject({ op: z.literal('refuse-operation'), operation: z.string() }),
  z.strictObject({ op: z.literal('allow-operation'), operation: z.string() }),
  z.strictObject({ op: z.literal('add-event'), actor: z.string(), action: z.string(), target: z.string().default('') }),
]);
export type InsightPlatformMutation = z.input<typeof mutationSchema>;
type Mutation = z.output<typeof mutationSchema>;

/** Makes one change. Throws `notFound` where its subject is not there. */
export function mutate(company: Company, mutation: Mutation, effect: EffectRecorder): JsonValue {
  apply(company, mutation, effect);
  return { done: mutation.op };
}

function apply(company: Company, mutation: Mutation, effect: EffectRecorder): void {
  switch (mutation.op) {
    case 'add-user':
      return addUser(company, mutation, effect);
    case 'delete-user':
      return endUser(company, find(company, mutation.email), effect);
    case 'set-user': {
      const user = find(company, mutation.email);
      company.users.set(user.id, { ...user, ...mutation.fields });
      return effect('user.updated', user.email, { fields: Object.keys(mutation.fields) });
    }
    case 'accept-invitation':
    case 'sign-in': {
      const user = find(company, mutation.email);
      const lastLogin = Math.floor(company.clock.now().getTime() / 1000) * 1000;
      company.users.set(user.id, { ...user, status: 'ACTIVE', lastLogin, sessions: user.sessions + 1 });
      audited(company, { action: 'USER_LOGGED_IN', actor: user.email, target: user.email, address: '198.51.100.24' });
      return effect(mutation.op === 'sign-in' ? 'user.signed-in' : 'invitation.accepted', user.email);
    }
    case 'add-member':
    case 'remove-member': {
      const group = findGroup(company, mutation.group);
      const { id } = find(company, mutation.email);
      const others = group.members.filter((each) => each !== id);
      company.groups.set(group.id, { ...group, members: mutation.op === 'add-member' ? [...others, id] : others });
      return effect(mutation.op === 'add-member' ? 'group.member-added' : 'group.member-removed', mutation.email);
    }
    case 'give-product': {
      const user = find(company, mutation.email);
      const product = company.products.find(({ code }) => code === mutation.product);
      if (product === undefined) throw notThere('product', mutation.product);
      company.users.set(user.id, { ...user, products: [...new Set([...user.products, product.token])] });
      return effect('product.assigned', user.email);
    }
    case 'delete-group':
      company.groups.delete(findGroup(company, mutation.group).id);
      return effect('group.deleted', mutation.group);
    case 'revoke-key':
    case 'delete-organization':
      return end(company, mutation, effect);
    case 'refuse-operation':
      return void company.refused.add(mutation.operation);
    case 'allow-operation':
      return void company.refused.delete(mutation.operation);
    case 'add-event': {
      const { op: _, ...entry } = mutation;
      return audited(company, { ...entry, address: '198.51.100.24' });
    }
  }
}

function addUser(company: Company, mutation: Extract<Mutation, { op: 'add-user' }>, effect: EffectRecorder): void {
  const user: StoredUser = {
    id: newId(company, 'user'),
    email: mutation.email,
    firstName: mutation.first_name,
    lastName: mutation.last_name,
    timezone: 'UTC',
    status: 'ACTIVE',
    platformAdmin: false,
    federated: false,
    lastLogin: company.clock.now().getTime(),
    products: [],
    roles: {},
    sessions: 1,
  };
  company.users.set(user.id, user);
  effect('user.created', user.email);
}

function end(
  company: Company,
  mutation: Extract<Mutation, { op: 'revoke-key' | 'delete-organization' }>,
  effect: EffectRecorder,
): void {
  const things: Iterable<{ readonly id: string; readonly name: string }> =
    mutation.op === 'revoke-key' ? company.keys.values() : company.organizations;
  const found = [...things].find(({ name }) => name === mutation.name);
  if (found === undefined) throw notThere('thing', mutation.name);
  if (mutation.op === 'revoke-key') company.keys.delete(found.id);
  else company.goneOrganizations.add(found.id);
  effect(mutation.op === 'revoke-key' ? 'api-key.revoked' : 'organization.deleted', found.name);
}

function find(company: Company, address: string): StoredUser {
  const user = userAt(company, address);
  if (user !== null) return user;
  throw notThere('user', address);
}

function findGroup(company: Company, name: string): StoredGroup {
  for (const group of company.groups.values()) if (group.name === name) return group;
  throw notThere('group', name);
}

function notThere(kind: string, name: string): UsherError {
  return new UsherError('notFound', `The simulated organization has no ${kind} "${name}".`);
}
