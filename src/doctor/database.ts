import { z } from 'zod';
import { examineMasterKey } from '../secrets/index.ts';
import { allConnections, type StoredConnection } from '../store/connections.ts';
import { operationFigures } from '../store/figures.ts';
import { type BudgetLeft, budgetsLeft } from '../store/rates.ts';
import { frozenSince, keyCheckStore } from '../store/instance.ts';
import { mayMakeTables, missingMigrations } from '../store/migrate.ts';
import { migrations } from '../store/migrations/index.ts';
import type { Database } from '../store/open.ts';
import { runsOf, type SyncRunRow } from '../store/sync/runs.ts';
import { check, type Finding } from './finding.ts';

const CLOCK_TOLERANCE_MS = 5000;
const LAG_SECONDS = 60;
const WAIT_MS = 10 * 60_000;
const DAY_MS = 24 * 3600_000;

export interface KeyPlace {
  readonly dataDir: string;
  readonly masterKey: string | null;
  readonly nextKey?: string | null;
}

/** The master key: there, closed to others, and the one that the secrets were sealed under. `database` null: not asked. */
export async function examineKey(place: KeyPlace, database: Database | null): Promise<Finding> {
  const { ok, failed } = check('master-key', 'Master key');
  const where = place.masterKey === null ? 'master.key in the data directory' : 'USHER_MASTER_KEY';
  try {
    const keyCheck = database === null ? null : keyCheckStore(database.pool);
    const found = await examineMasterKey({ ...place, keyCheck });
    return ok(found === 'right' ? `${where}, and it is the right one` : `${where}; not compared with the database`);
  } catch (error) {
    return failed(error);
  }
}

/** Whether the schema is that of this version, and if not, whether the database's user may make it so. */
export async function examineSchema({ pool }: Database): Promise<Finding> {
  const { ok, warning, problem, failed } = check('schema', 'Database schema');
  try {
    const missing = await missingMigrations(pool, migrations);
    if (missing === 0) return ok(`up to date (${migrations.length} changes)`);
    if (!(await mayMakeTables(pool))) {
      return problem(
        `It lacks ${missing} of ${migrations.length} changes, and the database's user may not make tables.`,
        'Let it own the database: alter database ... owner to ...; or grant create on schema public to it.',
      );
    }
    return warning(
      `It is older than this version: ${missing} of ${migrations.length} changes are missing.`,
      'The next start of the server makes them. Stop an older server first.',
    );
  } catch (error) {
    return failed(error);
  }
}

/** The database's clock against this machine's: schedules and rates go by the database's. */
export async function examineDatabaseClock({ pool }: Database, now: () => Date): Promise<Finding> {
  const { ok, warning, failed } = check('clock-database', 'Clock of the database');
  try {
    const before = now().getTime();
    const { rows } = await pool.query<{ ms: number }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
    );
    const offMs = (rows[0]?.ms ?? Number.NaN) - (before + now().getTime()) / 2;
    if (Math.abs(offMs) <= CLOCK_TOLERANCE_MS) return ok('agrees with this machine');
    return warning(
      `It is ${seconds(Math.abs(offMs))} ${offMs > 0 ? 'ahead of' : 'behind'} this machine.`,
      'Set both clocks by NTP: times of observations are compared with each other.',
    );
  } catch (error) {
    return failed(error);
  }
}

/** What waits to be done. Where no server runs, waiting is what it should do. */
export async function examineWork({ pool }: Database, isServing: boolean): Promise<Finding> {
  const { ok, problem, warning, failed } = check('work', 'Work under way');
  try {
    const since = await frozenSince(pool);
    if (since !== null) {
      return warning(
        `It stands still since ${since}, as after a restore: nothing is synced or changed.`,
        'See that it is the only one that runs on these apps, start it, then: usher thaw',
      );
    }
    const { runs, unplacedEvents, oldestUnplacedSeconds, waitingPlans, waitingTasks } = await operationFigures(pool);
    const people =
      waitingPlans + waitingTasks === 0 ? '' : `; for a person wait: plans ${waitingPlans}, runs ${waitingTasks}`;
    const shown = `syncs: ${runs.queued} queued, ${runs.running} running, ${runs.paused} paused; events waiting: ${unplacedEvents}${people}`;
    if (isServing && oldestUnplacedSeconds > LAG_SECONDS) {
      return problem(
        `Events have waited ${seconds(oldestUnplacedSeconds * 1000)} for their place in the feed (${shown}).`,
        'Look at the log of the server for what keeps it; restarting it loses nothing.',
      );
    }
    return ok(shown);
  } catch (error) {
    return failed(error);
  }
}

