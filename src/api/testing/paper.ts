import { z } from 'zod';
import type { Connector } from '../../connector-kit/connector.ts';
import type { PlannedCall, WriteDefinition } from '../../connector-kit/changes.ts';
import { writeAction } from '../../connector-kit/define-change.ts';
import { defineConnector } from '../../connector-kit/define.ts';
import { UsherError } from '../../model/errors.ts';
import type { AnyRecord, RoleRecord } from '../../model/records.ts';

/** A connector whose app is a list of records on paper: for tests of what stands above connectors. */
export function paperConnector(
  records: readonly AnyRecord[],
  options: { readonly isRefused?: () => boolean } = {},
): Connector {
  const check = async () => {
    if (!options.isRefused?.()) return;
    throw new UsherError('auth', 'Paper refused the key.', { connection: 'paper' });
  };
  const of = (...kinds: AnyRecord['kind'][]) => records.filter(({ kind }) => kinds.some((each) => each === kind));
  return defineConnector({
    id: 'paper',
    title: 'Paper',
    description: 'A list of people on paper.',
    config: {
      settings: z.object({ company: z.string().meta({ title: 'Company', description: 'Its number.' }) }),
      secrets: z.object({ key: z.string().meta({ title: 'Key' }) }),
    },
    mappingVersion: 1,
    baseUrl: () => 'https://paper.example',
    rates: () => ({ default: 100 }),
    probe: async () => ({ tenant: { id: '77', name: 'Paper 77' }, capabilities: ['accounts:read'], notes: [] }),
    collections: [
      { id: 'all', title: 'All', yields: ['account'], pull: () => { throw new Error('not pulled in these tests'); } },
    ], // prettier-ignore
    actions: [],
    unified: {
      traits: {
        userId: 'email',
        roles: PAPER_ROLES,
        unknownRoleStatus: 400,
        resourceTypes: ['shared_folder'],
        resourcesArePolicies: true,
        describe: ({ company }) => ({
          organizations: [{ id: company, name: `Paper ${company}` }],
          credentials: { name: `Paper ${company}`, authType: 'api_key' },
        }),
      },
      live: {
        async accounts(_, { cursor, pageSize, email }) {
          await check();
          const all = of('account').filter(
            (each) => each.kind === 'account' && (email === null || each.email === email),
          );
          const from = cursor === null ? 0 : Number(cursor);
          const next = from + pageSize < all.length ? String(from + pageSize) : null;
          return { records: [...all.slice(from, from + pageSize), ...of('grant', 'group')], next };
        },
        async account(_, id) {
          await check();
          const found = of('account').find((each) => each.kind === 'account' && (each.key === id || each.email === id));
          return found ? [found, ...of('grant', 'group')] : [];
        },
        async groups() {
          await check();
          return of('group', 'grant', 'account');
        },
        async resources() {
          await check();
          return of('resource', 'grant', 'account', 'group');
        },
        check,
      },
    },
    writes: paperWrites,
  });
}

const call = (action: string, input: PlannedCall['input']): PlannedCall => ({ action: `paper_${action}`, input });

/** What can be asked of paper; `removeFromGroup` it has not. What is asked is never carried out in these tests. */
const paperWrites: WriteDefinition<unknown> = {
  changes: [],
  actions: [
    writeAction({
      id: 'paper_disable_user',
      title: 'Disable a user',
      description: 'Crosses a person out.',
      effect: 'write',
      input: z.strictObject({ user: z.string() }),
      plan: async () => [],
    }),
  ],
  concurrency: 1,
  read: async () => new Map(),
  administrators: async () => null,
  unified: {
    create: ({ email, name, groups }) => call('create_user', { email, name, groups }),
    update: (user, change) => call('update_user', { user, ...change }),
    disable: (user) => call('disable_user', { user }),
    enable: (user) => call('enable_user', { user }),
    end: (user, mode) => call('delete_user', { user, mode }),
    addToGroup: (user, group) => call('add_member', { user, group }),
  },
};

export const PAPER_ROLES: readonly RoleRecord[] = [
  { kind: 'role', key: 'admin', name: 'Administrator', description: 'Runs it.', type: 'admin', extra: {} },
  { kind: 'role', key: 'basic', name: 'User', description: 'Uses it.', type: 'basic', extra: {} },
];
