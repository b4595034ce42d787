import { z } from 'zod';

/**
 * The objects of the StackOne-compatible IAM API, both generations: the shapes that StackOne's TypeScript SDK
 * (`@stackone/stackone-client-ts` 4.28.0) validates, and the fields its later documentation adds (organizations,
 * permissions, scopes). All fields are optional and nullable, enums are open, ids are strings, dates carry a zone.
 */

const text = z.string().nullish();
/** ISO 8601 with zone: the SDK refuses a date without one. */
const dateTime = z.iso.datetime({ offset: true }).nullish();
const customFields = z.record(z.string(), z.unknown()).nullish();

/** `{value, source_value}`: what the unified vocabulary calls it, and what the app calls it. The value's set is open. */
function enumObject(known: readonly string[]) {
  return z.object({
    value: z
      .string()
      .nullish()
      .meta({ description: `Known values: ${known.join(', ')}.` }),
    source_value: z
      .union([z.string(), z.number(), z.boolean(), z.record(z.string(), z.unknown()), z.array(z.unknown())])
      .nullish(),
  });
}

export const USER_STATUSES = ['enabled', 'disabled', 'pending', 'unmapped_value'] as const;
export const GROUP_TYPES = [
  'workspace', 'team', 'department', 'group', 'organization', 'cost_center', 'unmapped_value',
] as const; // prettier-ignore
export const ROLE_TYPES = [
  'admin', 'viewer', 'editor', 'basic', 'guest', 'unassigned', 'restricted', 'unmapped_value',
] as const; // prettier-ignore
export const PERMISSION_TYPES = ['read', 'read_write', 'approve', 'delete', 'use', 'export', 'unmapped_value'] as const;
export const RESOURCE_TYPES = ['project', 'file', 'folder', 'product', 'property', 'user', 'unmapped_value'] as const;
export const MFA_TYPES = [
  'sms', 'email', 'push', 'totp', 'phone_call', 'question', 'software_token', 'hardware_token', 'web', 'unknown',
  'unmapped_value',
] as const; // prettier-ignore
export const AUTH_TYPES = ['oauth', 'api_key', 'service_user'] as const;

export const iamResourceSchema = z
  .object({
    id: text,
    remote_id: text,
    name: text,
    description: text,
    location: text,
    type: enumObject(RESOURCE_TYPES).nullish(),
    created_at: dateTime,
    updated_at: dateTime,
  })
  .meta({ id: 'IamResource', description: 'What access is to: a shared folder, a site.' });
export type IamResource = z.input<typeof iamResourceSchema>;

export const iamScopeSchema = z
  .object({ resource_type: z.string(), resource_id: z.string() })
  .meta({ id: 'IamScope', description: 'The one resource that a role or permission applies to.' });

export const iamPermissionSchema = z
  .object({
    id: text,
    remote_id: text,
    name: text,
    description: text,
    type: enumObject(PERMISSION_TYPES).nullish(),
    resources: z.array(iamResourceSchema).nullish(),
    scopes: z.array(iamScopeSchema).nullish(),
    created_at: dateTime,
    updated_at: dateTime,
    unified_custom_fields: customFields,
  })
  .meta({ id: 'IamPermission', description: 'Something that may be done, and to which resources.' });
export type IamPermission = z.input<typeof iamPermissionSchema>;

export const iamPolicySchema = z
  .object({
    id: text,
    remote_id: text,
    name: text,
    description: text,
    permissions: z.array(iamPermissionSchema).nullish(),
    created_at: dateTime,
    updated_at: dateTime,
    unified_custom_fields: customFields,
  })
  .meta({
    id: 'IamPolicy',
    description: 'A set of permissions. Usher shows one a resource: who may do what there.',
    examples: [
      {
        id: '7001',
        remote_id: '7001',
        name: 'Payroll',
        description: 'Who may do what in Payroll.',
        created_at: null,
        updated_at: null,
        unified_custom_fields: { resource_type: 'shared_folder' },
      },
    ],
  });
export type IamPolicy = z.input<typeof iamPolicySchema>;

export const iamRoleSchema = z
  .object({
    id: text,
    remote_id: text,
    name: text,
    description: text,
    type: enumObject(ROLE_TYPES).nullish(),
    policies: z.array(iamPolicySchema).nullish(),
    permissions: z.array(iamPermissionSchema).nullish(),
    scope: iamScopeSchema.nullish(),
    created_at: dateTime,
    updated_at: dateTime,
    unified_custom_fields: customFields,
  })
  .meta({
    id: 'IamRole',
    description: 'A role an account or a group can have.',
    examples: [{ id: 'basic', remote_id: 'basic', name: 'User', type: { value: 'basic', source_value: 'basic' } }],
  });
