import { type Console, isAdministrator } from './console.ts';
import type { StoredUser } from './model.ts';
import { forcesAllAssetGroups, forcesAllSites, GLOBAL_ADMINISTRATOR, SOURCES } from './roles.ts';
import { badRequest } from './wire.ts';

/** What a body asks for: the whole user but its lists, its lock and its second factor. */
export type EditedFields = Pick<
  StoredUser,
  'login' | 'name' | 'email' | 'enabled' | 'locale' | 'source' | 'role' | 'passwordResetOnLogin'
> & {
  /** null: none was sent, or it means nothing for this source. */
  readonly password: string | null;
};

type Fields = Readonly<Record<string, unknown>>;

/** What `UserEdit` of the OpenAPI document has, and what rapid7/insightconnect-plugins sends back of what it read. */
const KNOWN: readonly string[] = [
  'authentication', 'email', 'enabled', 'id', 'links', 'locale', 'locked', 'login', 'name', 'password',
  'passwordResetOnLogin', 'role',
]; // prettier-ignore
const KNOWN_ROLE: readonly string[] = ['id', 'allSites', 'allAssetGroups', 'superuser', 'name', 'privileges'];
const KNOWN_SOURCE: readonly string[] = ['type', 'id', 'external', 'name', 'links'];

/**
 * Reads the body of a create (`current` null) or of an update. It replaces the whole: what is not sent becomes the
 * default, which for `enabled` is true. Throws a 400 for what a console would refuse.
 */
export function readEdit(console: Console, body: unknown, current: StoredUser | null): EditedFields {
  const { switches } = console;
  const isGuide = switches.dialect === 'guide';
  const sent = current === null ? fieldsOf(body, 'body') : without(fieldsOf(body, 'body'), switches.dropsField);
  const fields = isGuide ? fromGuide(sent, current) : sent;
  if (!isGuide) only(fields, KNOWN, '');
  const login = textOf(fields, 'login');
  const name = textOf(fields, 'name', isGuide && current !== null);
  const email = fields['email'] === undefined || fields['email'] === null ? null : textOf(fields, 'email');
  if (email !== null && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) throw badRequest('The email address is not valid.');
  const role = readRole(console, fieldsOf(fields['role'], 'role'), isGuide);
  const source = readSource(console, fields['authentication'], role);
  return {
    login,
    name,
    email,
    enabled: flagOf(fields, 'enabled', true),
    locale: readLocale(fields['locale']),
    source,
    role,
    passwordResetOnLogin: flagOf(fields, 'passwordResetOnLogin', false),
    password: readPassword(console, fields, { source, email, current }),
  };
}

/** Whether a password would do: as the vendor documents the default policy of its cloud. Throws a 400. */
export function checkPassword({ switches }: Console, password: string, email: string | null): void {
  if (switches.passwordPolicy === 'off') return;
  const parts = (email ?? '')
    .toLowerCase()
    .split(/[@.]/)
    .filter((part) => part.length > 3);
  const isGood =
    password.length >= 8 &&
    [/[A-Z]/, /[a-z]/, /\d/].every((kind) => kind.test(password)) &&
    !parts.some((part) => password.toLowerCase().includes(part));
  if (!isGood) throw badRequest('The password does not meet the password policy.');
}

function readRole(console: Console, fields: Fields, isGuide: boolean): StoredUser['role'] {
  if (!isGuide) only(fields, KNOWN_ROLE, 'role.');
  const id = textOf(fields, 'id');
  const stored = console.roles.get(id);
  if (!stored) throw badRequest(`The role "${id}" does not exist.`);
  const sent = {
    id,
    allSites: flagOf(fields, 'allSites', isGuide),
    allAssetGroups: flagOf(fields, 'allAssetGroups', isGuide),
    superuser: flagOf(fields, 'superuser', isGuide && id === GLOBAL_ADMINISTRATOR),
  };
  const right = {
    id,
    allSites: sent.allSites || forcesAllSites(stored),
    allAssetGroups: sent.allAssetGroups || forcesAllAssetGroups(stored),
    superuser: id === GLOBAL_ADMINISTRATOR,
  };
  if (console.switches.roleRules === 'correct') return right;
  if (sent.superuser !== right.superuser)
    throw badRequest(`The role "${id}" does not go with superuser ${sent.superuser}.`);
  if (sent.allSites !== right.allSites) throw badRequest(`The role "${id}" requires access to all sites.`);
  if (sent.allAssetGroups !== right.allAssetGroups) {
    throw badRequest(`The role "${id}" requires access to all asset groups.`);
  }
  return right;
}

