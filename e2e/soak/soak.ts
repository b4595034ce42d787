// `npm run e2e -- soak --minutes N`: storms of everything at once, and between them, in the quiet, all that must hold.
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { seededRandom } from '../../src/connector-kit/simulator-kit/random.ts';
import { followLog } from '../changes/company.ts';
import { setStage, type Stage } from '../changes/stage.ts';
import { type Actor, consoleUser, killer, reader, syncer, troublemaker, type World, writer } from './actors.ts';
import { brokenInvariants, type Footprint, footprintOf, leaks } from './invariants.ts';
import { judgeReceipts, newRuns, type SoakRun } from './receipts.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly people: number;
  readonly seed: string;
  /** How long each storm lasts. */
  readonly stormSeconds: number;
  /** Told at once what is wrong; a cycle tells it again. Default: standard error. */
  readonly warn?: (problem: string) => void;
  /** Told what happened, cycle by cycle. */
  readonly tell: (cycle: SoakCycle) => void;
}

export interface SoakCycle {
  readonly cycle: number;
  readonly seconds: number;
  readonly counts: Readonly<Record<string, number>>;
  /** How many changes ended how. */
  readonly ends: Readonly<Record<string, number>>;
  readonly footprint: Footprint;
  readonly problems: readonly string[];
}

export interface SoakResult {
  readonly cycles: number;
  readonly ends: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly peakMb: number;
  readonly seconds: number;
  readonly problems: readonly string[];
}

const CAST: Readonly<Record<string, Actor>> = {
  'writer 1': writer, 'writer 2': writer, 'writer 3': writer, syncer, 'reader 1': reader, 'reader 2': reader, consoleUser,
  troublemaker, killer,
}; // prettier-ignore
const QUIET_PATIENCE_MS = 180_000;
/** What is uncertain is looked at again twice a minute; what cannot be known stays so. */
const UNCERTAIN_PATIENCE_MS = 65_000;

