import { UsherError } from '../../../model/errors.ts';
import type { JsonValue } from '../../../model/records.ts';
import { hashAt } from '../../../connector-kit/simulator-kit/random.ts';
import type { EffectRecorder } from '../../../connector-kit/simulator-kit/logs.ts';
import { revokeTokens } from './access-tokens.ts';
import { isAccountAdmin } from './access.ts';
import { COMPANY_NAME } from './blueprint.ts';
import { keyIdOf, secretOf } from './holdings.ts';
import { guidOf, hexOf } from './guids.ts';
import { type Account, ADMIN_GROUP, type ApiKey, type Member, READ_ONLY_GROUP } from './model.ts';
import type { Mutation, MutationOf } from './mutation-schema.ts';
import { newMember, splitName } from './people.ts';
import { accountNamed, primaryOf, type Tenant } from './tenant.ts';

/** Makes one change. Throws `notFound` where its subject is not there. */
export function mutate(tenant: Tenant, mutation: Mutation, effect: EffectRecorder): JsonValue {
  switch (mutation.op) {
    case 'add-user':
    case 'add-service-user':
    case 'delete-user':
    case 'set-user':
    case 'sign-in':
    case 'set-org-role':
    case 'set-groups':
      return changePerson(tenant, mutation, effect);
    case 'set-model':
    case 'add-account':
    case 'remove-account':
    case 'add-group':
    case 'delete-group':
      return changeAccount(tenant, mutation);
    case 'add-key':
    case 'disable-key':
    case 'enable-key':
    case 'delete-key':
    case 'end-tokens':
      return changeKey(tenant, mutation, effect);
    case 'add-audit-row': {
      const { op: _, times, ...row } = mutation;
      for (let time = 0; time < times; time++) tenant.audit.append(row);
      return { rows: times };
    }
    default:
      return changeMany(tenant, mutation);
  }
}

type PersonOp =
  | 'add-user'
  | 'add-service-user'
  | 'delete-user'
  | 'set-user'
  | 'sign-in'
  | 'set-org-role'
  | 'set-groups';

function changePerson(tenant: Tenant, mutation: MutationOf<PersonOp>, effect: EffectRecorder): JsonValue {
  const { members } = tenant;
  switch (mutation.op) {
    case 'add-user': {
      const at = findAccount(tenant, mutation.account);
      const member = newMember(tenant, at, {
        email: mutation.email,
        ...splitName(mutation.name),
        company: COMPANY_NAME,
        isEnabled: mutation.enabled,
        isAdmin: mutation.admin,
        ...(at.model === 'rbac' && mutation.admin && { groups: [ADMIN_GROUP] }),
      });
      members.put(member);
      effect('user.created', member.email, { accounts: [at.name] });
      return { userGuid: member.guid };
    }
    case 'add-service-user': {
      const at = findAccount(tenant, mutation.account);
      const names = { firstName: '', lastName: '', displayName: mutation.name, description: mutation.description };
      const member = newMember(tenant, at, {
        ...names,
        type: 'ServiceUser',
        email: '',
        company: '',
        isEnabled: true,
        isAdmin: false,
        groups: [],
      });
      members.put(member);
      return { userGuid: member.guid };
    }
    case 'delete-user': {
      const rows = findUser(tenant, mutation.user, mutation.account);
      for (const { guid } of rows) members.remove(guid);
      effect('user.deleted', mutation.user, { accounts: rows.map((row) => row.account) });
      return { rows: rows.length };
    }
    case 'set-user': {
      const rows = findUser(tenant, mutation.user, mutation.account);
      for (const row of rows) members.put({ ...row, ...mutation.fields });
      effect('user.updated', mutation.user, { fields: Object.keys(mutation.fields) });
      return { rows: rows.length };
    }
    case 'sign-in': {
      const rows = findUser(tenant, mutation.user, mutation.account);
      const now = tenant.clock.now().getTime();
      for (const row of rows) {
        const eventDescription = `User ${mutation.user} logged in`;
        members.put({ ...row, lastLogin: now });
        tenant.audit.append({
          account: row.account,
          userName: mutation.user,
          eventName: 'User Login',
          userAction: 'Login',
          eventDescription,
        });
      }
      effect('user.signed-in', mutation.user);
      return { rows: rows.length };
    }
    case 'set-org-role':
      return promote(tenant, mutation.user, mutation.role);
    default: {
      const rows = findUser(tenant, mutation.user, mutation.account);
      for (const row of rows) members.put({ ...row, groups: mutation.groups });
      return { rows: rows.length };
    }
  }
}

