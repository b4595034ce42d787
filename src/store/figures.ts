import type { Pool } from 'pg';
import type { OperationFigures } from '../model/figures.ts';
import { budgetsLeft } from './rates.ts';

/** Reads the figures of the whole instance in two statements; cheap enough for every look of a monitoring system. */
export async function operationFigures(pool: Pool): Promise<OperationFigures> {
  const { rows } = await pool.query<Omit<OperationFigures, 'budgets'>>(
    `select
       (select json_build_object(
          'queued', count(*) filter (where state = 'queued'),
          'running', count(*) filter (where state = 'running'),
          'paused', count(*) filter (where state = 'paused'))
          from sync_run where state in ('queued', 'running', 'paused')) as runs,
       (select count(*) from change_event where position is null) as "unplacedEvents",
       (select count(*) from plan where state = 'waiting') as "waitingPlans",
       (select count(*) from run where state = 'waiting' and wake_at is null) as "waitingTasks",
       (select count(*) from run_change where state = 'uncertain') as "uncertainChanges",
       (select count(*) from audit_inbox) as "unlinkedEntries",
       (select coalesce(extract(epoch from clock_timestamp() - min(recorded_at)), 0)::float8
          from change_event where position is null) as "oldestUnplacedSeconds",
       (select coalesce(json_agg(json_build_object('id', c.id, 'state', c.state, 'lastSuccessAt', (
          select extract(epoch from max(r.finished_at))::float8
            from sync_run r where r.connection_id = c.id and r.state = 'succeeded')) order by c.id), '[]')
          from connection c) as connections`,
  );
  const [figures] = rows;
  if (figures === undefined) throw new Error('A statement that always answers one row answered none.');
  return { ...figures, budgets: await budgetsLeft(pool, null) };
}