/** Each connection: active, synced not long ago, and how the last sync ended. */
export async function examineConnections({ pool }: Database, now: () => Date, isServing: boolean): Promise<Finding[]> {
  try {
    const connections = await allConnections(pool);
    if (connections.length === 0) {
      return [check('connections', 'Connections').warning('Nothing is connected yet.', 'usher connect')];
    }
    const findings: Finding[] = [];
    for (const connection of connections) {
      const runs = await runsOf(pool, connection.id, 20);
      findings.push(examineConnection(connection, runs, now(), isServing));
    }
    findings.push(...lowBudgets(await budgetsLeft(pool, null)));
    return findings;
  } catch (error) {
    return [check('connections', 'Connections').failed(error)];
  }
}

/** A connection each whose app grants only so many calls, and has hardly any left. */
function lowBudgets(budgets: readonly BudgetLeft[]): Finding[] {
  const low = budgets.filter(({ left, limit }) => left < limit / 10);
  return [...Map.groupBy(low, ({ connectionId }) => connectionId)].map(([id, theirs]) => {
    const shown = theirs.map(({ functionality, left, limit, resetSeconds }) => {
      return `${functionality} ${left} of ${limit}, all again in ${seconds(resetSeconds * 1000)}`;
    });
    return check(`budget:${id}`, `Budget of ${id}`).warning(
      `Few of the calls that the app grants are left: ${shown.join('; ')}.`,
      'Work goes on, only slower. If others use the same key, give Usher one of its own, or let it sync less often.',
    );
  });
}

/** One connection with its latest runs, newest first. */
export function examineConnection(
  connection: StoredConnection,
  runs: readonly SyncRunRow[],
  now: Date,
  isServing: boolean,
): Finding {
  const { id } = connection;
  const { ok, warning, problem } = check(`connection:${id}`, `Connection ${id}`);
  const [last] = runs;
  const success = runs.find(({ state }) => state === 'succeeded')?.finished_at ?? null;
  const fresh = success === null ? 'never synced' : `last synced ${seconds(now.getTime() - Date.parse(success))} ago`;
  if (connection.state === 'paused') {
    return warning(
      `It is paused: ${connection.pausedReason ?? 'by hand.'} (${fresh})`,
      `When that is mended: usher connections edit ${id} --resume`,
    );
  }
  if (last === undefined) return warning('It has never been synced.', `usher sync ${id}`);
  if (last.state === 'paused') {
    return warning(
      `A sync waits for a word: ${last.anomalies.map(({ message }) => message).join(' ')} (${fresh})`,
      `If that is true: usher sync confirm ${id}`,
    );
  }
  if (last.state === 'failed') {
    const { detail, next } = errorOf(last);
    return problem(`The last sync failed: ${detail} (${fresh})`, next ?? `usher connections test ${id}`);
  }
  const isStuck = last.state === 'queued' && now.getTime() - Date.parse(last.requested_at) > WAIT_MS;
  if (isStuck && isServing) {
    return problem(
      `A sync has waited for its start since ${last.requested_at}.`,
      'Restart the server: it goes on with what it finds.',
    );
  }
  const patienceMs = Math.max(DAY_MS, 2000 * (connection.scheduleSeconds ?? 0));
  const isOld = success !== null && now.getTime() - Date.parse(success) > patienceMs;
  if (isOld && connection.scheduleSeconds !== null) {
    return warning(`It is behind its schedule: ${fresh}.`, `See: usher sync status ${id}`);
  }
  return ok(
    `active, ${fresh}${last.state === 'running' || last.state === 'queued' ? `, a sync is ${last.state}` : ''}`,
  );
}

/** As the sync room stores it with the run. */
const errorSchema = z.object({ detail: z.string(), next: z.string().nullish() });

function errorOf({ error }: SyncRunRow): z.infer<typeof errorSchema> {
  return errorSchema.safeParse(error).data ?? { detail: 'without a reason.' };
}

/** A span in the largest unit that says enough. */
function seconds(ms: number): string {
  const whole = Math.round(ms / 1000);
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.round(whole / 60)} min`;
  return whole < 2 * 86_400 ? `${Math.round(whole / 3600)} h` : `${Math.round(whole / 86_400)} days`;
}
