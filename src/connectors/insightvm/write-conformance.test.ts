import { describe, expect, it } from 'vitest';
import {
  type WriteCase, writeConformance, type WriteConformanceOptions,
  writeRules, type WriteTarget,
} from '../../connector-kit/testkit/index.ts'; // prettier-ignore
import { isObject } from '../../connector-kit/json.ts';
import type { LoggedEffect } from '../../connector-kit/simulator-kit/logs.ts';
import { createInsightVm } from './index.ts';
import { type InsightVmMutation, startInsightVmSimulator } from './simulator.ts';
import type { SwitchValues } from './simulator/switches.ts';

const TODAY = new Date('2026-03-02T15:00:00Z');
const at = (name: string): string => `${name}@northwind.example`;
const [IBRAHIM, ROSA, MEI, LENA, NOBODY] = [
  'ibrahim.sesay',
  'rosa.delgado',
  'mei-ling.chu',
  'lena.fischer',
  'nobody',
].map(at);
const NEW = at('new.joiner');
/** Usher's own login here: the suite deletes the first administrator it finds. */
const OWN = at('breakglass');
const ADA = at('ada.okonkwo');

/** The console as the suite tries it, and what only this test does to it. */
interface ConsoleTarget extends WriteTarget {
  readonly mutate: (change: InsightVmMutation) => void;
}

async function start(switches: SwitchValues = {}): Promise<ConsoleTarget> {
  const simulator = await startInsightVmSimulator({ people: 30, sites: 8, assetGroups: 5, today: TODAY, switches });
  simulator.clock.set(TODAY);
  const { user, password } = simulator.credentialsOf('breakglass');
  const moved = new Map<string, string>();
  const login = (address: string): string => moved.get(address) ?? address.slice(0, address.indexOf('@'));
  const mutate = (change: InsightVmMutation): void => void simulator.mutate(change);
  return {
    settings: { baseUrl: simulator.url, user, requestsPerSecond: 100_000 },
    secrets: { password },
    clock: simulator.clock,
    setFaults: (faults) => simulator.faults.set(faults),
    requestCount: () => simulator.requests().length,
    effects: () => underAddresses(simulator.effects().filter(({ request }) => request !== null)),
    letPass: (milliseconds) => simulator.clock.advance(milliseconds),
    removeAccount: (address) => mutate({ op: 'delete-user', login: login(address) }),
    changeAddress(address, email) {
      const name = login(address);
      mutate({ op: 'set-user', login: name, fields: { email } });
      moved.set(email, name);
    },
    mutate,
    close: () => simulator.close(),
  };
}

/** What happened to users made here, under the addresses they are planned by. */
function underAddresses(effects: readonly LoggedEffect[]): readonly LoggedEffect[] {
  const made = new Map(
    effects.flatMap(({ kind, subject, detail }) => {
      const email = kind === 'user.created' && isObject(detail) ? detail['email'] : null;
      return typeof email === 'string' ? [[subject, email] as const] : [];
    }),
  );
  return effects.map((effect) => ({ ...effect, subject: made.get(effect.subject) ?? effect.subject }));
}

const one = (change: string, ...effects: string[]): WriteCase['plans'] => [{ change, effects }];
const own = { input: { user: OWN }, kind: 'conflict' } as const;
const unknownUser = { input: { user: NOBODY ?? '' }, kind: 'notFound', field: 'user' } as const;

