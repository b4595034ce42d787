import { z } from 'zod';
import { actionsOf, plainId, resourceTypeOf, userId } from '../../connector-kit/unified/index.ts';
import { invalidInput } from '../../model/errors.ts';
import type { AccountRecord, GrantRecord } from '../../model/records.ts';
import type { Stored } from '../../store/read/index.ts';
import { allow } from '../http/access.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { accountOf, useSnapshot } from './account.ts';
import type { Account } from './account.ts';
import { accountHeaders, unifiedErrors } from './schemas.ts';
import { notInSnapshot } from './users.ts';

/** The actions of StackOne's contract, in its order. */
const ACTIONS = ['read', 'write', 'comment', 'delete', 'export'] as const;
type Action = (typeof ACTIONS)[number];
const actionSchema = z.enum(ACTIONS);

const checkBody = z
  .strictObject({
    user_id: z.string().min(1).max(2000).nullish().meta({ description: 'Plain or composite; wins over `email`.' }),
    email: z.string().min(1).max(320).nullish(),
    resource_id: z
      .string()
      .min(1)
      .max(2000)
      .meta({ description: "Plain or composite; of the connector's first type." }),
    action: actionSchema.nullish().meta({ description: 'Asks also whether this one is `allowed`.' }),
  })
  .meta({ examples: [{ email: 'ada@northwind.example', resource_id: '900', action: 'write' }] });

const checkAnswer = z
  .object({
    user: z.object({ id: z.string(), permissions: z.array(actionSchema) }),
    resource: z.object({ type: z.string(), id: z.string() }),
    action: actionSchema.optional(),
    allowed: z.boolean().optional(),
  })
  .meta({
    id: 'PermissionCheck',
    description: 'No permissions: no access, which is an answer too.',
    examples: [
      {
        user: { id: 'ada@northwind.example', permissions: ['read', 'write', 'delete'] },
        resource: { type: 'shared_folder', id: '900' },
        action: 'write',
        allowed: true,
      },
    ],
  });

/** `POST /unified/check_permissions`: what one user may do with one resource, as the snapshot has it. */
export function checkPermissionRoutes(app: App, services: Services): void {
  app.post('/unified/check_permissions', {
    config: allow('snapshot:read', 'account'),
    schema: {
      tags: ['Unified IAM'],
      summary: 'What a user may do with a resource',
      description:
        'Direct access and access through groups, from the snapshot. A disabled user has none. A user or resource that ' +
        'the snapshot does not hold is a 404.',
      operationId: 'check_permissions',
      headers: accountHeaders,
      querystring: z.strictObject({}),
      body: checkBody,
      response: { 200: checkAnswer, ...unifiedErrors },
    },
    handler: async (request, reply) => {
      const { action, resource_id } = request.body;
      const wanted = request.body.user_id ?? request.body.email;
      if (wanted == null) throw invalidInput('user_id', 'user_id and email are both missing.', 'Give one of them.');
      const account = await accountOf(services, request);
      const type = resourceTypeOf(account.shape, undefined, account.id);
      await useSnapshot(services, account, reply);
      const user = await services.reads.findAccount(account.id, plainId(wanted, 'user_id'));
      if (user === null) throw unknown(account, 'user', wanted);
      const resource = plainId(resource_id, 'resource_id');
      const held = await permissionsOn(services, account, user, { type, key: resource });
      return {
        user: { id: userId(account.shape, user.record), permissions: ACTIONS.filter((each) => held.has(each)) },
        resource: { type, id: resource },
        ...(action != null && { action, allowed: held.has(action) }),
      };
    },
  });
}

async function permissionsOn(
  { reads }: Services,
  account: Account,
  { record: { key, status } }: Stored<AccountRecord>,
  resource: { readonly type: string; readonly key: string },
): Promise<ReadonlySet<Action>> {
  const found = await reads.listResources({ scope: [account.id], keys: [resource.key], type: resource.type }, null, 1);
  if (found.rows.length === 0) throw unknown(account, 'resource', resource.key);
  if (status === 'disabled') return new Set();
  const grants = (await reads.grantsOnTargets(account.id, 'resource', [resource.key])).map(({ record }) => record);
  const groups = grants.some(({ holderKind }) => holderKind === 'group')
    ? await groupsOf(reads, account.id, key)
    : new Set<string>();
  const isHeld = ({ holderKind, holderKey }: GrantRecord) =>
    holderKind === 'account' ? holderKey === key : groups.has(holderKey);
  const actions = grants.filter(isHeld).flatMap((grant) => actionsOf(account.shape, grant));
  return new Set(ACTIONS.filter((action) => actions.includes(action)));
}

/** The groups an account is in, also by way of other groups. */
async function groupsOf(
  reads: Services['reads'],
  connectionId: string,
  accountKey: string,
): Promise<ReadonlySet<string>> {
  const groups = new Set<string>();
  let memberships = await reads.grantsOfHolders(connectionId, 'account', [accountKey], ['group']);
  while (memberships.length > 0) {
    const found = memberships.map(({ record }) => record.targetKey).filter((group) => !groups.has(group));
    for (const group of found) groups.add(group);
    memberships = await reads.grantsOfHolders(connectionId, 'group', found, ['group']);
  }
  return groups;
}

function unknown(account: Account, what: string, id: string): Error {
  return notInSnapshot(account, what, id, `It may be newer than the snapshot: sync ${account.id} and ask again.`);
}