/** Left out: the built-in source that goes with the role. */
function readSource({ switches }: Console, value: unknown, role: StoredUser['role']): number {
  const fitting = role.id === GLOBAL_ADMINISTRATOR ? 'admin' : 'normal';
  const other = fitting === 'admin' ? 'normal' : 'admin';
  const builtIn = SOURCES.find(({ type }) => type === fitting)?.id ?? 0;
  if (value === undefined || value === null) return builtIn;
  const fields = fieldsOf(value, 'authentication');
  if (switches.dialect !== 'guide') only(fields, KNOWN_SOURCE, 'authentication.');
  const type = textOf(fields, 'type');
  const id = fields['id'] ?? SOURCES.find((source) => source.type === type)?.id;
  const source = SOURCES.find((known) => known.id === id && known.type === type);
  if (!source) throw badRequest(`There is no authentication source of type "${type}" with this id.`);
  if (source.type !== other) return source.id;
  if (switches.roleRules === 'correct') return builtIn;
  throw badRequest(`The role "${role.id}" does not go with authentication of type "${type}".`);
}

interface PasswordContext {
  readonly source: number;
  readonly email: string | null;
  readonly current: StoredUser | null;
}

/** Needed for a new local user, and for one that becomes local; without meaning for a user of a directory. */
function readPassword(console: Console, fields: Fields, { source, email, current }: PasswordContext): string | null {
  const isExternal = (id: number) => SOURCES.find((known) => known.id === id)?.external === true;
  const sent = fields['password'] === undefined || fields['password'] === null ? null : textOf(fields, 'password');
  if (isExternal(source)) return null;
  const hasOne = current !== null && !isExternal(current.source);
  if (sent === null && !hasOne) throw badRequest('A password is required for this type of authentication.');
  if (sent !== null) checkPassword(console, sent, email);
  return sent;
}

function readLocale(value: unknown): StoredUser['locale'] {
  if (value === undefined || value === null) return null;
  const fields = fieldsOf(value, 'locale');
  const language = (name: string) => (fields[name] === undefined ? 'en-US' : textOf(fields, name));
  return { default: language('default'), reports: language('reports') };
}

/** The guide's spelling, put into the document's: name of two parts, flags at the top, no field but the login needed. */
function fromGuide(fields: Fields, current: StoredUser | null): Fields {
  const { name, accessAllSites: allSites, accessAllAssetGroups: allAssetGroups, ...rest } = fields;
  const role = rest['role'] === undefined && current !== null ? { id: 'user' } : fieldsOf(rest['role'], 'role');
  const parts = typeof name === 'object' && name !== null ? fieldsOf(name, 'name') : null;
  return {
    ...rest,
    login: rest['login'] ?? current?.login,
    name: parts === null ? (name ?? (current === null ? undefined : '')) : joined(parts),
    role: {
      ...role,
      ...(allSites !== undefined && { allSites }),
      ...(allAssetGroups !== undefined && { allAssetGroups }),
    },
  };
}

function joined(parts: Fields): string {
  return [parts['first'], parts['last']].filter((part) => typeof part === 'string' && part !== '').join(' ');
}

/** The body as if a field had not been sent; of the name, the end is lost: without one it would be refused. */
function without(fields: Fields, field: Console['switches']['dropsField']): Fields {
  if (field === 'off') return fields;
  if (field === 'name') return { ...fields, name: String(fields['name']).split(' ')[0] };
  const [outer = '', inner] = field.split('.');
  const { [outer]: lost, ...rest } = fields;
  if (inner === undefined || lost === undefined) return rest;
  const { [inner]: _, ...kept } = fieldsOf(lost, outer);
  return { ...rest, [outer]: kept };
}

function only(fields: Fields, known: readonly string[], path: string): void {
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown !== undefined) throw badRequest(`Unrecognized property "${path}${unknown}".`);
}

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest(`The ${name} must be an object.`);
  return Object.fromEntries(Object.entries(value));
}

function textOf(fields: Fields, name: string, mayBeEmpty = false): string {
  const value = fields[name];
  if (typeof value !== 'string' || (value.trim() === '' && !mayBeEmpty))
    throw badRequest(`The property "${name}" is required.`);
  return value;
}

function flagOf(fields: Fields, name: string, fallback: boolean): boolean {
  const value = fields[name];
  if (value === undefined || value === null) return fallback;
  if (typeof value !== 'boolean') throw badRequest(`The property "${name}" must be true or false.`);
  return value;
}

/** Whether the change would take the caller's own access, or the last Global Administrator's; throws a 400 if so. */
export function checkStanding(
  console: Console,
  { caller, before, after }: { caller: StoredUser; before: StoredUser; after: StoredUser | null },
  hasOther: () => boolean,
): void {
  const { ownLogin, lastAdministrator } = console.switches;
  const keeps =
    after !== null && after.enabled && (!isAdministrator(console, before) || isAdministrator(console, after));
  if (keeps) return;
  if (before.id === caller.id && ownLogin === 'refuse') {
    throw badRequest('You cannot delete, disable or demote your own account.');
  }
  const isLast = before.enabled && before.role.id === GLOBAL_ADMINISTRATOR && !hasOther();
  if (isLast && lastAdministrator === 'refuse') throw badRequest('There must be at least one Global Administrator.');
}
