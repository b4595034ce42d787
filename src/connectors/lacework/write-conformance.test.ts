import { type WriteCase, writeConformance, type WriteTarget } from '../../connector-kit/testkit/index.ts';
import { apiKeyOf } from './holdings.ts';
import { createLacework } from './index.ts';
import { type LaceworkMutation, startLaceworkSimulator } from './simulator.ts';
import { startReading } from './testing/reading.ts';

const OSKAR = 'oskar.brandt@northwind.example';
const ROSA = 'rosa.delgado@northwind.example';
const NOOR = 'noor.bakker@northwind.example';
const JONAS = 'jonas.lind@northwind.example';
const LATE = 'late.comer@northwind.example';
const NEW = 'new.joiner@northwind.example';
const NOBODY = 'nobody@northwind.example';
const READERS = 'northwind-lab/LACEWORK_USER_GROUP_READ_ONLY_USER';
const POWER = 'northwind-lab/LACEWORK_USER_GROUP_POWER_USER';

const COMPANY = { people: 30, today: new Date('2026-03-02T15:00:00Z') };

interface LaceworkTarget extends WriteTarget {
  readonly mutate: (change: LaceworkMutation) => void;
}

/** Ids of the simulated API keys by the beginning of their descriptions: the same on every start. */
const keyIds = await (async () => {
  await using reading = await startReading(COMPANY);
  const { records } = await reading.pull('api_keys');
  return records.flatMap((record) =>
    record.kind === 'credential' ? [{ id: apiKeyOf(record.key)?.keyId ?? '', name: record.name }] : [],
  );
})();

function keyOf(description: string): string {
  const found = keyIds.find(({ name }) => name.startsWith(description));
  if (found === undefined) throw new Error(`No API key is called ${description}.`);
  return found.id;
}

async function start(): Promise<LaceworkTarget> {
  const simulator = await startLaceworkSimulator(COMPANY);
  simulator.clock.set(COMPANY.today);
  const { account, keyId, secret } = simulator.credentials;
  return {
    settings: { account, organization: 'yes', keyId, baseUrl: simulator.url, requestsPerHour: 1_000_000 },
    secrets: { secret },
    clock: simulator.clock,
    setFaults: (faults) => simulator.faults.set(faults),
    requestCount: () => simulator.requests().length,
    effects: () => simulator.effects().filter(({ request }) => request !== null),
    letPass: (milliseconds) => simulator.clock.advance(milliseconds),
    removeAccount: (user) => void simulator.mutate({ op: 'delete-user', user }),
    mutate: (change) => void simulator.mutate(change),
    close: () => simulator.close(),
  };
}

const TAG = /usher-[0-9a-f]{12}/;

const one = (change: string, ...effects: string[]): WriteCase['plans'] => [{ change, effects }];
const unknownUser = { input: { user: NOBODY }, kind: 'notFound', field: 'user' } as const;
const joiner = { email: NEW, given_name: 'New', family_name: 'Joiner' };

