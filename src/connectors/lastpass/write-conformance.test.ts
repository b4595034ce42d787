import { describe, expect, it } from 'vitest';
import {
  writeConformance,
  type WriteCase,
  type WriteConformanceOptions,
  writeRules,
  type WriteTarget,
} from '../../connector-kit/testkit/index.ts';
import type { SwitchValues } from '../../connector-kit/simulator-kit/switches.ts';
import { createLastPass } from './index.ts';
import { type LastPassMutation, startLastPassSimulator } from './simulator.ts';

const ANH = 'anh.vo@northwind.example';
const PING = 'ping.shen@northwind.example';
const ZOE = 'zoe.pemberton@northwind.example';
const DISABLED = 'obinna.ibekwe@northwind.example';
const PENDING = 'grace.kim@northwind.example';
const INVITED = 'priya.raman@northwind.example';
const NEW = 'new.joiner@northwind.example';
const NOBODY = 'nobody@northwind.example';

/** LastPass as the suite tries it, and what only this test does to it. */
interface LastPassTarget extends WriteTarget {
  readonly mutate: (change: LastPassMutation) => void;
}

async function start(switches: SwitchValues = {}): Promise<LastPassTarget> {
  const today = new Date('2026-03-02T15:00:00Z');
  const simulator = await startLastPassSimulator({ people: 36, today, switches });
  simulator.clock.set(today);
  return {
    settings: {
      companyId: simulator.credentials.companyId,
      region: 'custom',
      baseUrl: simulator.url,
      requestsPerSecond: 100_000,
    },
    secrets: { provisioningHash: simulator.credentials.provisioningHash },
    clock: simulator.clock,
    setFaults: (faults) => simulator.faults.set(faults),
    requestCount: () => simulator.requests().length,
    effects: () => simulator.effects().filter(({ request }) => request !== null),
    letPass: (milliseconds) => simulator.clock.advance(milliseconds),
    removeAccount: (username) => void simulator.mutate({ op: 'delete-user', username }),
    changeAddress: (username, to) => void simulator.mutate({ op: 'rename-user', username, to }),
    delayLog: (milliseconds) => simulator.setSwitches({ logDelayMs: milliseconds }),
    mutate: (change) => void simulator.mutate(change),
    close: () => simulator.close(),
  };
}

const one = (change: string, ...effects: string[]): WriteCase['plans'] => [{ change, effects }];
const unknownUser = { input: { user: NOBODY }, kind: 'notFound', field: 'user' } as const;

