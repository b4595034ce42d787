import { z } from 'zod';
import { groupKeysOf } from './grants.ts';
import { permissionOf, type Person } from './mapping.ts';

/** A user as the catalogue's actions answer it. */
export const userSchema = z.object({
  id: z.string().meta({ description: 'The folded address; the GUID of a service user' }),
  email: z.string().nullable(),
  name: z.string().nullable(),
  company: z.string().nullable(),
  service: z.boolean().nullable().meta({ description: 'null: the older user model does not tell' }),
  status: z.string().meta({ description: 'active where it is active anywhere' }),
  roles: z.array(z.string()),
  last_login: z.string().nullable().meta({ description: 'UTC; null: never, or not told' }),
  sub_accounts: z.array(
    z.object({
      name: z.string(),
      user_guid: z.string(),
      user_model: z.enum(['legacy', 'rbac']),
      enabled: z.boolean(),
      status: z.string(),
      role: z.string().nullable().meta({ description: 'null: no rights' }),
      org_role: z.string().nullable(),
      groups: z.array(z.string()),
      last_login: z.string().nullable(),
      created: z.string().nullable(),
      jit_created: z.boolean(),
    }),
  ),
});

/** Shows a person with a row for each sub-account it is in. */
export function showPerson(person: Person): z.input<typeof userSchema> {
  const account = person.map();
  const { company } = account.extra;
  return {
    id: account.key,
    email: account.email,
    name: account.displayName,
    company: typeof company === 'string' ? company : null,
    service: account.isService,
    status: account.status,
    roles: [...account.roles],
    last_login: account.volatile.lastLoginAt,
    sub_accounts: person.rows.map((row) => ({
      name: row.subAccount,
      user_guid: row.userGuid,
      user_model: row.model,
      enabled: row.isEnabled,
      status: row.status,
      role: permissionOf(row),
      org_role: row.orgRole,
      groups: [...groupKeysOf(row)],
      last_login: row.lastLoginAt,
      created: row.createdAt,
      jit_created: row.isJitCreated,
    })),
  };
}
