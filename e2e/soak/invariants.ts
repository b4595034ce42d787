// What must hold whenever nothing is under way, asked of the database itself and of the simulated company.
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { RECORD_KINDS } from '../../src/model/records.ts';
import type { Database } from '../../src/store/open.ts';
import { folderSharesOf, peopleOf } from '../changes/company.ts';
import { onDatabase } from '../changes/judge.ts';
import type { Stage } from '../changes/stage.ts';

const feedSchema = z.object({ data: z.array(z.object({ position: z.int() })), next: z.coerce.number() });

/**
 * Rows that must not be there; each query answers a text a row. Whom the app names by an address alone, and who has no
 * account, may hold a grant.
 */
const NEVER: Readonly<Record<string, string>> = {
  'a grant whose holder is not there': `
    select g.holder_kind || ' ' || g.holder_key from "grant" g
     where not exists (select from account a where a.connection_id = g.connection_id and g.holder_kind = 'account' and a.key = g.holder_key)
       and not (g.holder_key like 'email:%' and not exists (
             select from account a where a.connection_id = g.connection_id and 'email:' || a.email_folded = g.holder_key))
       and not exists (select from "group" h where h.connection_id = g.connection_id and h.key = g.holder_key and g.holder_kind = 'group')`,
  'a grant whose target is not there': `
    select g.target_kind || ' ' || g.target_key from "grant" g
     where not exists (select from "group" h where h.connection_id = g.connection_id and h.key = g.target_key and g.target_kind = 'group')
       and not exists (select from role r where r.connection_id = g.connection_id and r.key = g.target_key and g.target_kind = 'role')
       and not exists (select from resource r where r.connection_id = g.connection_id and r.key = g.target_key and g.target_kind = 'resource')`,
  'an open sync': `select id::text || ' ' || state from sync_run where state in ('queued', 'running', 'paused')`,
  'an open run': `select id::text || ' ' || state from run where state in ('queued', 'running', 'waiting', 'paused')`,
  'an open change': `select subject_key || ' ' || state from run_change where state in ('planned', 'calling', 'called')`,
  'a lease': `select key || ' of ' || run_id from change_lease`,
  // A plan that nobody has decided on keeps what it needs, and so does a change that may be tried again.
  'a secret of a plan or hand-off': `
    select owner from secret s where owner <> 'connection:lastpass'
       and not exists (select from plan p where p.state in ('waiting', 'ready') and s.owner like 'plan:' || p.id || ':%')
       and not exists (select from run_change c join run r on r.id = c.run_id
                        where c.state = 'failed' and s.owner = 'plan:' || r.plan_id || ':' || c.ordinal)`,
  'a staged page': `select run_id::text || ' ' || collection from staged_page`,
  ...Object.fromEntries(RECORD_KINDS.map((kind) => [`a staged ${kind}`, `select key from staged_${kind}`])),
  ...Object.fromEntries(
    RECORD_KINDS.flatMap((kind) => [
      [
        `history of a ${kind} that overlaps`,
        `select key || ' from ' || seen_from from (
           select key, seen_from, seen_to, lead(seen_from) over (partition by connection_id, key order by seen_from, seen_to) as next
             from (select connection_id, key, seen_from, seen_to from ${kind}_history
                   union all select connection_id, key, seen_from, 'infinity' from "${kind}") versions) ordered
          where seen_to < seen_from or next < seen_to`,
      ],
    ]),
  ),
  'an event without a place': `select id::text || ' ' || type from change_event where position is null`,
  'a gap in the feed': `
    select before || ' then ' || position from (
      select position, lag(position, 1, 0::bigint) over (order by position) as before from change_event) placed
     where position <> before + 1`,
  'an end of the feed that is not its last event': `
    select last_position::text from feed where last_position <> (select coalesce(max(position), 0) from change_event)`,
};

/** What is wrong now, one sentence each. Events get their places a moment after they are committed: that is waited for. */
export async function brokenInvariants(stage: Stage): Promise<readonly string[]> {
  const problems = await onDatabase(stage, async (database) => {
    for (
      let attempt = 0;
      attempt < 50 && (await holds(database, 'an event without a place')).length > 0;
      attempt += 1
    ) {
      await wait(100);
    }
    const found: string[] = [];
    for (const what of Object.keys(NEVER)) {
      const rows = await holds(database, what);
      if (rows.length > 0) found.push(`There is ${what} (${rows.length}): ${rows.slice(0, 3).join('; ')}`);
    }
    return [...found, ...(await snapshotProblems(stage, database)), ...(await shareProblems(stage, database))];
  });
  return [...problems, ...(await feedProblems(stage)), ...(await auditProblems(stage))];
}

async function holds({ pool }: Pick<Database, 'pool'>, what: string): Promise<readonly string[]> {
  const { rows } = await pool.query<[string]>({ text: NEVER[what] ?? '', rowMode: 'array' });
  return rows.map(([text]) => text);
}

/** Everybody the app has, with status and groups, is in the snapshot, and nobody else. */
async function snapshotProblems({ simulator }: Stage, { pool }: Database): Promise<readonly string[]> {
  const { rows } = await pool.query<{ address: string; status: string; groups: string[] | null }>(
    `select email_folded as address, status, (select array_agg(g.target_key) from "grant" g
        where g.connection_id = a.connection_id and g.holder_kind = 'account' and g.holder_key = a.key
          and g.target_kind = 'group') as groups
       from account a where connection_id = 'lastpass'`,
  );
  const held = new Set(rows.map(({ address, status, groups }) => lineOf(address, status, groups ?? [])));
  const people = await peopleOf(simulator);
  const there = new Set([...people].map(([address, { status, groups }]) => lineOf(address, status, [...groups])));
  return difference('The snapshot', held, there);
}

