import { z } from 'zod';

/** A platform user as the simulated organization keeps it. Moments are epoch milliseconds. */
export const userSchema = z.object({
  id: z.string(),
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  timezone: z.string(),
  status: z.enum(['ACTIVE', 'PENDING', 'DISABLED']),
  platformAdmin: z.boolean(),
  federated: z.boolean(),
  /** null: never signed in. */
  lastLogin: z.number().nullable(),
  /** Tokens of the products given to the user. */
  products: z.array(z.string()),
  /** Roles by organization. */
  roles: z.record(z.string(), z.array(z.string())),
  sessions: z.number(),
});
export type StoredUser = Readonly<z.output<typeof userSchema>>;

export const groupSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  members: z.array(z.string()),
});
export type StoredGroup = Readonly<z.output<typeof groupSchema>>;

export const roleSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  organizationId: z.string().nullable(),
});
export type StoredRole = Readonly<z.output<typeof roleSchema>>;

/** An API key; the key itself is the secret. */
export const keySchema = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  kind: z.enum(['user', 'organization']),
  /** Whose user key it is. */
  ownerId: z.string().nullable(),
  createdAt: z.number(),
});
export type StoredKey = Readonly<z.output<typeof keySchema>>;

/** An entry of the audit log. */
export const auditSchema = z.object({
  at: z.number(),
  sequence: z.number(),
  action: z.string(),
  actor: z.string(),
  target: z.string(),
  address: z.string(),
});
export type AuditEntry = Readonly<z.output<typeof auditSchema>>;

export interface StoredOrganization {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly externalId: string | null;
}

export interface StoredProduct {
  readonly token: string;
  readonly code: string;
  readonly organizationId: string;
  readonly organizationName: string;
}

/** Folds an address for comparison. */
export function foldAddress(address: string): string {
  return address.trim().toLowerCase();
}
