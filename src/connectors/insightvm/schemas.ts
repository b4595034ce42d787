import { z } from 'zod';
import type { FieldShape, JsonType } from '../../connector-kit/drift.ts';

/** `id` of a user, site, asset group or authentication source. */
const id = z.int();
/** Absent and null are the same to us. */
const optionalText = z.string().nullish();

const localeSchema = z.looseObject({ default: optionalText, reports: optionalText });

/** The role of a user: `id` is absent where a user comes in the list of a site (JupiterOne/graph-rapid7 recordings). */
const userRoleSchema = z.looseObject({
  id: z.string().min(1).optional(),
  name: optionalText,
  allSites: z.boolean().optional(),
  allAssetGroups: z.boolean().optional(),
  superuser: z.boolean().optional(),
  privileges: z.array(z.string()).nullish(),
});

/** Of the source only what decides how somebody signs in; `type` is open, though the specification lists five. */
const userSourceSchema = z.looseObject({
  id: id.nullish(),
  type: z.string(),
  name: optionalText,
  external: z.boolean().nullish(),
});

/** One text; a guide shows two parts. */
const nameSchema = z
  .union([
    optionalText,
    z
      .looseObject({ first: optionalText, last: optionalText })
      .transform(({ first, last }) =>
        [first, last].filter((part) => typeof part === 'string' && part !== '').join(' '),
      ),
  ])
  .optional();

/**
 * A user as the console shows it (its OpenAPI document, `User`; JupiterOne/graph-rapid7 recordings). What decides about
 * access has to be understood; everything else is read as far as it goes.
 */
export const userSchema = z.looseObject({
  id,
  login: z.string().min(1),
  name: nameSchema,
  email: optionalText,
  enabled: z.boolean(),
  locked: z.boolean().nullish(),
  locale: localeSchema.nullish(),
  authentication: userSourceSchema.nullish(),
  role: userRoleSchema.extend({ id: z.string().min(1) }),
});
export type User = z.output<typeof userSchema>;

/** A user in the list of a site: who it is, and whether it sees all sites anyway. */
export const siteUserSchema = z.looseObject({ id, role: userRoleSchema.nullish() });
export type SiteUser = z.output<typeof siteUserSchema>;

/** `privileges` is missing altogether on some roles (rapid7/insightconnect-plugins patches an empty list in). */
export const roleSchema = z.looseObject({
  id: z.string().min(1),
  name: optionalText,
  description: optionalText,
  privileges: z
    .array(z.string())
    .nullish()
    .transform((privileges) => privileges ?? []),
});
export type Role = z.output<typeof roleSchema>;

export const sourceSchema = z.looseObject({
  id,
  type: z.string(),
  name: optionalText,
  external: z.boolean().nullish(),
});
export type Source = z.output<typeof sourceSchema>;

export const siteSchema = z.looseObject({ id, name: optionalText, description: optionalText, type: optionalText });
export type Site = z.output<typeof siteSchema>;

export const assetGroupSchema = z.looseObject({
  id,
  name: optionalText,
  description: optionalText,
  type: optionalText,
});
export type AssetGroup = z.output<typeof assetGroupSchema>;

/** Lists of ids are bare numbers (OpenAPI); one guide shows objects with an `id`. */
export const referenceSchema = z.union([id, z.looseObject({ id }).transform((object) => object.id)]);

const pageSchema = z.looseObject({
  number: z.int().nonnegative(),
  size: z.int().nonnegative(),
  totalResources: z.int().nonnegative(),
  totalPages: z.int().nonnegative(),
});

/** A page of full resources. */
export const pagedSchema = z.looseObject({ resources: z.array(z.unknown()), page: pageSchema });
/** A list that is never paged. Nobody in it: an empty list, or none at all. */
export const listSchema = z.looseObject({
  resources: z
    .array(z.unknown())
    .nullish()
    .transform((resources) => resources ?? []),
});
export const createdSchema = z.looseObject({ id });
export const twoFactorSchema = z.looseObject({ key: optionalText });
/** The start page of the API: a list of links, which no other product's API answers like that. */
export const homeSchema = z.looseObject({ links: z.array(z.looseObject({ href: z.string(), rel: z.string() })) });
export const infoSchema = z.looseObject({
  serial: optionalText,
  fqdn: optionalText,
  host: optionalText,
  version: z.looseObject({ semantic: optionalText }).nullish(),
});