export type IamRole = z.input<typeof iamRoleSchema>;

const groupFields = {
  id: text,
  remote_id: text,
  name: text,
  description: text,
  type: enumObject(GROUP_TYPES).nullish(),
  parent_id: text,
  remote_parent_id: text,
  child_group_ids: z.array(z.string()).nullish(),
  organization_id: text,
  roles: z.array(iamRoleSchema).nullish(),
  created_at: dateTime,
  updated_at: dateTime,
  unified_custom_fields: customFields,
};

/** A group as a user's entry shows it: without its own users. */
const iamGroupOfUserSchema = z.object(groupFields).meta({ id: 'IamGroupOfUser', description: 'A group of a user.' });

/** `avatar` is a file object in the contract; no app Usher speaks to has one, so it is always null. */
const avatarSchema = z.record(z.string(), z.unknown()).nullish();

export const iamUserSchema = z
  .object({
    id: text,
    remote_id: text,
    first_name: text,
    last_name: text,
    name: text,
    primary_email_address: text,
    username: text,
    roles: z.array(iamRoleSchema).nullish(),
    groups: z.array(iamGroupOfUserSchema).nullish(),
    permissions: z.array(iamPermissionSchema).nullish(),
    status: enumObject(USER_STATUSES).nullish(),
    avatar: avatarSchema,
    is_bot_user: z.boolean().nullish(),
    organization_id: text,
    last_active_at: dateTime,
    last_login_at: dateTime,
    created_at: dateTime,
    updated_at: dateTime,
    multi_factor_enabled: z.array(enumObject(MFA_TYPES)).nullish(),
    unified_custom_fields: customFields,
  })
  .meta({
    id: 'IamUser',
    description: "A person's or service's account in an app.",
    examples: [
      {
        id: 'lena.fischer@northwind.example',
        remote_id: 'lena.fischer@northwind.example',
        first_name: 'Lena',
        last_name: 'Fischer',
        name: 'Lena Fischer',
        primary_email_address: 'lena.fischer@northwind.example',
        username: 'lena.fischer@northwind.example',
        roles: [{ id: 'basic', remote_id: 'basic', name: 'User', type: { value: 'basic', source_value: 'basic' } }],
        groups: [
          { id: 'Finance', remote_id: 'Finance', name: 'Finance', type: { value: 'group', source_value: 'group' } },
        ],
        status: { value: 'enabled', source_value: 'active' },
        avatar: null,
        is_bot_user: null,
        organization_id: '12345678',
        last_active_at: null,
        last_login_at: '2026-03-01T07:58:40.000Z',
        created_at: '2021-05-03T14:02:11.000Z',
        updated_at: null,
        multi_factor_enabled: [{ value: 'totp', source_value: 'totp' }],
        unified_custom_fields: { account_id: '90042' },
      },
    ],
  });
export type IamUser = z.input<typeof iamUserSchema>;

export const iamGroupSchema = z.object({ ...groupFields, users: z.array(iamUserSchema).nullish() }).meta({
  id: 'IamGroup',
  description: 'A group, as the app has it. `users` only with `expand=users`.',
  examples: [
    {
      id: 'Finance',
      remote_id: 'Finance',
      name: 'Finance',
      type: { value: 'group', source_value: 'group' },
      description: null,
      roles: [],
      organization_id: '12345678',
    },
  ],
});
export type IamGroup = z.input<typeof iamGroupSchema>;

export const iamOrganizationSchema = z
  .object({ id: text, remote_id: text, name: text, created_at: dateTime, updated_at: dateTime })
  .meta({
    id: 'IamOrganization',
    description: 'A tenant of the app that the connection speaks for.',
    examples: [
      { id: '12345678', remote_id: '12345678', name: 'LastPass company 12345678', created_at: null, updated_at: null },
    ],
  });
export type IamOrganization = z.input<typeof iamOrganizationSchema>;

export const iamCredentialsSchema = z
  .object({
    name: text,
    auth_type: enumObject(AUTH_TYPES).nullish(),
    scopes: z.array(z.string()).nullish(),
    permissions: z.array(iamPermissionSchema).nullish(),
    last_accessed_at: dateTime,
    user: iamUserSchema.nullish(),
  })
  .meta({ id: 'IamCredentials', description: 'The credentials of a connection; never their secret.' });
export type IamCredentials = z.input<typeof iamCredentialsSchema>;
