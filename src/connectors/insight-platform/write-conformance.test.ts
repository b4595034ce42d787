import { describe, expect, it } from 'vitest';
import {
  type WriteCase,
  writeConformance,
  type WriteConformanceOptions,
  writeRules,
  type WriteTarget,
} from '../../connector-kit/testkit/index.ts';
import type { SwitchValues } from '../../connector-kit/simulator-kit/switches.ts';
import type { JsonValue } from '../../model/records.ts';
import { uuidOf } from './simulator/first-day.ts';
import { connector, settingsFor, startPlatform } from './testing/platform.ts';

const ANH = 'yuki.tanaka@northwind.example';
const OTHER = 'noor.bakker@northwind.example';
const THIRD = 'ibrahim.sesay@northwind.example';
const INVITED = 'priya.raman@northwind.example';
const KEYED = 'jonas.lind@northwind.example';
const NEW = 'new.joiner@northwind.example';
const NOBODY = 'nobody@northwind.example';

/** The platform as the suite tries it, and what only this test does to it. */
interface PlatformTarget extends WriteTarget {
  readonly give: (emails: readonly string[], code: string) => void;
}

async function start(
  switches: SwitchValues = {},
  settings: Readonly<Record<string, JsonValue>> = {},
): Promise<PlatformTarget> {
  // Groups tell their members at once: a reading is two calls, and the suite makes some thousand of them.
  const simulator = await startPlatform({ people: 24, switches: { groupMembers: 'listed', ...switches } });
  return {
    settings: { ...settingsFor(simulator), ...settings },
    // It has no owner who could be deleted, and take the key along.
    secrets: { apiKey: simulator.keys.organization },
    clock: simulator.clock,
    setFaults: (faults) => simulator.faults.set(faults),
    requestCount: () => simulator.requests().length,
    effects: () => simulator.effects().filter(({ request }) => request !== null),
    letPass: (milliseconds) => simulator.clock.advance(milliseconds),
    removeAccount: (email) => void simulator.mutate({ op: 'delete-user', email }),
    give: (emails, product) => {
      for (const email of emails) simulator.mutate({ op: 'give-product', email, product });
    },
    close: () => simulator.close(),
  };
}

const one = (change: string, ...effects: string[]): WriteCase['plans'] => [{ change, effects }];

const many = (action: string, change: string, effect: string, rest: Readonly<Record<string, string>>): WriteCase => ({
  action,
  input: { ...rest, users: [ANH, OTHER] },
  plans: [1, 2].map(() => ({ change, effects: [effect] })),
  again: 'nothing',
  bad: { email: OTHER, spoil: (target) => target.removeAccount(OTHER) },
});

const cases: readonly WriteCase[] = [
  {
    action: 'insight_platform_create_user',
    input: { email: NEW, first_name: 'New', last_name: 'Joiner' },
    plans: one('create_user', 'user.created', 'mail.invitation'),
    again: 'nothing',
    refuses: [
      { input: { email: ANH, first_name: 'A', last_name: 'B' }, kind: 'alreadyExists', field: 'email' },
      { input: { email: INVITED, first_name: 'A', last_name: 'B' }, kind: 'alreadyExists', field: 'email' },
      {
        input: { email: NEW, first_name: 'A', last_name: 'B', groups: ['No such'] },
        kind: 'notFound',
        field: 'groups',
      },
      { input: { email: NEW, first_name: 'A', last_name: 'B', products: ['NO'] }, kind: 'notFound', field: 'products' },
    ],
  },
  {
    action: 'insight_platform_create_user',
    about: 'with a group and a product',
    input: { email: NEW, first_name: 'New', last_name: 'Joiner', groups: ['Security'], products: ['IVM'] },
    plans: [
      { change: 'create_user', effects: ['user.created', 'mail.invitation'] },
      { change: 'add_group_member', effects: ['group.member-added'] },
      { change: 'grant_product_unseen', effects: ['product.assigned'] },
    ],
    again: 'nothing',
  },
  {
    action: 'insight_platform_update_user',
    input: { user: ANH, first_name: 'Other', last_name: 'Name' },
    plans: one('update_names', 'user.updated'),
    again: 'nothing',
    refuses: [
      { input: { user: NOBODY, first_name: 'X' }, kind: 'notFound', field: 'user' },
      { input: { user: ANH }, kind: 'invalidInput', field: 'first_name' },
    ],
  },
  {
    action: 'insight_platform_delete_user',
    input: { users: [OTHER, THIRD] },
    plans: [1, 2].map(() => ({ change: 'delete_user', effects: ['user.deleted'] })),
    again: 'nothing',
    refuses: [
      { input: { user: NOBODY }, kind: 'notFound', field: 'user' },
      { input: {}, kind: 'invalidInput', field: 'user' },
    ],
  },
  {
    action: 'insight_platform_delete_user',
    about: 'whose key and sessions go with them',
    input: { user: KEYED },
    plans: one('delete_user', 'user.deleted', 'api-key.revoked'),
    again: 'nothing',
  },
  {
    ...many('insight_platform_add_group_member', 'add_group_member', 'group.member-added', { group: 'Security' }),
    refuses: [{ input: { user: ANH, group: 'No such' }, kind: 'notFound', field: 'group' }],
  },
  {
    action: 'insight_platform_remove_group_member',
    input: { users: [OTHER, THIRD], group: 'Engineering' },
    plans: [1, 2].map(() => ({ change: 'remove_group_member', effects: ['group.member-removed'] })),
    again: 'nothing',
  },
  {
    ...many('insight_platform_grant_product', 'grant_product_unseen', 'product.assigned', { product: 'IVM' }),
    refuses: [{ input: { user: ANH, product: 'NO' }, kind: 'notFound', field: 'product' }],
  },
  {
    ...many('insight_platform_revoke_product', 'revoke_product_unseen', 'product.removed', { product: 'IVM' }),
    prepare: (target) => {
      if (isPlatform(target)) target.give([ANH, OTHER], 'IVM');
    },
  },
];

