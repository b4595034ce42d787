import type { Caller, PrincipalKind, Role } from '../model/access.ts';
import { invalidInput, UsherError } from '../model/errors.ts';
import { connectionIdSchema, fold } from '../model/ids.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { knownConnectionIds } from '../store/connections.ts';
import type { Database } from '../store/open.ts';
import {
  activeAdministrators, allPrincipals, insertPrincipal, type Principal, principalById, type Queryable, updatePrincipal,
} from '../store/principals.ts'; // prettier-ignore
import { insertToken, revokeToken, type Token, tokenById, tokensOf } from '../store/tokens.ts';
import { principalChanged, principalMade, tokenMade, tokenRevoked } from './audit.ts';
import { createAuthenticator } from './authenticate.ts';
import { checkRoleOfKind, checkTokenRole, isWithin } from './roles.ts';
import { checkTokenText, hashToken, hintOf, newToken } from './token-text.ts';

/** Where time and randomness come from. */
export interface AccessOptions {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly clock: { now(): Date };
  /** That many random bytes, good enough for keys. */
  readonly random: (bytes: number) => Buffer;
}

export interface NewPrincipal {
  readonly name: string;
  readonly email: string | null;
  readonly kind: PrincipalKind;
  readonly role: Role;
}

export interface NewToken {
  readonly principalId: string;
  readonly name: string;
  /** null: the principal's. */
  readonly role: Role | null;
  /** null: all connections. */
  readonly connections: readonly string[] | null;
  /** null: it does not expire. */
  readonly expiresInDays: number | null;
}

/** A token just made: `secret` is its text, shown this once. */
export interface IssuedToken {
  readonly token: Token;
  readonly secret: string;
}

/** Who may call. All of it throws UsherErrors: `invalidInput` naming the field, `notFound`, `guarded`, `permission`. */
export interface Access {
  /** Who holds this token; `auth` with the code `invalidToken, tokenExpired, tokenRevoked` or `principalDisabled`. */
  authenticate(token: string): Promise<Caller>;
  listPrincipals(): Promise<readonly Principal[]>;
  getPrincipal(id: string): Promise<Principal>;
  createPrincipal(input: NewPrincipal): Promise<Principal>;
  /** The last person who may administer can be neither disabled nor given another role: `guarded`. */
  updatePrincipal(
    id: string,
    change: { readonly name?: string; readonly role?: Role; readonly disabled?: boolean },
  ): Promise<Principal>;
  /** null: the tokens of all principals. */
  listTokens(principalId: string | null): Promise<readonly Token[]>;
  getToken(id: string): Promise<Token>;
  /**
   * Makes a token within what its principal and `by`, who asks for it, may do themselves; `by` null: Usher itself.
   * `text` is given for the first administrator's only (USHER_ADMIN_TOKEN).
   */
  createToken(
    input: NewToken,
    by: Pick<Caller, 'principalId' | 'permissions' | 'connections' | 'tokenId'> | null,
    text?: string,
  ): Promise<IssuedToken>;
  /** At once in this process, within seconds in others. */
  revokeToken(id: string): Promise<void>;
}

