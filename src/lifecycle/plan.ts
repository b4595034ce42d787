import type { ChangeDraft, OpenWrites } from '../connector-kit/changes.ts';
import type { Clock } from '../connector-kit/connector.ts';
import { noSuchConnection } from '../connections/errors.ts';
import type { OpenedConnection } from '../connections/views.ts';
import type { Caller } from '../model/access.ts';
import type { Guard, GuardFinding } from '../model/changes.ts';
import { invalidInput, UsherError } from '../model/errors.ts';
import type { JsonValue } from '../model/records.ts';
import type { Vault } from '../secrets/vault.ts';
import { lockConnectionForPlans } from '../store/lifecycle/applying.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { claimKey, rememberedKey, setKeyPlan } from '../store/lifecycle/idempotency.ts';
import { insertPlan, planById, type PlanRow } from '../store/lifecycle/plans.ts';
import type { Database } from '../store/open.ts';
import type { Queryable } from '../store/principals.ts';
import { addOwnedSecrets } from '../store/secrets.ts';
import { guardStopEntry, planMadeEntries } from './audit.ts';
import { assertMay, keptText, maySee, notFound } from './callers.ts';
import { contentsOf } from './contents.ts';
import { gatherFacts } from './facts.ts';
import { type Idempotency, idempotencyOf, keyReused } from './fingerprint.ts';
import { approvalReasons, type GuardFacts, guardFindings } from './guards.ts';
import { signPlan, verifyPlan } from './sign.ts';
import { planSnapshot } from './snapshot.ts';
import { changeSecretOwner, type PlanChangeContent, type PlanHeader } from './stored-plan.ts';
import type { PlanRequest } from './surface.ts';

export interface PlanDependencies {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly vault: Vault;
  readonly clock: Clock;
  openConnection(connectionId: string, signal: AbortSignal): Promise<OpenedConnection>;
  newPlanId(): string;
  /** Aborted on shutdown. */
  readonly signal: AbortSignal;
}

/** A plan with the bytes that were signed read back: what a view is made of. */
export interface MadePlan {
  readonly row: PlanRow;
  readonly header: PlanHeader;
  /** Empty where the same request had made it before. */
  readonly contents: readonly PlanChangeContent[];
}

/** Makes plans: of actions, and of changes that take others back. Stores nothing for a dry run. */
export interface Planner {
  plan(request: PlanRequest, by: Caller): Promise<MadePlan>;
  /** A plan of given changes, not of an action's own: for undo. */
  planDrafts(request: DraftsRequest, by: Caller): Promise<MadePlan>;
}

export interface DraftsRequest {
  readonly connectionId: string;
  readonly action: string;
  readonly title: string;
  readonly reason: string | null;
  readonly undoes: string;
  draft(opened: OpenedConnection): Promise<readonly ChangeDraft[]>;
}

/** What is asked of the planner in the end, wherever it came from. */
interface Wish {
  readonly action: string;
  readonly reason: string | null;
  readonly override: readonly Guard[];
  readonly appliesWhenApproved: boolean;
  readonly applyAt: string | null;
  readonly isDry: boolean;
  readonly undoes: string | null;
  readonly idempotency: Idempotency | null;
  /** Title, masked input and the changes themselves. */
  draft(opened: OpenedConnection, app: OpenWrites): Promise<Drafted>;
}

interface Drafted {
  readonly title: string;
  readonly input: JsonValue;
  readonly drafts: readonly ChangeDraft[];
}

const DAY_MS = 86_400_000;
const MAX_CHANGES = 50_000;

