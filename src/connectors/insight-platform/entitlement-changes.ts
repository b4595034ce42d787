import { z } from 'zod';
import type { ConnectorChange, SubjectState } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { subjectLabel } from '../../model/changes.ts';
import type { GrantRecord } from '../../model/records.ts';
import { callOnce } from './client.ts';
import type { Settings } from './config.ts';
import { idOf, oneByOne } from './item-results.ts';

/** One request each, but what is read before and after is read once for all of them. */
const BATCH_SIZE = 20;

const groupParams = z.strictObject({ group: z.string(), name: z.string() });
type GroupParams = z.output<typeof groupParams>;

/** Into a group or out of it: nobody has published how, so reading back decides whether it came to pass. */
function memberChange(isAdded: boolean): ConnectorChange<Settings> {
  const [id, inverse] = isAdded
    ? ['add_group_member', 'remove_group_member']
    : ['remove_group_member', 'add_group_member'];
  return defineChange<Settings, GroupParams>({
    id: id ?? '',
    summary: (subject, { name }) =>
      isAdded
        ? `Add ${subjectLabel(subject)} to the group ${name}`
        : `Take ${subjectLabel(subject)} out of the group ${name}`,
    params: groupParams,
    secrets: [],
    effect: () => 'write',
    endsAccess: false,
    sendsMail: false,
    looksAt: ['group'],
    undo: { isPossible: true, how: isAdded ? 'The user is taken out again.' : 'The user is added again.' },
    wanted: (state, { group }) => state.account !== null && holds(state, 'group', group) === isAdded,
    proof: { by: 'state' },
    batchSize: BATCH_SIZE,
    inverse: (before, params) =>
      holds(before, 'group', params.group) === isAdded ? null : { change: inverse ?? '', params },
    call: (context, items) =>
      oneByOne(
        context,
        items,
        (item) => {
          const path = `/user-groups/${encodeURIComponent(item.params.group)}/users/${encodeURIComponent(idOf(item))}`;
          return callOnce(context, 'changeMember', isAdded ? 'PUT' : 'DELETE', path);
        },
        isAdded ? ['alreadyExists'] : ['notFound'],
      ),
  });
}

const productParams = z.strictObject({ product: z.string(), code: z.string(), name: z.string() });
type ProductParams = z.output<typeof productParams>;

/**
 * Gives a product or takes it away. `isShown`: the platform shows who has a product, so that reading back decides; where
 * it does not, only its answer tells, and the receipt says so.
 */
function productChange(isGranted: boolean, isShown: boolean): ConnectorChange<Settings> {
  const suffix = isShown ? '' : '_unseen';
  return defineChange<Settings, ProductParams>({
    id: `${isGranted ? 'grant' : 'revoke'}_product${suffix}`,
    summary: (subject, { name }) =>
      isGranted
        ? `Give ${subjectLabel(subject)} the product ${name}`
        : `Take the product ${name} from ${subjectLabel(subject)}`,
    params: productParams,
    secrets: [],
    effect: () => 'write',
    endsAccess: false,
    sendsMail: false,
    looksAt: isShown ? ['resource'] : [],
    undo: isShown
      ? { isPossible: true, how: isGranted ? 'The product is taken away again.' : 'The product is given again.' }
      : { isPossible: false, how: 'The platform does not show who has a product, so what was before is not known.' },
    wanted: (state, { product }) =>
      isShown && state.account !== null && holds(state, 'resource', product) === isGranted,
    proof: isShown
      ? { by: 'state' }
      : {
          by: 'answer',
          note: 'The platform took it; it does not show who has a product, so it could not be read back',
        },
    batchSize: BATCH_SIZE,
    inverse: (before, params) =>
      !isShown || holds(before, 'resource', params.product) === isGranted
        ? null
        : { change: isGranted ? 'revoke_product' : 'grant_product', params },
    call: (context, items) =>
      oneByOne(
        context,
        items,
        (item) => {
          const { product, code } = item.params;
          const path = `/users/${encodeURIComponent(idOf(item))}/products/${encodeURIComponent(product)}`;
          return isGranted
            ? callOnce(context, 'assignProduct', 'PATCH', path, { json: { productCode: code } })
            : callOnce(context, 'removeProduct', 'DELETE', path);
        },
        isShown ? [isGranted ? 'alreadyExists' : 'notFound'] : [],
      ),
  });
}

function holds({ grants }: SubjectState, kind: GrantRecord['targetKind'], key: string): boolean {
  return grants.some(({ targetKind, targetKey }) => targetKind === kind && targetKey === key);
}

/** Changes of what a user holds: groups and products. */
export const entitlementChanges: readonly ConnectorChange<Settings>[] = [
  memberChange(true),
  memberChange(false),
  productChange(true, true),
  productChange(false, true),
  productChange(true, false),
  productChange(false, false),
];
