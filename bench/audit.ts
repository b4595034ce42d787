import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { temporaryDirectory } from '../e2e/processes.ts';
import { openAudit } from '../src/audit/index.ts';
import { auditEntry, type NewAuditEntry } from '../src/model/audit.ts';
import type { Receipt } from '../src/model/changes.ts';
import { createVault } from '../src/secrets/vault.ts';
import { addAuditEntries } from '../src/store/audit/inbox.ts';
import { takeRun } from '../src/store/lifecycle/applying.ts';
import { endChanges, type EndedChange } from '../src/store/lifecycle/journal.ts';
import { silentLog } from '../src/store/log.ts';
import { type Database, openDatabase } from '../src/store/open.ts';
import { against, atMost, figure, median, type Report } from './report.ts';

const BENCH = 'audit';
/** What one write of ends holds at most. */
const BATCH = 200;
const ROUNDS = 5;
/** The end is a small part of what a change costs a run: reading, journal and call are the rest. */
const MOST_OF_END = 1.75;

/**
 * `bench audit --changes 4000 --entries 100000`: what writing an entry adds to the write that ends a change, both in turn
 * in one run; then how fast entries are linked and verified, and the memory that verifying takes.
 */
export async function run(args: readonly string[], report: Report): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { changes: { type: 'string', default: '4000' }, entries: { type: 'string', default: '100000' } },
  });
  const directory = await temporaryDirectory();
  const database = await openDatabase({ dataDir: directory.path, databaseUrl: null, log: silentLog });
  try {
    await measureEnds(database, Number(values.changes), report);
    await measureChain(database, directory.path, Number(values.entries), report);
  } finally {
    await database.close();
    await directory.remove();
  }
}

async function measureEnds(database: Database, changes: number, report: Report): Promise<void> {
  const [bare, told]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS * 2; round += 1) {
    const isTold = round % 2 === 1;
    const run = await openRun(database, changes);
    const startMs = performance.now();
    for (let from = 0; from < changes; from += BATCH) {
      const ended = Array.from({ length: Math.min(BATCH, changes - from) }, (_, i) => endedChange(from + i));
      await database.transaction(async (client) => {
        await endChanges(client, run, ended);
        if (isTold) await addAuditEntries(client, ended.map(entryOf));
      });
    }
    (isTold ? told : bare).push(((performance.now() - startMs) * 1000) / changes);
  }
  const [without, withEntries] = [median(bare), median(told)];
  report(against(BENCH, 'end of a change with its entry, against without', 'µs', withEntries, without, MOST_OF_END));
  report(figure(BENCH, 'what an entry adds', 'µs a change', withEntries - without));
}

async function measureChain(database: Database, dataDir: string, entries: number, report: Report): Promise<void> {
  await database.pool.query('truncate audit_inbox');
  const vault = createVault(Buffer.alloc(32, 1));
  for (let from = 0; from < entries; from += 5000) {
    const some = Array.from({ length: Math.min(5000, entries - from) }, (_, i) => entryOf(endedChange(from + i)));
    await addAuditEntries(database.pool, some);
  }
  const startMs = performance.now();
  const audit = openAudit({ database, vault, dataDir, clock: { now: () => new Date() }, log: silentLog });
  await audit.chainer.place();
  report(figure(BENCH, 'linked', 'entries/s', (entries * 1000) / (performance.now() - startMs)));
  const memory = watchMemory();
  const verifyMs = performance.now();
  const verdict = await audit.verify();
  if (!verdict.isWhole || verdict.entries < entries) throw new Error('The chain of the benchmark is not whole.');
  report(
    figure(BENCH, `verified, of ${verdict.entries}`, 'entries/s', (entries * 1000) / (performance.now() - verifyMs)),
  );
  report(atMost(BENCH, 'memory that verifying adds', 'MB', await memory(), 150));
  await audit.chainer.stop();
}

/** A run whose changes are all being called. */
async function openRun(database: Database, changes: number) {
  const id = randomUUID();
  const plan = `plan_${id}`;
  await database.pool.query(
    `insert into plan (id, connection_id, header, root_hash, mac, state, action, effect, requested_by, changes, created_at, expires_at)
     values ($1, 'lastpass', '{}', '', '', 'applied', 'lastpass_disable_user', 'write', 'p_1', $2, now(), now())`,
    [plan, changes],
  );
  await database.pool.query(
    `insert into run (id, plan_id, connection_id, requested_by, state) values ($1, $2, 'lastpass', 'p_1', 'queued')`,
    [id, plan],
  );
  await database.pool.query(
    `insert into run_change (run_id, ordinal, connection_id, requested_by, subject_key, state)
     select $1, i - 1, 'lastpass', 'p_1', 'u' || i, 'calling' from generate_series(1, $2::int) i`,
    [id, changes],
  );
  const run = await takeRun(database.pool, id, ['queued'], null);
  if (run === null) throw new Error('The run of the benchmark was taken by somebody else.');
  return run;
}

function endedChange(ordinal: number): EndedChange {
  const state = { status: 'active', roles: ['basic'], groups: ['Engineering', 'Berlin'] };
  const at = new Date().toISOString();
  const receipt: Receipt = {
    summary: 'Done; read back from the app.', code: null, proof: 'state', before: state,
    after: { ...state, status: 'disabled' }, verifiedAt: at, handoff: null,
    calls: [{
      operation: 'disableuser', method: 'POST', url: 'https://app.example/enterpriseapi.php', at, ms: 40, status: 200,
      outcome: 'answered', error: null, answer: '{"status":"OK"}', changes: BATCH,
    }],
  }; // prettier-ignore
  return { ordinal, end: 'done', receipt, inverse: null, adopted: false };
}

function entryOf({ ordinal, end, receipt }: EndedChange): NewAuditEntry {
  const calls = receipt.calls.map(({ operation, method, at, ms, status, outcome, changes }) => ({
    operation, method, at, ms, status, outcome, changes,
  })); // prettier-ignore
  return auditEntry({
    at: new Date().toISOString(), kind: 'change', action: 'lastpass.disable_user',
    summary: `Disable person${ordinal}@northwind.example: ${receipt.summary}`,
    actor: { id: 'p_1', name: 'Ada', kind: 'person', token: null }, connection: 'lastpass',
    subject: { kind: 'account', key: `u${ordinal}`, name: `person${ordinal}@northwind.example` },
    plan: 'plan_1', run: '0198f2c4-7c1e-7d6a-b1de-0a4f5f6f7a10', ordinal,
    details: {
      end, effect: 'write', code: null, proof: receipt.proof, verified_at: receipt.verifiedAt, before: receipt.before,
      after: receipt.after, handoff: null, calls,
    },
  }); // prettier-ignore
}

/** Watches this process; what is answered is how much it grew at most, in MB. */
function watchMemory(): () => Promise<number> {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 50);
  return async () => {
    await wait(60);
    clearInterval(timer);
    return (most - before) / 1e6;
  };
}
