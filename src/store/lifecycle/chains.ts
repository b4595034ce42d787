import type { PoolClient } from 'pg';
import type { ChangeState, Receipt } from '../../model/changes.ts';
import { deleteSecretsOf, type OwnedSecret, addOwnedSecrets } from '../secrets.ts';
import type { Queryable } from '../principals.ts';
import { type HeldRun, holdRun } from './applying.ts';
import type { Facts, HeldBefore, StoredInverse } from './journal.ts';

/** What changes of one subject build on each other with: how the one before ended, what it made, what is to be waited for. */

/** The change right before another one on the same subject. */
export interface Predecessor {
  /** Of the change that comes after it. */
  readonly ordinal: number;
  /** Of itself. */
  readonly before: number;
  readonly state: ChangeState;
  readonly receipt: Receipt | null;
  /** Its sentence in the plan, unchecked. */
  readonly summary: string;
}

/** What comes right before each of these changes on its subject; one that is the first is left out. */
export async function predecessorsOf(
  on: Queryable,
  runId: string,
  ordinals: readonly number[],
): Promise<readonly Predecessor[]> {
  if (ordinals.length === 0) return [];
  const { rows } = await on.query<Predecessor>(
    `select distinct on (c.ordinal) c.ordinal, b.ordinal as before, b.state, b.receipt,
            p.content::jsonb ->> 'summary' as summary
       from run_change c
       join run r on r.id = c.run_id
       join run_change b on b.run_id = c.run_id and b.subject_key = c.subject_key and b.ordinal < c.ordinal
       join plan_change p on p.plan_id = r.plan_id and p.ordinal = b.ordinal
      where c.run_id = $1 and c.ordinal = any($2::int[])
      order by c.ordinal, b.ordinal desc`,
    [runId, ordinals],
  );
  return rows;
}

/** A change that ended well, with what its answer told. */
export interface EndedWell {
  readonly ordinal: number;
  readonly made: Facts | null;
}

/** All changes before each of these on its subject that ended well, in their order, by the later one's ordinal. */
export async function endedBefore(
  on: Queryable,
  runId: string,
  ordinals: readonly number[],
): Promise<ReadonlyMap<number, readonly EndedWell[]>> {
  const { rows } = await on.query<EndedWell & { readonly later: number }>(
    `select c.ordinal as later, b.ordinal, b.made
       from run_change c
       join run_change b on b.run_id = c.run_id and b.subject_key = c.subject_key and b.ordinal < c.ordinal
      where c.run_id = $1 and c.ordinal = any($2::int[])
        and (b.state = 'done' or (b.state = 'skipped' and coalesce(b.receipt ->> 'code', '') <> 'cancelled'))
      order by c.ordinal, b.ordinal`,
    [runId, ordinals],
  );
  return Map.groupBy(rows, ({ later }) => later);
}

/** What an answer told, to be kept before anything else is done. */
export interface MadeByChange {
  readonly ordinal: number;
  readonly facts: Facts;
  /** With what would take it back, now that it is known what was made. */
  readonly held: HeldBefore;
  /** In the place of what these owners have. */
  readonly owners: readonly string[];
  readonly secrets: readonly OwnedSecret[];
}

/** Keeps what answers told, with the mark that the app took it; in the caller's transaction. Throws `WorkTaken`. */
export async function keepMade(client: PoolClient, run: HeldRun, made: readonly MadeByChange[]): Promise<void> {
  await holdRun(client, run);
  await client.query(
    `update run_change c set state = 'called', made = m.made, held = m.held, seq = nextval('run_change_seq')
       from unnest($2::int[], $3::jsonb[], $4::jsonb[]) m(ordinal, made, held)
      where c.run_id = $1 and c.ordinal = m.ordinal and c.state in ('calling', 'called')`,
    [
      run.id,
      made.map(({ ordinal }) => ordinal),
      made.map(({ facts }) => JSON.stringify(facts)),
      made.map(({ held }) => JSON.stringify(held)),
    ],
  );
  await deleteSecretsOf(
    client,
    made.flatMap(({ owners }) => owners),
  );
  await addOwnedSecrets(
    client,
    made.flatMap(({ secrets }) => secrets),
  );
}

/** A change that is done, as whoever takes it back looks at it. */
export interface DoneChange {
  readonly ordinal: number;
  readonly subjectKey: string;
  readonly inverse: StoredInverse | null;
  readonly adopted: boolean;
}

/** The done changes of a run, last first. */
export async function doneChanges(on: Queryable, runId: string): Promise<readonly DoneChange[]> {
  const { rows } = await on.query<DoneChange>(
    `select ordinal, subject_key as "subjectKey", inverse, adopted from run_change
      where run_id = $1 and state = 'done' order by ordinal desc`,
    [runId],
  );
  return rows;
}