const cases: readonly WriteCase[] = [
  {
    action: 'lastpass_change_group_members',
    input: {
      changes: [
        { user: ANH, add: ['Legal'], remove: ['Support'] },
        { user: PING, add: ['Legal'] },
        { user: ZOE, add: ['Legal'] },
      ],
    },
    plans: [
      { change: 'change_groups', effects: ['group.member-added', 'group.member-removed'] },
      { change: 'change_groups', effects: ['group.member-added'] },
      { change: 'change_groups', effects: ['group.member-added'] },
    ],
    again: 'nothing',
    bad: { email: PING, spoil: (target) => target.removeAccount(PING) },
    refuses: [
      { input: { changes: [{ user: ANH, add: ['No such group'] }] }, kind: 'notFound', field: 'changes' },
      { input: { changes: [{ user: ANH, add: ['Legal'], remove: ['Legal'] }] }, kind: 'invalidInput' },
      { input: { changes: [{ user: INVITED, add: ['Legal'] }] }, kind: 'conflict' },
    ],
  },
  {
    action: 'lastpass_push_sites',
    input: {
      users: [ANH],
      sites: [
        {
          url: 'https://desk.example/login',
          name: 'Desk',
          username_type: 'custom',
          username: 'desk-"owner"',
          password: 'p/ä"s\\s wört',
          notes: 'the blue key',
        },
      ],
    },
    secrets: ['desk-"owner"', 'p/ä"s\\s wört', 'the blue key'],
    plans: one('push_site', 'site.pushed'),
    again: 'repeats',
    refuses: [{ input: { sites: [{ url: 'https://desk.example' }] }, kind: 'invalidInput', field: 'users' }],
  },
  {
    action: 'lastpass_create_users',
    input: {
      users: [
        { email: NEW, full_name: 'New Joiner', groups: ['Legal'], password: 'First "words" 7' },
        { email: 'second.joiner@northwind.example' },
        { email: 'third.joiner@northwind.example' },
      ],
    },
    secrets: ['First "words" 7'],
    plans: [1, 2, 3].map(() => ({ change: 'create_user', effects: ['user.created', 'mail.activation'] })),
    again: 'nothing',
    refuses: [
      { input: { users: [{ email: ANH }] }, kind: 'alreadyExists', field: 'users' },
      { input: { users: [{ email: INVITED }] }, kind: 'alreadyExists', field: 'users' },
      { input: { users: [{ email: NEW }, { email: NEW.toUpperCase() }] }, kind: 'invalidInput' },
    ],
  },
  {
    action: 'lastpass_create_users',
    about: 'with a password made for it',
    input: { users: [{ email: NEW, generate_password: true }] },
    plans: one('create_user', 'user.created', 'mail.activation'),
    again: 'nothing',
  },
  {
    action: 'lastpass_update_user',
    about: 'the name at Duo',
    input: { user: ANH, duo_username: 'anh.at.duo' },
    plans: one('update_names', 'user.updated'),
    again: 'nothing',
  },
  {
    action: 'lastpass_update_user',
    input: { user: ANH, full_name: 'Anh Other' },
    plans: one('update_names', 'user.updated'),
    again: 'nothing',
    refuses: [{ input: { user: ANH }, kind: 'invalidInput', field: 'full_name' }],
  },
  ...(['remove', 'delete'] as const).map((mode): WriteCase => ({
    action: 'lastpass_delete_user',
    about: mode,
    input: { user: ANH, mode },
    plans: one(`${mode}_user`, `user.${mode}d`),
    again: 'nothing',
    refuses: [{ input: { user: ANH }, kind: 'invalidInput', field: 'mode' }],
  })),
  {
    action: 'lastpass_delete_user',
    about: 'uninvite',
    input: { user: INVITED, mode: 'uninvite' },
    plans: one('uninvite_user', 'invitation.withdrawn'),
    again: 'nothing',
    refuses: [{ input: { user: ANH, mode: 'uninvite' }, kind: 'conflict' }],
  },
  {
    action: 'lastpass_delete_users',
    input: { users: [ANH, PING], mode: 'remove' },
    plans: [1, 2].map(() => ({ change: 'remove_user', effects: ['user.removed'] })),
    again: 'nothing',
  },
  {
    action: 'lastpass_disable_user',
    input: { users: [ANH, PING, ZOE] },
    plans: [1, 2, 3].map(() => ({ change: 'disable_user', effects: ['user.disabled'] })),
    again: 'nothing',
    bad: { email: PING, spoil: (target) => target.removeAccount(PING) },
    refuses: [unknownUser, { input: {}, kind: 'invalidInput', field: 'user' }],
  },
  {
    action: 'lastpass_enable_user',
    input: { users: [DISABLED, ANH] },
    prepare: (target) => mutate(target, { op: 'set-user', username: ANH, fields: { disabled: true } }),
    plans: [1, 2].map(() => ({ change: 'enable_user', effects: ['user.enabled'] })),
    again: 'nothing',
    refuses: [unknownUser],
  },
  {
    action: 'lastpass_resend_invitation',
    about: 'to an invitation',
    input: { user: INVITED },
    plans: one('resend_invitation', 'mail.invitation'),
    again: 'repeats',
    refuses: [{ input: { user: ANH }, kind: 'conflict' }],
  },
  {
    action: 'lastpass_resend_invitation',
    about: 'to an account nobody signed in to',
    input: { user: PENDING },
    plans: one('resend_invitation', 'mail.invitation'),
    again: 'repeats',
  },
  {
    action: 'lastpass_disable_multifactor',
    input: { user: PING },
    plans: one('disable_multifactor', 'user.multifactor-disabled'),
    again: 'nothing',
  },
  {
    action: 'lastpass_send_master_password_reset',
    input: { user: ANH },
    plans: one('send_password_reset', 'mail.password-reset'),
    again: 'repeats',
    refuses: [unknownUser],
  },
  {
    action: 'lastpass_require_master_password_change',
    input: { user: ANH },
    plans: one('require_password_change', 'user.password-change-required'),
    again: 'nothing',
  },
  {
    action: 'lastpass_update_email',
    input: { user: ANH, new_email: 'anh.new@northwind.example' },
    plans: one('update_email', 'mail.email-confirmation'),
    again: 'repeats',
    refuses: [{ input: { user: ANH, new_email: PING }, kind: 'alreadyExists', field: 'new_email' }],
  },
];

