import { z } from 'zod';
import type { ConnectorChange, SubjectState } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { subjectLabel } from '../../model/changes.ts';
import { addressOf, type Settings } from './change-subject.ts';
import { oneByOne } from './item-results.ts';
import { updateUser } from './write-calls.ts';

const nameParams = z.strictObject({ fullname: z.string().optional(), duousername: z.string().optional() });
type NameParams = z.output<typeof nameParams>;

const updateNames = defineChange<Settings, NameParams>({
  id: 'update_names',
  summary(subject, { fullname, duousername }) {
    const parts = [
      ...(fullname === undefined ? [] : [`name "${fullname}"`]),
      ...(duousername === undefined ? [] : [`Duo name "${duousername}"`]),
    ];
    return `Set ${parts.join(' and ')} of ${subjectLabel(subject)}`;
  },
  params: nameParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: true, how: 'The names from before are set again.' },
  looksAt: [],
  wanted(state, params) {
    if (state.account === null) return false;
    const shown = namesOf(state);
    return NAMES.every((name) => params[name] === undefined || params[name] === shown[name]);
  },
  proof: { by: 'state' },
  batchSize: 1,
  inverse(before, params) {
    const shown = namesOf(before);
    const other = NAMES.filter((name) => params[name] !== undefined && params[name] !== shown[name]);
    if (before.account === null || other.length === 0) return null;
    return { change: 'update_names', params: Object.fromEntries(other.map((name) => [name, shown[name]])) };
  },
  call: (context, items) =>
    oneByOne(context, items, (item) => updateUser(context, { username: addressOf(item), ...item.params })),
});

const securIdParams = z.strictObject({ securidusername: z.string() });
type SecurIdParams = z.output<typeof securIdParams>;

/** Written only, as far as anybody has seen: no answer of the API shows it. */
const updateSecurIdName = defineChange<Settings, SecurIdParams>({
  id: 'update_securid_name',
  summary: (subject, { securidusername }) => `Set the SecurID name "${securidusername}" of ${subjectLabel(subject)}`,
  params: securIdParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: false, how: 'LastPass does not show the name there was before.' },
  looksAt: [],
  wanted: () => false,
  proof: { by: 'answer', note: 'LastPass took it; it shows this name nowhere' },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    oneByOne(context, items, (item) => updateUser(context, { username: addressOf(item), ...item.params })),
});

export const nameChanges: readonly ConnectorChange<Settings>[] = [updateNames, updateSecurIdName];

const NAMES = ['fullname', 'duousername'] as const;

/** An absent name is the empty one: that is how LastPass sends it. */
function namesOf({ account }: SubjectState): Readonly<Record<(typeof NAMES)[number], string>> {
  const duo = account?.extra['duousername'];
  return { fullname: account?.displayName ?? '', duousername: typeof duo === 'string' ? duo : '' };
}