/** The earlier of two ends; null is none. */
function earlier(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

const MAX_DAYS = 3660;
const DAY_MS = 86_400_000;

/** Opens the access room on a database. */
export function createAccess({ database, clock, random }: AccessOptions): Access {
  const authenticator = createAuthenticator({ database, clock });
  const newId = (prefix: string): string => `${prefix}_${random(9).toString('hex')}`;
  const getPrincipal = async (id: string): Promise<Principal> =>
    found(isId(id) ? await principalById(database.pool, id) : null, 'principal', id);
  const getToken = async (id: string): Promise<Token> =>
    found(isId(id) ? await tokenById(database.pool, id) : null, 'token', id);

  const endOf = async (tokenId: string): Promise<string | null> =>
    (isId(tokenId) ? await tokenById(database.pool, tokenId) : null)?.expiresAt ?? null;

  return {
    authenticate: (token) => authenticator.authenticate(token),
    listPrincipals: () => allPrincipals(database.pool),
    getPrincipal,
    getToken,
    listTokens: (principalId) => tokensOf(database.pool, principalId),

    async createPrincipal({ name, email, kind, role }) {
      checkRoleOfKind(kind, role);
      const now = clock.now().toISOString();
      const principal = {
        id: newId('p'), name: checkedName(name), email: checkedEmail(email), kind, role, disabledAt: null, createdAt: now, updatedAt: now,
      }; // prettier-ignore
      const isAdded = await database.transaction(async (client) => {
        if (!(await insertPrincipal(client, principal, principal.email && fold(principal.email)))) return false;
        await addAuditEntries(client, [principalMade(principal)]);
        return true;
      });
      if (isAdded) return principal;
      throw new UsherError(
        'alreadyExists',
        `There is a principal with the e-mail address ${principal.email} already.`,
        {
          field: 'email',
          next: 'Use that one, or leave the e-mail address out.',
        },
      );
    },

    async updatePrincipal(id, change) {
      const updated = await database.transaction(async (client) => {
        const administrators = await activeAdministrators(client, { lock: true });
        const before = found(isId(id) ? await principalById(client, id, { lock: true }) : null, 'principal', id);
        const role = change.role ?? before.role;
        checkRoleOfKind(before.kind, role);
        const now = clock.now().toISOString();
        const isDisabled = change.disabled ?? before.disabledAt !== null;
        const after: Principal = {
          ...before,
          name: change.name === undefined ? before.name : checkedName(change.name),
          role,
          disabledAt: isDisabled ? (before.disabledAt ?? now) : null,
          updatedAt: now,
        };
        const isLast = administrators.length === 1 && administrators[0]?.id === id;
        if (isLast && (after.role !== 'admin' || isDisabled)) throw lastAdministrator(before);
        await updatePrincipal(client, after);
        await addAuditEntries(client, [principalChanged(before, after)]);
        return after;
      });
      authenticator.forget();
      return updated;
    },

    async createToken(input, by, text) {
      const principal = await getPrincipal(input.principalId);
      const role = input.role ?? principal.role;
      checkTokenRole(principal.role, role);
      if (by !== null) checkWithin(role, input.connections, by);
      const connections = input.connections === null ? null : [...new Set(input.connections)].toSorted();
      await checkConnections(database.pool, connections);
      const secret = text === undefined ? newToken(random) : checkTokenText(text);
      const token: Token = {
        id: newId('t'),
        principalId: principal.id,
        name: checkedName(input.name),
        hint: hintOf(secret),
        role,
        connections,
        createdAt: clock.now().toISOString(),
        createdBy: by?.principalId ?? null,
        // A token that ends must not make one that outlives it.
        expiresAt: earlier(expiry(clock.now(), input.expiresInDays), by === null ? null : await endOf(by.tokenId)),
        lastUsedAt: null,
        revokedAt: null,
      };
      await database.transaction(async (client) => {
        await insertToken(client, token, hashToken(secret));
        await addAuditEntries(client, [tokenMade(token, principal)]);
      });
      return { token, secret };
    },

    async revokeToken(id) {
      const isThere =
        isId(id) &&
        (await database.transaction(async (client) => {
          const token = await tokenById(client, id);
          if (token === null || !(await revokeToken(client, id, clock.now()))) return false;
          await addAuditEntries(client, [tokenRevoked(token, clock.now().toISOString())]);
          return true;
        }));
      authenticator.forget();
      if (!isThere) throw notFound('token', id);
    },
  };
}

/** Nobody can hand out more than they have: not more rights, not more connections. */
function checkWithin(
  role: Role,
  connections: readonly string[] | null,
  by: Pick<Caller, 'permissions' | 'connections'>,
): void {
  if (!isWithin(role, by.permissions)) {
    throw new UsherError('permission', `Your own token does not allow all that the role ${role} does.`, {
      field: 'role',
      next: 'Choose a smaller role, or ask an administrator.',
    });
  }
  if (by.connections === null) return;
  const allowed = new Set(by.connections);
  if (connections !== null && connections.every((id) => allowed.has(id))) return;
  throw new UsherError('permission', 'Your own token is limited to some connections; so are those it makes.', {
    field: 'connections',
    next: 'Name connections that your own token is good for.',
  });
}

async function checkConnections(on: Queryable, connections: readonly string[] | null): Promise<void> {
  if (connections === null) return;
  if (connections.length === 0)
    throw invalidInput('connections', 'A token that is limited to no connection is good for nothing.');
  const plausible = connections.filter((id) => connectionIdSchema.safeParse(id).success);
  const known = new Set(await knownConnectionIds(on, plausible));
  const unknown = connections.find((id) => !known.has(id));
  if (unknown === undefined) return;
  throw invalidInput(
    'connections',
    `There is no connection ${JSON.stringify(unknown.slice(0, 80))}.`,
    'List them with usher connections.',
  );
}

function expiry(now: Date, days: number | null): string | null {
  if (days === null) return null;
  if (!Number.isFinite(days) || days <= 0 || days > MAX_DAYS) {
    throw invalidInput('expiresInDays', `A token is good for more than 0 and at most ${MAX_DAYS} days, or for ever.`);
  }
  return new Date(now.getTime() + days * DAY_MS).toISOString();
}

function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '' || trimmed.length > 200 || /\p{Cc}/u.test(trimmed) || !trimmed.isWellFormed()) {
    throw invalidInput('name', 'A name has 1 to 200 characters, and no control characters.');
  }
  return trimmed;
}

function checkedEmail(email: string | null): string | null {
  if (email === null) return null;
  if (email.length > 320 || !/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email) || !email.isWellFormed()) {
    throw invalidInput('email', 'That is not an e-mail address.');
  }
  return email;
}

function lastAdministrator({ name }: Principal): UsherError {
  return new UsherError('guarded', `${name} is the last person who may administer this Usher.`, {
    code: 'lastAdministrator',
    next: 'Make another person administrator first.',
  });
}

/** What cannot be an id is not asked for: Postgres refuses some characters in any text. */
function isId(id: string): boolean {
  return /^[\w-]{1,80}$/.test(id);
}

function found<T>(value: T | null, what: string, id: string): T {
  if (value === null) throw notFound(what, id);
  return value;
}

function notFound(what: string, id: string): UsherError {
  return new UsherError('notFound', `There is no ${what} ${JSON.stringify(id.slice(0, 80))}.`, {
    next: `List them with usher ${what === 'token' ? 'token list' : 'principals'}.`,
  });
}