/** The privileges of the published specification, release 6.6.55: consoles know more, so the list is open. */
export const PRIVILEGES: ReadonlySet<string> = new Set([
  'all-permissions', 'create-reports', 'configure-global-settings', 'manage-sites', 'manage-tags',
  'manage-static-asset-groups', 'manage-dynamic-asset-groups', 'manage-scan-templates', 'manage-report-templates',
  'manage-scan-engines', 'submit-vulnerability-exceptions', 'approve-vulnerability-exceptions',
  'delete-vulnerability-exceptions', 'manage-vuln-investigations', 'view-vuln-investigations', 'create-tickets',
  'close-tickets', 'assign-ticket-assignee', 'manage-site-access', 'manage-asset-group-access', 'manage-report-access',
  'use-restricted-report-sections', 'manage-policies', 'view-asset-group-asset-data', 'manage-asset-group-assets',
  'view-site-asset-data', 'specify-site-metadata', 'purge-site-asset-data', 'specify-scan-targets', 'assign-scan-engine',
  'assign-scan-template', 'manage-site-credentials', 'manage-scan-alerts', 'schedule-automatic-scans',
  'start-unscheduled-scans',
]); // prettier-ignore

const text: readonly JsonType[] = ['string'];
const flag: readonly JsonType[] = ['boolean'];
const number: readonly JsonType[] = ['number'];
const links: FieldShape = { types: ['array'] };

/** What a user looks like; its parts are watched apart. */
export const USER_SHAPE: Readonly<Record<string, FieldShape>> = {
  authentication: { types: ['object'] },
  email: { types: text },
  enabled: { types: flag, isRequired: true },
  id: { types: number, isRequired: true },
  links,
  locale: { types: ['object'] },
  locked: { types: flag },
  login: { types: text, isRequired: true },
  name: { types: text, isRequired: true },
  role: { types: ['object'], isRequired: true },
};

export const USER_ROLE_SHAPE: Readonly<Record<string, FieldShape>> = {
  allAssetGroups: { types: flag },
  allSites: { types: flag },
  id: { types: text },
  name: { types: text },
  privileges: { types: ['array'] },
  superuser: { types: flag },
};

const SOURCE_TYPES = new Set(['normal', 'admin', 'ldap', 'kerberos', 'saml']);

export const SOURCE_SHAPE: Readonly<Record<string, FieldShape>> = {
  external: { types: flag },
  id: { types: number },
  links,
  name: { types: text },
  type: { types: text, values: SOURCE_TYPES, isRequired: true },
};

export const ROLE_SHAPE: Readonly<Record<string, FieldShape>> = {
  description: { types: text },
  id: { types: text, isRequired: true },
  links,
  name: { types: text, isRequired: true },
  privileges: { types: ['array'] },
};

export const SITE_SHAPE: Readonly<Record<string, FieldShape>> = {
  assets: { types: number },
  connectionType: { types: text },
  description: { types: text },
  id: { types: number, isRequired: true },
  importance: { types: text, values: new Set(['very_low', 'low', 'normal', 'high', 'very_high']) },
  lastScanTime: { types: text },
  links,
  name: { types: text, isRequired: true },
  riskScore: { types: number },
  scanEngine: { types: number },
  scanTemplate: { types: text },
  type: { types: text, values: new Set(['static', 'dynamic', 'agent']) },
  vulnerabilities: { types: ['object'] },
};

export const ASSET_GROUP_SHAPE: Readonly<Record<string, FieldShape>> = {
  assets: { types: number },
  description: { types: text },
  id: { types: number, isRequired: true },
  links,
  name: { types: text, isRequired: true },
  riskScore: { types: number },
  searchCriteria: { types: ['object'] },
  type: { types: text, values: new Set(['static', 'dynamic']) },
  vulnerabilities: { types: ['object'] },
};
