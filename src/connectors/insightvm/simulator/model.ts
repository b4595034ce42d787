import { z } from 'zod';

/** A user as the simulated console keeps it. */
export const storedUserSchema = z.object({
  id: z.number(),
  login: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  enabled: z.boolean(),
  locked: z.boolean(),
  /** Failed logins in a row. */
  failures: z.number(),
  locale: z.object({ default: z.string(), reports: z.string() }).nullable(),
  /** The authentication source's id. */
  source: z.number(),
  role: z.object({ id: z.string(), allSites: z.boolean(), allAssetGroups: z.boolean(), superuser: z.boolean() }),
  /** null: the one made from the seed. */
  password: z.string().nullable(),
  passwordResetOnLogin: z.boolean(),
  /** Base32; null: no second factor. */
  twoFactorKey: z.string().nullable(),
  /** Ids, ascending, without those seen through `allSites`. */
  sites: z.array(z.number()),
  assetGroups: z.array(z.number()),
});
export type StoredUser = Readonly<z.output<typeof storedUserSchema>>;

export const storedRoleSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** null: the console sends no such key for it. */
  privileges: z.array(z.string()).nullable(),
  isBuiltIn: z.boolean(),
});
export type StoredRole = Readonly<z.output<typeof storedRoleSchema>>;

const placeFields = {
  id: z.number(),
  name: z.string(),
  description: z.string(),
  assets: z.number(),
  riskScore: z.number(),
  vulnerabilities: z.object({ critical: z.number(), severe: z.number(), moderate: z.number() }),
};

export const storedSiteSchema = z.object({
  ...placeFields,
  type: z.enum(['static', 'dynamic', 'agent']),
  importance: z.enum(['very_low', 'low', 'normal', 'high', 'very_high']),
  scanEngine: z.number(),
  scanTemplate: z.string(),
  /** ISO 8601; null: never scanned. */
  lastScanTime: z.string().nullable(),
});
export type StoredSite = Readonly<z.output<typeof storedSiteSchema>>;

export const storedAssetGroupSchema = z.object({ ...placeFields, type: z.enum(['static', 'dynamic']) });
export type StoredAssetGroup = Readonly<z.output<typeof storedAssetGroupSchema>>;

export type SourceType = 'normal' | 'admin' | 'ldap' | 'kerberos' | 'saml';

export interface AuthenticationSource {
  readonly id: number;
  readonly name: string;
  readonly type: SourceType;
  readonly external: boolean;
}

/** Logins are compared in any letter case. */
export function foldLogin(login: string): string {
  return login.trim().toLowerCase();
}
