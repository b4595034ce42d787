import { z } from 'zod';
import { UsherError } from '../../../model/errors.ts';
import type { JsonValue } from '../../../model/records.ts';
import { hashAt } from '../../../connector-kit/simulator-kit/random.ts';
import type { EffectRecorder } from '../../../connector-kit/simulator-kit/logs.ts';
import { type Company, provisioningHashOf } from './company.ts';
import { foldAddress, storedUserSchema, type StoredUser } from './model.ts';

const username = z.string().min(1);
const share = z.number().min(0).max(1);

/** What can be changed behind the API's back, as people do in the console and at their browsers. */
export const mutationSchema = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('add-user'),
    username,
    fullname: z.string().optional(),
    groups: z.array(z.string()).optional(),
  }),
  z.strictObject({ op: z.literal('delete-user'), username }),
  /** Gives the user another address at once. */
  z.strictObject({ op: z.literal('rename-user'), username, to: username }),
  z.strictObject({ op: z.literal('set-user'), username, fields: storedUserSchema.partial() }),
  /** The user signs in; a change of address that waits for it is made. */
  z.strictObject({ op: z.literal('sign-in'), username }),
  z.strictObject({ op: z.literal('invite'), username }),
  z.strictObject({ op: z.literal('accept-invitation'), username }),
  z.strictObject({ op: z.literal('own-account'), username }),
  z.strictObject({ op: z.literal('rename-group'), group: z.string(), to: z.string() }),
  z.strictObject({ op: z.literal('delete-group'), group: z.string() }),
  z.strictObject({
    op: z.literal('share-folder'),
    folder: z.string(),
    username,
    readonly: z.boolean().default(false),
    give: z.boolean().default(false),
    can_administer: z.boolean().default(false),
  }),
  z.strictObject({ op: z.literal('unshare-folder'), folder: z.string(), username }),
  z.strictObject({ op: z.literal('rename-folder'), folder: z.string(), to: z.string() }),
  z.strictObject({ op: z.literal('delete-folder'), folder: z.string() }),
  /** The old hash stops working everywhere. */
  z.strictObject({ op: z.literal('reset-provisioning-hash') }),
  /** The key may no longer do this: the command is refused as bad credentials are. */
  z.strictObject({ op: z.literal('refuse-command'), command: z.string() }),
  z.strictObject({ op: z.literal('allow-command'), command: z.string() }),
  z.strictObject({
    op: z.literal('add-event'),
    username: z.string(),
    action: z.string(),
    data: z.string().default(''),
    address: z.string().default('198.51.100.24'),
  }),
  /** Renames the persons of a share of the users: what a resync has to find. */
  z.strictObject({ op: z.literal('change-share'), share, round: z.number().int().default(1) }),
  /** Deletes a share of the users: what a guard has to stop. */
  z.strictObject({ op: z.literal('delete-share'), share, round: z.number().int().default(1) }),
]);
export type LastPassMutation = z.input<typeof mutationSchema>;
type Mutation = z.output<typeof mutationSchema>;

/** Makes one change. Throws `notFound` where its subject is not there. */
export function mutate(company: Company, mutation: Mutation, effect: EffectRecorder): JsonValue {
  switch (mutation.op) {
    case 'change-share':
    case 'delete-share':
      return changeMany(company, mutation);
    case 'rename-group':
      return changeGroup(company, mutation.group, mutation.to, effect);
    case 'delete-group':
      return changeGroup(company, mutation.group, null, effect);
    case 'share-folder':
    case 'unshare-folder':
    case 'rename-folder':
    case 'delete-folder':
      return changeFolder(company, mutation, effect);
    case 'reset-provisioning-hash':
      company.secretGeneration++;
      company.events.append({
        username: 'ada.okonkwo@northwind.example',
        address: '198.51.100.24',
        action: 'Enterprise API secret regenerated',
        data: '',
      });
      return { provisioning_hash: provisioningHashOf(company) };
    case 'refuse-command':
      company.refusedCommands.add(mutation.command);
      return { refused: [...company.refusedCommands] };
    case 'allow-command':
      company.refusedCommands.delete(mutation.command);
      return { refused: [...company.refusedCommands] };
    case 'add-event': {
      const { op: _, ...event } = mutation;
      return { at: company.events.append(event).at };
    }
    default:
      return changePerson(company, mutation, effect);
  }
}

