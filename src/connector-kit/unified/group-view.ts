import type { Expansions, Holder, Observation } from './shape.ts';
import { toIamGroup, toIamUser } from './mapping.ts';
import type { IamGroup, IamUser } from './models.ts';
import type { RecordIndex } from './record-index.ts';

/**
 * A group and, with `expand=users`, who is in it. A member does not repeat its own groups; one that is no account at
 * hand is shown by its address alone.
 */
export function groupWithMembers(
  index: RecordIndex,
  key: string,
  organizationId: string | null,
  expand: Expansions,
  observation?: Observation,
): IamGroup {
  const users = expand.has('users')
    ? index.members(key).flatMap((holder) => memberOf(index, holder, organizationId))
    : undefined;
  return toIamGroup(index.group(key), organizationId, users, observation);
}

function memberOf(index: RecordIndex, holder: Holder, organizationId: string | null): IamUser[] {
  if (holder.kind === 'group') return [];
  if (holder.kind === 'account') {
    const { groups: _, ...user } = toIamUser(index.shape, index.userParts(holder.account), organizationId);
    return [user];
  }
  const address = holder.key.replace(/^email:/u, '');
  return [{ id: address, remote_id: address, primary_email_address: address.includes('@') ? address : null }];
}
