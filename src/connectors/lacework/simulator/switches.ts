import { z } from 'zod';
import { helpOfSwitches, readSwitches, type SwitchValues } from '../../../connector-kit/simulator-kit/switches.ts';

/**
 * Where sources disagree on what Lacework does, or a behaviour has to be provoked: one switch each, the default first in
 * its description. Texts are taken for numbers, so that a command line can set them.
 */
const switchesSchema = z.strictObject({
  scopeMismatch: z
    .enum(['empty', 'forbidden'])
    .default('empty')
    .describe('organization data asked for with a key that cannot have it: none, without an error; or 403'),
  disableKillsTokens: z
    .enum(['on', 'off'])
    .default('on')
    .describe('whether tokens die when their key is disabled; a public test suite saw them live on'),
  apiKeysEndpoint: z
    .enum(['seed', 'absent'])
    .default('seed')
    .describe('ApiKeys as a guide tells of it, or no such address: the public reference has none'),
  auditCreatedTime: z
    .enum(['iso', 'epochMs', 'epochSeconds'])
    .default('iso')
    .describe('createdTime of the audit log: a text, as a Splunk input parses it, or the integer of the schema'),
  auditEventType: z
    .enum(['off', 'on'])
    .default('off')
    .describe('eventType (USER_CREATED …) on audit rows, as only a guide has it'),
  auditBounds: z
    .enum(['inclusive', 'exclusive'])
    .default('inclusive')
    .describe('whether rows of exactly startTime and endTime are in the answer'),
  auditDelayMs: z.coerce.number().int().min(0).default(0).describe('milliseconds until a row shows in the audit log'),
  emptySearch: z
    .enum(['204', '200', 'object'])
    .default('204')
    .describe('a search that finds nothing: no body; an empty list; an object without data'),
  emptyAudit: z
    .enum(['204', '200', '404'])
    .default('204')
    .describe('GET AuditLogs of a time in which nothing happened'),
  profileEnvelope: z
    .enum(['data', 'bare'])
    .default('data')
    .describe('UserProfile and OrganizationInfo: in data, as live answers are, or the bare list of the reference'),
  orgNameKey: z
    .enum(['username', 'userName'])
    .default('username')
    .describe('the name in TeamMembers of the organization: as captured answers, or as the reference spells it'),
  seedCompat: z
    .enum(['off', 'on'])
    .default('off')
    .describe(
      'a guide’s TeamMembers: username for userName, no company needed; tokens’ expiresAt without milliseconds',
    ),
  integers: z
    .enum(['strict', 'coerce'])
    .default('strict')
    .describe('true, false and texts where 0 or 1 belongs: refused, or taken'),
  unknownKeys: z.enum(['refuse', 'ignore']).default('refuse').describe('keys of a body that are not known'),
  flags: z
    .enum(['int', 'boolean'])
    .default('int')
    .describe('userEnabled in answers: 0 and 1, or the booleans the reference announces'),
  neverTime: z
    .enum(['0', 'absent'])
    .default('0')
    .describe('times of TeamMembers that never were: the number 0, or no field'),
  rbacRefusal: z
    .enum(['403', '404'])
    .default('403')
    .describe('the user model an account does not have: TeamMembers with RBAC, TeamUsers without'),
  newGuidOnRoleChange: z
    .enum(['on', 'off'])
    .default('on')
    .describe('whether a change of roles in the organization gives the person other GUIDs'),
  orgEnable: z
    .enum(['all', 'row', 'ignored'])
    .default('all')
    .describe('what userEnabled of an organization PATCH reaches: every account; the one of that GUID; none'),
  orgDelete: z
    .enum(['row', 'person'])
    .default('row')
    .describe('what an organization DELETE removes: the account of that GUID, or the person from all'),
  duplicate: z.enum(['409', '400']).default('409').describe('a person created who is there already'),
  deadToken: z.enum(['401', '403']).default('401').describe('a token that is expired, revoked or unknown'),
  rateLimitPerHour: z
    .union([z.literal('off'), z.coerce.number().int().positive()])
    .default(480)
    .describe('requests an hour, for each user and functionality; off: none is refused'),
  rateLimitHeaders: z.enum(['on', 'off']).default('on').describe('RateLimit-Limit, -Remaining and -Reset on answers'),
  pageSize: z.coerce.number().int().positive().default(5_000).describe('rows a page; more than these are paged'),
  pagedLists: z
    .enum(['off', 'on'])
    .default('off')
    .describe('pages for the lists that the reference documents without paging (TeamMembers, TeamUsers …)'),
  nextPageForm: z
    .enum(['absolute', 'relative', 'token', 'foreign'])
    .default('absolute')
    .describe('the next page: an address; a path; a guide’s nextPage token; an address of another host'),
  lastPage: z.enum(['null', 'absent']).default('null').describe('nextPage of the last page'),
  resourceGroupShape: z.enum(['new', 'old']).default('new').describe('resource groups as since 2023, or as before'),
  errorShape: z
    .enum(['message', 'older'])
    .default('message')
    .describe('refusals as { message }, or in the data of older routes beside a message SUCCESS'),
  contentTypeRequired: z
    .enum(['off', 'on'])
    .default('off')
    .describe('whether requests without Content-Type: application/json are refused'),
  settleMs: z.coerce.number().int().min(0).default(0).describe('milliseconds until a change of a user shows'),
  deleteLagMs: z.coerce.number().int().min(0).default(0).describe('milliseconds a deleted user is still listed'),
  drift: z
    .enum(['off', 'extra', 'renamed'])
    .default('off')
    .describe('users with fields nobody knows, or with userEnabled under another name'),
});

export type LaceworkSwitches = z.output<typeof switchesSchema>;

/** All switches, defaults for those not given. Throws `invalidInput` naming the switch. */
export function parseSwitches(values?: SwitchValues): LaceworkSwitches {
  return readSwitches(switchesSchema, values);
}

/** A line for each switch, for the help: its values, the default first, and what they are about. */
export function switchesHelp(): readonly string[] {
  return helpOfSwitches(switchesSchema);
}
