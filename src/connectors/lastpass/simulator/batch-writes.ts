import type { SimulatorAnswer } from '../../../connector-kit/simulator-kit/server.ts';
import { beforeInvitationsChange, type Company } from './company.ts';
import { foldAddress, type StoredUser } from './model.ts';
import { change, log, ok, send, type WriteCall } from './writes.ts';
import { isRecord, readText } from './wire.ts';

type Entry = Readonly<Record<string, unknown>>;

/**
 * `batchadd`: makes accounts, invites those who have a LastPass account already, and updates those who are there. Takes a
 * list, or one object (moneyforward/lpmgt sends that to update). What is wrong with some is a WARN, with all a FAIL.
 */
export function batchadd(company: Company, call: WriteCall): SimulatorAnswer {
  const entries = Array.isArray(call.data) ? call.data : [call.data];
  const errors: string[] = [];
  const told: Told = { created: [], invited: [] };
  const most = company.switches.batchaddMost === 'off' ? entries.length : company.switches.batchaddMost;
  for (const entry of entries.slice(0, most)) errors.push(...addOne(company, call, isRecord(entry) ? entry : {}, told));
  if (told.created.length > 0) log(company, call, 'Employee account created', told.created.join(','));
  if (told.invited.length > 0) log(company, call, 'Employee invited', told.invited.join(','));
  if (errors.length === 0 && most >= entries.length) return ok(company);
  if (errors.length === 0) return send(company, { status: 'OK', message: 'Too many users in one request.' });
  if (errors.length < entries.length) return send(company, { status: 'WARN', errors });
  return send(company, {
    status: 'FAIL',
    error: company.switches.batchaddError === 'array' ? errors : errors.join('; '),
  });
}

/** `batchchangegrp`: adds to and removes from groups, entry by entry; what is good is done whatever else is wrong. */
export function batchchangegrp(company: Company, call: WriteCall): SimulatorAnswer {
  if (!Array.isArray(call.data)) return send(company, { status: 'FAIL', errors: ['data must be a list'] });
  const outcomes = call.data.map((entry: unknown) => changeGroups(company, call, isRecord(entry) ? entry : {}));
  const errors = outcomes.flatMap((outcome) => outcome.errors);
  if (errors.length === 0) return ok(company);
  const isNothingDone = outcomes.every((outcome) => !outcome.isDone);
  return send(company, { status: isNothingDone ? 'FAIL' : 'WARN', errors });
}

/** Addresses that go into one entry of the log. */
interface Told {
  readonly created: string[];
  readonly invited: string[];
}

/** Adds or updates one; returns what is wrong with it: nothing, or one sentence. */
function addOne(company: Company, call: WriteCall, entry: Entry, told: Told): string[] {
  const username = readText(entry['username']);
  if (!username || !/^[^\s@]+@[^\s@]+$/.test(username)) return [`Invalid username: ${username ?? ''}`];
  const groups = texts(entry['groups']);
  const unknown = groups.filter((group) => !isKnownGroup(company, group));
  if (unknown.length > 0) return [`Group does not exist: ${unknown.join(', ')}`];
  const slot = company.users.slotOf(username);
  const user = slot === null ? null : company.users.get(slot);
  if (slot !== null && user) return updateOne(company, call, slot, user, entry);
  remember(company, groups);
  if (company.personalAccounts.has(foldAddress(username)) || company.invitations.has(foldAddress(username))) {
    inviteOne(company, call, username, entry);
    told.invited.push(username);
    return [];
  }
  company.users.add(newUser(company, username, entry));
  call.effect('user.created', username);
  call.effect('mail.activation', username);
  told.created.push(username);
  return [];
}