const options: WriteConformanceOptions = {
  name: 'Insight Platform',
  connector,
  start: () => start(),
  cases,
  people: { active: ANH, other: OTHER, invited: INVITED },
  unified: { group: uuidOf('northwind/group/Security'), newUser: { email: NEW, name: 'New Joiner', groups: [] } },
};

writeConformance(options);

const SHOWN = ['insight_platform_grant_product', 'insight_platform_revoke_product'];

/** The cases of products where the platform shows who has them. */
const shown = cases
  .filter(({ action }) => SHOWN.includes(action))
  .map((tried) => ({
    ...tried,
    plans: tried.plans.map(({ change, effects }) => ({ change: change.replace('_unseen', ''), effects })),
  }));
const of = (action: string): readonly WriteCase[] => cases.filter((tried) => tried.action === action);
const SO = /is wanted and not so|shows in a dry run|does nothing more|goes back/u;

/** Answers as different sources attest or suggest them, and the rules that they could break. */
const variants: readonly {
  readonly about: string;
  readonly switches: SwitchValues;
  readonly settings?: Readonly<Record<string, JsonValue>>;
  readonly rules: RegExp;
  readonly cases: readonly WriteCase[];
}[] = [
  {
    about: 'knows PUT alone for an update',
    switches: { updateVerb: 'PUT', putReplaces: 'on' },
    rules: /under every fault|is wanted|goes back/u,
    cases: of('insight_platform_update_user'),
  },
  {
    about: 'is asked to PUT right away',
    switches: { updateVerb: 'both', putReplaces: 'on' },
    settings: { updateVerb: 'PUT' },
    rules: SO,
    cases: of('insight_platform_update_user'),
  },
  {
    about: 'answers a create with nothing',
    switches: { creates: 'empty' },
    rules: SO,
    cases: of('insight_platform_create_user').slice(0, 1),
  },
  {
    about: 'answers a delete with 200',
    switches: { deletes: '200' },
    rules: SO,
    cases: of('insight_platform_delete_user'),
  },
  {
    about: 'tells members of a group alone',
    switches: { groupMembers: 'ids' },
    rules: /is wanted|reads of an account|reads many|never short/u,
    cases: of('insight_platform_remove_group_member'),
  },
  {
    about: 'tells members as objects',
    switches: { groupMembers: 'objects' },
    rules: /is wanted|reads of an account/u,
    cases: of('insight_platform_remove_group_member'),
  },
  {
    about: 'shows products within the user',
    switches: { userProducts: 'inline' },
    rules: new RegExp(`${SO.source}|reads of an account|reads many|plans the same each`, 'u'),
    cases: shown,
  },
  {
    about: 'shows products at an address of their own',
    switches: { userProducts: 'endpoint' },
    rules: /is wanted|reads of an account|reads many|tells the good/u,
    cases: shown,
  },
];

describe('The Insight Platform keeps the contract of writes where it', () => {
  it.each(variants)('$about', async ({ switches, settings, rules, cases: own }) => {
    const concerned = writeRules({ ...options, cases: own, start: () => start(switches, settings) }).filter(
      ({ name }) => rules.test(name) && name !== 'is tried with every writing action it has',
    );
    expect(concerned.length).toBeGreaterThan(0);
    for (const rule of concerned) await rule.run();
  });
});

function isPlatform(target: WriteTarget): target is PlatformTarget {
  return 'give' in target;
}
