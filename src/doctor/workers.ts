import type { Database } from '../store/open.ts';
import { listWorkers } from '../store/workers.ts';
import { check, type Finding } from './finding.ts';

/** A lease is prolonged every five seconds; one that was not for so long is about to be taken away. */
const SILENT_MS = 15_000;

/**
 * Who carries work out on a Postgres server. An embedded database has its own server process alone: whether that runs is
 * another check.
 */
export async function examineWorkers({ pool, postgres }: Database, version: string): Promise<Finding> {
  const { ok, warning, problem, failed } = check('workers', 'Workers');
  if (postgres.mode === 'embedded') return ok('The server carries its work out itself.');
  try {
    const { rows } = await pool.query<{ now: string }>('select clock_timestamp() as now');
    const nowMs = Date.parse(rows[0]?.now ?? '');
    const living = (await listWorkers(pool)).filter(({ heartbeatAt }) => nowMs - Date.parse(heartbeatAt) < SILENT_MS);
    if (living.length === 0) {
      return problem(
        'Nobody carries work out: syncs and changes wait.',
        'Start one on this database: usher worker, or usher serve without --no-engine.',
      );
    }
    const shown = living.map((worker) => `${worker.process} (${worker.version})`).join(', ');
    if (living.every((worker) => worker.version === version)) return ok(shown);
    return warning(
      `Not all are of this version, ${version}: ${shown}.`,
      'Finish the upgrade: restart those that are older.',
    );
  } catch (error) {
    return failed(error);
  }
}