const cases: readonly WriteCase[] = [
  {
    action: 'insightvm_create_user',
    input: { login: 'new.joiner', name: 'New Joiner', email: NEW, password: 'First "Words" 7', language: 'de-DE' },
    secrets: ['First "Words" 7'],
    plans: one('create_user', 'user.created'),
    again: 'nothing',
    refuses: [
      {
        input: { login: 'x', name: 'X', email: IBRAHIM ?? '', password: 'Quiet 0tters' },
        kind: 'alreadyExists',
        field: 'email',
      },
      { input: { login: 'x', name: 'X', email: NEW }, kind: 'invalidInput', field: 'password' },
      {
        input: { login: 'x', name: 'X', email: NEW, generate_password: true, role: 'asset-owner' },
        kind: 'notFound',
        field: 'role',
      },
      {
        input: { login: 'x', name: 'X', email: NEW, generate_password: true, sites: [999] },
        kind: 'notFound',
        field: 'sites',
      },
      {
        input: { login: 'x', name: 'X', email: NEW, generate_password: true, role: 'company-reviewer', sites: [1] },
        kind: 'conflict',
        field: 'role',
      },
      {
        input: { login: 'x', name: 'X', email: NEW, generate_password: true, all_sites: true, sites: [1] },
        kind: 'invalidInput',
        field: 'sites',
      },
      {
        input: { login: 'x', name: 'X', email: NEW, authentication_source: 4, password: 'Quiet 0tters' },
        kind: 'invalidInput',
        field: 'password',
      },
      {
        input: { login: 'x', name: 'X', email: NEW, authentication_source: 99 },
        kind: 'notFound',
        field: 'authentication_source',
      },
    ],
  },
  {
    action: 'insightvm_create_user',
    about: 'who signs in elsewhere, and sees all',
    input: {
      login: 'new.joiner',
      name: 'New Joiner',
      email: NEW,
      authentication_source: 4,
      all_sites: true,
      all_asset_groups: true,
    },
    plans: one('create_user', 'user.created'),
    again: 'nothing',
  },
  {
    action: 'insightvm_create_user',
    about: 'restricted to a site and an asset group',
    input: {
      login: 'new.joiner',
      name: 'New Joiner',
      email: NEW,
      generate_password: true,
      sites: [1],
      asset_groups: [2],
    },
    plans: [
      { change: 'create_user', effects: ['user.created'] },
      { change: 'grant_site', effects: ['site-access.granted'] },
      { change: 'grant_asset_group', effects: ['asset-group-access.granted'] },
    ],
    again: 'nothing',
  },
  {
    action: 'insightvm_update_user',
    input: { user: IBRAHIM ?? '', name: 'Ibrahim Other', report_language: 'fr-FR' },
    plans: one('update_user', 'user.updated'),
    again: 'nothing',
    refuses: [
      { input: { user: IBRAHIM ?? '' }, kind: 'invalidInput', field: 'name' },
      { input: { user: IBRAHIM ?? '', email: ROSA ?? '' }, kind: 'alreadyExists', field: 'email' },
      { input: { user: NOBODY ?? '', name: 'Nobody' }, kind: 'notFound', field: 'user' },
      { input: { user: OWN, name: 'Somebody Else' }, kind: 'conflict' },
    ],
  },
  {
    action: 'insightvm_update_user',
    about: 'login and address',
    input: { user: IBRAHIM ?? '', login: 'i.sesay', email: at('i.sesay') },
    plans: one('update_user', 'user.updated'),
    again: 'nothing',
  },
  {
    action: 'insightvm_disable_user',
    input: { user: IBRAHIM ?? '' },
    plans: one('disable_user', 'user.disabled'),
    again: 'nothing',
    refuses: [unknownUser, own],
  },
  {
    action: 'insightvm_enable_user',
    input: { user: IBRAHIM ?? '' },
    prepare: (target) => mutate(target, { op: 'set-user', login: 'ibrahim.sesay', fields: { enabled: false } }),
    plans: one('enable_user', 'user.enabled'),
    again: 'nothing',
    refuses: [unknownUser],
  },
  {
    action: 'insightvm_delete_user',
    input: { user: IBRAHIM ?? '' },
    plans: one('delete_user', 'user.deleted'),
    again: 'nothing',
    refuses: [unknownUser, own],
  },
  {
    action: 'insightvm_unlock_user',
    input: { user: ROSA ?? '' },
    plans: one('unlock_user', 'user.unlocked'),
    again: 'nothing',
    refuses: [unknownUser, own],
  },
  {
    action: 'insightvm_set_role',
    input: { user: IBRAHIM ?? '', role: 'user' },
    plans: one('set_role', 'user.role-set'),
    again: 'nothing',
    refuses: [
      { input: { user: IBRAHIM ?? '', role: 'auditors' }, kind: 'notFound', field: 'role' },
      { input: { user: IBRAHIM ?? '', role: 'site-admin' }, kind: 'invalidInput', field: 'role' },
      { input: { user: IBRAHIM ?? '', role: 'company-reviewer', all_sites: false }, kind: 'conflict', field: 'role' },
      { input: { user: OWN, role: 'user' }, kind: 'conflict' },
    ],
  },
  {
    action: 'insightvm_set_role',
    about: 'to one that sees all sites',
    input: { user: IBRAHIM ?? '', role: 'company-reviewer' },
    plans: one('set_role', 'user.role-set', 'user.updated'),
    again: 'nothing',
  },
  {
    action: 'insightvm_set_role',
    about: 'from Global Administrator',
    input: { user: ADA, role: 'user' },
    plans: one('set_role', 'user.role-set', 'user.updated'),
    again: 'nothing',
  },
  {
    action: 'insightvm_set_role',
    about: 'to Global Administrator',
    input: { user: MEI ?? '', role: 'global-admin' },
    plans: one('make_administrator', 'user.role-set', 'user.updated'),
    again: 'nothing',
  },
  {
    action: 'insightvm_set_site_access',
    about: 'all',
    input: { user: IBRAHIM ?? '', all_sites: true },
    plans: one('set_reach', 'user.updated'),
    again: 'nothing',
  },
  {
    action: 'insightvm_set_site_access',
    about: 'one, in place of all',
    input: { user: LENA ?? '', sites: [3] },
    plans: one('set_reach', 'user.updated', 'site-access.granted'),
    again: 'nothing',
    refuses: [
      { input: { user: LENA ?? '', all_sites: true }, kind: 'invalidInput', field: 'sites' },
      { input: { user: LENA ?? '', all_sites: true, sites: [3] }, kind: 'invalidInput', field: 'sites' },
      { input: { user: ADA, sites: [3] }, kind: 'conflict' },
      { input: { user: OWN, sites: [3] }, kind: 'conflict' },
    ],
  },
  {
    action: 'insightvm_grant_site_access',
    input: { user: ROSA ?? '', site: 3 },
    plans: one('grant_site', 'site-access.granted'),
    again: 'nothing',
    refuses: [
      { input: { user: ROSA ?? '', site: 999 }, kind: 'notFound', field: 'site' },
      { input: { user: LENA ?? '', site: 3 }, kind: 'conflict' },
      { input: { user: OWN, site: 3 }, kind: 'conflict' },
    ],
  },
  {
    action: 'insightvm_revoke_site_access',
    input: { user: ROSA ?? '', site: 3 },
    prepare: (target) => mutate(target, { op: 'grant', login: 'rosa.delgado', list: 'sites', id: 3 }),
    plans: one('revoke_site', 'site-access.revoked'),
    again: 'nothing',
    refuses: [{ input: { user: LENA ?? '', site: 3 }, kind: 'conflict' }],
  },
  {
    action: 'insightvm_set_asset_group_access',
    input: { user: ROSA ?? '', asset_groups: [2] },
    prepare: (target) => {
      mutate(target, { op: 'set-user', login: 'rosa.delgado', fields: { assetGroups: [1] } });
    },
    plans: [
      { change: 'grant_asset_group', effects: ['asset-group-access.granted'] },
      { change: 'revoke_asset_group', effects: ['asset-group-access.revoked'] },
    ],
    again: 'nothing',
    refuses: [{ input: { user: ROSA ?? '', asset_groups: [999] }, kind: 'notFound', field: 'asset_groups' }],
  },
  {
    action: 'insightvm_reset_password',
    input: { user: ROSA ?? '', password: 'Quiet "0tters"' },
    secrets: ['Quiet "0tters"'],
    plans: one('reset_password', 'user.password-set'),
    again: 'repeats',
    refuses: [{ input: { user: LENA ?? '' }, kind: 'unsupported' }, own],
  },
  {
    action: 'insightvm_reset_two_factor',
    input: { user: IBRAHIM ?? '' },
    plans: one('reset_two_factor', 'user.two-factor-reset'),
    again: 'repeats',
    refuses: [unknownUser, own],
  },
];