type PersonMutation = Extract<Mutation, { username: string }> & {
  op: Exclude<Mutation['op'], 'share-folder' | 'unshare-folder' | 'add-event'>;
};

function changePerson(company: Company, mutation: PersonMutation, effect: EffectRecorder): JsonValue {
  const { users } = company;
  switch (mutation.op) {
    case 'add-user':
      for (const group of mutation.groups ?? []) company.groups.add(group);
      users.add(activeUser(company, mutation.username, mutation.fullname ?? '', mutation.groups ?? []));
      effect('user.created', mutation.username);
      break;
    case 'delete-user': {
      users.put(find(company, mutation.username).slot, null);
      effect('user.deleted', mutation.username);
      break;
    }
    case 'rename-user': {
      const { slot, user } = find(company, mutation.username);
      users.put(slot, { ...user, username: mutation.to });
      effect('user.renamed', mutation.username, { to: mutation.to });
      break;
    }
    case 'set-user': {
      const { slot, user } = find(company, mutation.username);
      users.put(slot, { ...user, ...mutation.fields });
      effect('user.updated', mutation.username, { fields: Object.keys(mutation.fields) });
      break;
    }
    case 'sign-in':
      signIn(company, mutation.username, effect);
      break;
    case 'invite':
      company.invitations.set(foldAddress(mutation.username), {
        email: mutation.username,
        fullname: '',
        groups: [],
        attribs: null,
      });
      company.invitationsVersion++;
      effect('invitation.created', mutation.username);
      break;
    case 'accept-invitation':
      acceptInvitation(company, mutation.username, effect);
      break;
    case 'own-account':
      company.personalAccounts.add(foldAddress(mutation.username));
      break;
  }
  return { done: mutation.op };
}

function signIn(company: Company, address: string, effect: EffectRecorder): void {
  const { slot, user } = find(company, address);
  const now = wholeSecond(company);
  company.users.put(slot, {
    ...user,
    username: user.pendingEmail ?? user.username,
    pendingEmail: null,
    lastLogin: now,
    mpstrength: user.mpstrength === 0 ? 80 : user.mpstrength,
    lastPasswordChange: user.passwordResetRequired ? now : user.lastPasswordChange,
    passwordResetRequired: false,
    vault: user.vault ?? [0, 0, 0, 0, 0],
    totalscore: user.totalscore ?? '0',
  });
  company.events.append({
    username: user.username,
    address: '198.51.100.24',
    action: 'Log in',
    data: 'LastPass via Website',
  });
  effect('user.signed-in', user.username);
  if (user.pendingEmail !== null) effect('user.renamed', user.username, { to: user.pendingEmail });
}

function acceptInvitation(company: Company, address: string, effect: EffectRecorder): void {
  const invitation = company.invitations.get(foldAddress(address));
  if (!invitation) throw notThere('invitation', address);
  company.invitations.delete(foldAddress(address));
  company.invitationsVersion++;
  const { email, fullname, groups, attribs } = invitation;
  company.users.add({ ...activeUser(company, email, fullname, groups), attribs });
  effect('invitation.accepted', email);
}

function activeUser(company: Company, address: string, fullname: string, groups: readonly string[]): StoredUser {
  const now = wholeSecond(company);
  return {
    username: address,
    fullname,
    mpstrength: 80,
    created: now,
    lastPasswordChange: now,
    lastLogin: now,
    disabled: false,
    admin: false,
    superAdmin: false,
    totalscore: '0',
    multifactor: null,
    duousername: address,
    securidusername: null,
    linked: null,
    vault: [0, 0, 0, 0, 0],
    passwordResetRequired: false,
    groups: [...groups],
    attribs: null,
    pendingEmail: null,
  };
}

