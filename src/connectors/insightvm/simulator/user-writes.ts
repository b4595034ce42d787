import { randomInt } from 'node:crypto';
import {
  bodyOf, type Call, deleted, done, type Handler, hrefOf, link, ok, requireAdmin, selfLink, userOf,
} from './call.ts'; // prettier-ignore
import { hasOtherAdministrator } from './console.ts';
import { isBase32 } from './login.ts';
import type { StoredUser } from './model.ts';
import { ownOrAny } from './reads.ts';
import { checkPassword, checkStanding, type EditedFields, readEdit } from './user-edit.ts';
import { answer, badRequest, notFound, Refusal } from './wire.ts';

export const createUser: Handler = (call) => {
  requireAdmin(call);
  const { console, effect } = call;
  const { password, ...fields } = readEdit(console, bodyOf(call), null);
  if (console.users.byLogin(fields.login)) throw badRequest(`The login "${fields.login}" is already in use.`);
  const id = console.users.nextId();
  console.users.put({
    ...fields,
    id,
    password,
    locked: false,
    failures: 0,
    twoFactorKey: null,
    sites: [],
    assetGroups: [],
  });
  effect('user.created', id, { login: fields.login, email: fields.email, role: fields.role.id });
  const path = `/users/${id}`;
  const isCreated = console.switches.createStatus === '201';
  const body = { links: [selfLink(call), link(call, path, 'User')], id };
  return answer(isCreated ? 201 : 200, body, isCreated ? { location: hrefOf(call, path) } : {});
};

/** The whole user is replaced; its lists of sites and asset groups stay, unless it may see all from now on. */
export const updateUser: Handler = (call) => {
  requireAdmin(call);
  const { console, caller, effect } = call;
  const before = userOf(call);
  const { password, ...fields } = readEdit(console, bodyOf(call), before);
  const holder = console.users.byLogin(fields.login);
  if (holder && holder.id !== before.id) throw badRequest(`The login "${fields.login}" is already in use.`);
  const after: StoredUser = {
    ...before,
    ...fields,
    password: password ?? before.password,
    sites: fields.role.allSites ? [] : before.sites,
    assetGroups: fields.role.allAssetGroups ? [] : before.assetGroups,
  };
  checkStanding(console, { caller, before, after }, () => hasOtherAdministrator(console, before));
  console.users.put(after);
  tellChange(call, before, fields);
  if (password !== null) effect('user.password-set', before.id, { resetOnLogin: fields.passwordResetOnLogin });
  return done(call);
};

export const deleteUser: Handler = (call) => {
  requireAdmin(call);
  const { console, caller, effect } = call;
  const user = userOf(call);
  checkStanding(console, { caller, before: user, after: null }, () => hasOtherAdministrator(console, user));
  console.users.remove(user.id);
  effect('user.deleted', user.id, { login: user.login, email: user.email });
  return deleted(call, link(call, '/users', 'Users'));
};

/** Takes the lock away. A disabled account cannot be unlocked; one that is not locked stays as it is. */
export const unlockUser: Handler = (call) => {
  requireAdmin(call);
  const user = userOf(call);
  if (!user.enabled) throw badRequest('A disabled account cannot be unlocked.');
  if (user.locked) {
    call.console.users.put({ ...user, locked: false, failures: 0 });
    call.effect('user.unlocked', user.id);
  }
  return deleted(call);
};

/** One's own password alone, as a JSON text. */
export const resetPassword: Handler = (call) => {
  const { console, caller, effect } = call;
  const user = ownOrAny(call);
  if (user.id !== caller.id) throw new Refusal(401, 'Users may only change their own password.');
  const password = passwordIn(call);
  checkPassword(console, password, user.email);
  console.users.put({ ...user, password, passwordResetOnLogin: false });
  effect('user.password-changed', user.id);
  return done(call);
};

export const getTwoFactorAuthenticationKey: Handler = (call) => {
  const { twoFactorKey } = ownOrAny(call);
  if (twoFactorKey === null && call.console.switches.noTwoFactor === '404') throw notFound();
  return ok({ key: twoFactorKey ?? undefined, links: [selfLink(call)] });
};

export const regenerateTwoFactorAuthentication: Handler = (call) => {
  const user = ownOrAny(call);
  const twoFactorKey = Array.from({ length: 16 }, () => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[randomInt(32)]).join('');
  call.console.users.put({ ...user, twoFactorKey });
  call.effect('user.two-factor-reset', user.id);
  return ok({ key: twoFactorKey, links: [selfLink(call)] });
};

export const setTwoFactorAuthentication: Handler = (call) => {
  const user = ownOrAny(call);
  const key = bodyOf(call);
  if (typeof key !== 'string' || !isBase32(key)) throw badRequest('The token is not a valid key.');
  call.console.users.put({ ...user, twoFactorKey: key });
  call.effect('user.two-factor-set', user.id);
  return done(call);
};

/** What a PUT did, one effect for each thing that a person would say of it. A PUT that changes nothing has none. */
function tellChange({ effect }: Call, before: StoredUser, after: Omit<EditedFields, 'password'>): void {
  const { id } = before;
  if (before.enabled !== after.enabled) effect(after.enabled ? 'user.enabled' : 'user.disabled', id);
  if (before.role.id !== after.role.id) effect('user.role-set', id, { from: before.role.id, to: after.role.id });
  const differing = (['login', 'name', 'email', 'locale', 'source'] as const).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  const flags = (['allSites', 'allAssetGroups', 'superuser'] as const).filter(
    (flag) => before.role[flag] !== after.role[flag],
  );
  const fields = [...differing, ...flags];
  if (fields.length > 0) effect('user.updated', id, { fields });
}

/** The bytes as they are in the raw mode, quotes and all: a vendor that binds a plain text would do so. */
function passwordIn(call: Call): string {
  const { passwordBody } = call.console.switches;
  const text = call.request.body;
  if (passwordBody === 'raw') return text;
  const parsed = parsedOrText(text, passwordBody === 'any');
  if (typeof parsed === 'string' && parsed !== '') return parsed;
  if (passwordBody === 'any' && typeof parsed === 'object' && parsed !== null && 'password' in parsed) {
    if (typeof parsed.password === 'string') return parsed.password;
  }
  throw badRequest('The request body must be a JSON string.');
}

function parsedOrText(text: string, mayBeText: boolean): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    return mayBeText ? text : undefined;
  }
}