function updateOne(company: Company, call: WriteCall, slot: number, user: StoredUser, entry: Entry): string[] {
  if (company.switches.existingUser === 'warn') return [`User already exists: ${user.username}`];
  const groups = texts(entry['groups']);
  remember(company, groups);
  const attribs = readAttribs(entry['attribs']);
  const wanted = {
    fullname: readText(entry['fullname']) ?? user.fullname,
    groups: [...new Set([...user.groups, ...groups])],
    attribs: attribs ? { ...user.attribs, ...attribs } : user.attribs,
    duousername: readText(entry['duousername']) ?? user.duousername,
    securidusername: readText(entry['securidusername']) ?? user.securidusername,
  };
  change(company, call, { slot, user }, wanted, 'user.updated');
  return [];
}

function inviteOne(company: Company, call: WriteCall, username: string, entry: Entry): void {
  const folded = foldAddress(username);
  if (!company.invitations.has(folded)) call.effect('invitation.created', username);
  beforeInvitationsChange(company);
  company.invitations.set(folded, {
    email: company.invitations.get(folded)?.email ?? username,
    fullname: readText(entry['fullname']) ?? '',
    groups: texts(entry['groups']),
    attribs: readAttribs(entry['attribs']),
  });
  call.effect('mail.invitation', username);
}

function newUser(company: Company, username: string, entry: Entry): StoredUser {
  const created = Math.floor(company.clock.now().getTime() / 1_000) * 1_000;
  return {
    username,
    fullname: readText(entry['fullname']) ?? '',
    mpstrength: 0,
    created,
    lastPasswordChange: created,
    lastLogin: null,
    disabled: false,
    admin: false,
    superAdmin: false,
    totalscore: null,
    multifactor: null,
    duousername: readText(entry['duousername']) ?? username,
    securidusername: readText(entry['securidusername']) ?? null,
    linked: null,
    vault: null,
    passwordResetRequired: entry['password_reset_required'] !== false,
    groups: texts(entry['groups']),
    attribs: readAttribs(entry['attribs']),
    pendingEmail: null,
  };
}

/** `isDone`: nothing is wrong with it, or what is good of it was done. */
function changeGroups(
  company: Company,
  call: WriteCall,
  entry: Entry,
): { readonly errors: readonly string[]; readonly isDone: boolean } {
  const username = readText(entry['username']) ?? '';
  const slot = company.users.slotOf(username);
  const user = slot === null ? null : company.users.get(slot);
  if (slot === null || !user) return { errors: [`${username} does not exist`], isDone: false };
  const [add, del] = [texts(entry['add']), texts(entry['del'])];
  const unknown = add.filter((group) => !isKnownGroup(company, group));
  const added = add.filter((group) => !unknown.includes(group) && !user.groups.includes(group));
  const removed = del.filter((group) => user.groups.includes(group));
  remember(company, added);
  const groups = [...user.groups.filter((group) => !removed.includes(group)), ...added];
  if (added.length + removed.length > 0) company.users.put(slot, { ...user, groups });
  for (const group of added) {
    call.effect('group.member-added', user.username, { group });
    log(company, call, 'Adding user to group', `${user.username} - ${group}`);
  }
  for (const group of removed) {
    call.effect('group.member-removed', user.username, { group });
    log(company, call, 'Remove from group', `'${group}' '${user.username}'`);
  }
  const errors = unknown.map((group) => `Group ${group} does not exist`);
  return { errors, isDone: errors.length === 0 || added.length + removed.length > 0 };
}

function isKnownGroup(company: Company, group: string): boolean {
  return company.switches.unknownGroup === 'create' || company.groups.has(group);
}

function remember(company: Company, groups: readonly string[]): void {
  for (const group of groups) company.groups.add(group);
}

function texts(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];
  return [...new Set(list.flatMap((item) => readText(item) ?? []))];
}

function readAttribs(value: unknown): Record<string, string> | null {
  if (!isRecord(value)) return null;
  return Object.fromEntries(
    Object.entries(value).map(([name, attribute]) => [
      name,
      typeof attribute === 'string' ? attribute : JSON.stringify(attribute),
    ]),
  );
}
