import { isObject } from '../../connector-kit/json.ts';
import type { ZoneTime } from '../../connector-kit/time.ts';
import { UsherError } from '../../model/errors.ts';
import { compoundKey, fold } from '../../model/ids.ts';
import { grantKey } from '../../model/records.ts';
import type {
  AccountRecord,
  DeferredAccount,
  Extra,
  GrantRecord,
  GroupRecord,
  JsonValue,
  RoleRecord,
} from '../../model/records.ts';

/** A value of `Users`, as it came. */
export type RawUser = Readonly<Record<string, unknown>>;

const ADMIN = 'admin';
const BASIC = 'basic';
const ADMIN_ONLY: readonly string[] = Object.freeze([ADMIN]);
const BASIC_ONLY: readonly string[] = Object.freeze([BASIC]);

/** LastPass has no roles API: these two are made from the administrator flag. */
export const ROLES: readonly RoleRecord[] = [
  {
    kind: 'role', key: ADMIN, name: 'Admin', description: 'Administrator of the LastPass company', type: 'admin', extra: {},
  },
  { kind: 'role', key: BASIC, name: 'Basic', description: 'User without administrator rights', type: 'basic', extra: {} },
]; // prettier-ignore

/** The key of an invitation: it has no id until it is accepted. */
export function invitationKey(address: string): string {
  return `invited:${fold(address)}`;
}

/** The key of a group is its exact name; two spellings of one name in Unicode are one group. */
export function groupKey(name: string): string {
  return name.toWellFormed().normalize('NFC');
}

/**
 * Reads a user as far as access is decided by it and leaves the rest for `map`. Throws `upstreamBug` naming the user's id
 * and the field when a field that decides about access cannot be understood; other fields are read as far as they go.
 */
export class PulledUser implements DeferredAccount {
  readonly key: string;
  readonly username: string;
  readonly roles: readonly string[];
  readonly raw: RawUser;
  readonly #status: AccountRecord['status'];
  readonly #zone: ZoneTime;

  constructor(id: string, user: RawUser, zone: ZoneTime) {
    const username = user['username'];
    if (typeof username !== 'string' || username === '') throw unreadable(id, 'username');
    this.key = id;
    this.username = username;
    this.roles = (flagOf(user['admin']) ?? throwUnreadable(id, 'admin')) ? ADMIN_ONLY : BASIC_ONLY;
    this.#status = statusOf(id, user);
    this.#zone = zone;
    this.raw = withoutSecrets(user);
  }

  get mappedBy(): string {
    return this.#zone.timeZone;
  }