const options: WriteConformanceOptions = {
  name: 'InsightVM',
  connector: createInsightVm({ pageSize: 20 }),
  start: () => start(),
  cases,
  people: { active: IBRAHIM ?? '', other: ROSA ?? '', invited: null },
  unified: { group: 'none', newUser: { email: NEW, name: 'New Joiner', groups: [] } },
};

writeConformance(options);

/** A console as other sources say it is, and the rules that this could break. */
const variants: readonly { readonly about: string; readonly switches: SwitchValues; readonly rules: RegExp }[] = [
  {
    about: 'is as a user management guide has it',
    switches: { dialect: 'guide' },
    rules: /(?:create_user|disable_user|set_role).*: (?:is wanted|goes back)/u,
  },
  {
    about: 'answers as its overview says: 201, and 204 without a body',
    switches: { createStatus: '201', deleteStatus: '204' },
    rules: /(?:create_user|delete_user|revoke|unlock).*: (?:is wanted|does nothing more)/u,
  },
  {
    about: 'lists everything for who sees all, and refuses single assignments to them',
    switches: { allSitesList: 'all', siteUsers: 'all', allSitesGrant: 'refuse' },
    rules: /reads of an account|site_access.*: (?:is wanted|goes back)/u,
  },
  {
    about: 'puts flags and source right itself',
    switches: { roleRules: 'correct', errorStatus: 'text' },
    rules: /set_role.*: (?:is wanted|goes back|does nothing more)/u,
  },
];

describe('InsightVM keeps the contract of writes where a console', () => {
  it.each(variants)('$about', async ({ switches, rules }) => {
    const concerned = writeRules({ ...options, start: () => start(switches) }).filter(({ name }) => rules.test(name));
    expect(concerned.length).toBeGreaterThan(0);
    for (const rule of concerned) await rule.run();
  });
});

function mutate(target: WriteTarget, change: InsightVmMutation): void {
  if ('mutate' in target && typeof target.mutate === 'function') target.mutate(change);
}
