import { z } from 'zod';
import type { FieldShape, JsonType } from '../../connector-kit/drift.ts';

const wholeNumber = z.union([z.int().nonnegative(), z.string().regex(/^\d+$/).transform(Number)]);

/** `getuserdata`. `Users` and `Groups` are checked row by row where they are read: this runs for a million of them. */
export const userDataSchema = z.looseObject({
  total: wholeNumber.nullish(),
  count: wholeNumber.nullish(),
  Users: z.unknown().optional(),
  /** Absent where nobody on the page is in a group (JupiterOne's recordings). */
  Groups: z.unknown().optional(),
  /** Lower case in lpmgt, Splunk's and Nango's clients; Metorial has it in upper case. */
  invited: z.array(z.string()).nullish(),
  Invited: z.array(z.string()).nullish(),
});

/** `reporting`: `data` is a map Event1, Event2 … or empty; `next` is in microseconds, as a number or as digits. */
export const reportingSchema = z.looseObject({
  status: z.string(),
  next: z.union([z.int(), z.string().regex(/^\d*$/), z.null()]).optional(),
  data: z.unknown(),
});

/** One audit event. Other fields may come and are not kept. */
export const eventRowSchema = z.object({
  Time: z.string(),
  Username: z
    .string()
    .nullish()
    .transform((name) => name ?? ''),
  IP_Address: z
    .string()
    .nullish()
    .transform((address) => address ?? ''),
  Action: z.string(),
  Data: z
    .string()
    .nullish()
    .transform((data) => data ?? ''),
});
export type EventRow = z.output<typeof eventRowSchema>;

const text: readonly JsonType[] = ['string'];
const textOrNull: readonly JsonType[] = ['string', 'null'];
const count: readonly JsonType[] = ['number', 'null'];
const score: readonly JsonType[] = ['string', 'number', 'null'];
const flag: readonly JsonType[] = ['boolean', 'number', 'string'];

/** Codes of `multifactor` that this connector knows; see `mapping.ts` for what they mean. */
export const MULTIFACTOR_CODES = new Set([
  'googleauth', 'microsoftauth', 'lastpassauth', 'duo', 'yubikey', 'grid', 'sesame', 'toopher', 'salesforcehash',
  'securid', 'symantecvip', 'transakt', 'smartcard', 'fingerprint', 'webauthn', 'fido2',
]); // prettier-ignore

/** What a user looks like (JupiterOne's recordings; Nango, lpmgt, cartography, Splunk for the later fields). */
export const USER_SHAPE: Readonly<Record<string, FieldShape>> = {
  username: { types: text, isRequired: true },
  fullname: { types: textOrNull, isRequired: true },
  mpstrength: { types: score },
  created: { types: text, isRequired: true },
  last_pw_change: { types: text },
  last_login: { types: text, isRequired: true },
  neverloggedin: { types: ['boolean'], isRequired: true },
  disabled: { types: ['boolean'], isRequired: true },
  admin: { types: ['boolean'] },
  totalscore: { types: score },
  legacytotalscore: { types: score },
  hasSharingKeys: { types: flag },
  multifactor: { types: textOrNull, values: MULTIFACTOR_CODES },
  duousername: { types: textOrNull },
  securidusername: { types: textOrNull },
  linked: { types: textOrNull },
  sites: { types: count },
  notes: { types: count },
  formfills: { types: count },
  applications: { types: count },
  attachments: { types: count },
  password_reset_required: { types: flag },
  groups: { types: ['array'] },
  attribs: { types: ['object', 'array', 'null'] },
};

/** What a shared folder looks like (the vendor's article; Elastic for `deleted`). */
export const FOLDER_SHAPE: Readonly<Record<string, FieldShape>> = {
  sharedfoldername: { types: text, isRequired: true },
  score: { types: score },
  deleted: { types: flag },
  users: { types: ['array', 'object'], isRequired: true },
};

/** One grantee of a folder. Three encodings of the flags are attested: 0/1 (the vendor), "0"/"1" (lpmgt), booleans (Elastic). */
export const PERMISSION_SHAPE: Readonly<Record<string, FieldShape>> = {
  username: { types: text, isRequired: true },
  readonly: { types: flag, isRequired: true },
  give: { types: flag, isRequired: true },
  can_administer: { types: flag, isRequired: true },
  superadmin: { types: flag },
  sites: { types: ['array'] },
  group_name: { types: textOrNull },
};
