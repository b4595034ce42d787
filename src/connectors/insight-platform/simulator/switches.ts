import { z } from 'zod';
import { helpOfSwitches, readSwitches, type SwitchValues } from '../../../connector-kit/simulator-kit/switches.ts';

/**
 * Where sources disagree on what the Insight Platform does, or tell nothing, or a behaviour has to be provoked: one switch
 * each. Texts are taken for numbers, so that a command line can set them.
 */
const switchesSchema = z.strictObject({
  organizationKey: z
    .enum(['accepted', 'refused'])
    .default('accepted')
    .describe('an organization key at /account/api/1/users: taken, or 403 as two other clients report it'),
  emailFilter: z
    .enum(['folds', 'exact', 'ignored'])
    .default('folds')
    .describe('?email= of /users: in any letter case, in this one, or no filter at all'),
  updateVerb: z
    .enum(['PATCH', 'PUT', 'both', 'none'])
    .default('PATCH')
    .describe('the verb that updates a user; the vendor lists "update" without one. Others answer 405'),
  putReplaces: z.enum(['off', 'on']).default('off').describe('PUT sets what it leaves out to its default'),
  emailChange: z
    .enum(['refused', 'ignored'])
    .default('refused')
    .describe('another address in an update: 400, or 200 without effect; it cannot change (Okta)'),
  productRemoval: z.enum(['on', 'off']).default('on').describe('DELETE of a product of a user; off: 405'),
  userProducts: z
    .enum(['hidden', 'endpoint', 'inline'])
    .default('hidden')
    .describe('products of a user: not told; GET /users/{id}/products; products in the user. Nothing is attested'),
  groupMembership: z
    .enum(['on', 'off'])
    .default('on')
    .describe('PUT and DELETE /user-groups/{id}/users/{userId}; off: no such route'),
  groupMembers: z
    .enum(['ids', 'objects', 'listed', 'hidden'])
    .default('ids')
    .describe('users of a group: ids or objects in GET /user-groups/{id}; ids in the list of groups too; not told'),
  roleUrl: z.enum(['on', 'off']).default('on').describe('PUT /users/{id}/organizations/{organizationId}/roles'),
  organizations: z
    .enum(['data', 'array', 'organizations'])
    .default('data')
    .describe('envelope of /organizations and /managed-organizations: data and metadata, bare, under organizations'),
  vmV4Users: z.enum(['on', 'off']).default('on').describe('GET /vm/v4/users, which one guide alone knows'),
  creates: z
    .enum(['201', '200', 'empty'])
    .default('201')
    .describe('answer of a create: 201 or 200 with the user, 201 empty'),
  deletes: z.enum(['204', '200']).default('204').describe('answer of a delete'),
  sso: z.enum(['off', 'on']).default('off').describe('single sign-on: on refuses new users, as the UI does'),
  pendingLogin: z.enum(['null', 'absent']).default('null').describe('last_login of who never signed in'),
  wrongRegion: z
    .enum(['off', '401', 'validates'])
    .default('off')
    .describe('as the host of another region: 401 to everything; /validate and products answer, the rest 401'),
  ratePerMinute: z
    .union([z.literal('off'), z.coerce.number().int().positive()])
    .default(50)
    .describe('calls of a key to the Account API a minute; 50 (recorded) or off'),
  retryAfter: z.enum(['off', 'on']).default('off').describe('Retry-After beside ratelimit-reset on a 429'),
  auditLog: z.enum(['on', 'off']).default('on').describe('audit logging; off until an administrator enables it'),
  auditText: z.enum(['json', 'plain']).default('json').describe('message of an audit event: JSON or a sentence'),
  logHost: z
    .enum(['own', 'rest'])
    .default('own')
    .describe('links of Log Search: on this host, or on rest.logs.insight.rapid7.com'),
  logPolls: z.coerce.number().int().min(0).max(100).default(1).describe('202 answers before a query has its result'),
  logPage: z.coerce.number().int().min(1).max(500).default(500).describe('events an answer at most'),
});

export type InsightPlatformSwitches = z.output<typeof switchesSchema>;

/** All switches, defaults for those not given. Throws `invalidInput` naming the switch. */
export function parseSwitches(values?: SwitchValues): InsightPlatformSwitches {
  return readSwitches(switchesSchema, values);
}

/** A line for each switch, for the help: its values, the default first, and what they are about. */
export function switchesHelp(): readonly string[] {
  return helpOfSwitches(switchesSchema);
}
