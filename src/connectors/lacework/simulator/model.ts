import { z } from 'zod';

/** Which users' API an account has: the older TeamMembers, or TeamUsers and UserGroups once RBAC was switched on. */
export const userModelSchema = z.enum(['legacy', 'rbac']);
export type UserModel = z.output<typeof userModelSchema>;

/** An account of the organization; the primary one first. */
export const accountSchema = z.object({
  /** Upper case, as bodies have it: `NORTHWIND-EU`. Hosts and headers have it in lower case. */
  name: z.string(),
  custGuid: z.string(),
  model: userModelSchema,
});
export type Account = Readonly<z.output<typeof accountSchema>>;

/** What makes somebody an administrator or user of the whole organization. */
export const orgRoleSchema = z.enum(['admin', 'user']).nullable();
export type OrgRole = z.output<typeof orgRoleSchema>;

/** A person in one account, or a service user. Moments are epoch milliseconds. */
export const memberSchema = z.object({
  guid: z.string(),
  /** The account's name. */
  account: z.string(),
  type: z.enum(['StandardUser', 'ServiceUser']),
  /** '' for service users. */
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  /** The one name TeamUsers knows. */
  displayName: z.string(),
  company: z.string(),
  /** Of service users. */
  description: z.string(),
  isEnabled: z.boolean(),
  /** Where TeamMembers is in force. */
  isAdmin: z.boolean(),
  orgRole: orgRoleSchema,
  /** GUIDs of user groups, where RBAC is in force. */
  groups: z.array(z.string()),
  isJit: z.boolean(),
  created: z.number(),
  updated: z.number().nullable(),
  updatedBy: z.string().nullable(),
  /** null: never. */
  lastLogin: z.number().nullable(),
});
export type Member = Readonly<z.output<typeof memberSchema>>;

/** An API key. A person's belongs to their address, as GUIDs come and go; a service user's to its GUID. */
export const apiKeySchema = z.object({
  keyId: z.string(),
  secret: z.string(),
  account: z.string(),
  owner: z.union([z.object({ email: z.string() }), z.object({ guid: z.string() })]),
  isEnabled: z.boolean(),
  description: z.string(),
  created: z.number(),
});
export type ApiKey = Readonly<z.output<typeof apiKeySchema>>;

/** An access token, alive until it is revoked or expires. */
export const accessTokenSchema = z.object({ token: z.string(), keyId: z.string(), expires: z.number() });
export type AccessToken = Readonly<z.output<typeof accessTokenSchema>>;

/** A token that agents on machines report with: another kind of credential. */
export const agentTokenSchema = z.object({
  accessToken: z.string(),
  account: z.string(),
  alias: z.string(),
  description: z.string(),
  os: z.string(),
  isEnabled: z.boolean(),
  created: z.number(),
});
export type AgentToken = Readonly<z.output<typeof agentTokenSchema>>;

export const resourceGroupSchema = z.object({
  guid: z.string(),
  account: z.string(),
  name: z.string(),
  description: z.string(),
  type: z.string(),
  isEnabled: z.boolean(),
  isDefault: z.boolean(),
  createdBy: z.string(),
  created: z.number(),
  updatedBy: z.string(),
  updated: z.number(),
  query: z.json(),
});
export type ResourceGroup = Readonly<z.output<typeof resourceGroupSchema>>;

/** A user group that somebody made in the console: the API neither lists nor makes them. */
export const customGroupSchema = z.object({ guid: z.string(), account: z.string(), name: z.string() });
export type CustomGroup = Readonly<z.output<typeof customGroupSchema>>;

/** A row of the audit log. `at` is epoch milliseconds; rows are kept in its order. */
export const auditRowSchema = z.object({
  at: z.number(),
  account: z.string(),
  userName: z.string(),
  eventName: z.string(),
  userAction: z.string(),
  eventDescription: z.string(),
});
export type AuditRow = Readonly<z.output<typeof auditRowSchema>>;

/** The groups every account with RBAC has, under the same GUIDs. */
export const BUILT_IN_GROUPS = {
  LACEWORK_USER_GROUP_ADMIN: 'Admin',
  LACEWORK_USER_GROUP_POWER_USER: 'Power user',
  LACEWORK_USER_GROUP_READ_ONLY_USER: 'Read-only user',
} as const;
export const ADMIN_GROUP = 'LACEWORK_USER_GROUP_ADMIN';
export const READ_ONLY_GROUP = 'LACEWORK_USER_GROUP_READ_ONLY_USER';

/** Folds an address for comparison. */
export function foldAddress(address: string): string {
  return address.trim().toLowerCase();
}
