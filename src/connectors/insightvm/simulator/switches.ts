import { z } from 'zod';
import { helpOfSwitches, readSwitches, type SwitchValues } from '../../../connector-kit/simulator-kit/switches.ts';

/**
 * Where sources disagree on what a Security Console does, or a behaviour has to be provoked: one switch each, the default
 * first in its description. Texts are taken for numbers, so that a command line can set them.
 */
const switchesSchema = z.strictObject({
  dialect: z
    .enum(['strict', 'guide'])
    .default('strict')
    .describe(
      "the OpenAPI document's spelling only; guide: a user management guide's as well (name as an object, accessAllSites " +
        'at the top, POST of site lists, no flag means all sites, a partial PUT resets, relative links, 100 a page)',
    ),
  createStatus: z
    .enum(['200', '201'])
    .default('200')
    .describe('a created user: 200 (operation) or 201 with Location (overview)'),
  deleteStatus: z
    .enum(['200', '204'])
    .default('200')
    .describe('a deletion: 200 with links (operation) or 204 without body'),
  errorStatus: z
    .enum(['number', 'text'])
    .default('number')
    .describe('status in error bodies: a number (seen) or a text (schema)'),
  denied: z
    .enum(['404', '401', '403'])
    .default('404')
    .describe('what only a Global Administrator may: hidden (security table), or 401, or 403'),
  roleRules: z
    .enum(['refuse', 'correct'])
    .default('refuse')
    .describe('flags and source that do not fit the role: 400, or put right and stored'),
  allSitesList: z
    .enum(['empty', 'all'])
    .default('empty')
    .describe('sites and asset groups of a user who may see all: none, or every one'),
  allSitesGrant: z
    .enum(['ignore', 'refuse'])
    .default('ignore')
    .describe('one site or asset group for a user who may see all: 200 and nothing, or 400'),
  siteUsers: z
    .enum(['listed', 'all'])
    .default('listed')
    .describe('users of a site or asset group: those on its list, or also those who may see all'),
  siteUserRole: z
    .enum(['bare', 'whole'])
    .default('bare')
    .describe('role of a user in a site: without id and name (recorded), or whole'),
  rolesWithoutPrivileges: z
    .enum(['on', 'off'])
    .default('on')
    .describe('a role that has none lacks the key, or has an empty list'),
  advancedPolicies: z
    .enum(['off', 'on'])
    .default('off')
    .describe('manage-advpolicies, which the document does not know: a console of 6.6.210 had it'),
  ownLogin: z
    .enum(['refuse', 'allow'])
    .default('refuse')
    .describe('a login that disables, demotes or deletes itself: 400, or done'),
  lastAdministrator: z
    .enum(['refuse', 'allow'])
    .default('refuse')
    .describe('no enabled Global Administrator left: 400, or done'),
  passwordBody: z
    .enum(['strict', 'any', 'raw'])
    .default('strict')
    .describe('PUT of a password: a JSON text only; also an object or plain text; raw keeps the bytes, quotes too'),
  passwordPolicy: z
    .enum(['on', 'off'])
    .default('on')
    .describe('8 characters, upper and lower case, a digit, nothing of the address'),
  lockThreshold: z.coerce
    .number()
    .int()
    .min(0)
    .default(4)
    .describe('failed logins in a row until an account is locked; 0: never'),
  twoFactor: z
    .enum(['on', 'off'])
    .default('on')
    .describe('a login with a two-factor seed needs the code in the Token header'),
  noTwoFactor: z
    .enum(['404', 'empty'])
    .default('404')
    .describe('GET 2FA of a user without a seed: 404, or an answer without key'),
  previous: z.enum(['prev', 'previous']).default('prev').describe('relation of the link to the page before'),
  dropsField: z
    .enum(['off', 'email', 'locale', 'enabled', 'name', 'authentication', 'role.allSites', 'role.allAssetGroups'])
    .default('off')
    .describe('a PUT of a user loses this field, as if it had not been sent (name: the end of it)'),
  assignments: z
    .enum(['apply', 'ignore'])
    .default('apply')
    .describe('changes of sites and asset groups: made, or answered 200 and not made'),
  drift: z
    .enum(['off', 'ids', 'resources', 'login', 'role'])
    .default('off')
    .describe('another version: ids as texts; resources called items; users without login; role as a text'),
  surface: z
    .enum(['console', 'cloud-html', 'cloud-json', 'starting', 'broken'])
    .default('console')
    .describe(
      "what answers: the console; the cloud's page; the cloud's gateway; 503 while it starts; 500 without the usual fields",
    ),
  ratePerSecond: z
    .union([z.literal('off'), z.coerce.number().positive()])
    .default('off')
    .describe('requests a second before a 429: off or a number'),
  retryAfter: z.coerce
    .number()
    .int()
    .min(0)
    .default(1)
    .describe('Retry-After of that 429; the document shows 5000, without a unit'),
});

export type InsightVmSwitches = z.output<typeof switchesSchema>;

/** All switches, defaults for those not given. Throws `invalidInput` naming the switch. */
export function parseSwitches(values?: SwitchValues): InsightVmSwitches {
  return readSwitches(switchesSchema, values);
}

/** A line for each switch, for the help: its values, the default first, and what they are about. */
export function switchesHelp(): readonly string[] {
  return helpOfSwitches(switchesSchema);
}

export type { SwitchValues };