const options: WriteConformanceOptions = {
  name: 'LastPass',
  connector: createLastPass({ pageSize: 20, folderBatchSize: 10 }),
  start: () => start(),
  cases,
  people: { active: ANH, other: PING, invited: INVITED },
  unified: { group: 'Legal', newUser: { email: NEW, name: 'New Joiner', groups: ['Legal'] } },
};

writeConformance(options);

const creating = cases.filter(({ action, plans }) => action === 'lastpass_create_users' && plans.length > 1);
const LOG = /own entry in the log|log is complete|log whole/u;

/** The vendor's answers as different sources attest them, and the rules that they could break. */
const variants: readonly {
  readonly about: string;
  readonly switches: SwitchValues;
  readonly rules: RegExp;
  readonly cases?: readonly WriteCase[];
}[] = [
  { about: 'names unknown users in error only', switches: { unknownUser: 'named' }, rules: /in one batch/u },
  { about: 'leaves unknown users out of its answer', switches: { unknownUser: 'silent' }, rules: /in one batch/u },
  {
    about: 'warns of groups nobody has',
    switches: { unknownGroup: 'warn' },
    rules: /group_members: (?:tells|is wanted)/u,
  },
  { about: 'warns of users that are there', switches: { existingUser: 'warn' }, rules: /create_users: does nothing/u },
  {
    about: 'warns in a list of users that are there',
    switches: { existingUser: 'warn', batchaddError: 'array' },
    rules: /create_users: (?:tells|does nothing|under)/u,
    cases: creating.map((tried) => ({
      ...tried,
      bad: {
        email: 'second.joiner@northwind.example',
        spoil: (target) => mutate(target, { op: 'add-user', username: 'second.joiner@northwind.example', groups: [] }),
      },
    })),
  },
  {
    about: 'carries out the first entries of a list only',
    switches: { batchaddMost: 2 },
    rules: /create_users: tells/u,
    cases: creating.map((tried) => ({
      ...tried,
      bad: { email: 'third.joiner@northwind.example', spoil: () => undefined },
    })),
  },
  {
    about: 'calls its JSON JSON',
    switches: { contentType: 'application/json', emptyMaps: '{}' },
    rules: /so once|maps/u,
  },
  { about: 'spells the actions of its log as it did once', switches: { actionCasing: 'title' }, rules: LOG },
  { about: 'has Japanese actions in its log', switches: { actionCasing: 'japanese' }, rules: LOG },
  { about: 'tells its log in parts', switches: { reportingCap: 3, nextType: 'string' }, rules: LOG },
];

describe('LastPass keeps the contract of writes where it', () => {
  it.each(variants)('$about', async ({ switches, rules, cases: own = cases }) => {
    const concerned = writeRules({ ...options, cases: own, start: () => start(switches) }).filter(({ name }) =>
      rules.test(name),
    );
    expect(concerned.length).toBeGreaterThan(0);
    for (const rule of concerned) await rule.run();
  });
});

function mutate(target: WriteTarget, change: LastPassMutation): void {
  if (isLastPass(target)) target.mutate(change);
}

function isLastPass(target: WriteTarget): target is LastPassTarget {
  return 'mutate' in target;
}
