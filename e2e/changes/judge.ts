// Holds what Usher says it did against what the simulated app says was done to it.
import { z } from 'zod';
import { fold } from '../../src/model/ids.ts';
import { silentLog } from '../../src/store/log.ts';
import { type Database, openDatabase } from '../../src/store/open.ts';
import { type CompanyLog, peopleOf, type Person } from './company.ts';
import { type Stage, syncOn } from './stage.ts';
import { COMMANDS, type Wish } from './wishes.ts';

export interface Verdict {
  /** What is wrong, one sentence each; none: all is as it should be. */
  readonly problems: readonly string[];
  /** How many changes ended how. */
  readonly ends: Readonly<Record<string, number>>;
}

/** What is judged: the app, the API, and the database, be it the embedded one or a server. */
export interface Judged extends Pick<Stage, 'simulator' | 'ask' | 'dataDir'> {
  readonly databaseUrl?: string;
}

const outcomeSchema = z.object({
  state: z.string(),
  attempt: z.number(),
  receipt: z
    .object({
      summary: z.string(),
      code: z.string().nullable(),
      proof: z.string(),
      calls: z.array(z.object({ operation: z.string(), status: z.number().nullable(), outcome: z.string() })),
      after: z.object({ status: z.string() }).loose().nullable(),
    })
    .nullable(),
});
type Outcome = z.infer<typeof outcomeSchema>;
const changesSchema = z.object({
  data: z.array(z.object({ subject: z.object({ email: z.string() }), outcome: outcomeSchema.nullable() })),
  next: z.string().nullable(),
});

/** Judges all wishes by the log, the company and the database, after every run has ended and the app is healthy. */
export async function judge(
  stage: Judged,
  wishes: readonly Wish[],
  runs: readonly string[],
  log: CompanyLog,
): Promise<Verdict> {
  const outcomes = new Map<string, Outcome>();
  for (const run of runs) for (const [subject, outcome] of await outcomesOf(stage, run)) outcomes.set(subject, outcome);
  const calls = Map.groupBy(log.carriedOut, ({ subject }) => subject);
  const effects = Map.groupBy(
    log.effects.filter(({ request }) => request !== null),
    ({ subject }) => subject,
  );
  const people = await peopleOf(stage.simulator);
  const problems = wishes.flatMap((wish) =>
    problemsOf(wish, outcomes.get(wish.subject), {
      calls: (calls.get(wish.subject) ?? []).map(({ operation }) => operation),
      effects: (effects.get(wish.subject) ?? []).map(({ kind }) => kind),
      person: people.get(wish.subject),
    }).map((problem) => `${wish.kind} ${wish.email}: ${problem}`),
  );
  const wished = new Set(wishes.map(({ subject }) => subject));
  for (const subject of [...calls.keys(), ...effects.keys()]) {
    if (!wished.has(subject)) problems.push(`${subject} was changed, and nobody asked for it`);
  }
  problems.push(...(await problemsOfSnapshot(stage)), ...(await problemsOfStore(stage, wishes)));
  const ends: Record<string, number> = {};
  for (const { state } of outcomes.values()) ends[state] = (ends[state] ?? 0) + 1;
  return { problems, ends };
}

async function outcomesOf({ ask }: Judged, run: string): Promise<readonly (readonly [string, Outcome])[]> {
  const outcomes: (readonly [string, Outcome])[] = [];
  for (let next: string | null = ''; next !== null;) {
    const after: string = next === '' ? '' : `&next=${encodeURIComponent(next)}`;
    const page = changesSchema.parse(await ask('GET', `/v1/runs/${run}/changes?page_size=500${after}`));
    for (const { subject, outcome } of page.data) if (outcome !== null) outcomes.push([fold(subject.email), outcome]);
    next = page.next;
  }
  return outcomes;
}

/** What is wrong with one wish: calls, effects, receipt and the person must all tell the same. */
function problemsOf(
  wish: Wish,
  outcome: Outcome | undefined,
  seen: { readonly calls: readonly string[]; readonly effects: readonly string[]; readonly person: Person | undefined },
): readonly string[] {
  const { operation, effects } = COMMANDS[wish.kind];
  const problems: string[] = [];
  if (outcome === undefined) return ['no run has it'];
  const said = `${outcome.state} after ${outcome.attempt} (${outcome.receipt?.summary ?? 'no receipt'})`;
  const mails = seen.effects.filter((kind) => kind.startsWith('mail.')).length;
  if (seen.calls.length > 1) problems.push(`carried out ${seen.calls.length} times; Usher says ${said}`);
  if (mails > 1) problems.push(`${mails} mails were sent; Usher says ${said}`);
  if (seen.calls.some((call) => call !== operation)) problems.push(`was called by ${seen.calls.join(', ')}`);
  if (outcome.state !== 'done')
    return [...problems, `is ${said}, and the app did ${seen.effects.join(', ') || 'nothing'}`];
  if (seen.calls.length === 0) problems.push(`was never carried out; Usher says ${said}`);
  if (seen.effects.toSorted().join() !== effects.toSorted().join()) {
    problems.push(`the app did ${seen.effects.join(', ') || 'nothing'}; Usher says ${said}`);
  }
  if (!isAsWished(wish, seen.person)) problems.push(`is now ${seen.person?.status ?? 'gone'}; Usher says ${said}`);
  return [...problems, ...problemsOfReceipt(wish, outcome, seen)];
}

