import { z } from 'zod';
import type { ChangeDraft, PlanSnapshot, WriteAction } from '../../connector-kit/changes.ts';
import { writeAction } from '../../connector-kit/define-change.ts';
import { draft, type PlannedAccount } from '../../connector-kit/plan-accounts.ts';
import { newAccountSubject } from '../../model/changes.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import type { GroupRecord, ResourceRecord } from '../../model/records.ts';
import type { Settings } from './config.ts';
import { accountsOf, groupsOf, productsOf, refuseGuideList } from './plan-accounts.ts';

/** Line breaks and signs that steer a terminal are part of no name. */
const name = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .regex(/^\P{Cc}*$/u, 'It holds a line break or another control character.');
const address = z
  .string()
  .trim()
  .max(254)
  .regex(/^[^\s@,;<>"]+@[^\s@,;<>"]+$/, 'Give one mail address.');
const reference = z.string().trim().min(1).max(600);
const groups = z.array(reference).max(200).default([]);

/** One user, or many at once. */
const whom = {
  user: reference.optional().meta({ description: 'Address, id or composite id of the user' }),
  users: z.array(reference).min(1).max(10_000).optional().meta({ description: 'Many users instead of one' }),
};

interface Whom {
  readonly user?: string | undefined;
  readonly users?: readonly string[] | undefined;
}

function chosen({ user, users }: Whom, snapshot: PlanSnapshot): Promise<readonly PlannedAccount[]> {
  if (user !== undefined && users !== undefined) throw invalidInput('users', 'Give user or users, not both.');
  if (users !== undefined) return accountsOf(snapshot, users, 'users');
  if (user !== undefined) return accountsOf(snapshot, [user], 'user');
  throw invalidInput('user', 'user is missing.', 'Give user, or users for many.');
}

const createUser = writeAction({
  id: 'insight_platform_create_user',
  title: 'Invite a user',
  description:
    'Makes a user, who gets a mail to accept and is pending until then; then gives groups and products. There is no password.',
  effect: 'write',
  input: z.strictObject({
    email: address.meta({ description: 'The address; it can never be changed' }),
    first_name: name.meta({ description: 'The first name' }),
    last_name: name.meta({ description: 'The last name' }),
    platform_admin: z.boolean().default(false).meta({
      description: 'Administers users, products and keys; has no product unless given',
    }),
    timezone: z.string().trim().min(1).max(64).optional().meta({ description: 'An IANA time zone; default UTC' }),
    groups: groups.meta({ description: 'Ids or exact names of user groups to be in' }),
    products: groups.meta({ description: 'Tokens or codes of products to have (IVM, IDR …)' }),
  }),
  async plan(input, snapshot, settings: Settings) {
    refuseGuideList(settings);
    const taken = (await snapshot.accountsAt([input.email])).get(fold(input.email));
    if (taken !== undefined) throw alreadyThere(input.email, taken.state.account?.status === 'invited');
    const subject = newAccountSubject(input.email, `${input.first_name} ${input.last_name}`);
    const into = await groupsOf(snapshot, input.groups, 'groups');
    const given = await productsOf(snapshot, input.products, 'products');
    const follow = ({ change, params }: Entitlement): ChangeDraft => ({
      change, params, subject, before: null, follows: true,
    }); // prettier-ignore
    return [
      {
        change: 'create_user',
        subject,
        params: {
          firstName: input.first_name,
          lastName: input.last_name,
          platformAdmin: input.platform_admin,
          ...(input.timezone !== undefined && { timezone: input.timezone }),
        },
        before: null,
      },
      ...unique(into).map((group) => follow(membershipOf('add', group))),
      ...unique(given).map((product) => follow(productOf('grant', product))),
    ];
  },
});

const updateUser = writeAction({
  id: 'insight_platform_update_user',
  title: "Change a user's names",
  description: 'Changes first and last name: all that can be changed of a user. The address never can.',
  effect: 'write',
  input: z.strictObject({
    user: reference.meta({ description: 'Address, id or composite id of the user' }),
    first_name: name.optional().meta({ description: 'The first name' }),
    last_name: name.optional().meta({ description: 'The last name' }),
  }),
  async plan({ user, first_name: firstName, last_name: lastName }, snapshot, settings: Settings) {
    refuseGuideList(settings);
    if (firstName === undefined && lastName === undefined) {
      throw invalidInput('first_name', 'There is nothing to change.', 'Give first_name, last_name or both.');
    }
    const known = await accountsOf(snapshot, [user], 'user');
    const names = { ...(firstName !== undefined && { firstName }), ...(lastName !== undefined && { lastName }) };
    return known.map((each) => draft('update_names', each, names));
  },
});