/** With a role in the organization somebody is in every account. */
function promote(tenant: Tenant, email: string, orgRole: Member['orgRole']): JsonValue {
  const rows = findUser(tenant, email);
  for (const row of rows) tenant.members.put({ ...row, orgRole });
  const [first] = rows;
  if (orgRole !== null && first) {
    for (const at of tenant.accounts.filter(({ name }) => !rows.some((row) => row.account === name))) {
      const { email: address, firstName, lastName, displayName, company, isEnabled, lastLogin } = first;
      const fields = { email: address, firstName, lastName, displayName, company, isEnabled, lastLogin, orgRole };
      tenant.members.put(newMember(tenant, at, { ...fields, isAdmin: false }));
    }
  }
  return { rows: tenant.members.rowsOf(email).length };
}

type AccountOp = 'set-model' | 'add-account' | 'remove-account' | 'add-group' | 'delete-group';

function changeAccount(tenant: Tenant, mutation: MutationOf<AccountOp>): JsonValue {
  const { accounts } = tenant;
  switch (mutation.op) {
    case 'set-model': {
      const changed = mutation.account === undefined ? [...accounts] : [findAccount(tenant, mutation.account)];
      for (const at of changed) setModel(tenant, at, mutation.model);
      return { accounts: changed.map(({ name }) => name) };
    }
    case 'add-account': {
      const name = mutation.account.toUpperCase();
      const custGuid = guidOf(name, tenant.seedHash, 'account', 1_000 + ++tenant.made);
      accounts.push({ name, custGuid, model: mutation.model });
      for (const row of tenant.members.all(primaryOf(tenant).name)) {
        if (row.orgRole !== null) promote(tenant, row.email, row.orgRole);
      }
      return { custGuid };
    }
    case 'remove-account': {
      const at = findAccount(tenant, mutation.account);
      for (const { guid } of tenant.members.all(at.name)) tenant.members.remove(guid);
      accounts.splice(accounts.indexOf(at), 1);
      return { accounts: accounts.map(({ name }) => name) };
    }
    case 'add-group': {
      const at = findAccount(tenant, mutation.account);
      const guid = `group${hexOf(tenant.seedHash, 'customGroup', 1_000 + ++tenant.made, 32)}`;
      tenant.customGroups.push({ guid, account: at.name, name: mutation.name });
      return { userGroupGuid: guid };
    }
    default: {
      const place = tenant.customGroups.findIndex(
        ({ guid, name }) => mutation.group === guid || mutation.group === name,
      );
      const [group] = place < 0 ? [] : tenant.customGroups.splice(place, 1);
      if (!group) throw notThere('group', mutation.group);
      for (const row of tenant.members.all(group.account)) {
        if (!row.groups.includes(group.guid)) continue;
        tenant.members.put({ ...row, groups: row.groups.filter((guid) => guid !== group.guid) });
      }
      return { userGroupGuid: group.guid };
    }
  }
}

function setModel(tenant: Tenant, at: Account, model: Account['model']): void {
  if (at.model === model) return;
  for (const row of tenant.members.all(at.name)) {
    const isAdmin = row.orgRole === 'admin' ? row.isAdmin : isAccountAdmin(row, at);
    const groups = model === 'legacy' ? row.groups : [isAdmin ? ADMIN_GROUP : READ_ONLY_GROUP];
    tenant.members.put({ ...row, isAdmin, groups });
  }
  tenant.accounts.splice(tenant.accounts.indexOf(at), 1, { ...at, model });
}