  map(): AccountRecord {
    const { key, username, roles, raw } = this;
    const attribs = redactAttribs(raw['attribs']);
    return {
      kind: 'account',
      key,
      email: username,
      username,
      displayName: textOf(raw['fullname']),
      givenName: null,
      familyName: null,
      status: this.#status,
      isLocked: null,
      isService: null,
      mfa: secondFactors(raw['multifactor']),
      roles,
      employeeNumber: attribs === null ? null : employeeNumberOf(attribs),
      createdAt: timeOf(raw['created'], this.#zone),
      extra: extraOf(raw, attribs),
      volatile: {
        lastLoginAt: timeOf(raw['last_login'], this.#zone),
        extra: volatileOf(raw, this.#zone),
      },
      raw,
    };
  }
}

/** Maps a user to an account; throws as `PulledUser` does. */
export function toAccount(id: string, user: RawUser, zone: ZoneTime): AccountRecord {
  return new PulledUser(id, user, zone).map();
}

/** Maps an invited address: an account without id, dates and roles until it is accepted. */
export function toInvitation(address: string): AccountRecord {
  return {
    kind: 'account',
    key: invitationKey(address),
    email: address,
    username: address,
    displayName: null,
    givenName: null,
    familyName: null,
    status: 'invited',
    isLocked: null,
    isService: null,
    mfa: null,
    roles: [],
    employeeNumber: null,
    createdAt: null,
    extra: {},
    volatile: { lastLoginAt: null, extra: {} },
    raw: address,
  };
}

export function toGroup(name: string): GroupRecord {
  return { kind: 'group', key: name, name, description: null, extra: {} };
}

/** A grant with its key. */
export function toGrant(grant: Omit<GrantRecord, 'kind' | 'key' | 'raw'>): GrantRecord {
  return { kind: 'grant', key: grantKey(grant), ...grant };
}

const NOTHING: Extra = Object.freeze({});

/** Makes memberships; what is the same for all members of a group is worked out once, as there are a million of them. */
export function membershipMaker(): (accountKey: string, groups: Iterable<string>) => GrantRecord[] {
  const tails = new Map<string, string>();
  const tailOf = (group: string): string => {
    let tail = tails.get(group);
    if (tail === undefined) {
      tail = compoundKey(`group:${group}`, 'member', '');
      tails.set(group, tail);
    }
    return tail;
  };
  return (accountKey, groups) => {
    const grants: GrantRecord[] = [];
    const head = compoundKey(`account:${accountKey}`);
    for (const group of groups) {
      grants.push({
        kind: 'grant',
        key: `${head} ${tailOf(group)}`,
        holderKind: 'account',
        holderKey: accountKey,
        targetKind: 'group',
        targetKey: group,
        permission: 'member',
        path: '',
        extra: NOTHING,
      });
    }
    return grants;
  };
}

/** Only the administrator role is something to hold: `basic` is what everybody has. */
export function toRoleGrant(account: Pick<AccountRecord, 'key' | 'roles'>): GrantRecord | null {
  if (!account.roles.includes(ADMIN)) return null;
  return toGrant({
    holderKind: 'account', holderKey: account.key, targetKind: 'role', targetKey: ADMIN, permission: 'holder', path: '',
    extra: {},
  }); // prettier-ignore
}

function statusOf(id: string, user: RawUser): AccountRecord['status'] {
  if (flagOf(user['disabled']) ?? throwUnreadable(id, 'disabled')) return 'disabled';
  return (flagOf(user['neverloggedin']) ?? throwUnreadable(id, 'neverloggedin')) ? 'pending' : 'active';
}

/**
 * What each code of `multifactor` is in the unified vocabulary. Attested in answers: googleauth, lastpassauth
 * (JupiterOne, lpmgt, cartography); the others are the vendor's names for its methods in CLI and reports.
 */
const FACTORS: Readonly<Record<string, string>> = {
  googleauth: 'totp',
  microsoftauth: 'totp',
  lastpassauth: 'push',
  duo: 'push',
  toopher: 'push',
  salesforcehash: 'totp',
  securid: 'hardware_token',
  symantecvip: 'totp',
  transakt: 'push',
  yubikey: 'hardware_token',
  smartcard: 'hardware_token',
  webauthn: 'hardware_token',
  fido2: 'hardware_token',
  sesame: 'software_token',
};

/** The key `multifactor` is only there when a second factor is set up. */
function secondFactors(code: unknown): readonly string[] {
  if (code === undefined || code === null || code === '') return [];
  return [(typeof code === 'string' ? FACTORS[code.toLowerCase()] : undefined) ?? 'unknown'];
}

/** Kept with the account and compared; only what is set, in sorted order. */
function extraOf(user: RawUser, attribs: Extra | null): Extra {
  const extra: Record<string, JsonValue> = {};
  if (attribs !== null) extra['attribs'] = attribs;
  for (const name of ['duousername', 'linked', 'multifactor'] as const) {
    const value = user[name];
    if (typeof value === 'string' && value !== '') extra[name] = value;
  }
  const mustReset = flagOf(user['password_reset_required'] ?? null);
  if (mustReset === true) extra['passwordResetRequired'] = true;
  if (typeof user['securidusername'] === 'string' && user['securidusername'] !== '') {
    extra['securidusername'] = user['securidusername'];
  }
  return extra;
}

/** Counts, scores and dates that move with use and mean no change of access. */
const VOLATILE = [
  'applications', 'attachments', 'formfills', 'hasSharingKeys', 'lastPasswordChangeAt', 'legacytotalscore',
  'mpstrength', 'notes', 'sites', 'totalscore',
] as const; // prettier-ignore

function volatileOf(user: RawUser, zone: ZoneTime): Extra {
  const extra: Record<string, JsonValue> = {};
  // In the order of the names, as they are hashed: sorting a million of these would show.
  for (const name of VOLATILE) {
    const value = name === 'lastPasswordChangeAt' ? timeOf(user['last_pw_change'], zone) : user[name];
    if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') extra[name] = value;
  }
  return extra;
}

const SECRET_ATTRIBUTE = /pass|pwd|secret|token|pin$|hash|private|credential/i;
export const REDACTED = '[redacted]';

/** Whether an attribute of this name may hold a secret. */
export function isSecretAttribute(name: string): boolean {
  return SECRET_ATTRIBUTE.test(name);
}

/**
 * Custom attributes without what may be a secret: Splunk's add-on had to hash a `password` it found in here. null where
 * there are none.
 */
export function redactAttribs(attribs: unknown): Record<string, JsonValue> | null {
  if (!isObject(attribs)) return null;
  const names = Object.keys(attribs).sort();
  if (names.length === 0) return null;
  return Object.fromEntries(names.map((name) => [name, SECRET_ATTRIBUTE.test(name) ? REDACTED : plain(attribs[name])]));
}

/** The user as it came, with the custom attributes redacted where there is something to redact. */
function withoutSecrets(user: RawUser): RawUser {
  const attribs = user['attribs'];
  if (!isObject(attribs)) return user;
  for (const name in attribs) {
    if (SECRET_ATTRIBUTE.test(name) || typeof attribs[name] === 'object') {
      return { ...user, attribs: redactAttribs(attribs) };
    }
  }
  return user;
}

/** Attributes are texts; anything else is kept as the text of its JSON. */
function plain(value: unknown): JsonValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
    return value;
  return JSON.stringify(value) ?? null;
}

function employeeNumberOf(attribs: Readonly<Record<string, JsonValue>>): string | null {
  for (const [name, value] of Object.entries(attribs)) {
    if (name.toLowerCase() !== 'employeenumber') continue;
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  }
  return null;
}

/** Real booleans, 0/1 and "0"/"1" are all attested; absent is no. null: not to be understood. */
export function flagOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value === undefined || value === null || value === 0 || value === '0' || value === '') return false;
  if (value === 1 || value === '1') return true;
  if (value === 'true' || value === 'false') return value === 'true';
  return null;
}

/** "Never" is an empty text (JupiterOne's recordings). */
function timeOf(value: unknown, zone: ZoneTime): string | null {
  return typeof value === 'string' && value !== '' ? zone.toUtc(value) : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function throwUnreadable(id: string, field: string): never {
  throw unreadable(id, field);
}

function unreadable(id: string, field: string): UsherError {
  return new UsherError('upstreamBug', `LastPass sent user ${id} with a field ${field} that makes no sense.`, {
    code: 'unexpectedShape',
    next: 'Nothing was concluded from this answer. Try again; if it stays so, report it with the name of the field.',
  });
}
