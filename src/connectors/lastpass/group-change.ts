import { z } from 'zod';
import type { SubjectState } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { subjectLabel } from '../../model/changes.ts';
import { addressOf, type Settings } from './change-subject.ts';
import { batchResults, inBatch, settledByReading } from './item-results.ts';
import { groupKey } from './mapping.ts';
import { batchChangeGroups } from './write-calls.ts';

const groupParams = z.strictObject({ add: z.array(z.string()), remove: z.array(z.string()) });
type GroupParams = z.output<typeof groupParams>;

/** Memberships of one user: some added, some removed, in one call. Doing it again is the same. */
export const changeGroups = defineChange<Settings, GroupParams>({
  id: 'change_groups',
  summary(subject, { add, remove }) {
    const parts = [
      ...(add.length > 0 ? [`add to ${add.join(', ')}`] : []),
      ...(remove.length > 0 ? [`remove from ${remove.join(', ')}`] : []),
    ];
    return `Groups of ${subjectLabel(subject)}: ${parts.join('; ')}`;
  },
  params: groupParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: true, how: 'The memberships that changed are put back.' },
  wanted(state, { add, remove }) {
    if (state.account === null) return false;
    const held = heldGroups(state);
    return add.every((group) => held.has(groupKey(group))) && !remove.some((group) => held.has(groupKey(group)));
  },
  proof: { by: 'state' },
  batchSize: 100,
  inverse(before, { add, remove }) {
    const held = heldGroups(before);
    const params = {
      add: remove.filter((group) => held.has(groupKey(group))),
      remove: add.filter((group) => !held.has(groupKey(group))),
    };
    return params.add.length + params.remove.length === 0 ? null : { change: 'change_groups', params };
  },
  call(context, items) {
    const addresses = items.map(addressOf);
    const entries = items.map(({ params: { add, remove } }, index) => ({
      username: addresses[index] ?? '',
      ...(add.length > 0 && { add }),
      ...(remove.length > 0 && { del: remove }),
    }));
    return settledByReading(
      inBatch(context, addresses, async () => batchResults(await batchChangeGroups(context, entries), addresses)),
    );
  },
});

function heldGroups({ grants }: SubjectState): ReadonlySet<string> {
  return new Set(grants.filter(({ targetKind }) => targetKind === 'group').map(({ targetKey }) => targetKey));
}
