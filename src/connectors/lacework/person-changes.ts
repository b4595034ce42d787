import { z } from 'zod';
import type { ChangeItem, ConnectorChange, ItemResult, SubjectState } from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { isObject } from '../../connector-kit/json.ts';
import { subjectLabel } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import { isOrganization, type LaceworkContext, type Settings } from './config.ts';
import { eachItem, inText, inTurn, type KnownMembership, membershipsOf, onEach, rowsAmong } from './memberships.ts';
import {
  deleteMembership, NO_NAME, setEnabled, setEnabledInOrganization, setNames, wholeName,
} from './write-calls.ts'; // prettier-ignore

/** Sub-accounts by name; []: all the person is in. */
const whereParams = z.strictObject({ subAccounts: z.array(z.string()) });
type WhereParams = z.output<typeof whereParams>;

const isDisabled = ({ status }: KnownMembership): boolean => status === 'disabled';

const disable = defineChange<Settings, WhereParams>({
  id: 'disable_user',
  summary: (subject, { subAccounts }) =>
    `Disable ${subjectLabel(subject)} ${inText(subAccounts)}: no sign-in; groups and roles are kept`,
  params: whereParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: true,
  sendsMail: false,
  undo: { isPossible: true, how: 'Enabling gives the sign-in back where it was.' },
  wanted: (state, { subAccounts }) => areAll(membershipsOf(state, subAccounts), isDisabled),
  proof: { by: 'state' },
  batchSize: 1,
  inverse(before, { subAccounts }) {
    const enabled = membershipsOf(before, subAccounts).filter((each) => !isDisabled(each));
    return enabled.length === 0
      ? null
      : { change: 'enable_user', params: { subAccounts: enabled.map(({ subAccount }) => subAccount) } };
  },
  call: (context, items) => eachItem(context, items, (item) => switchTo(context, item, false)),
});

const enable = defineChange<Settings, WhereParams>({
  id: 'enable_user',
  summary: (subject, { subAccounts }) => `Enable ${subjectLabel(subject)} ${inText(subAccounts)}: sign-in works again`,
  params: whereParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: true, how: 'Disabling blocks the sign-in again.' },
  wanted: (state, { subAccounts }) => areAll(membershipsOf(state, subAccounts), (each) => !isDisabled(each)),
  proof: { by: 'state' },
  batchSize: 1,
  inverse(before, { subAccounts }) {
    const disabled = membershipsOf(before, subAccounts).filter(isDisabled);
    return disabled.length === 0
      ? null
      : { change: 'disable_user', params: { subAccounts: disabled.map(({ subAccount }) => subAccount) } };
  },
  call: (context, items) => eachItem(context, items, (item) => switchTo(context, item, true)),
});

/** One call of the organization where it may spare many; then each row that is not so yet. */
async function switchTo(
  context: LaceworkContext,
  { before, params: { subAccounts } }: ChangeItem<WhereParams>,
  isEnabled: boolean,
): Promise<ItemResult> {
  const open = membershipsOf(before, subAccounts).filter((each) => isDisabled(each) === isEnabled);
  const { legacy = [], rbac = [] } = Object.groupBy(open, ({ model }) => model);
  const [first, ...others] = legacy;
  const isForAll = subAccounts.length === 0 && isOrganization(context.settings) && others.length > 0;
  let reached: ReadonlySet<string> | null = null;
  const atOnce = async (): Promise<void> => {
    if (first !== undefined) reached = await setEnabledInOrganization(context, first, isEnabled);
  };
  const one = (membership: KnownMembership) => async (): Promise<void> => {
    if (reached?.has(membership.subAccount) !== true) await setEnabled(context, membership, isEnabled);
  };
  return inTurn(context, [...rbac.map(one), ...(isForAll ? [atOnce] : []), ...legacy.map(one)]);
}

const remove = defineChange<Settings, WhereParams>({
  id: 'delete_user',
  summary: (subject, { subAccounts }) =>
    `Delete ${subjectLabel(subject)} ${inText(subAccounts)}: console and API access end for good`,
  params: whereParams,
  secrets: [],
  effect: () => 'destructive',
  endsAccess: true,
  sendsMail: false,
  undo: {
    isPossible: false,
    how: 'The person can be invited again, under other ids; API keys and groups come back by hand.',
  },
  wanted: (state, { subAccounts }) => membershipsOf(state, subAccounts).length === 0,
  proof: { by: 'state' },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    eachItem(context, items, ({ before, params: { subAccounts } }) =>
      onEach(context, membershipsOf(before, subAccounts), (each) => endMembership(context, each)),
    ),
});

