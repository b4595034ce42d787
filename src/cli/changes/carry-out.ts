import { z } from 'zod';
import { ERROR_KINDS } from '../../model/errors.ts';
import type { CommonOptions, Context } from '../context.ts';
import { EXIT, Failure, usage } from '../failure.ts';
import { counted, localTime, printable } from '../text.ts';
import { planChangeSchema, planSchema, runSchema } from './contract.ts';
import type { PlanAnswer, PlanChange, RunAnswer } from './contract.ts';
import { followRun, getRun, runExitCode, waitForRun } from './follow.ts';
import { planLines, whatToType } from './plan-text.ts';

export interface CarryOutOptions extends CommonOptions {
  /** Do not ask. */
  readonly yes?: boolean;
  /** Also show the exact calls. */
  readonly showCalls?: boolean;
  /** Why an approver says yes, where whoever runs this is one. */
  readonly reason?: string;
  /** False for `--no-wait`: start it only. */
  readonly wait?: boolean;
  /** The plan was there before this command: a no leaves it there. */
  readonly isOlder?: boolean;
}

/** Throws where a change would have to be confirmed and nobody can: before anything is planned. */
export function assertConfirmable(context: Context, isConfirmed: boolean): void {
  if (isConfirmed || (context.prompt.isPossible && !context.isJson)) return;
  throw usage(
    'A change has to be confirmed, and nobody is there to be asked.',
    'Add --yes to carry it out, --no-apply to plan it only, or --dry-run to see the plan.',
  );
}

/**
 * Shows a stored plan, asks, approves it where that is needed and allowed, applies it and follows the run. A plan that
 * somebody else has to approve stays, and the Failure (`needsApproval`) names the command for them. A no withdraws it.
 */
export async function carryOut(context: Context, plan: PlanAnswer, options: CarryOutOptions): Promise<number> {
  showPlan(context, plan, options.showCalls === true);
  if (plan.changes === 0) return nothingToDo(context, plan);
  const isWaiting = plan.state === 'waiting';
  if (isWaiting && !(await mayApprove(context))) throw held(plan, null);
  if (options.yes !== true && (plan.state === 'waiting' || plan.state === 'ready'))
    await confirmed(context, plan, options.isOlder === true);
  const run = await started(context, isWaiting ? await approved(context, plan, options) : plan);
  const begins = beginsLater(context, plan);
  if (options.wait !== false && begins === null) return followOut(context, run, plan);
  if (context.isJson) context.out.json({ plan, run });
  else if (begins === null) context.out.note(`It goes on in the server. Follow it: usher runs follow ${run.id}`);
  else {
    context.out.note(`It begins ${localTime(begins)}, by itself. See it: usher runs show ${run.id}`);
    context.out.note(`Not yet: usher runs pause ${run.id}      Not at all: usher runs cancel ${run.id}`);
  }
  return EXIT.ok.code;
}

/** When the run of a plan is to begin; null: now. */
function beginsLater(context: Context, { apply_at: at }: PlanAnswer): string | null {
  return at != null && Date.parse(at) > context.now().getTime() ? at : null;
}

/** Follows a run to its end; with `--json` prints plan, run and every change with its receipt as one document. */
export async function followOut(context: Context, run: RunAnswer, plan: PlanAnswer): Promise<number> {
  if (!context.isJson) return followRun(context, run);
  const ended = await waitForRun(context, run);
  context.out.json({ plan, run: ended, changes: await allChanges(context, ended.id) });
  return runExitCode(context, ended);
}

/** Prints a plan for people; nothing with `--json`. */
export function showPlan({ out, isJson }: Context, plan: PlanAnswer, showCalls: boolean): void {
  if (isJson) return;
  for (const line of planLines(out, plan, { showCalls })) out.line(line);
}

/** How a plan goes on that was left as it is. */
export function goOnLine(plan: PlanAnswer): string {
  if (plan.state === 'waiting') return `It waits for approval: usher plan approve ${plan.id}`;
  if (plan.state === 'ready')
    return `Carry it out: usher plan apply ${plan.id}      Withdraw it: usher plan cancel ${plan.id}`;
  return plan.next ?? `See it: usher plan show ${plan.id}`;
}

function nothingToDo({ out, isJson }: Context, plan: PlanAnswer): number {
  if (isJson) out.json({ plan, run: null, changes: [] });
  return EXIT.ok.code;
}

