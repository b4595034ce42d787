import type { ChangeDraft, PlanSnapshot, SubjectState, Writes } from '../connector-kit/changes.ts';
import type { OpenedConnection } from '../connections/views.ts';
import type { Basis, ChangeEffect, Hold } from '../model/changes.ts';
import { changeOf, isBuiltIn } from './builtin.ts';
import { groupNames, summaryOf } from './snapshot.ts';
import type { PlanChangeContent } from './stored-plan.ts';

/** What is signed of a plan's changes, from what its action wishes for. Throws what the connector throws for them. */
export async function contentsOf(
  opened: OpenedConnection,
  writes: Writes,
  drafts: readonly ChangeDraft[],
  snapshot: Pick<PlanSnapshot, 'groupRecords'>,
): Promise<readonly PlanChangeContent[]> {
  assertChains(drafts);
  const isMember = drafts.some(
    ({ before }) => before?.grants.some(({ targetKind }) => targetKind === 'group') === true,
  );
  const names = groupNames(isMember ? await snapshot.groupRecords() : []);
  const contents: PlanChangeContent[] = [];
  for (const [ordinal, draft] of drafts.entries())
    contents.push(await contentOf(opened, writes, ordinal, draft, names));
  return contents;
}

async function contentOf(
  opened: OpenedConnection,
  writes: Writes,
  ordinal: number,
  draft: ChangeDraft,
  names: ReadonlyMap<string, string>,
): Promise<PlanChangeContent> {
  const change = changeOf(writes, draft.change);
  const { subject, params, secrets = {}, before } = draft;
  const item = { subject, params, secrets, before: before ?? { account: null, grants: [] } };
  const { handoff, follows, hold } = draft;
  return {
    ordinal,
    change: draft.change,
    subject,
    params,
    secrets: Object.keys(secrets).sort(),
    handoff: handoff?.label ?? null,
    ...(handoff !== undefined && 'made' in handoff ? { handoffMade: handoff.made } : {}),
    ...(follows === undefined ? {} : { follows }),
    ...(hold === undefined ? {} : { hold: namingConnection(hold, opened.connection.id) }),
    basis: basisOf(before),
    effect: change.effect(before, params) satisfies ChangeEffect,
    summary: change.summary(subject, params),
    undo: change.undo,
    before: summaryOf(before, subject, names),
    preview: isBuiltIn(draft.change) ? null : await opened.preview(draft.change, item),
  };
}

/** A connector plans without knowing what its connection is called here. */
function namingConnection(hold: Hold, connectionId: string): Hold {
  return hold.kind === 'task' ? { ...hold, task: hold.task.replaceAll('{connection}', connectionId) } : hold;
}

/** What follows has something to follow, and waits for nothing else than that or a person. An error here is a connector's. */
function assertChains(drafts: readonly ChangeDraft[]): void {
  const seen = new Set<string>();
  for (const { change, subject, follows, hold } of drafts) {
    if (follows === true && !seen.has(subject.key)) {
      throw new TypeError(`The change ${change} follows nothing on its subject.`);
    }
    if (hold?.kind === 'wait' && follows !== true)
      throw new TypeError(`The change ${change} waits and follows nothing.`);
    seen.add(subject.key);
  }
}

function basisOf(before: SubjectState | null): Basis | null {
  if (before?.account == null) return null;
  const { key, email, status, roles } = before.account;
  return { key, email, status, roles };
}
