// Holds the receipts of all runs of a while against what the simulated app did in that while.
import { z } from 'zod';
import { fold } from '../../src/model/ids.ts';
import type { CompanyLog } from '../changes/company.ts';
import type { Stage } from '../changes/stage.ts';

const pageOf = <Item extends z.ZodType>(item: Item) => z.object({ data: z.array(item), next: z.string().nullable() });
const runSchema = z.object({ id: z.string(), state: z.string(), counts: z.record(z.string(), z.number()) });
export type SoakRun = z.infer<typeof runSchema>;
const changeSchema = z.object({
  change: z.string(),
  subject: z.object({ email: z.string().nullable() }),
  params: z.unknown(),
  outcome: z
    .object({ state: z.string(), attempt: z.number(), receipt: z.object({ summary: z.string() }).loose().nullable() })
    .nullable(),
});
type Change = z.infer<typeof changeSchema>;

/** What each change does once, in the words of `kindOf`. Only LastPass itself knows whether a change was required before. */
const EFFECTS: Readonly<Record<string, readonly string[]>> = {
  create_user: ['came', 'mail.welcome'],
  disable_user: ['user.disabled'],
  enable_user: ['user.enabled'],
  remove_user: ['user.removed'],
  delete_user: ['user.deleted'],
  uninvite_user: ['invitation.withdrawn'],
  update_names: ['user.updated'],
  resend_invitation: ['mail.welcome'],
  disable_multifactor: ['user.multifactor-disabled'],
  send_password_reset: ['mail.password-reset'],
  require_password_change: ['user.password-change-required'],
  update_email: ['mail.email-confirmation'],
  push_site: ['site.pushed'],
};

/** What no state and no log shows: where the answer is lost nobody ever knows. */
const TOLD_BY_ANSWER = new Set(['push_site', 'update_email']);

/** All runs there are that are not among `known`, newest first. */
export async function newRuns(stage: Pick<Stage, 'ask'>, known: ReadonlySet<string>): Promise<readonly SoakRun[]> {
  const runs: SoakRun[] = [];
  for (let next: string | null = ''; next !== null;) {
    const path: string = `/v1/runs?page_size=500${next === '' ? '' : `&next=${encodeURIComponent(next)}`}`;
    const page = pageOf(runSchema).parse(await stage.ask('GET', path));
    runs.push(...page.data.filter(({ id }) => !known.has(id)));
    next = page.data.some(({ id }) => known.has(id)) ? null : page.next;
  }
  return runs;
}

/** What happened to one person: the effects there have to be, those there may be, and how often it was called. */
interface Account {
  readonly due: string[];
  readonly possible: string[];
  attempts: number;
  readonly told: string[];
}

export interface ReceiptsVerdict {
  readonly problems: readonly string[];
  readonly ends: Readonly<Record<string, number>>;
}

/** Judges the changes of `runs` by the log of just the time since the last judgement. */
export async function judgeReceipts(
  stage: Pick<Stage, 'ask'>,
  runs: readonly SoakRun[],
  log: CompanyLog,
): Promise<ReceiptsVerdict> {
  const accounts = new Map<string, Account>();
  const ends: Record<string, number> = {};
  const problems: string[] = [];
  for (const run of runs) {
    for (const change of await changesOf(stage, run.id)) {
      const state = change.outcome?.state ?? 'nothing';
      ends[state] = (ends[state] ?? 0) + 1;
      if (!['done', 'skipped', 'failed', 'uncertain'].includes(state)) problems.push(`${sayOf(change)} has not ended`);
      else if (change.outcome?.receipt === null) problems.push(`${sayOf(change)} has no receipt`);
      if (state === 'uncertain' && !TOLD_BY_ANSWER.has(change.change)) {
        problems.push(`${sayOf(change)} stays uncertain although the app is well`);
      }
      weigh(accounts, change);
    }
  }
  const calls = Map.groupBy(
    log.carriedOut.filter(({ subject }) => subject !== ''),
    ({ subject }) => subject,
  );
  const effects = Map.groupBy(
    log.effects.filter(({ request }) => request !== null),
    ({ subject }) => subject,
  );
  for (const subject of new Set([...accounts.keys(), ...effects.keys(), ...calls.keys()])) {
    const account = accountOf(accounts, subject);
    const did = (effects.get(subject) ?? []).map(({ kind }) => kindOf(kind));
    const left = without(did, account.due);
    const lost = without(account.due, did);
    const surplus = without(left, account.possible);
    const told = account.told.join('; ') || 'nothing was asked for';
    if (lost.length > 0) problems.push(`${subject}: the app never did ${lost.join(', ')}. Usher: ${told}`);
    if (surplus.length > 0) problems.push(`${subject}: the app did ${surplus.join(', ')} too much. Usher: ${told}`);
    const called = calls.get(subject)?.length ?? 0;
    if (called > account.attempts)
      problems.push(`${subject}: ${called} calls, ${account.attempts} written down: ${told}`);
  }
  return { problems, ends };
}

function weigh(accounts: Map<string, Account>, change: Change): void {
  const { params, outcome } = change;
  const subject = fold(change.subject.email ?? '');
  const mailed = z.object({ newEmail: z.string() }).safeParse(params);
  accountOf(accounts, subject).attempts += outcome?.attempt ?? 0;
  const account = accountOf(accounts, mailed.success ? fold(mailed.data.newEmail) : subject);
  account.told.push(sayOf(change));
  if (outcome?.state === 'uncertain') account.possible.push(...effectsOf(change));
  if (outcome?.state !== 'done') return;
  const isDue = change.change !== 'require_password_change';
  (isDue ? account.due : account.possible).push(...effectsOf(change));
}

function effectsOf({ change, params }: Change): readonly string[] {
  if (change !== 'change_groups') return EFFECTS[change] ?? [`an unknown ${change}`];
  const { add, remove } = z.object({ add: z.array(z.string()), remove: z.array(z.string()) }).parse(params);
  return [...add.map(() => 'group.member-added'), ...remove.map(() => 'group.member-removed')];
}

/** Whether somebody new is created or invited is the app's affair: the same change does either. */
function kindOf(kind: string): string {
  if (kind === 'user.created' || kind === 'invitation.created') return 'came';
  return kind === 'mail.activation' || kind === 'mail.invitation' ? 'mail.welcome' : kind;
}

function sayOf({ change, outcome }: Change): string {
  return `${change} ${outcome?.state ?? 'not begun'} after ${outcome?.attempt ?? 0} (${outcome?.receipt?.summary ?? ''})`;
}

function accountOf(accounts: Map<string, Account>, subject: string): Account {
  const account = accounts.get(subject) ?? { due: [], possible: [], attempts: 0, told: [] };
  accounts.set(subject, account);
  return account;
}

/** The first list without the members of the second, each taken away once. */
function without(list: readonly string[], gone: readonly string[]): string[] {
  const left = [...list];
  for (const each of gone) {
    const index = left.indexOf(each);
    if (index >= 0) left.splice(index, 1);
  }
  return left;
}

async function changesOf({ ask }: Pick<Stage, 'ask'>, run: string): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (let next: string | null = ''; next !== null;) {
    const after: string = next === '' ? '' : `&next=${encodeURIComponent(next)}`;
    const page = pageOf(changeSchema).parse(await ask('GET', `/v1/runs/${run}/changes?page_size=500${after}`));
    changes.push(...page.data);
    next = page.next;
  }
  return changes;
}
