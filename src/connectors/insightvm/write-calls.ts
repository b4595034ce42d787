import { UsherError } from '../../model/errors.ts';
import { ask, askUnseen, parsed, understood } from './client.ts';
import { API, type InsightVmContext } from './config.ts';
import { type Area, SITE } from './mapping.ts';
import { createdSchema, twoFactorSchema } from './schemas.ts';
import type { UserBody } from './user-body.ts';

/** A password that a body brings along. */
export interface WithPassword {
  readonly password: string;
  readonly passwordResetOnLogin: boolean;
}

/** Makes a user; its id. The answer's first link is the list of users, not the one that was made. */
export async function createUser(context: InsightVmContext, body: UserBody & Partial<WithPassword>): Promise<number> {
  const operation = 'createUser';
  const answer = await ask(context, {
    operation, method: 'POST', path: `${API}/users`, body: { json: body }, secrets: secretsOf(body),
  }); // prettier-ignore
  return parsed(operation, createdSchema, answer).id;
}

/** Replaces a user: what the body leaves out is reset. Without a password the password stays. */
export async function replaceUser(
  context: InsightVmContext,
  id: string,
  body: UserBody & Partial<WithPassword>,
): Promise<void> {
  await ask(context, {
    operation: 'updateUser', method: 'PUT', path: `${API}/users/${id}`, body: { json: body }, secrets: secretsOf(body),
  }); // prettier-ignore
}

/** Deletes a user for good. */
export async function deleteUser(context: InsightVmContext, id: string): Promise<void> {
  await ask(context, { operation: 'deleteUser', method: 'DELETE', path: `${API}/users/${id}` });
}

/** Takes the lock away. No body and no length: some stacks and proxies refuse a DELETE that has one. */
export async function unlockUser(context: InsightVmContext, id: string): Promise<void> {
  await ask(context, { operation: 'unlockUser', method: 'DELETE', path: `${API}/users/${id}/lock` });
}

/** Adds one site or asset group to a user's list; others on it, and other users, are not touched. */
export async function grantAccess(context: InsightVmContext, area: Area, user: string, id: number): Promise<void> {
  await ask(context, {
    operation: area === SITE ? 'addUserSite' : 'addUserAssetGroup', method: 'PUT', path: pathOf(area, user, id),
    headers: JSON_TYPE,
  }); // prettier-ignore
}

/** Takes one site or asset group off a user's list. */
export async function revokeAccess(context: InsightVmContext, area: Area, user: string, id: number): Promise<void> {
  await ask(context, {
    operation: area === SITE ? 'removeUserSite' : 'removeUserAssetGroup', method: 'DELETE', path: pathOf(area, user, id),
  }); // prettier-ignore
}

/** Makes a new two-factor seed, which the answer alone tells. The one before stops working. */
export async function newTwoFactorSeed(context: InsightVmContext, user: string): Promise<string> {
  const operation = 'regenerateTwoFactorAuthentication';
  const answer = await askUnseen(context, {
    operation,
    method: 'POST',
    path: `${API}/users/${user}/2FA`,
    headers: JSON_TYPE,
  });
  const { key } = parsed(operation, twoFactorSchema, await understood(context, { operation }, answer));
  if (typeof key === 'string' && key !== '') return key;
  throw new UsherError('upstreamBug', 'The console made a two-factor seed and did not tell it.', {
    code: 'unexpectedShape',
  });
}

/** Sent with requests without a body, as the vendor's own client does. */
const JSON_TYPE = { 'content-type': 'application/json' };

function pathOf(area: Area, user: string, id: number): string {
  return `${API}/users/${user}/${area === SITE ? 'sites' : 'asset_groups'}/${id}`;
}

function secretsOf({ password }: Partial<WithPassword>): readonly string[] {
  return password === undefined ? [] : [password];
}