type KeyOp = 'add-key' | 'disable-key' | 'enable-key' | 'delete-key' | 'end-tokens';

function changeKey(tenant: Tenant, mutation: MutationOf<KeyOp>, effect: EffectRecorder): JsonValue {
  if (mutation.op === 'end-tokens') {
    if (mutation.keyId === undefined) tenant.tokens.clear();
    else revokeTokens(tenant, mutation.keyId);
    return { tokens: tenant.tokens.size };
  }
  if (mutation.op === 'add-key') return addKey(tenant, mutation);
  const key = tenant.keys.get(mutation.keyId);
  if (!key) throw notThere('API key', mutation.keyId);
  if (mutation.op === 'delete-key') tenant.keys.delete(key.keyId);
  else tenant.keys.set(key.keyId, { ...key, isEnabled: mutation.op === 'enable-key' });
  const dies =
    mutation.op === 'delete-key' || (mutation.op === 'disable-key' && tenant.switches.disableKillsTokens === 'on');
  if (dies) revokeTokens(tenant, key.keyId);
  effect(
    { 'disable-key': 'key.disabled', 'enable-key': 'key.enabled', 'delete-key': 'key.deleted' }[mutation.op],
    key.keyId,
  );
  return { keyId: key.keyId };
}

function addKey(tenant: Tenant, mutation: MutationOf<'add-key'>): JsonValue {
  const at = findAccount(tenant, mutation.account);
  const [owner] = findUser(tenant, mutation.owner, mutation.account);
  if (!owner) throw notThere('user', mutation.owner);
  const index = 1_000 + ++tenant.made;
  const key: ApiKey = {
    keyId: keyIdOf(at.name, tenant.seedHash, index),
    secret: secretOf(tenant.seedHash, index),
    account: at.name,
    owner: owner.type === 'ServiceUser' ? { guid: owner.guid } : { email: owner.email },
    isEnabled: true,
    description: mutation.description,
    created: tenant.clock.now().getTime(),
  };
  tenant.keys.set(key.keyId, key);
  return { keyId: key.keyId, secret: key.secret };
}

/** Every row draws its luck from seed and round: the same share is hit again for the same round. */
function changeMany(tenant: Tenant, mutation: MutationOf<'change-share' | 'delete-share'>): JsonValue {
  let touched = 0;
  let place = 0;
  for (const { name } of tenant.accounts) {
    for (const row of tenant.members.all(name)) {
      if (hashAt(tenant.seedHash, 1_000 + mutation.round, place++) / 0x1_0000_0000 >= mutation.share) continue;
      const lastName = `${row.lastName} (${mutation.round})`;
      if (mutation.op === 'delete-share') tenant.members.remove(row.guid);
      else tenant.members.put({ ...row, lastName, displayName: `${row.firstName} ${lastName}` });
      touched++;
    }
  }
  return { rows: touched };
}

function findAccount(tenant: Tenant, name: string): Account {
  const found = accountNamed(tenant, name);
  if (!found) throw notThere('account', name);
  return found;
}

/** A person's rows, or the service user of this name; in one account or all. */
function findUser(tenant: Tenant, name: string, inAccount?: string): readonly Member[] {
  const accountName = inAccount === undefined ? null : findAccount(tenant, inAccount).name;
  const rows = name.includes('@')
    ? tenant.members.rowsOf(name)
    : tenant.accounts.flatMap((at) => tenant.members.all(at.name).filter(({ displayName }) => displayName === name));
  const found = rows.filter((row) => accountName === null || row.account === accountName);
  if (found.length === 0) throw notThere('user', name);
  return found;
}

function notThere(kind: string, name: string): UsherError {
  return new UsherError('notFound', `The simulated organization has no ${kind} "${name}".`);
}
