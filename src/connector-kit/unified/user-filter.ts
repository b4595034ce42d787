import { z } from 'zod';
import { fold } from '../../model/ids.ts';
import { USER_STATUSES } from './models.ts';
import type { UserParts } from './shape.ts';

/** Filters on users that can be decided on each record alone: the same on live reads and on the snapshot. */
export const userFilterSchema = z.strictObject({
  email: z.string().min(1).optional().meta({ description: 'The e-mail address, in any letter case.' }),
  name: z.string().min(1).optional().meta({ description: 'A part of the full name, in any letter case.' }),
  status: z
    .enum(USER_STATUSES)
    .exclude(['unmapped_value'])
    .optional()
    .meta({ description: '`pending` are those invited and those who never signed in.' }),
  role_id: z.string().min(1).optional(),
  group_id: z.string().min(1).optional(),
  organization_id: z.string().min(1).optional(),
});
export type UserFilter = z.output<typeof userFilterSchema>;

/** The account statuses a unified status stands for. */
export const STATUSES_OF_UNIFIED = {
  enabled: ['active'],
  pending: ['invited', 'pending'],
  disabled: ['disabled'],
} as const satisfies Record<string, readonly string[]>;

/** Whether an account passes the filters. */
export function matchesUser(filter: UserFilter, { account, groups }: UserParts, organization: string | null): boolean {
  const statuses: readonly string[] | null = filter.status ? STATUSES_OF_UNIFIED[filter.status] : null;
  return (
    (filter.email === undefined || (account.email !== null && fold(account.email) === fold(filter.email))) &&
    (filter.name === undefined || fold(account.displayName ?? '').includes(fold(filter.name))) &&
    (statuses === null || statuses.includes(account.status)) &&
    (filter.role_id === undefined || account.roles.includes(filter.role_id)) &&
    (filter.group_id === undefined || groups.some((group) => group.key === filter.group_id?.normalize('NFC'))) &&
    (filter.organization_id === undefined || filter.organization_id === organization)
  );
}
