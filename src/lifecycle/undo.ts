import type { ChangeDraft, SubjectState } from '../connector-kit/changes.ts';
import { isNewAccount, type Subject } from '../model/changes.ts';
import { UsherError } from '../model/errors.ts';
import type { Vault } from '../secrets/vault.ts';
import { type DoneChange, doneChanges } from '../store/lifecycle/chains.ts';
import { planChangesByOrdinal } from '../store/lifecycle/plans.ts';
import type { RunRow } from '../store/lifecycle/runs.ts';
import { accountsByReferences } from '../store/lifecycle/subjects.ts';
import type { Queryable } from '../store/principals.ts';
import { secretsOfOwners } from '../store/secrets.ts';
import { RESTORE } from './builtin.ts';
import { verifyChange } from './sign.ts';
import { type PlanChangeContent, priorOwner } from './stored-plan.ts';

/** What takes a change back, before it is known how its subject is now. */
interface Step {
  /** Of the change that is taken back. */
  readonly ordinal: number;
  readonly change: string;
  readonly params: ChangeDraft['params'];
  readonly subject: Subject;
  readonly follows: boolean;
}

/**
 * The changes that take back what a run did, last first; those of a chain follow each other, so that nothing is taken back
 * which something that is still there rests on. Throws `unsupported` where nothing can be taken back.
 */
export async function undoDrafts(on: Queryable, vault: Vault, run: RunRow): Promise<readonly ChangeDraft[]> {
  const done = await doneChanges(on, run.id);
  const rows = await planChangesByOrdinal(
    on,
    run.planId,
    done.map(({ ordinal }) => ordinal),
  );
  const contents = new Map(rows.map((row) => [row.ordinal, verifyChange(vault, run.planId, row)]));
  const priors = await secretsOfOwners(
    on,
    done.flatMap(({ ordinal, adopted }) => (adopted ? [priorOwner(run.planId, ordinal)] : [])),
  );
  const hasPrior = (ordinal: number): boolean => priors.has(priorOwner(run.planId, ordinal));
  const bySubject = Map.groupBy(done, ({ subjectKey }) => subjectKey);
  const steps = [...bySubject.values()]
    .flatMap((ofSubject) => stepsOf(run.planId, ofSubject, contents, hasPrior))
    .sort((a, b) => b.ordinal - a.ordinal);
  if (steps.length === 0) {
    throw new UsherError('unsupported', `Nothing that run ${run.id} did can be taken back.`, { code: 'nothingToUndo' });
  }
  const known = await statesOf(on, run.connectionId, steps);
  return steps.map(({ change, params, subject, follows }) => {
    const now = isNewAccount(subject) ? known.byAddress.get(subject.email ?? '') : undefined;
    const is = now === undefined ? subject : { ...subject, key: now.account?.key ?? subject.key };
    return { change, params, subject: is, before: known.byKey.get(is.key) ?? null, ...(follows ? { follows } : {}) };
  });
}

/**
 * What takes back the changes of one subject, last first. A connection that went over to other credentials keeps the floor
 * it stands on: where those before them are gone, or what was done since cannot be taken back, nothing before that is.
 */
function stepsOf(
  planId: string,
  done: readonly DoneChange[],
  contents: ReadonlyMap<number, PlanChangeContent>,
  hasPrior: (ordinal: number) => boolean,
): readonly Step[] {
  const steps: Step[] = [];
  const isChain = done.some(({ ordinal }) => contents.get(ordinal)?.follows === true);
  // An account that was made is known by its key where it was read back, whichever of its changes told.
  const made = done.flatMap(({ inverse }) =>
    inverse === null || isNewAccount(inverse.subject) ? [] : [inverse.subject],
  )[0];
  let isCut = false;
  for (const { ordinal, inverse, adopted } of done) {
    const content = contents.get(ordinal);
    if (content === undefined) continue;
    // What has come to an end for good is not brought back by what was done before.
    if (isChain && inverse === null && content.effect === 'destructive' && !content.undo.isPossible) break;
    const of = inverse?.subject ?? content.subject;
    const subject = isNewAccount(of) && made !== undefined ? made : of;
    const add = (change: string, params: Step['params']): void => {
      steps.push({ ordinal, change, params, subject, follows: isChain && steps.length > 0 });
    };
    if (adopted) {
      if (isCut || !hasPrior(ordinal)) break;
      add(RESTORE, { plan: planId, ordinal });
    }
    if (inverse !== null) add(inverse.change, inverse.params);
    isCut ||= inverse === null && !adopted && !content.undo.isPossible;
  }
  return steps;
}

/** How the subjects are as the snapshot has them. */
async function statesOf(on: Queryable, connectionId: string, steps: readonly Step[]) {
  const references = steps.flatMap(({ subject }) => (isNewAccount(subject) ? [subject.email ?? ''] : [subject.key]));
  const held = await accountsByReferences(on, connectionId, [...new Set(references)]);
  const byKey = new Map<string, SubjectState>();
  const byAddress = new Map<string, SubjectState>();
  for (const { reference, account, grants } of held) {
    byKey.set(account.key, { account, grants });
    if (reference !== account.key) byAddress.set(reference, { account, grants });
  }
  return { byKey, byAddress };
}