const cases: readonly WriteCase[] = [
  {
    action: 'lacework_create_user',
    about: 'where RBAC is on',
    input: { ...joiner, sub_accounts: [{ name: 'northwind-lab', role: 'read_only_user' }] },
    plans: [
      { change: 'create_in_account', effects: ['user.created', 'mail.invitation'] },
      { change: 'add_to_group', effects: ['group.added'] },
    ],
    again: 'nothing',
    refuses: [
      { input: { ...joiner, email: OSKAR }, kind: 'alreadyExists', field: 'email' },
      {
        input: { ...joiner, sub_accounts: [{ name: 'nowhere', role: 'user' }] },
        kind: 'invalidInput',
        field: 'sub_accounts',
      },
      { input: { ...joiner, sub_accounts: [{ name: 'northwind-lab', role: 'user' }] }, kind: 'invalidInput' },
    ],
  },
  {
    action: 'lacework_create_user',
    about: 'in accounts with the older user model',
    input: {
      ...joiner,
      sub_accounts: [
        { name: 'northwind', role: 'user' },
        { name: 'northwind-eu', role: 'admin' },
      ],
    },
    plans: one('create_in_organization', 'user.created', 'mail.invitation'),
    again: 'nothing',
  },
  {
    action: 'lacework_onboard_user',
    about: 'somebody who is in Europe only',
    input: {
      email: OSKAR,
      given_name: 'Oskar',
      family_name: 'Brandt',
      sub_accounts: [{ name: 'northwind-lab', role: 'power_user' }],
    },
    plans: [
      { change: 'create_in_account', effects: ['user.created', 'mail.invitation'] },
      { change: 'add_to_group', effects: ['group.added'] },
    ],
    again: 'nothing',
  },
  {
    action: 'lacework_update_user',
    input: { user: OSKAR, given_name: 'Oscar' },
    plans: one('update_user', 'user.updated'),
    again: 'nothing',
    refuses: [
      { input: { user: OSKAR }, kind: 'invalidInput', field: 'given_name' },
      unknownUserFor({ given_name: 'X' }),
    ],
  },
  {
    action: 'lacework_disable_user',
    input: { user: OSKAR },
    plans: one('disable_user', 'user.updated'),
    again: 'nothing',
    refuses: [
      unknownUser,
      { input: { user: OSKAR, sub_accounts: ['northwind-lab'] }, kind: 'invalidInput', field: 'sub_accounts' },
    ],
  },
  {
    action: 'lacework_enable_user',
    input: { user: JONAS },
    plans: one('enable_user', 'user.updated'),
    again: 'nothing',
    refuses: [unknownUser],
  },
  {
    action: 'lacework_delete_user',
    input: { user: ROSA },
    plans: one('delete_user', 'user.deleted'),
    again: 'nothing',
    refuses: [unknownUser],
  },
  {
    action: 'lacework_set_role',
    input: { user: OSKAR, sub_account: 'northwind-eu', role: 'admin' },
    plans: one('make_account_admin', 'user.updated'),
    again: 'nothing',
    refuses: [
      { input: { user: OSKAR, sub_account: 'northwind-eu', role: 'power_user' }, kind: 'invalidInput' },
      { input: { user: OSKAR }, kind: 'invalidInput', field: 'role' },
    ],
  },
  {
    action: 'lacework_set_role',
    about: 'in an account with RBAC',
    input: { user: NOOR, sub_account: 'northwind-lab', role: 'power_user' },
    plans: one('set_account_role', 'group.added', 'group.removed'),
    again: 'nothing',
  },
  {
    action: 'lacework_set_role',
    about: 'in the organization',
    input: { user: OSKAR, organization_role: 'org_user' },
    plans: one('set_organization_access', 'user.roles'),
    again: 'nothing',
  },
  {
    action: 'lacework_add_group_members',
    input: { group: POWER, users: [NOOR] },
    plans: one('add_to_group', 'group.added'),
    again: 'nothing',
    refuses: [
      { input: { group: 'nowhere/X', users: [NOOR] }, kind: 'invalidInput', field: 'group' },
      { input: { group: POWER, users: [OSKAR] }, kind: 'invalidInput', field: 'users' },
    ],
  },
  {
    action: 'lacework_remove_group_members',
    input: { group: READERS, users: [NOOR] },
    plans: one('remove_from_group', 'group.removed'),
    again: 'nothing',
  },
  {
    action: 'lacework_resend_invitation',
    input: { user: LATE },
    prepare: (target) => mutate(target, { op: 'add-user', account: 'NORTHWIND-EU', email: LATE, name: 'Late Comer' }),
    plans: [
      { change: 'withdraw_invitation', effects: ['user.deleted'] },
      { change: 'recreate_in_organization', effects: ['user.created', 'mail.invitation'] },
    ],
    again: 'nothing',
    refuses: [{ input: { user: OSKAR }, kind: 'conflict' }, unknownUser],
  },
  {
    action: 'lacework_create_api_key',
    input: { description: 'For the reports' },
    plans: one('create_api_key', 'key.created'),
    // Whoever lost the answer has a key without its secret: it goes before another is made.
    again: ['key.created', 'key.deleted'],
    madeUp: TAG,
    refuses: [{ input: { description: 'X', sub_account: 'nowhere' }, kind: 'invalidInput', field: 'sub_account' }],
  },
  {
    action: 'lacework_disable_api_key',
    input: { key: keyOf('Dashboard export') },
    plans: one('disable_api_key', 'key.disabled'),
    again: 'nothing',
    refuses: [
      { input: { key: 'NORTHWIN_NONE' }, kind: 'notFound', field: 'key' },
      { input: { key: keyOf('Usher') }, kind: 'guarded' },
    ],
  },
  {
    action: 'lacework_enable_api_key',
    input: { key: keyOf('Old dashboard export') },
    plans: one('enable_api_key', 'key.enabled'),
    again: 'nothing',
    refuses: [{ input: { key: 'NORTHWIN_NONE' }, kind: 'notFound', field: 'key' }],
  },
  {
    action: 'lacework_delete_api_key',
    input: { key: keyOf('Terraform state') },
    plans: one('delete_api_key', 'key.deleted'),
    again: 'nothing',
    refuses: [{ input: { key: keyOf('Usher') }, kind: 'guarded' }],
  },
  {
    action: 'lacework_rotate_api_key',
    about: 'of somebody else',
    input: { key: keyOf('CI pipeline'), wait_hours: 1 },
    plans: [
      { change: 'create_successor_key', effects: ['key.created'] },
      { change: 'prove_api_key', effects: [] },
      { change: 'disable_old_key', effects: ['key.disabled'] },
      { change: 'delete_old_key', effects: ['key.deleted'] },
    ],
    again: ['key.created', 'key.deleted'],
    madeUp: TAG,
    refuses: [{ input: { key: 'NORTHWIN_NONE' }, kind: 'notFound', field: 'key' }],
  },
];

/** Changes the organization as only this simulator can. */
function mutate(target: WriteTarget, change: LaceworkMutation): void {
  if (!('mutate' in target) || typeof target.mutate !== 'function') throw new Error('This is no Lacework.');
  target.mutate(change);
}

function unknownUserFor(more: Readonly<Record<string, string>>): NonNullable<WriteCase['refuses']>[number] {
  return { input: { user: NOBODY, ...more }, kind: 'notFound', field: 'user' };
}

writeConformance({
  name: 'Lacework',
  connector: createLacework({ pageSize: 20 }),
  start,
  cases,
  people: { active: NOOR, other: ROSA, invited: null },
  unified: {
    group: POWER,
    newUser: { email: NEW, name: 'New Joiner', groups: [READERS] },
  },
  isAdministrator: ({ status, roles }) => status !== 'disabled' && roles.includes('org_admin'),
});
