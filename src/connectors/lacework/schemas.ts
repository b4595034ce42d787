import { z } from 'zod';
import type { FieldShape, JsonType } from '../../connector-kit/drift.ts';

/** 1 and 0, in some places true and false; the reference announces that the one will become the other. */
export function flagOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === '1' || value === 'true') return true;
  if (value === 0 || value === '0' || value === 'false') return false;
  return null;
}

/** A flag that is "no" where it is not told. */
const flag = z
  .unknown()
  .optional()
  .transform((value) => flagOf(value) ?? false);
const text = z.string();

/** One account of a profile, or of an organization-level answer: `accountName` is upper case here. */
const profileAccountSchema = z.object({
  accountName: text.min(1),
  admin: flag,
  custGuid: text.nullish().transform((guid) => guid ?? ''),
  userGuid: text.nullish().transform((guid) => guid ?? ''),
  userEnabled: z
    .unknown()
    .optional()
    .transform((value) => flagOf(value) ?? true),
});

/** `UserProfile`, and what organization-level writes of TeamMembers answer: `username` in captures, `userName` in the reference. */
export const profileSchema = z
  .looseObject({
    username: text.optional(),
    userName: text.optional(),
    orgAccount: flag,
    url: text.nullish(),
    orgAdmin: flag,
    orgUser: flag,
    accounts: z.array(profileAccountSchema),
  })
  .transform(({ username, userName, url, orgAccount, orgAdmin, orgUser, accounts }) => ({
    username: username ?? userName ?? '',
    url: url ?? null,
    orgAccount,
    orgAdmin,
    orgUser,
    accounts,
  }));
export type Profile = z.output<typeof profileSchema>;

/** `OrganizationInfo`: the address is absent where there is no organization. */
export const organizationSchema = z
  .looseObject({ orgAccount: flag, orgAccountUrl: text.nullish() })
  .transform(({ orgAccount, orgAccountUrl }) => ({ orgAccount, orgAccountUrl: orgAccountUrl ?? null }));
export type Organization = z.output<typeof organizationSchema>;

const string: readonly JsonType[] = ['string'];
const stringOrNull: readonly JsonType[] = ['string', 'null'];
const integerFlag: readonly JsonType[] = ['number', 'boolean'];
const boolean: readonly JsonType[] = ['boolean'];
const time: readonly JsonType[] = ['string', 'number', 'null'];

/** A row of TeamMembers, the legacy model (API reference; lacework/go-sdk api/team_members.go). */
export const MEMBER_SHAPE: Readonly<Record<string, FieldShape>> = {
  custGuid: { types: string },
  userGuid: { types: string, isRequired: true },
  userName: { types: string },
  username: { types: string },
  userEnabled: { types: integerFlag, isRequired: true },
  props: { types: ['object', 'null'] },
};
export const MEMBER_PROPS_SHAPE: Readonly<Record<string, FieldShape>> = {
  firstName: { types: stringOrNull },
  lastName: { types: stringOrNull },
  company: { types: stringOrNull },
  accountAdmin: { types: boolean },
  orgAdmin: { types: boolean },
  orgUser: { types: boolean },
  jitCreated: { types: boolean },
  createdTime: { types: time },
  updatedTime: { types: time },
  updatedBy: { types: stringOrNull },
  lastLoginTime: { types: time },
  lastSessionCreatedTime: { types: time },
};

/** A row of TeamUsers, the RBAC model (API reference; jefferyfry/eventengine). */
export const USER_SHAPE: Readonly<Record<string, FieldShape>> = {
  userGuid: { types: string, isRequired: true },
  type: { types: string, isRequired: true, values: new Set(['StandardUser', 'ServiceUser']) },
  name: { types: stringOrNull },
  email: { types: stringOrNull },
  company: { types: stringOrNull },
  description: { types: stringOrNull },
  userEnabled: { types: integerFlag, isRequired: true },
  userGroups: { types: ['array', 'null'] },
  lastLoginTime: { types: time },
  orgAccess: { types: stringOrNull, values: new Set(['NO_ORG_ACCESS', 'ORG_ADMIN', 'ORG_USER']) },
};

/** A resource group, as it was before 2023 and as it is since (API reference; lacework/go-sdk api/resource_groups.go). */
export const RESOURCE_GROUP_SHAPE: Readonly<Record<string, FieldShape>> = {
  resourceGroupGuid: { types: string },
  name: { types: string },
  description: { types: stringOrNull },
  resourceType: { types: string },
  enabled: { types: integerFlag },
  isDefaultBoolean: { types: boolean },
  createdBy: { types: stringOrNull },
  createdTime: { types: time },
  updatedBy: { types: stringOrNull },
  updatedTime: { types: time },
  query: { types: ['object', 'null'] },
  resourceGuid: { types: string },
  guid: { types: string },
  resourceName: { types: string },
  isDefault: { types: integerFlag },
  isDefaultInteger: { types: integerFlag },
  props: { types: ['object', 'null'] },
  propsJson: { types: ['object', 'string', 'null'] },
};

/** A row of AuditLogs (API reference, /schemas/AuditLogs): no id, no address; `eventType` only by the guide. */
export const AUDIT_SHAPE: Readonly<Record<string, FieldShape>> = {
  createdTime: { types: ['string', 'number'], isRequired: true },
  accountName: { types: stringOrNull },
  userName: { types: stringOrNull },
  eventName: { types: stringOrNull },
  userAction: { types: stringOrNull },
  eventDescription: { types: stringOrNull },
  eventType: { types: stringOrNull },
};

/** An API key as the guide has it, without its secret. */
export const API_KEY_SHAPE: Readonly<Record<string, FieldShape>> = {
  keyId: { types: string, isRequired: true },
  enabled: { types: integerFlag, isRequired: true },
  props: { types: ['object', 'null'] },
};

/** An agent access token (API reference): `accessToken` is the secret itself. */
export const AGENT_TOKEN_SHAPE: Readonly<Record<string, FieldShape>> = {
  accessToken: { types: string, isRequired: true },
  createdTime: { types: time },
  props: { types: ['object', 'null'] },
  tokenAlias: { types: stringOrNull },
  tokenEnabled: { types: [...integerFlag, 'string'] },
  version: { types: ['string', 'number', 'null'] },
};

/**
 * A time of the vendor as ISO 8601 in UTC: ISO text, epoch seconds (10 digits) or milliseconds (13 digits). null: never
 * (0 and absent both say so), or not to be understood.
 */
export function timeOf(value: unknown): string | null {
  // As it is written nearly always; asked hundreds of thousands of times.
  if (typeof value === 'string' && USUAL_TIME.test(value)) return value;
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value)) {
    const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/.test(value) || value.length <= 10;
    const ms = Date.parse(hasZone ? value : `${value}Z`);
    return Number.isNaN(ms) || ms <= 0 ? null : new Date(ms).toISOString();
  }
  const number = typeof value === 'string' && /^\d{10,13}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number) || number <= 0) return null;
  return new Date(number < 100_000_000_000 ? number * 1000 : number).toISOString();
}

const USUAL_TIME = /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** Whether there is a time at all: not 0, not absent. */
export function isTime(value: unknown): boolean {
  return value !== 0 && value !== null && value !== undefined && timeOf(value) !== null;
}
