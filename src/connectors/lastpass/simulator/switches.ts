import { z } from 'zod';
import { helpOfSwitches, readSwitches, type SwitchValues } from '../../../connector-kit/simulator-kit/switches.ts';

/**
 * Where sources disagree on what LastPass does, or a behaviour has to be provoked: one switch each, the default first in
 * its description. Texts are taken for numbers, so that a command line can set them.
 */
const switchesSchema = z.strictObject({
  contentType: z
    .enum(['text/xml;charset=UTF-8', 'application/json'])
    .default('text/xml;charset=UTF-8')
    .describe('content type of every answer; the recordings of JupiterOne/graph-lastpass have text/xml for JSON'),
  emptyMaps: z.enum(['[]', '{}']).default('[]').describe('how an empty map is sent; PHP makes it a list'),
  grouplessUser: z
    .enum(['recorded', 'empty', 'absent'])
    .default('recorded')
    .describe(
      'the groups key of a user without groups: [] where nobody on the page has any, else absent; always []; always absent',
    ),
  groupScope: z
    .enum(['page', 'tenant'])
    .default('page')
    .describe('members listed in Groups: those on the page, or all'),
  folderFlags: z
    .enum(['int', 'string', 'boolean'])
    .default('int')
    .describe('flags of shared folders: 0/1 (help articles), "0"/"1" (lpmgt), booleans (Elastic)'),
  groupGrants: z
    .enum(['expanded', 'entry'])
    .default('expanded')
    .describe(
      'a folder shared with a group: an entry a member with group_name, or one entry with the name as username',
    ),
  invitedKey: z
    .enum(['invited', 'Invited'])
    .default('invited')
    .describe('spelling of the key with the invited addresses'),
  newerFolderKeys: z
    .enum(['off', 'on'])
    .default('off')
    .describe('deleted and superadmin in shared folders, deleted ones listed'),
  newerUserKeys: z.enum(['on', 'off']).default('on').describe('legacytotalscore and hasSharingKeys of users'),
  actionCasing: z
    .enum(['sentence', 'title', 'japanese'])
    .default('sentence')
    .describe('event actions: as since 2024, as before, or with the two Japanese ones lpmgt knows'),
  siemId: z.enum(['off', 'on']).default('off').describe('an ID in events of the siem format'),
  zone: z.string().default('America/New_York').describe('time zone of the account; any IANA name'),
  unpagedDetails: z.enum(['429', 'ok']).default('429').describe('getdetailedsfdata without paging'),
  largestPage: z.coerce
    .number()
    .int()
    .positive()
    .default(2_000)
    .describe('users a page of getuserdata at most: the largest that clients ask for, or fewer'),
  ratePerSecond: z
    .union([z.literal('off'), z.coerce.number().positive()])
    .default('off')
    .describe('requests a second before a 429: off or a number'),
  pushSites: z.enum(['legacy', 'withdrawn']).default('legacy').describe('pushsitestousers works, or says it is gone'),
  existingUser: z.enum(['update', 'warn']).default('update').describe('batchadd of somebody who is there'),
  unknownGroup: z.enum(['create', 'warn']).default('create').describe('adding to a group nobody has'),
  batchaddError: z
    .enum(['string', 'array'])
    .default('string')
    .describe('error of a failed batchadd: lpmgt reads a string, Nango an array'),
  batchaddMost: z
    .union([z.literal('off'), z.coerce.number().int().positive()])
    .default('off')
    .describe('entries of a batchadd that are carried out; with more OK comes with a message, as lpconnector met it'),
  unknownUser: z
    .enum(['unchanged', 'named', 'silent'])
    .default('unchanged')
    .describe('an unknown address in disableuser and enableuser: unchanged and named in error; named only; left out'),
  edge: z
    .enum(['off', '403', '503'])
    .default('off')
    .describe('an HTML page of the bot protection instead of every answer'),
  reportingCap: z.coerce
    .number()
    .int()
    .min(2)
    .default(10_000)
    .describe('events an answer: 10000 or fewer, to try continuation'),
  nextType: z
    .enum(['number', 'string'])
    .default('number')
    .describe('next of reporting: a number or a text of digits; null at the end'),
  logDelayMs: z.coerce.number().int().min(0).default(0).describe('milliseconds until an event shows in reporting'),
  settleMs: z.coerce.number().int().min(0).default(0).describe('milliseconds until a change shows in getuserdata'),
});

export type LastPassSwitches = z.output<typeof switchesSchema>;

/** All switches, defaults for those not given. Throws `invalidInput` naming the switch. */
export function parseSwitches(values?: SwitchValues): LastPassSwitches {
  return readSwitches(switchesSchema, values);
}

/** A line for each switch, for the help: its values, the default first, and what they are about. */
export function switchesHelp(): readonly string[] {
  return helpOfSwitches(switchesSchema);
}