function problemsOfReceipt(
  wish: Wish,
  { receipt }: Outcome,
  { calls, person }: { readonly calls: readonly string[]; readonly person: Person | undefined },
): readonly string[] {
  if (receipt === null) return ['is done without a receipt'];
  const problems: string[] = [];
  const proofs = wish.kind === 'resend' ? ['log', 'answer'] : ['state'];
  if (!proofs.includes(receipt.proof)) problems.push(`is done by ${receipt.proof}: ${receipt.summary}`);
  if (receipt.proof === 'state' && receipt.after?.status !== person?.status) {
    problems.push(`the receipt shows ${receipt.after?.status ?? 'nobody'}, the app ${person?.status ?? 'nobody'}`);
  }
  const answered = receipt.calls.filter(({ outcome, status }) => outcome === 'answered' && status === 200).length;
  if (answered > calls.length) problems.push(`the receipt has ${answered} answered calls, the log ${calls.length}`);
  if (receipt.calls.some((call) => call.operation !== COMMANDS[wish.kind].operation)) {
    problems.push('the receipt names calls of another kind');
  }
  return problems;
}

function isAsWished({ kind, group }: Wish, person: Person | undefined): boolean {
  if (person === undefined) return false;
  const isIn = group !== null && person.groups.has(group);
  const wished: Readonly<Record<Wish['kind'], boolean>> = {
    create: person.status === 'pending' && (group === null || isIn),
    disable: person.status === 'disabled',
    enable: person.status === 'active',
    'group add': isIn,
    'group remove': group !== null && !isIn,
    resend: person.status === 'pending',
  };
  return wished[kind];
}

/** A sync finds nothing to do but what comes of groups, which is not read back; then the snapshot is the company. */
async function problemsOfSnapshot(stage: Judged): Promise<readonly string[]> {
  const problems: string[] = [];
  await syncOn(stage);
  const told = await onDatabase(stage, async ({ pool }) => {
    const { rows } = await pool.query<{ told: string }>(
      `select type || ' ' || subject_key as told from change_event
        where source = 'sync' and type <> 'connection.baselined'
          and not (subject_kind = 'grant' and data->>'target_kind' = 'resource')`,
    );
    return rows.map((row) => row.told);
  });
  if (told.length > 0)
    problems.push(`the sync afterwards had ${told.length} changes to tell: ${told.slice(0, 5).join('; ')}`);
  const people = await peopleOf(stage.simulator);
  const expected = [...people.entries()].map(([address, person]) => lineOf(address, person.status, [...person.groups]));
  const held = await onDatabase(stage, async ({ pool }) => {
    const { rows } = await pool.query<{ address: string; status: string; groups: string[] | null }>(
      `select email_folded as address, status, (select array_agg(g.target_key) from "grant" g
         where g.connection_id = a.connection_id and g.holder_kind = 'account' and g.holder_key = a.key
           and g.target_kind = 'group') as groups
         from account a where connection_id = 'lastpass'`,
    );
    return new Set(rows.map(({ address, status, groups }) => lineOf(address, status, groups ?? [])));
  });
  const missing = expected.filter((line) => !held.has(line));
  if (missing.length > 0 || held.size !== expected.length) {
    problems.push(
      `the snapshot has ${held.size} of ${expected.length} accounts, and not ${missing.slice(0, 3).join('; ')}`,
    );
  }
  return problems;
}

function lineOf(address: string, status: string, groups: readonly string[]): string {
  return `${address} ${status} ${groups.toSorted().join(',')}`;
}

/** Nothing is left lying about: open runs and changes, leases, secrets; and nothing was told twice. */
async function problemsOfStore(stage: Judged, wishes: readonly Wish[]): Promise<readonly string[]> {
  const handoffs = z
    .object({ data: z.array(z.object({ id: z.string() })) })
    .parse(await stage.ask('GET', '/v1/handoffs')).data;
  for (const { id } of handoffs) await stage.ask('POST', `/v1/handoffs/${id}/take`, {});
  const made = wishes.filter(({ secret }) => secret === 'made').length;
  const problems = handoffs.length === made ? [] : [`${handoffs.length} of ${made} passwords were handed over`];
  const leftovers = {
    'open runs': `from run where state in ('queued', 'running', 'paused')`,
    'open changes': `from run_change where state in ('planned', 'calling', 'called')`,
    leases: 'from change_lease',
    'secrets of changes': `from secret where owner <> 'connection:lastpass'`,
    'events told twice': `from (select from change_event where source = 'usher' group by type, subject_kind, subject_key
                                having count(*) > 1) twice`,
  };
  return onDatabase(stage, async ({ pool }) => {
    for (const [what, from] of Object.entries(leftovers)) {
      const { rows } = await pool.query<{ count: number }>(`select count(*)::int as count ${from}`);
      if (rows[0]?.count !== 0) problems.push(`${rows[0]?.count} ${what} are left`);
    }
    return problems;
  });
}

/** Looks into the database beside the Usher that runs on it. */
export async function onDatabase<Result>(
  { dataDir, databaseUrl }: Pick<Judged, 'dataDir' | 'databaseUrl'>,
  look: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase({ dataDir, databaseUrl, log: silentLog, attach: true, keepsSchema: true });
  try {
    return await look(database);
  } finally {
    await database.close();
  }
}
