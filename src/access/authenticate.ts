import type { Caller } from '../model/access.ts';
import { UsherError } from '../model/errors.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import type { Database } from '../store/open.ts';
import { tokenByHash, type TokenHolder, touchToken } from '../store/tokens.ts';
import { loggedIn } from './audit.ts';
import { commonPermissions, effectiveRole } from './roles.ts';
import { hashToken } from './token-text.ts';

/** How long other processes may still take a token for good that was revoked in one. */
const CACHE_MS = 5000;
const CACHE_ENTRIES = 1000;
const MAX_TOKEN_CHARS = 1000;

interface Authenticator {
  authenticate(text: string): Promise<Caller>;
  /** Forgets what it knows: tokens or principals changed. */
  forget(): void;
}

interface Known {
  readonly holder: TokenHolder;
  readonly caller: Caller;
  readonly readAtMs: number;
}

/** Finds out who holds a token, remembering good ones for a few seconds. */
export function createAuthenticator(options: {
  readonly database: Pick<Database, 'pool'>;
  readonly clock: { now(): Date };
}): Authenticator {
  const known = new Map<string, Known>();
  let generation = 0;

  const read = async (hash: Buffer, now: Date): Promise<Known> => {
    const before = generation;
    const holder = await tokenByHash(options.database.pool, hash);
    if (holder === null) {
      throw refused(
        'invalidToken',
        'Usher does not know this token.',
        'Check it, or make one with: usher token create',
      );
    }
    checkUsable(holder, now);
    await touchToken(options.database.pool, holder.id, now);
    if (!isSameDay(holder.lastUsedAt, now)) {
      await addAuditEntries(options.database.pool, [loggedIn(holder, now.toISOString())]);
    }
    const entry = { holder, caller: callerOf(holder), readAtMs: now.getTime() };
    // What was read before a revocation must not be remembered after it.
    if (before === generation) {
      if (known.size >= CACHE_ENTRIES) known.clear();
      known.set(hash.toString('base64'), entry);
    }
    return entry;
  };

  return {
    async authenticate(text) {
      if (text === '' || text.length > MAX_TOKEN_CHARS) throw refused('invalidToken', 'That is not a token.', '');
      const now = options.clock.now();
      const hash = hashToken(text);
      const remembered = known.get(hash.toString('base64'));
      const ageMs = remembered === undefined ? Infinity : now.getTime() - remembered.readAtMs;
      const entry = remembered !== undefined && ageMs >= 0 && ageMs < CACHE_MS ? remembered : await read(hash, now);
      checkUsable(entry.holder, now);
      return entry.caller;
    },
    forget() {
      generation += 1;
      known.clear();
    },
  };
}

function callerOf(holder: TokenHolder): Caller {
  return {
    principalId: holder.principalId,
    principalName: holder.principalName,
    principalKind: holder.principalKind,
    role: effectiveRole(holder.principalRole, holder.role),
    permissions: commonPermissions(holder.principalRole, holder.role),
    tokenId: holder.id,
    connections: holder.connections,
  };
}

function checkUsable({ name, revokedAt, expiresAt, principalDisabledAt, principalName }: TokenHolder, now: Date): void {
  const another = 'Make another with: usher token create';
  if (revokedAt !== null) throw refused('tokenRevoked', `The token "${name}" was revoked on ${revokedAt}.`, another);
  if (expiresAt !== null && Date.parse(expiresAt) <= now.getTime()) {
    throw refused('tokenExpired', `The token "${name}" expired on ${expiresAt}.`, another);
  }
  if (principalDisabledAt !== null) {
    throw refused('principalDisabled', `${principalName}, whose token this is, was disabled.`, 'Ask an administrator.');
  }
}

function isSameDay(last: string | null, now: Date): boolean {
  return last !== null && last.slice(0, 10) === now.toISOString().slice(0, 10);
}

function refused(code: string, message: string, next: string): UsherError {
  return new UsherError('auth', message, { code, next: next || undefined });
}
