import { z } from 'zod';

/** A user as the simulated company keeps it. Moments are epoch milliseconds. */
export const storedUserSchema = z.object({
  username: z.string(),
  fullname: z.string(),
  mpstrength: z.number(),
  created: z.number(),
  lastPasswordChange: z.number(),
  /** null: never signed in. */
  lastLogin: z.number().nullable(),
  disabled: z.boolean(),
  admin: z.boolean(),
  /** Super admins are listed on all folders when those are asked for with "all". */
  superAdmin: z.boolean(),
  totalscore: z.string().nullable(),
  multifactor: z.string().nullable(),
  duousername: z.string().nullable(),
  securidusername: z.string().nullable(),
  linked: z.string().nullable(),
  /** sites, notes, formfills, applications, attachments; null before the first login. */
  vault: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]).nullable(),
  passwordResetRequired: z.boolean(),
  groups: z.array(z.string()),
  attribs: z.record(z.string(), z.string()).nullable(),
  /** The address an update is waiting for; the change is made at the next login. */
  pendingEmail: z.string().nullable(),
});
export type StoredUser = Readonly<z.output<typeof storedUserSchema>>;

/** An invitation that nobody has taken up yet, and what the account will be then. */
export const invitationSchema = z.object({
  email: z.string(),
  fullname: z.string(),
  groups: z.array(z.string()),
  attribs: z.record(z.string(), z.string()).nullable(),
});
export type Invitation = Readonly<z.output<typeof invitationSchema>>;

const grantSchema = z.object({
  holder: z.union([
    /** A user of the company, by its place: survives a change of address. */
    z.object({ slot: z.number() }),
    /** Somebody outside. */
    z.object({ email: z.string() }),
    z.object({ group: z.string() }),
  ]),
  readonly: z.boolean(),
  /** May see passwords. */
  give: z.boolean(),
  canAdminister: z.boolean(),
});
export type FolderGrant = Readonly<z.output<typeof grantSchema>>;

export const folderSchema = z.object({
  name: z.string(),
  score: z.number(),
  isDeleted: z.boolean(),
  sites: z.array(z.string()),
  grants: z.array(grantSchema),
});
export type Folder = Readonly<z.output<typeof folderSchema>>;

/** An entry of the company's log. `at` is epoch microseconds: unique and rising. */
export const companyEventSchema = z.object({
  at: z.number(),
  username: z.string(),
  address: z.string(),
  /** In sentence case, as newer answers have it. */
  action: z.string(),
  data: z.string(),
});
export type CompanyEvent = Readonly<z.output<typeof companyEventSchema>>;

/** Folds an address for comparison: LastPass takes addresses in any letter case. */
export function foldAddress(address: string): string {
  return address.trim().toLowerCase();
}
