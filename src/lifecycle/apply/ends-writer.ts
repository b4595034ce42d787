import { type Adopting, adoptCredentials } from '../../connections/adoption.ts';
import { addAuditEntries } from '../../store/audit/inbox.ts';
import type { HeldRun } from '../../store/lifecycle/applying.ts';
import { decisionsOf } from '../../store/lifecycle/decisions.ts';
import { handoffSecretOwner, insertHandoff } from '../../store/lifecycle/handoffs.ts';
import { endChanges, forgetInverses } from '../../store/lifecycle/journal.ts';
import { addOwnedSecrets, addSecrets, deleteSecrets, deleteSecretsOf } from '../../store/secrets.ts';
import { lockConnection } from '../../store/sync/connection.ts';
import { keepReadBacks, type ReadBackTarget } from '../../store/sync/read-back.ts';
import { changeEntry } from '../audit.ts';
import { type PlanHeader, priorOwner } from '../stored-plan.ts';
import type { ApplyDependencies } from './dependencies.ts';
import type { Items } from './items.ts';
import type { Finished } from './work.ts';

type Client = Parameters<typeof endChanges>[0];

const HANDOFF_HOURS = 24;

/**
 * Writes how changes of a run ended with all that belongs to it, in one transaction: the snapshot, receipts, the audit log,
 * hand-offs, credentials that the connection goes over to, and which secrets are gone.
 */
export function endsWriter(
  deps: ApplyDependencies,
  options: {
    readonly run: HeldRun;
    readonly header: PlanHeader;
    readonly items: Pick<Items, 'priorSecret'>;
    readonly readBackTo: ReadBackTarget;
    readonly into: Adopting;
  },
): (finished: readonly Finished[]) => Promise<void> {
  const { database, clock } = deps;
  const { run, header, items, readBackTo, into } = options;
  const { connectionId } = header;

  /** Whoever asked; what an agent asked for goes to the person who approved it. */
  const recipient = async (client: Client): Promise<string> => {
    if (header.requestedBy.kind !== 'agent') return header.requestedBy.id;
    const decisions = await decisionsOf(client, [header.id]);
    return decisions.find(({ decision }) => decision === 'approve')?.principalId ?? header.requestedBy.id;
  };
  const keepHandoff = async (client: Client, handoff: NonNullable<Finished['handoff']>): Promise<void> => {
    const now = clock.now();
    await insertHandoff(client, {
      id: handoff.id, connectionId, principalId: await recipient(client), label: handoff.label,
      createdAt: now.toISOString(), expiresAt: new Date(now.getTime() + HANDOFF_HOURS * 3_600_000).toISOString(),
      takenAt: null,
    }); // prettier-ignore
    await addSecrets(client, handoffSecretOwner(handoff.id), [{ name: 'secret', sealed: handoff.sealed }]);
  };
  /** What the connection had before is kept, so that it can be put back until the chain has ended well. */
  const adopt = async (client: Client, { adoption, content }: Finished, at: string): Promise<void> => {
    if (adoption === null) return;
    const prior = await adoptCredentials(client, into, adoption, { at, plan: header.id, run: run.id });
    await deleteSecrets(client, priorOwner(header.id, content.ordinal));
    await addOwnedSecrets(client, [items.priorSecret(content.ordinal, prior)]);
  };

  return async (finished) => {
    await database.transaction(async (client) => {
      // Before the run, as whoever removes a connection takes them.
      if (finished.some(({ adoption }) => adoption !== null)) await lockConnection(client, connectionId);
      await keepReadBacks(
        client,
        readBackTo,
        finished.flatMap(({ readBack }) => (readBack === null ? [] : [readBack])),
      );
      await endChanges(
        client,
        run,
        finished.map(({ ended }) => ended),
      );
      await forgetInverses(
        client,
        run.id,
        finished.filter(isForGood).map(({ ended }) => ended.ordinal),
      );
      const at = clock.now().toISOString();
      await addAuditEntries(
        client,
        finished.map((each) => changeEntry(header, run.id, each, at)),
      );
      for (const { handoff } of finished) if (handoff !== null) await keepHandoff(client, handoff);
      for (const each of finished) await adopt(client, each, at);
      await deleteSecretsOf(
        client,
        finished.flatMap(({ secretOwners }) => secretOwners),
      );
    });
    deps.onEnded?.({ connectionId, ends: finished.map(({ ended }) => ended.end) });
  };
}

/** Whether a step of a chain has ended what the steps before it were about. */
function isForGood({ ended, content }: Finished): boolean {
  const isLast = ended.end === 'done' && ended.inverse === null && content.follows === true;
  return isLast && content.effect === 'destructive' && !content.undo.isPossible;
}