const withdrawParams = z.strictObject({
  /** GUIDs of the rows to be deleted: those that are made in their place have others. */
  guids: z.array(z.string()),
  roles: z.array(z.string()),
});
type WithdrawParams = z.output<typeof withdrawParams>;

/** The first half of an invitation sent again: never of somebody who has signed in, nor of what was made anew. */
const withdraw = defineChange<Settings, WithdrawParams>({
  id: 'withdraw_invitation',
  summary: (subject) =>
    `Delete ${subjectLabel(subject)}, who has never signed in, in all sub-accounts, so that a new invitation can be sent`,
  params: withdrawParams,
  secrets: [],
  effect: () => 'destructive',
  endsAccess: true,
  sendsMail: false,
  undo: { isPossible: false, how: 'The next step invites again.' },
  // GUIDs are others after a change of roles as well: then the plan no longer fits.
  wanted: (state, { guids, roles }) =>
    rowsAmong(state, guids).length === 0 && (state.account?.roles ?? []).every((role) => roles.includes(role)),
  proof: { by: 'state' },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    eachItem(context, items, async ({ before, params: { guids }, subject }) => {
      const rows = rowsAmong(before, guids);
      const known = membershipsOf(before, []).find(({ status }) => status !== 'invited');
      if (known === undefined) return onEach(context, rows, (each) => endMembership(context, each));
      throw new UsherError(
        'stale',
        `${subjectLabel(subject)} is ${known.status} in sub-account ${known.subAccount} by now; nothing was called.`,
        { next: 'Sync and plan again.' },
      );
    }),
});

/** Who is gone already is what is wanted. */
async function endMembership(context: LaceworkContext, membership: KnownMembership): Promise<void> {
  try {
    await deleteMembership(context, membership);
  } catch (error) {
    if (!(error instanceof UsherError && error.kind === 'notFound')) throw error;
  }
}

const nameParams = z.strictObject({ givenName: z.string(), familyName: z.string() });
type NameParams = z.output<typeof nameParams>;

const rename = defineChange<Settings, NameParams>({
  id: 'update_user',
  summary: (subject, params) => `Call ${subjectLabel(subject)} ${wholeName(params)} in all sub-accounts`,
  params: nameParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: true, how: 'The name before is given back.' },
  wanted: isNamed,
  proof: { by: 'state' },
  batchSize: 1,
  inverse({ account }, params) {
    if (account === null || account.displayName === null || isNamed({ account, grants: [] }, params)) return null;
    const [first = '', ...rest] = account.displayName.split(' ');
    return {
      change: 'update_user',
      params: {
        givenName: account.givenName ?? first,
        familyName: account.familyName ?? (rest.length === 0 ? NO_NAME : rest.join(' ')),
      },
    };
  },
  call: (context, items) =>
    eachItem(context, items, ({ before, params }) => {
      const open = isNamed(before, params) ? [] : membershipsOf(before, []);
      return onEach(context, open, (membership) => setNames(context, membership, params));
    }),
});

/** In every sub-account, by its row. */
function isNamed({ account }: SubjectState, params: NameParams): boolean {
  const rows = isObject(account?.raw) ? Object.values(account.raw).filter(isObject) : [];
  return rows.length > 0 && rows.every((row) => isRowNamed(row, params));
}

function isRowNamed(row: Readonly<Record<string, unknown>>, params: NameParams): boolean {
  if (typeof row['name'] === 'string') return row['name'] === wholeName(params);
  const props = isObject(row['props']) ? row['props'] : {};
  return props['firstName'] === params.givenName && props['lastName'] === params.familyName;
}

function areAll(memberships: readonly KnownMembership[], holds: (membership: KnownMembership) => boolean): boolean {
  return memberships.length > 0 && memberships.every(holds);
}

/** Changes that name, block or end a person. */
export const personChanges: readonly ConnectorChange<Settings>[] = [
  disable, enable, remove, withdraw, rename,
]; // prettier-ignore
