import type { SimulatorAnswer } from '../../../connector-kit/simulator-kit/server.ts';
import type { EffectRecorder } from '../../../connector-kit/simulator-kit/logs.ts';
import { beforeInvitationsChange, type Company } from './company.ts';
import { foldAddress, type StoredUser } from './model.ts';
import { answer, isRecord, readText, readWhole } from './wire.ts';

/** A writing call: what it asks and whom to tell. */
export interface WriteCall {
  readonly data: unknown;
  /** Who the log says did it: `API` or `API: <apiuser>`. */
  readonly actor: string;
  readonly address: string;
  readonly effect: EffectRecorder;
}

type Write = (company: Company, call: WriteCall) => SimulatorAnswer;

/** A user and where it is. */
interface Found {
  readonly slot: number;
  readonly user: StoredUser;
}

/** `updateuser`: names of one user. Cannot touch rights, groups, attributes or the address. */
export const updateuser: Write = (company, call) =>
  onUser(company, call, (found, data) => {
    const names = ['fullname', 'duousername', 'securidusername'] as const;
    const given = Object.fromEntries(
      names.flatMap((name) => (typeof data[name] === 'string' ? [[name, data[name]]] : [])),
    );
    change(company, call, found, given, 'user.updated');
    return ok(company);
  });

/**
 * `deluser`: 0 disables, 1 removes from the company (the person keeps a personal account), 2 deletes for good, 3 withdraws
 * an invitation. Numbers or digits.
 */
export const deluser: Write = (company, call) => {
  const data = isRecord(call.data) ? call.data : {};
  const action = readWhole(data['deleteaction']);
  if (action === undefined || action > 3) return fail(company, 'Missing or invalid deleteaction');
  if (action === 3) return uninvite(company, call, readText(data['username']) ?? '');
  return onUser(company, call, (found) => {
    if (action === 0) {
      change(company, call, found, { disabled: true }, 'user.disabled', 'Deactivated user');
      return ok(company);
    }
    company.users.put(found.slot, null);
    const { username } = found.user;
    if (action === 1) company.personalAccounts.add(foldAddress(username));
    call.effect(action === 1 ? 'user.removed' : 'user.deleted', username);
    log(company, call, action === 1 ? 'Remove user from company' : 'Employee account deleted', username);
    return ok(company);
  });
};

/** `reinviteuser`: one more mail to somebody who has not come yet. */
export const reinviteuser: Write = (company, call) => {
  const username = usernameOf(call);
  const invitation = company.invitations.get(foldAddress(username));
  const slot = company.users.slotOf(username);
  const user = slot === null ? null : company.users.get(slot);
  if (!invitation && !user) return fail(company, `No such user: ${username}`);
  if (user && user.lastLogin !== null) return fail(company, `User is already active: ${username}`);
  call.effect('mail.invitation', invitation?.email ?? username);
  log(company, call, 'Re-invite user', invitation?.email ?? username);
  return ok(company);
};

/** `disablemultifactor`: the second factor goes, and its key from the answers. */
export const disablemultifactor: Write = (company, call) =>
  onUser(company, call, (found) => {
    change(
      company,
      call,
      found,
      { multifactor: null },
      'user.multifactor-disabled',
      'Disabled multifactor authentication',
    );
    return ok(company);
  });

/** `resetpassword`: a mail. An unknown user is told in other words than elsewhere, and in a list (moneyforward/lpmgt). */
export const resetpassword: Write = (company, call) => {
  const username = usernameOf(call);
  if (company.users.slotOf(username) === null)
    return send(company, { status: 'FAIL', error: [`user not found: ${username}`] });
  return onUser(company, call, ({ user }) => {
    call.effect('mail.password-reset', user.username);
    log(company, call, 'Password reset', user.username);
    return ok(company);
  });
};

/** `requiremasterpasswordchange`: takes effect at the next login. */
export const requiremasterpasswordchange: Write = (company, call) =>
  onUser(company, call, (found) => {
    const wanted = { passwordResetRequired: true };
    change(company, call, found, wanted, 'user.password-change-required', 'Require password change');
    return ok(company);
  });

/**
 * `updateemail`: a mail to the new address; the change is made when the user signs in with the old one. Activated accounts
 * only.
 */
export const updateemail: Write = (company, call) => {
  const data = isRecord(call.data) ? call.data : {};
  const [oldEmail, newEmail] = [readText(data['oldemail']), readText(data['newemail'])];
  if (!oldEmail || !newEmail?.includes('@')) return fail(company, 'Missing or invalid oldemail or newemail');
  return onUser(company, { ...call, data: { username: oldEmail } }, ({ slot, user }) => {
    if (user.lastLogin === null) return fail(company, `User is not activated: ${oldEmail}`);
    if (company.users.slotOf(newEmail) !== null) return fail(company, `Email is already in use: ${newEmail}`);
    company.users.put(slot, { ...user, pendingEmail: newEmail });
    call.effect('mail.email-confirmation', newEmail, { username: user.username });
    return ok(company);
  });
};