/** Opens the planning room. */
export function createPlanner(deps: PlanDependencies): Planner {
  const { database, vault, clock } = deps;

  const make = async (connectionId: string, wish: Wish, by: Caller): Promise<MadePlan> => {
    const opened = await deps.openConnection(connectionId, deps.signal);
    try {
      const { writes } = opened.definition;
      if (writes === null || opened.connector.writes === null) {
        throw new UsherError('unsupported', `${opened.definition.title} can only be read.`, {
          connection: connectionId,
        });
      }
      if (opened.connection.baselinedAt === null) throw notSynced(connectionId);
      const drafted = await wish.draft(opened, opened.connector.writes);
      const { drafts } = drafted;
      if (drafts.length === 0) throw invalidInput('input', 'There is nothing to change.');
      if (drafts.length > MAX_CHANGES) {
        throw invalidInput('input', `A plan has at most ${MAX_CHANGES} changes; this would be ${drafts.length}.`);
      }
      const contents = await contentsOf(opened, writes, drafts, planSnapshot(database.pool, connectionId));
      return await database.transaction(async (client) => {
        // What is reserved by others is known, and two plans do not both take the last place.
        await lockConnectionForPlans(client, connectionId);
        if (wish.idempotency !== null && !wish.isDry) {
          const { key, fingerprint, isSame } = wish.idempotency;
          const claim = await claimKey(client, by.principalId, key, fingerprint, isSame);
          if (claim.kind === 'other') throw keyReused();
          if (claim.kind === 'same' && claim.planId !== null) return remembered(client, claim.planId);
        }
        const facts = await gatherFacts(client, opened, writes, contents, by, clock.now());
        const made = sign(opened, { ...wish, ...drafted }, contents, facts, by);
        if (!wish.isDry) {
          await store(client, made, drafts);
          await addAuditEntries(client, planMadeEntries(made.header, by));
        }
        if (wish.idempotency !== null && !wish.isDry) {
          await setKeyPlan(client, by.principalId, wish.idempotency.key, made.header.id);
        }
        return made;
      });
    } catch (error) {
      const stopped = { connectionId, plan: null, at: clock.now().toISOString() };
      const entry = wish.isDry ? null : guardStopEntry(error, stopped, by);
      if (entry !== null) await addAuditEntries(database.pool, [entry]);
      throw error;
    } finally {
      await opened.close();
    }
  };

  const sign = (
    opened: OpenedConnection,
    wish: Wish & Drafted,
    contents: readonly PlanChangeContent[],
    facts: GuardFacts,
    by: Caller,
  ): MadePlan & { readonly changes: ReturnType<typeof signPlan>['changes'] } => {
    const guards = guardFindings(facts, new Set(wish.override));
    const stop = guards.find(({ isOverridden }) => !isOverridden);
    if (stop !== undefined) throw guarded(opened.connection.id, stop, by);
    const reasons = approvalReasons(facts, { requesterKind: by.principalKind, findings: guards });
    const now = clock.now();
    const expiresAt = new Date(now.getTime() + facts.policy.planDays * DAY_MS);
    const header: PlanHeader = {
      version: 1,
      id: wish.isDry ? '' : deps.newPlanId(),
      connectionId: opened.connection.id,
      connector: opened.definition.id,
      mappingVersion: opened.definition.mappingVersion,
      action: wish.action,
      title: wish.title,
      input: wish.input,
      effect: contents.some(({ effect }) => effect === 'destructive') ? 'destructive' : 'write',
      requestedBy: { id: by.principalId, name: by.principalName, kind: by.principalKind },
      reason: wish.reason,
      createdAt: now.toISOString(),
      expiresAt: expiresAt.toISOString(),
      appliesWhenApproved: wish.appliesWhenApproved,
      ...beginning(wish.applyAt, { now, expiresAt }),
      approvalReasons: reasons,
      guards,
      override: wish.override,
      changes: contents.length,
      undoes: wish.undoes,
    };
    const signed = signPlan(vault, header, contents);
    const row: PlanRow = {
      id: header.id, connectionId: header.connectionId, header: signed.header, rootHash: signed.rootHash, mac: signed.mac,
      state: reasons.length > 0 ? 'waiting' : 'ready', action: header.action, effect: header.effect,
      requestedBy: by.principalId, changes: contents.length, createdAt: header.createdAt, expiresAt: header.expiresAt,
      decidedAt: null,
    }; // prettier-ignore
    return { row, header, contents, changes: signed.changes };
  };

  const store = async (
    client: Parameters<Parameters<Database['transaction']>[0]>[0],
    made: MadePlan & { readonly changes: ReturnType<typeof signPlan>['changes'] },
    drafts: readonly ChangeDraft[],
  ): Promise<void> => {
    await insertPlan(client, made.row, made.changes);
    const sealed = drafts.flatMap(({ secrets = {}, handoff }, ordinal) => {
      const owner = changeSecretOwner(made.header.id, ordinal);
      const all = { ...secrets, ...(handoff !== undefined && 'secret' in handoff ? { handoff: handoff.secret } : {}) };
      return Object.entries(all).map(([name, value]) => ({
        owner,
        name,
        sealed: vault.encrypt(value, { table: 'secret', row: owner, column: name }),
      }));
    });
    await addOwnedSecrets(client, sealed);
  };

  const remembered = async (on: Queryable, planId: string): Promise<MadePlan> => {
    const row = await planById(on, planId);
    if (row === null) throw notFound('plan', planId);
    return { row, header: verifyPlan(vault, row), contents: [] };
  };

  return {
    async plan(request, by) {
      assertMay(by, 'plan:make');
      if (!maySee(by, request.connectionId)) throw noSuchConnection(request.connectionId);
      const override = [...new Set(request.override ?? [])].sort();
      const reason = keptText('reason', request.reason ?? null);
      if (override.length > 0) {
        assertMay(by, 'guard:override');
        if (reason === null) throw invalidInput('reason', 'Overriding a guard needs a reason.');
      }
      const idempotency = idempotencyOf(vault, request);
      if (idempotency !== null && request.dryRun !== true) {
        const known = await rememberedKey(database.pool, by.principalId, idempotency.key);
        if (known !== null && !idempotency.isSame(known.fingerprint)) throw keyReused();
        if (known?.planId != null) return remembered(database.pool, known.planId);
      }
      return make(
        request.connectionId,
        {
          action: request.action,
          reason,
          override,
          appliesWhenApproved: request.appliesWhenApproved ?? true,
          applyAt: request.applyAt ?? null,
          isDry: request.dryRun ?? false,
          undoes: null,
          idempotency,
          async draft({ definition, connection }, app) {
            const action = definition.actions.find(({ id }) => id === request.action);
            if (action === undefined) throw noSuchAction(request.action, definition.title);
            if (action.effect === 'read') {
              throw invalidInput(
                'action',
                `${request.action} reads; only what changes something is planned.`,
                'Call it.',
              );
            }
            const snapshot = planSnapshot(database.pool, connection.id);
            const drafts = await app.plan(request.action, request.input, snapshot);
            return { title: action.title, input: app.maskInput(request.action, request.input), drafts };
          },
        },
        by,
      );
    },
    planDrafts: (request, by) =>
      make(
        request.connectionId,
        {
          action: request.action,
          reason: request.reason,
          undoes: request.undoes,
          override: [],
          appliesWhenApproved: true,
          applyAt: null,
          isDry: false,
          idempotency: null,
          draft: async (opened) => ({
            title: request.title, input: { undoes: request.undoes }, drafts: await request.draft(opened),
          }), // prettier-ignore
        },
        by,
      ),
  };
}