/**
 * Storms and quiet in turns until the time is over. In the first half Usher is killed too; in the second one process
 * lives on while its database dies, so that what it takes can be seen to grow.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { minutes, people, seed, stormSeconds, tell, warn = complain } = options;
  const startedMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedMs;
  await using stage = await setStage({
    people,
    seed,
    environment: { USHER_PATIENCE_SECONDS: '5', USHER_VERIFY_SECONDS: '3' },
    prepare: () => Promise.resolve(),
  });
  const log = followLog(stage.simulator);
  const judged = { runs: new Set<string>(), calls: 0, effects: 0 };
  const totals = { ends: new Map<string, number>(), counts: new Map<string, number>() };
  const footprints: Footprint[] = [];
  const problems: string[] = [];
  let [cycle, number] = [0, 0];
  while (elapsedMs() < minutes * 60_000) {
    cycle += 1;
    const broken: string[] = [];
    const world: World = {
      stage, busy: new Set(), counts: new Map(), next: () => (number += 1),
      mayKillUsher: elapsedMs() < minutes * 30_000,
      warn(problem) {
        broken.push(problem);
        warn(problem);
      },
    }; // prettier-ignore
    // In every other storm people have to approve all but the smallest.
    await stage.ask('PATCH', '/v1/policy', { approval_above_subjects: cycle % 2 === 0 ? 10 : 100_000 });
    await storm(world, `${seed}/${cycle}`, stormSeconds);
    const runs = await settle(world, judged.runs);
    const seen = await log.read();
    const window = { carriedOut: seen.carriedOut.slice(judged.calls), effects: seen.effects.slice(judged.effects) };
    const { ends, problems: ofReceipts } = await judgeReceipts(stage, runs, window);
    for (const { id } of runs) judged.runs.add(id);
    [judged.calls, judged.effects] = [seen.carriedOut.length, seen.effects.length];
    const footprint = await footprintOf(stage);
    footprints.push(footprint);
    const found = [...broken, ...ofReceipts, ...(await brokenInvariants(stage))];
    problems.push(...found.map((problem) => `Cycle ${cycle}: ${problem}`));
    for (const [state, count] of Object.entries(ends)) add(totals.ends, state, count);
    for (const [what, count] of world.counts) add(totals.counts, what, count);
    tell({
      cycle, ends, footprint, problems: found, seconds: elapsedMs() / 1000,
      counts: Object.fromEntries([...world.counts].toSorted(([a], [b]) => a.localeCompare(b))),
    }); // prettier-ignore
  }
  const lastPid = footprints.at(-1)?.pid;
  problems.push(...leaks(footprints.filter(({ pid }) => pid === lastPid)));
  return {
    cycles: cycle,
    ends: Object.fromEntries(totals.ends),
    counts: Object.fromEntries([...totals.counts].toSorted(([a], [b]) => a.localeCompare(b))),
    peakMb: Math.max(...footprints.map(({ peakMb }) => peakMb)),
    seconds: elapsedMs() / 1000,
    problems,
  };
}

function complain(problem: string): void {
  process.stderr.write(`${problem}\n`);
}

/** Everybody at once. Each has luck of their own, so that one being slower does not change what the others do. */
async function storm(world: World, seed: string, seconds: number): Promise<void> {
  const over = AbortSignal.timeout(seconds * 1000);
  const acting = Object.entries(CAST).map(async ([name, act]) => {
    try {
      await act(world, seededRandom(`${seed}/${name}`), over);
    } catch (error) {
      world.warn(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  await Promise.all(acting);
}

/** The app is well again: waits until nothing is under way or uncertain, syncs until that changes nothing; the new runs. */
async function settle(world: World, known: ReadonlySet<string>): Promise<readonly SoakRun[]> {
  const { stage, warn } = world;
  await stage.simulator.inspect('DELETE', 'faults');
  const startedMs = performance.now();
  let runs = await newRuns(stage, known);
  const isOpen = ({ state }: SoakRun): boolean => ['queued', 'running', 'paused'].includes(state);
  const isUncertain = ({ counts }: SoakRun): boolean => (counts['uncertain'] ?? 0) > 0;
  const waitsFor = (): boolean => {
    const waitedMs = performance.now() - startedMs;
    return waitedMs < (runs.some(isOpen) ? QUIET_PATIENCE_MS : runs.some(isUncertain) ? UNCERTAIN_PATIENCE_MS : 0);
  };
  while (waitsFor()) {
    for (const { id, state } of runs) {
      if (state === 'paused') await stage.ask('POST', `/v1/runs/${id}/resume`, {}).catch(() => undefined);
    }
    await wait(250);
    runs = await newRuns(stage, known);
  }
  const open = runs.filter(isOpen);
  if (open.length > 0) warn(`${open.length} runs do not end: ${JSON.stringify(open.slice(0, 3))}`);
  await takeHandoffs(stage);
  // An account is removed when two pulls agree that it is gone.
  for (const _ of ['doubted', 'gone', 'still']) await syncToTheEnd(world);
  return runs;
}

async function takeHandoffs({ ask }: Stage): Promise<void> {
  const list = z.object({ data: z.array(z.object({ id: z.string() })) }).parse(await ask('GET', '/v1/handoffs'));
  for (const { id } of list.data) await ask('POST', `/v1/handoffs/${id}/take`, {});
}

const syncSchema = z.object({ id: z.string(), state: z.string(), error: z.unknown(), anomalies: z.unknown() });

/** A sync that is paused for being strange is confirmed: much was changed in the console meanwhile. */
async function syncToTheEnd({ stage, warn, counts }: World): Promise<void> {
  const asked = await stage.ask('POST', '/v1/connections/lastpass/syncs', {});
  const { run } = z.object({ run: syncSchema }).parse(asked);
  const endMs = performance.now() + QUIET_PATIENCE_MS;
  for (;;) {
    const now = syncSchema.parse(await stage.ask('GET', `/v1/syncs/${run.id}`));
    if (now.state === 'succeeded') return;
    if (now.state === 'paused') {
      add(counts, 'confirmed syncs', 1);
      await stage.ask('POST', `/v1/syncs/${run.id}/confirm`, {});
    } else if (now.state !== 'queued' && now.state !== 'running') {
      warn(`In the quiet a sync ended ${JSON.stringify(now)}`);
      return;
    }
    if (performance.now() > endMs) {
      warn(`In the quiet a sync does not end: ${JSON.stringify(now)}`);
      return;
    }
    await wait(100);
  }
}

function add(counts: Map<string, number>, what: string, count: number): void {
  counts.set(what, (counts.get(what) ?? 0) + count);
}