/** `disableuser` and `enableuser`: lists of addresses in, lists of those changed and unchanged out. */
export function switchUsers(isDisabling: boolean): Write {
  return (company, call) => {
    if (!Array.isArray(call.data)) return send(company, { status: 'fail', error: 'Data must be a list of usernames.' });
    const [changed, unchanged, unknown]: [string[], string[], string[]] = [[], [], []];
    for (const entry of call.data) {
      const username = readText(entry) ?? '';
      const slot = company.users.slotOf(username);
      const user = slot === null ? null : company.users.get(slot);
      if (slot === null || !user) unknown.push(username);
      else if (user.disabled === isDisabling) unchanged.push(user.username);
      else {
        const [kind, action] = isDisabling
          ? ['user.disabled', 'Deactivated user']
          : ['user.enabled', 'Reactivated user'];
        change(company, call, { slot, user }, { disabled: isDisabling }, kind, action);
        changed.push(user.username);
      }
    }
    const { unknownUser } = company.switches;
    const isTold = unknown.length > 0 && unknownUser !== 'silent';
    const error = isTold ? `No such user: ${unknown.join(', ')}` : undefined;
    if (unknownUser === 'unchanged') unchanged.push(...unknown);
    const isNobodyKnown = unknown.length === call.data.length;
    if (error !== undefined && isNobodyKnown) return send(company, { status: 'fail', error });
    return send(company, {
      status: 'success',
      ...(changed.length > 0 && { [isDisabling ? 'disabled_users' : 'enabled_users']: changed }),
      ...(unchanged.length > 0 && { unchanged_users: unchanged }),
      ...(error !== undefined && { error }),
    });
  };
}

/** `pushsitestousers`: a site for one, a group or all; withdrawn by newer help articles. */
export const pushsitestousers: Write = (company, call) => {
  if (company.switches.pushSites === 'withdrawn') {
    return fail(company, 'Pushing sites to users is no longer available. Use shared folders.');
  }
  const data = isRecord(call.data) ? call.data : {};
  const [users, url, name] = [readText(data['users']), readText(data['url']), readText(data['name'])];
  if (!users || !url) return fail(company, 'Missing users or url');
  if (users !== 'all' && !company.groups.has(users) && company.users.slotOf(users) === null) {
    return fail(company, `No such user: ${users}`);
  }
  company.pushes++;
  call.effect('site.pushed', users, { psid: String(company.pushes), url, name: name ?? '' });
  return send(company, { status: 'OK', psid: String(company.pushes) });
};

/** Makes the change if it is one: state, effect and log together. */
export function change(
  company: Company,
  call: WriteCall,
  { slot, user }: Found,
  wanted: Partial<StoredUser>,
  effect: string,
  action?: string,
): void {
  const next = { ...user, ...wanted };
  const isSame = JSON.stringify(next) === JSON.stringify(user);
  if (action !== undefined) log(company, call, action, user.username);
  if (isSame) return;
  company.users.put(slot, next);
  call.effect(effect, user.username);
}

/** An entry of the company's log made by this call. */
export function log(company: Company, call: WriteCall, action: string, data: string): void {
  company.events.append({ username: call.actor, address: call.address, action, data });
}

export function ok(company: Company): SimulatorAnswer {
  return send(company, { status: 'OK' });
}

export function send({ switches }: Company, body: unknown): SimulatorAnswer {
  return answer(JSON.stringify(body), switches);
}

function fail(company: Company, error: string): SimulatorAnswer {
  return send(company, { status: 'FAIL', error });
}

function onUser(
  company: Company,
  call: WriteCall,
  act: (found: Found, data: Readonly<Record<string, unknown>>) => SimulatorAnswer,
): SimulatorAnswer {
  const username = usernameOf(call);
  const slot = company.users.slotOf(username);
  const user = slot === null ? null : company.users.get(slot);
  if (slot === null || !user) return fail(company, `No such user: ${username}`);
  return act({ slot, user }, isRecord(call.data) ? call.data : {});
}

function usernameOf({ data }: WriteCall): string {
  return (isRecord(data) ? readText(data['username']) : undefined) ?? '';
}

function uninvite(company: Company, call: WriteCall, username: string): SimulatorAnswer {
  const folded = foldAddress(username);
  const invitation = company.invitations.get(folded);
  if (!invitation) return fail(company, `No such user: ${username}`);
  beforeInvitationsChange(company);
  company.invitations.delete(folded);
  call.effect('invitation.withdrawn', invitation.email);
  log(company, call, 'Employee account deleted', invitation.email);
  return ok(company);
}
