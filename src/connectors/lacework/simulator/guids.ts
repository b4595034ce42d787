import { hashAt } from '../../../connector-kit/simulator-kit/random.ts';

/** What a GUID is of: the numbers keep one kind from meeting another. */
export const GUID_OF = {
  account: 1,
  member: 2,
  made: 3,
  key: 4,
  resourceGroup: 5,
  agentToken: 6,
  customGroup: 7,
  secret: 8,
  token: 9,
} as const;

/**
 * A GUID as Lacework's look: up to eight letters and digits of the account's name, an underscore, 47 hex digits
 * (fixtures of lacework/go-sdk and terraform-provider-lacework). The same for the same arguments.
 */
export function guidOf(account: string, seedHash: number, kind: keyof typeof GUID_OF, index: number): string {
  return `${prefixOf(account)}_${hexOf(seedHash, kind, index, 47)}`;
}

/** So many hex digits in upper case, at most 48, the same for the same arguments. */
export function hexOf(seedHash: number, kind: keyof typeof GUID_OF, index: number, digits: number): string {
  let hex = '';
  for (let part = 0; part < 6; part++) {
    hex += hashAt(seedHash, GUID_OF[kind] * 100 + part, index)
      .toString(16)
      .padStart(8, '0');
  }
  return hex.slice(0, digits).toUpperCase();
}

/** What GUIDs and key ids of an account begin with. */
export function prefixOf(account: string): string {
  return account
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 8)
    .toUpperCase();
}