const deleteUser = writeAction({
  id: 'insight_platform_delete_user',
  title: 'Delete a user',
  description:
    'Ends the access of a user, or of many, for good: the platform has no way to disable. Sessions end, every API key they own stops working at once, and to come back they need a new invitation. An invitation that nobody took up is withdrawn so, too.',
  effect: 'destructive',
  input: z.strictObject(whom),
  async plan(input, snapshot, settings: Settings) {
    refuseGuideList(settings);
    return (await chosen(input, snapshot)).map((known) => draft('delete_user', known));
  },
});

function groupAction(way: 'add' | 'remove') {
  const isAdded = way === 'add';
  return writeAction({
    id: isAdded ? 'insight_platform_add_group_member' : 'insight_platform_remove_group_member',
    title: isAdded ? 'Add users to a group' : 'Take users out of a group',
    description: isAdded
      ? 'Adds one or many users to a user group. How is not published by Rapid7: it counts as done when it was read back.'
      : 'Takes one or many users out of a user group. How is not published by Rapid7: it counts as done when it was read back.',
    effect: 'write',
    input: z.strictObject({
      group: reference.meta({ description: 'Id or exact name of the user group' }),
      ...whom,
    }),
    async plan({ group: given, ...users }, snapshot, settings: Settings) {
      refuseGuideList(settings);
      const known = await chosen(users, snapshot);
      const into = await groupsOf(snapshot, [given], 'group');
      return into.flatMap((group) => {
        const { change, params } = membershipOf(way, group);
        return known.map((each) => draft(change, each, params));
      });
    },
  });
}

function productAction(way: 'grant' | 'revoke') {
  const isGranted = way === 'grant';
  return writeAction({
    id: isGranted ? 'insight_platform_grant_product' : 'insight_platform_revoke_product',
    title: isGranted ? 'Give a product to users' : 'Take a product from users',
    description: isGranted
      ? 'Gives a product to one or many users. Where the platform does not show who has a product, its answer is the only proof.'
      : 'Takes a product from one or many users. How is inferred from the vendor\'s "remove user product access"; where the platform does not show who has a product, its answer is the only proof.',
    effect: 'write',
    input: z.strictObject({
      product: reference.meta({ description: 'Token of the product, or its code (IVM, IDR …)' }),
      ...whom,
    }),
    async plan({ product: given, ...users }, snapshot, settings: Settings) {
      refuseGuideList(settings);
      const known = await chosen(users, snapshot);
      const products = await productsOf(snapshot, [given], 'product');
      return products.flatMap((product) => {
        const { change, params } = productOf(way, product);
        return known.map((each) => draft(change, each, params));
      });
    },
  });
}

type Entitlement = Pick<ChangeDraft, 'change' | 'params'>;

function membershipOf(way: 'add' | 'remove', { key, name: groupName }: GroupRecord): Entitlement {
  return { change: `${way}_group_member`, params: { group: key, name: groupName } };
}

/** Whether the platform shows who has the product was found out by the sync that saw it. */
function productOf(way: 'grant' | 'revoke', { key, name: productName, extra }: ResourceRecord): Entitlement {
  const suffix = extra['holdersTold'] === true ? '' : '_unseen';
  const code = typeof extra['code'] === 'string' ? extra['code'] : '';
  return { change: `${way}_product${suffix}`, params: { product: key, code, name: productName } };
}

function unique<Thing extends { readonly key: string }>(things: readonly Thing[]): readonly Thing[] {
  return [...new Map(things.map((thing) => [thing.key, thing])).values()];
}

function alreadyThere(email: string, isInvitation: boolean): UsherError {
  return new UsherError('alreadyExists', `${email} ${isInvitation ? 'is invited' : 'has an account'} already.`, {
    field: 'email',
    next: 'Change it by insight_platform_update_user, insight_platform_add_group_member or insight_platform_grant_product.',
  });
}

/** The writing actions of the catalogue. */
export const writeActions: readonly WriteAction<z.ZodObject, Settings>[] = [
  createUser,
  updateUser,
  deleteUser,
  productAction('grant'),
  productAction('revoke'),
  groupAction('add'),
  groupAction('remove'),
];
