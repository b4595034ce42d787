import { z } from 'zod';
import { auditRowSchema, memberSchema, orgRoleSchema, userModelSchema } from './model.ts';

const account = z.string().min(1);
/** An address, or a service user's name. */
const user = z.string().min(1);
const share = z.number().min(0).max(1);
const keyId = z.string().min(1);

/** What can be changed behind the API's back, as people do in the console. Without an account: in all. */
export const mutationSchema = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('add-user'),
    account,
    email: z.string(),
    name: z.string().default('New Person'),
    admin: z.boolean().default(false),
    enabled: z.boolean().default(true),
  }),
  z.strictObject({ op: z.literal('add-service-user'), account, name: z.string(), description: z.string().default('') }),
  z.strictObject({ op: z.literal('delete-user'), user, account: account.optional() }),
  z.strictObject({
    op: z.literal('set-user'),
    user,
    account: account.optional(),
    fields: memberSchema.omit({ guid: true, account: true }).partial(),
  }),
  z.strictObject({ op: z.literal('sign-in'), user, account: account.optional() }),
  /** Promotes somebody in the organization, or takes their role there away. */
  z.strictObject({ op: z.literal('set-org-role'), user, role: orgRoleSchema }),
  z.strictObject({ op: z.literal('set-groups'), user, account, groups: z.array(z.string()) }),
  /** Switches RBAC on or off: users keep what they may do, in the other model. */
  z.strictObject({ op: z.literal('set-model'), account: account.optional(), model: userModelSchema }),
  z.strictObject({ op: z.literal('add-account'), account, model: userModelSchema.default('legacy') }),
  z.strictObject({ op: z.literal('remove-account'), account }),
  z.strictObject({ op: z.literal('add-group'), account, name: z.string() }),
  z.strictObject({ op: z.literal('delete-group'), account, group: z.string() }),
  z.strictObject({ op: z.literal('add-key'), account, owner: user, description: z.string().default('') }),
  z.strictObject({ op: z.literal('disable-key'), keyId }),
  z.strictObject({ op: z.literal('enable-key'), keyId }),
  z.strictObject({ op: z.literal('delete-key'), keyId }),
  /** Ends tokens, of one key or all; the keys stay. */
  z.strictObject({ op: z.literal('end-tokens'), keyId: keyId.optional() }),
  z.strictObject({
    op: z.literal('add-audit-row'),
    ...auditRowSchema.omit({ at: true }).shape,
    times: z.number().int().positive().default(1),
  }),
  /** Renames the persons of a share of the rows: what a resync has to find. */
  z.strictObject({ op: z.literal('change-share'), share, round: z.number().int().default(1) }),
  /** Deletes a share of the rows: what a guard has to stop. */
  z.strictObject({ op: z.literal('delete-share'), share, round: z.number().int().default(1) }),
]);
export type LaceworkMutation = z.input<typeof mutationSchema>;
/** The same, defaults filled in. */
export type Mutation = z.output<typeof mutationSchema>;
/** Mutations of one kind. */
export type MutationOf<Op extends Mutation['op']> = Extract<Mutation, { op: Op }>;
