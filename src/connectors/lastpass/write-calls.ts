import { callOnce } from './client.ts';
import { reasonsOf, statusOf } from './answers.ts';
import type { LastPassContext } from './config.ts';

/** What a writing command said; a `FAIL` is thrown. */
export interface WriteAnswer {
  readonly command: string;
  /** False for `WARN`, a message beside an `OK`, a reason beside a `success`, or a status that nobody has seen. */
  readonly isAllDone: boolean;
  /** In the vendor's words. */
  readonly reasons: readonly string[];
}

/** What `disableuser` and `enableuser` say of each address. */
export interface SwitchAnswer extends WriteAnswer {
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
}

/** An entry of `batchadd`. Without a password the person chooses one by a link in the mail. */
export interface NewUser {
  readonly username: string;
  readonly fullname?: string;
  readonly groups?: readonly string[];
  readonly attribs?: Readonly<Record<string, string>>;
  readonly duousername?: string;
  readonly securidusername?: string;
  readonly password?: string;
  readonly password_reset_required?: boolean;
}

/** An entry of `batchchangegrp`. */
export interface GroupChange {
  readonly username: string;
  readonly add?: readonly string[];
  readonly del?: readonly string[];
}

/** `deleteaction` of `deluser` (help article "Delete Users via LastPass API"). 0 is left to `disableuser`. */
export const DELETE_ACTIONS = { remove: 1, delete: 2, uninvite: 3 } as const;

/** What is pushed to vaults; all values are texts (help article "Push Sites to Users"). */
export interface PushedSite {
  /** `all`, the name of a group, or an address. */
  readonly users: string;
  readonly persistent: '0' | '1';
  readonly url: string;
  readonly name: string;
  readonly group: string;
  readonly usernametype: 'email' | 'username' | 'custom';
  readonly username: string;
  readonly password: string;
  readonly notes: string;
  readonly fav: 'on' | '';
  /** `0`: the values are plain text. */
  readonly decryptid: '0';
}

/** Creates users, or invites those who have a LastPass account of their own; a mail goes out to each. */
export function batchAdd(context: LastPassContext, users: readonly NewUser[]): Promise<WriteAnswer> {
  const passwords = users.flatMap(({ password }) => password ?? []);
  return write(context, 'batchadd', users, passwords);
}

/** Adds to and removes from groups; the good entries of a batch are carried out whatever else is wrong. */
export function batchChangeGroups(context: LastPassContext, changes: readonly GroupChange[]): Promise<WriteAnswer> {
  return write(context, 'batchchangegrp', changes);
}

/** Blocks the login of these addresses; their data and memberships stay. */
export function disableUsers(context: LastPassContext, addresses: readonly string[]): Promise<SwitchAnswer> {
  return switchUsers(context, 'disableuser', 'disabled_users', addresses);
}

/** Takes the block back. */
export function enableUsers(context: LastPassContext, addresses: readonly string[]): Promise<SwitchAnswer> {
  return switchUsers(context, 'enableuser', 'enabled_users', addresses);
}

/** Removes, deletes or uninvites one. */
export function deleteUser(
  context: LastPassContext,
  username: string,
  mode: keyof typeof DELETE_ACTIONS,
): Promise<WriteAnswer> {
  return write(context, 'deluser', { username, deleteaction: DELETE_ACTIONS[mode] });
}

/** Changes names of one; it cannot touch rights, address, groups or attributes. */
export function updateUser(
  context: LastPassContext,
  user: Pick<NewUser, 'username' | 'fullname' | 'duousername' | 'securidusername'>,
): Promise<WriteAnswer> {
  return write(context, 'updateuser', user);
}

/** Commands on one address that take nothing else. */
export type AddressCommand = 'reinviteuser' | 'disablemultifactor' | 'resetpassword' | 'requiremasterpasswordchange';

export function callForAddress(
  context: LastPassContext,
  command: AddressCommand,
  username: string,
): Promise<WriteAnswer> {
  return write(context, command, { username });
}

/** Asks the new address by mail; the person finishes it by signing in with the old one. */
export function updateEmail(context: LastPassContext, oldemail: string, newemail: string): Promise<WriteAnswer> {
  return write(context, 'updateemail', { oldemail, newemail });
}

/** Puts an entry into vaults. Newer help articles say that it is no longer available. */
export function pushSite(context: LastPassContext, site: PushedSite): Promise<WriteAnswer> {
  return write(context, 'pushsitestousers', site, [site.password, site.notes, site.username]);
}

async function write(
  context: LastPassContext,
  command: string,
  data: Parameters<typeof callOnce>[2],
  secrets: readonly string[] = [],
): Promise<WriteAnswer> {
  return readAnswer(command, await callOnce(context, command, data, secrets));
}

async function switchUsers(
  context: LastPassContext,
  command: string,
  changedKey: string,
  addresses: readonly string[],
): Promise<SwitchAnswer> {
  const answer = await callOnce(context, command, addresses);
  const unchanged = textsOf(answer['unchanged_users']);
  return { ...readAnswer(command, answer), changed: textsOf(answer[changedKey]), unchanged };
}

/** A message beside an `OK` came with large batches (lpconnector then sends smaller ones): not all may be done. */
function readAnswer(command: string, answer: Readonly<Record<string, unknown>>): WriteAnswer {
  const message = answer['message'];
  const reasons = [...reasonsOf(answer), ...(typeof message === 'string' && message !== '' ? [message] : [])];
  const isGood = ['ok', 'success'].includes(statusOf(answer));
  return { command, isAllDone: isGood && reasons.length === 0, reasons };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