/** Whoever a shared folder names is in the snapshot as its holder, and nobody else. */
async function shareProblems({ simulator }: Stage, { pool }: Database): Promise<readonly string[]> {
  const { rows } = await pool.query<{ share: string }>(
    `select distinct g.target_key || ' ' || coalesce(a.email_folded, substr(g.holder_key, length('email:') + 1)) as share
       from "grant" g
       left join account a on a.connection_id = g.connection_id and a.key = g.holder_key
      where g.connection_id = 'lastpass' and g.target_kind = 'resource' and g.holder_kind = 'account'`,
  );
  return difference(
    'Of the shares of folders the snapshot',
    new Set(rows.map(({ share }) => share)),
    new Set(await folderSharesOf(simulator)),
  );
}

function difference(where: string, held: ReadonlySet<string>, there: ReadonlySet<string>): readonly string[] {
  const missing = [...there].filter((line) => !held.has(line));
  const surplus = [...held].filter((line) => !there.has(line));
  if (missing.length + surplus.length === 0) return [];
  return [`${where} lacks ${missing.length} (${few(missing)}) and has ${surplus.length} too many (${few(surplus)})`];
}

const auditSchema = z.object({ is_whole: z.boolean(), problems: z.array(z.unknown()) });

/** Nothing that was done is missing from the audit log, altered or out of its order. */
async function auditProblems({ ask }: Pick<Stage, 'ask'>): Promise<readonly string[]> {
  const audit = auditSchema.parse(await ask('GET', '/v1/audit/verify'));
  return audit.is_whole ? [] : [`The audit log is not whole: ${JSON.stringify(audit.problems.slice(0, 3))}`];
}

function lineOf(address: string, status: string, groups: readonly string[]): string {
  return `${address} ${status} ${groups.toSorted().join(',')}`;
}

function few(lines: readonly string[]): string {
  return lines.slice(0, 3).join('; ');
}

/** Whoever reads the feed by its pages meets every position once, in order. */
async function feedProblems(stage: Stage): Promise<readonly string[]> {
  let last = 0;
  for (let next = 0; ;) {
    const page = await feedPage(stage, next);
    for (const position of page.positions) {
      if (position !== last + 1) return [`Readers of the feed meet position ${position} after ${last}`];
      last = position;
    }
    if (page.positions.length === 0) return [];
    next = page.next;
  }
}

async function feedPage(
  { ask }: Pick<Stage, 'ask'>,
  after: number,
): Promise<{ readonly positions: readonly number[]; readonly next: number }> {
  const page = feedSchema.parse(await ask('GET', `/v1/events?after=${after}&page_size=500`));
  return { positions: page.data.map(({ position }) => position), next: page.next };
}

/** What the process takes now. */
export interface Footprint {
  readonly pid: number;
  readonly memoryMb: number;
  readonly peakMb: number;
  readonly handles: number;
  readonly connections: number;
}

/** Looks a few times and takes the least: garbage that waits to be collected is no leak. Linux only. */
export async function footprintOf(stage: Stage): Promise<Footprint> {
  const looks: Footprint[] = [];
  for (let look = 0; look < 8; look += 1) {
    looks.push(await lookAt(stage));
    await wait(250);
  }
  const least = (of: (look: Footprint) => number): number => Math.min(...looks.map(of));
  return {
    pid: stage.usher().pid,
    memoryMb: least(({ memoryMb }) => memoryMb),
    peakMb: Math.max(...looks.map(({ peakMb }) => peakMb)),
    handles: least(({ handles }) => handles),
    connections: least(({ connections }) => connections),
  };
}

async function lookAt(stage: Stage): Promise<Footprint> {
  const { pid } = stage.usher();
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
  const connections = await onDatabase(stage, async ({ pool }) => {
    const { rows } = await pool.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity where application_name like 'usher%' and pid <> pg_backend_pid()`,
    );
    return rows[0]?.count ?? 0;
  });
  const handles = (await readdir(`/proc/${pid}/fd`)).length;
  return { pid, memoryMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM'), handles, connections };
}

/** How much more the end of a life may take than its beginning. */
const MEMORY_FACTOR = 1.25;
const MEMORY_SLACK_MB = 30;
const COUNT_SLACK = 8;
const WARM_UP = 2;

/** What grew over the looks at one process, its warm-up left out. */
export function leaks(footprints: readonly Footprint[]): readonly string[] {
  const settled = footprints.slice(WARM_UP);
  const third = Math.floor(settled.length / 3);
  if (third === 0) return [];
  const grown = (
    what: string,
    of: (look: Footprint) => number,
    most: (before: number) => number,
  ): readonly string[] => {
    const [before, after] = [median(settled.slice(0, third).map(of)), median(settled.slice(-third).map(of))];
    return after <= most(before) ? [] : [`${what} grew from ${before.toFixed(0)} to ${after.toFixed(0)}`];
  };
  return [
    ...grown('Memory (MB)', ({ memoryMb }) => memoryMb, (before) => before * MEMORY_FACTOR + MEMORY_SLACK_MB),
    ...grown('The count of handles', ({ handles }) => handles, (before) => before + COUNT_SLACK),
    ...grown('The count of database connections', ({ connections }) => connections, (before) => before + COUNT_SLACK),
  ]; // prettier-ignore
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
