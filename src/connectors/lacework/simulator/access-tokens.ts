import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { SimulatorRequest } from '../../../connector-kit/simulator-kit/server.ts';
import { callerOf, isAccountAdmin } from './access.ts';
import type { ApiKey } from './model.ts';
import { accountNamed, type Tenant } from './tenant.ts';
import { type Answer, header, isRecord, json, readBody, Refused } from './wire.ts';

const LONGEST_SECONDS = 86_400;
const DEFAULT_SECONDS = 3_600;

const bodySchema = z.strictObject({
  keyId: z.string().min(1),
  expiryTime: z.number().int().min(1).optional(),
});

/** The key id of a token request, for its rate; '' where there is none. */
export function keyIdIn(body: unknown): string {
  const keyId = isRecord(body) ? body['keyId'] : undefined;
  return typeof keyId === 'string' ? keyId : '';
}

/**
 * `POST access/tokens`: the secret in `X-LW-UAKS`, the key's id in the body; 201 and a flat answer with milliseconds (the
 * reference, lacework/go-sdk, lacework/python-sdk). Throws `Refused`.
 */
export function createAccessToken(tenant: Tenant, request: SimulatorRequest): Answer {
  const body = readBody(request);
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
    if (unknown !== undefined && tenant.switches.unknownKeys === 'refuse') {
      throw new Refused(400, `key ${unknown} is unrecognized`);
    }
    if (unknown === undefined) throw new Refused(400, `Invalid ${issue?.path.join('.') || 'request'}`);
  }
  const seconds = secondsIn(body);
  const key = tenant.keys.get(keyIdIn(body));
  if (!key || !isSecret(key, header(request, 'x-lw-uaks'))) throw new Refused(401, 'Invalid API key or secret');
  if (!key.isEnabled || !mayMakeTokens(tenant, key)) throw new Refused(401, 'API key is not active');

  const expires = tenant.clock.now().getTime() + seconds * 1_000;
  const token = `_${createHash('sha256')
    .update(`${tenant.seedHash}/token/${++tenant.made}`)
    .digest('hex')
    .slice(0, 32)}`;
  dropExpired(tenant);
  tenant.tokens.set(token, { token, keyId: key.keyId, expires });
  const owner = callerOf(tenant, key);
  tenant.audit.append({
    account: key.account,
    userName: owner?.name ?? '',
    eventName: 'Access Token',
    userAction: 'Create',
    eventDescription: `Access token was created with API key ${key.keyId}`,
  });
  const expiresAt = new Date(expires).toISOString();
  return json(201, {
    expiresAt: tenant.switches.seedCompat === 'on' ? expiresAt.replace(/\.\d+Z$/, 'Z') : expiresAt,
    token,
  });
}

/** Ends all tokens of a key. */
export function revokeTokens(tenant: Tenant, keyId: string): void {
  for (const { token, keyId: of } of tenant.tokens.values()) if (of === keyId) tenant.tokens.delete(token);
}

function secondsIn(body: unknown): number {
  const seconds = isRecord(body) ? (body['expiryTime'] ?? DEFAULT_SECONDS) : DEFAULT_SECONDS;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds)) throw new Refused(400, 'Invalid expiryTime');
  if (seconds > LONGEST_SECONDS) throw new Refused(400, `expiryTime must be at most ${LONGEST_SECONDS}`);
  return seconds;
}

/** A person who is no administrator any more cannot make tokens; service users may have keys with less. */
function mayMakeTokens(tenant: Tenant, key: ApiKey): boolean {
  const owner = callerOf(tenant, key);
  const account = accountNamed(tenant, key.account);
  if (!owner || !account) return false;
  const row = owner.rows.find(({ account: name }) => name === account.name);
  return owner.isService || owner.isOrgAdmin || account.model === 'rbac' || (!!row && isAccountAdmin(row, account));
}

function isSecret({ secret }: ApiKey, given: string): boolean {
  const [one, other] = [Buffer.from(secret), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function dropExpired({ tokens, clock }: Tenant): void {
  if (tokens.size < 1_000) return;
  const now = clock.now().getTime();
  for (const { token, expires } of tokens.values()) if (expires <= now) tokens.delete(token);
}