/** Renames a group or, with null, deletes it: for its members and for the folders shared with it. */
function changeGroup(company: Company, group: string, to: string | null, effect: EffectRecorder): JsonValue {
  if (!company.groups.has(group)) throw notThere('group', group);
  const { users, folders } = company;
  const members = users.members(group);
  for (const slot of members) {
    const user = users.get(slot);
    if (user) users.put(slot, { ...user, groups: user.groups.flatMap((name) => (name === group ? (to ?? []) : name)) });
  }
  for (const id of folders.ids()) {
    const folder = folders.get(id);
    if (!folder?.grants.some(({ holder }) => 'group' in holder && holder.group === group)) continue;
    const grants = folder.grants.flatMap((grant) => {
      if (!('group' in grant.holder) || grant.holder.group !== group) return [grant];
      return to === null ? [] : [{ ...grant, holder: { group: to } }];
    });
    folders.put(id, { ...folder, grants });
  }
  company.groups.delete(group);
  if (to !== null) company.groups.add(to);
  effect(to === null ? 'group.deleted' : 'group.renamed', group, to === null ? null : { to });
  return { members: members.length };
}

type FolderMutation = Extract<Mutation, { folder: string }>;

function changeFolder(company: Company, mutation: FolderMutation, effect: EffectRecorder): JsonValue {
  const { folders, users } = company;
  const id = folders.idOf(mutation.folder);
  const folder = id === null ? null : folders.get(id);
  if (id === null || !folder) throw notThere('shared folder', mutation.folder);
  switch (mutation.op) {
    case 'rename-folder':
      folders.put(id, { ...folder, name: mutation.to });
      effect('folder.renamed', mutation.folder, { to: mutation.to });
      break;
    case 'delete-folder':
      folders.put(id, { ...folder, isDeleted: true });
      effect('folder.deleted', mutation.folder);
      break;
    case 'share-folder':
    case 'unshare-folder': {
      const slot = users.slotOf(mutation.username);
      const holder = slot === null ? { email: mutation.username } : { slot };
      const others = folder.grants.filter((grant) => JSON.stringify(grant.holder) !== JSON.stringify(holder));
      const added =
        mutation.op === 'share-folder'
          ? [{ holder, readonly: mutation.readonly, give: mutation.give, canAdminister: mutation.can_administer }]
          : [];
      folders.put(id, { ...folder, grants: [...others, ...added] });
      effect(mutation.op === 'share-folder' ? 'folder.shared' : 'folder.unshared', mutation.folder, {
        username: mutation.username,
      });
    }
  }
  return { id: String(id) };
}

/** Every slot draws its luck from seed and round: the same share is hit again for the same round. */
function changeMany(company: Company, mutation: Extract<Mutation, { share: number }>): JsonValue {
  const { users, plan } = company;
  const slots = users.select({});
  let touched = 0;
  const hit: number[] = [];
  for (let place = 0; place < slots.length; place++) {
    const slot = slots[place] ?? -1;
    if (hashAt(plan.seedHash, 1_000 + mutation.round, slot) / 0x1_0000_0000 < mutation.share) hit.push(slot);
  }
  for (const slot of hit) {
    const user = users.get(slot);
    if (!user) continue;
    users.put(
      slot,
      mutation.op === 'delete-share' ? null : { ...user, fullname: `${user.fullname} (${mutation.round})` },
    );
    touched++;
  }
  return { users: touched };
}

function find(company: Company, address: string): { slot: number; user: StoredUser } {
  const slot = company.users.slotOf(address);
  const user = slot === null ? null : company.users.get(slot);
  if (slot === null || !user) throw notThere('user', address);
  return { slot, user };
}

function notThere(kind: string, name: string): UsherError {
  return new UsherError('notFound', `The simulated company has no ${kind} "${name}".`);
}

function wholeSecond(company: Company): number {
  return Math.floor(company.clock.now().getTime() / 1_000) * 1_000;
}