/** When a plan is to be carried out; it has to be good for as long. */
function beginning(
  applyAt: string | null,
  { now, expiresAt }: { readonly now: Date; readonly expiresAt: Date },
): Pick<PlanHeader, 'applyAt'> {
  if (applyAt === null) return {};
  const at = new Date(applyAt);
  if (Number.isNaN(at.getTime()))
    throw invalidInput('apply_at', 'This is no time.', 'Write it as 2026-03-02T17:00:00Z.');
  if (at <= now) {
    throw invalidInput('apply_at', `${at.toISOString()} is over.`, 'Leave it out to carry the plan out at once.');
  }
  if (at >= expiresAt) {
    throw invalidInput(
      'apply_at',
      `A plan made now is good until ${expiresAt.toISOString()}, and this is later.`,
      'Plan it nearer to that time; an administrator sets how long plans are good: usher policy set plan_days=N.',
    );
  }
  return { applyAt: at.toISOString() };
}

/** The error for a guard that stops a plan. */
export function guarded(connectionId: string, { guard, message, threshold }: GuardFinding, by: Caller): UsherError {
  const mayOverride = by.permissions.has('guard:override');
  return new UsherError('guarded', `${message} (guard ${guard}, threshold: ${threshold})`, {
    code: guard,
    connection: connectionId,
    next: mayOverride
      ? `If it has to be, repeat it with the override ${guard} and a reason.`
      : 'An administrator may override this guard with a reason.',
  });
}

function notSynced(connectionId: string): UsherError {
  return new UsherError('notSynced', `${connectionId} was never synced whole, and a plan rests on what is known.`, {
    connection: connectionId,
    next: `Sync it first: usher sync ${connectionId}.`,
  });
}

function noSuchAction(id: string, title: string): UsherError {
  return new UsherError('notFound', `${title} has no action ${JSON.stringify(id.slice(0, 80))}.`, {
    field: 'action',
    next: 'List them: usher actions list.',
  });
}