/** The run of a plan: the one it has already, else it is started. */
async function started(context: Context, plan: PlanAnswer): Promise<RunAnswer> {
  if (plan.run_id != null) return getRun(context, plan.run_id);
  const client = await context.client();
  return client.read(runSchema, (usher) =>
    usher.POST('/v1/plans/{id}/apply', { params: { path: { id: plan.id } }, body: {} }),
  );
}

const meSchema = z.looseObject({
  principal: z.looseObject({ kind: z.string() }),
  permissions: z.array(z.string()),
});

/** Whether whoever runs this can approve at all; whether this plan, the server says. */
async function mayApprove(context: Context): Promise<boolean> {
  const client = await context.client();
  const { principal, permissions } = await client.read(meSchema, (usher) => usher.GET('/v1/me'));
  return principal.kind === 'person' && permissions.includes('plan:approve');
}

async function approved(context: Context, plan: PlanAnswer, { reason }: CarryOutOptions): Promise<PlanAnswer> {
  const client = await context.client();
  const { id } = plan;
  try {
    const body = reason === undefined ? {} : { reason };
    const answer = await client.read(planSchema, (usher) => {
      return usher.POST('/v1/plans/{id}/approve', { params: { path: { id } }, body });
    });
    if (!context.isJson) context.out.note('Approved by you.');
    return answer;
  } catch (error) {
    if (error instanceof Failure && error.details.exitCode === ERROR_KINDS.permission.exitCode) throw held(plan, error);
    throw error;
  }
}

function held(plan: PlanAnswer, refusal: Failure | null): Failure {
  const reasons = plan.approval_reasons.map((reason) => printable(reason)).join(' ');
  const why = refusal === null ? reasons : `${reasons} ${printable(refusal.message)}`;
  return new Failure(`The plan ${plan.id} waits for another person's approval. ${why}`.trim(), {
    code: 'needsApproval',
    exitCode: ERROR_KINDS.guarded.exitCode,
    next: `Nothing was changed yet. An approver runs: usher plan approve ${plan.id}`,
    problem: { plan: plan.id },
  });
}

async function confirmed(context: Context, plan: PlanAnswer, isOlder: boolean): Promise<void> {
  let isYes = false;
  let isAnswered = false;
  try {
    isYes = await answeredYes(context, plan);
    isAnswered = true;
  } finally {
    if (!isYes && !isOlder) await withdraw(context, plan);
    if (!isYes && !isAnswered) context.out.note(notChanged(isOlder));
  }
  if (isYes) return;
  throw new Failure(notChanged(isOlder), {
    code: 'notConfirmed',
    exitCode: ERROR_KINDS.guarded.exitCode,
  });
}

function notChanged(isOlder: boolean): string {
  return `Nothing was changed; the plan ${isOlder ? 'stays as it is' : 'was withdrawn'}.`;
}

async function answeredYes({ prompt, out }: Context, plan: PlanAnswer): Promise<boolean> {
  const these = plan.changes === 1 ? 'this change' : `these ${counted(plan.changes, 'change')}`;
  const verb = plan.state === 'waiting' ? 'Approve and apply' : 'Apply';
  if (plan.effect !== 'destructive') return prompt.confirm(`${verb} ${these}?`, false);
  out.note(`${verb} ${these}? ${out.paint('red', 'Not all of it can be given back.')}`);
  const { question, answers } = whatToType(plan);
  return answers.includes((await prompt.line(question)).trim());
}

/** A plan that was answered with no is nobody's to find later. Where even that fails, it ends by itself. */
async function withdraw(context: Context, { id }: PlanAnswer): Promise<void> {
  const client = await context.client();
  try {
    await client.send((usher) => usher.POST('/v1/plans/{id}/cancel', { params: { path: { id } }, body: {} }));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    context.out.note(
      `The plan ${id} could not be withdrawn (${printable(error.message)}); it changes nothing until it is applied.`,
    );
  }
}

async function allChanges(context: Context, id: string): Promise<PlanChange[]> {
  const client = await context.client();
  const found: PlanChange[] = [];
  const pages = client.pages(planChangeSchema, (usher, query) => {
    return usher.GET('/v1/runs/{id}/changes', { params: { path: { id }, query } });
  });
  for await (const { items } of pages) found.push(...items);
  return found;
}
