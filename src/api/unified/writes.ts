import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { PlannedCall, UnifiedWrites } from '../../connector-kit/changes.ts';
import { plainId } from '../../connector-kit/unified/index.ts';
import type { PlanRequest } from '../../lifecycle/surface.ts';
import { UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import { perform } from '../actions/perform.ts';
import type { Performed } from '../actions/perform.ts';
import { allow, callerOf } from '../http/access.ts';
import { signalOf } from '../http/signal.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { planBodyOf } from '../v1/change-bodies.ts';
import { accountOf } from './account.ts';
import type { Account } from './account.ts';
import { idParams, unifiedErrors } from './schemas.ts';
import { fullName, updateOf } from './update.ts';
import {
  createBody, createResult, endQuery, heldResult, memberParams, updateBody, writeHeaders, writeQuery, writeResult,
} from './write-schemas.ts'; // prettier-ignore

const tags = ['Unified IAM'];
const config = allow('plan:make', 'account');
const HELD =
  'Where a person has to approve, it takes longer than a minute or has to wait, the answer is a 409 that names the plan and how to go on.';
const HELD_OWN =
  'Where a person has to approve, it takes longer than a minute or has to wait, the answer is a 202 with the plan and how to go on.';

/**
 * Writing by the unified API: StackOne's PATCH and DELETE of users, and beyond it creating, enabling, disabling and
 * memberships. Each is an action of the connector, planned and carried out as any other.
 */
export function writeRoutes(app: App, services: Services): void {
  compatibleRoutes(app, services);
  ownRoutes(app, services);
}

/** Its SDK takes nothing but a 200 for success. */
function compatibleRoutes(app: App, services: Services): void {
  app.patch('/unified/iam/users/:id', {
    config,
    schema: {
      tags,
      summary: 'Update a user',
      description: `Name, address or status; one of them at a time. An empty body changes nothing. ${HELD}`,
      operationId: 'iam_update_user',
      headers: writeHeaders,
      params: idParams,
      querystring: writeQuery,
      body: updateBody,
      response: { 200: writeResult, ...unifiedErrors },
    },
    handler: async (request, reply) => {
      const write = await begin(services, request, reply);
      const update = updateOf(request.body);
      if (update === null) return write.result('There was nothing to change.');
      const user = plainId(request.params.id);
      if (update.kind === 'status') return write.carryOut(...statusWrite(update.status, user));
      return write.carryOut('update users', (can) => can.update?.(user, update.change));
    },
  });

  app.delete('/unified/iam/users/:id', {
    config,
    schema: {
      tags,
      summary: 'Delete a user',
      description: `Ends the access of a user, in the mildest lasting way unless \`mode\` says otherwise. ${HELD}`,
      operationId: 'iam_delete_user',
      headers: writeHeaders,
      params: idParams,
      querystring: endQuery,
      response: { 200: writeResult, ...unifiedErrors },
    },
    handler: async (request, reply) => {
      const write = await begin(services, request, reply);
      const user = plainId(request.params.id);
      const { mode = null } = request.query;
      return write.carryOut('end the access of users', (can) => {
        return can.end?.(user, mode) ?? (mode === 'disable' ? can.disable?.(user) : undefined);
      });
    },
  });
}

function ownRoutes(app: App, services: Services): void {
  app.post('/unified/iam/users', {
    config,
    schema: {
      tags,
      summary: 'Create a user',
      description: `Creates or invites, as the app does. ${HELD_OWN}`,
      operationId: 'iam_create_user',
      headers: writeHeaders,
      querystring: writeQuery,
      body: createBody,
      response: { 200: writeResult, 201: createResult, 202: heldResult, ...unifiedErrors },
    },
    handler: async (request, reply) => {
      const write = await begin(services, request, reply);
      const address = request.body.primary_email_address;
      const groups = (request.body.groups ?? []).map((group) => {
        return plainId(typeof group === 'string' ? group : group.id, 'groups').normalize('NFC');
      });
      const user = { email: address, name: fullName(request.body), groups };
      return orHeld(services, request, reply, async () => {
        const { plan, run, ...done } = await write.carryOut('create users', (can) => can.create?.(user));
        if (plan !== undefined) return { plan, ...done };
        reply.code(201);
        return {
          ...done,
          statusCode: 201,
          run: run ?? null,
          data: { id: await idOf(services, write.account, address) },
        };
      });
    },
  });

  for (const status of ['enabled', 'disabled'] as const) {
    const verb = status === 'enabled' ? 'enable' : 'disable';
    app.post(`/unified/iam/users/:id/${verb}`, {
      config,
      schema: {
        tags,
        summary: verb === 'enable' ? 'Enable a user' : 'Disable a user',
        description: HELD_OWN,
        operationId: `iam_${verb}_user`,
        headers: writeHeaders,
        params: idParams,
        querystring: writeQuery,
        response: { 200: writeResult, 202: heldResult, ...unifiedErrors },
      },
      handler: async (request, reply) => {
        const write = await begin(services, request, reply);
        const user = plainId(request.params.id);
        return orHeld(services, request, reply, () => write.carryOut(...statusWrite(status, user)));
      },
    });
  }

  const memberships = [
    { method: 'PUT', summary: 'Put a user into a group', operationId: 'iam_add_group_user' },
    { method: 'DELETE', summary: 'Take a user out of a group', operationId: 'iam_remove_group_user' },
  ] as const; // prettier-ignore
  for (const { method, summary, operationId } of memberships) {
    app.route({
      method,
      url: '/unified/iam/groups/:id/users/:user_id',
      config,
      schema: {
        tags,
        summary,
        description: HELD_OWN,
        operationId,
        headers: writeHeaders,
        params: memberParams,
        querystring: writeQuery,
        response: { 200: writeResult, 202: heldResult, ...unifiedErrors },
      },
      handler: async (request, reply) => {
        const write = await begin(services, request, reply);
        const group = plainId(request.params.id).normalize('NFC');
        const user = plainId(request.params.user_id, 'user_id');
        return orHeld(services, request, reply, () => {
          return method === 'PUT'
            ? write.carryOut('put users into groups', (can) => can.addToGroup?.(user, group))
            : write.carryOut('take users out of groups', (can) => can.removeFromGroup?.(user, group));
        });
      },
    });
  }
}

type Result = z.output<typeof writeResult>;

/** One write on its way: for the connection and the caller of a request. */
interface Write {
  readonly account: Account;
  result(message: string): Result;
  /**
   * Has the connector say how it makes this write, and carries that out; with `dry_run` it is planned only. Throws
   * `unsupported` where it has no way to do `what`.
   */
  carryOut(what: string, say: Saying): Promise<Result>;
}

type Saying = (can: UnifiedWrites) => PlannedCall | undefined;

function statusWrite(status: 'enabled' | 'disabled', user: string): [what: string, say: Saying] {
  return status === 'enabled'
    ? ['enable users', (can) => can.enable?.(user)]
    : ['disable users', (can) => can.disable?.(user)];
}

async function begin(
  services: Services,
  request: FastifyRequest<{ Querystring: { readonly dry_run?: boolean | undefined }; Headers: unknown }>,
  reply: FastifyReply,
): Promise<Write> {
  const account = await accountOf(services, request);
  const caller = callerOf(request);
  const result = (message: string) => ({ statusCode: 200, message, timestamp: services.clock.now().toISOString() });
  return {
    account,
    result,
    async carryOut(what, say) {
      const { action, input } = saidBy(services, account, what, say);
      const key = request.headers['idempotency-key'];
      const idempotencyKey = typeof key === 'string' ? key : null;
      const asked: PlanRequest = { connectionId: account.id, action, input, idempotencyKey };
      if (request.query.dry_run === true) {
        const plan = await services.changes.plan({ ...asked, dryRun: true }, caller);
        return { ...result('Nothing was changed: this is what would be planned.'), plan: planBodyOf(plan) };
      }
      const done: Performed = await perform(services.changes, asked, caller, signalOf(reply));
      return { ...result(done.summary), run: done.run };
    },
  };
}

function saidBy({ catalogue }: Services, account: Account, what: string, say: Saying): PlannedCall {
  const connector = catalogue.connectors.find(({ id }) => id === account.connector);
  const unified = connector?.writes?.unified;
  const call = unified && say(unified);
  if (call !== undefined) return call;
  throw new UsherError('unsupported', `${connector?.title ?? account.connector} cannot ${what}.`, {
    connection: account.id,
    next: 'What it can do: GET /actions, or `usher actions`.',
  });
}

const HELD_CODES: ReadonlySet<string> = new Set(['needsApproval', 'stillRunning', 'waiting']);

/** On our own paths a held change is no error: 202 with the plan. */
async function orHeld<Answer>(
  { changes, clock }: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  write: () => Promise<Answer>,
): Promise<Answer | z.output<typeof heldResult>> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    const { code, plan, next } = error.details;
    if (plan === undefined || code === undefined || !HELD_CODES.has(code)) throw error;
    const held = planBodyOf(await changes.getPlan(plan, callerOf(request)));
    reply.code(202);
    const message = next === undefined ? error.message : `${error.message} ${next}`;
    return { statusCode: 202, message, timestamp: clock.now().toISOString(), code, plan: held };
  }
}

/** The unified id of a user who was just created. */
async function idOf({ reads }: Services, { id, shape }: Account, address: string): Promise<string> {
  if (shape.userId === 'email') return fold(address);
  return (await reads.findAccount(id, address))?.record.key ?? address;
}
