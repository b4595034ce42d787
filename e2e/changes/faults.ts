// `npm run e2e -- faults`: changes are made while a fifth of all calls goes wrong, in every way there is.
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { FAULTS } from '../../src/connector-kit/simulator-kit/faults.ts';
import { seededRandom } from '../../src/connector-kit/simulator-kit/random.ts';
import { followLog } from './company.ts';
import { judge, type Verdict } from './judge.ts';
import { ended, inTurns, type RunOfPlan, readRun, setStage, type Stage, start } from './stage.ts';
import { plansOf, type Wish, wishFor } from './wishes.ts';

export interface FaultOptions {
  readonly changes: number;
  readonly people: number;
  readonly seed: string;
  /** Whether all answers are lost for some seconds as well, longer than Usher is patient. */
  readonly hasOutage: boolean;
}

export interface FaultResult extends Verdict {
  readonly plans: number;
  /** How many requests met a fault. */
  readonly faults: number;
  /** How many changes were not known to be done, and how many had failed, when the app became healthy again. */
  readonly uncertain: number;
  readonly failed: number;
  readonly seconds: number;
}

const RATE = 0.2;
const SLOW_MS = 300;
/** Small plans make many calls, for faults to strike. */
const MOST_A_PLAN = 15;
const AT_ONCE = 4;
const OUTAGE_MS = 4000;
const PATIENCE_MS = 120_000;

/** Makes the changes under faults, lets the app become healthy, and judges what came of them. */
export async function changeUnderFaults(options: FaultOptions): Promise<FaultResult> {
  const { changes, people, seed, hasOutage } = options;
  const random = seededRandom(`${seed}/faults`);
  let wishes: readonly Wish[] = [];
  await using stage = await setStage({
    people,
    seed,
    faults: everyFault(),
    environment: hasOutage ? { USHER_PATIENCE_SECONDS: '2', USHER_VERIFY_SECONDS: '2' } : {},
    async prepare(simulator) {
      wishes = await wishFor(simulator, random, changes);
    },
  });
  const plans = plansOf(wishes, random, MOST_A_PLAN);
  const log = followLog(stage.simulator);
  const startedMs = performance.now();
  const ofPlans = inTurns(plans, AT_ONCE, (plan, index) => start(stage, plan, `wish-${index}`));
  if (hasOutage) {
    await wait(OUTAGE_MS / 2);
    await stage.simulator.inspect('PUT', 'faults', ['lost-answer']);
    await wait(OUTAGE_MS);
    await stage.simulator.inspect('PUT', 'faults', everyFault());
  }
  const runs = await ofPlans;
  const atFirst = await inTurns(runs, AT_ONCE, (run) => ended(stage, run));
  const faults = await faultsMet(stage);
  await stage.simulator.inspect('DELETE', 'faults');
  await inTurns(runs, AT_ONCE, (run) => settled(stage, run));
  const seconds = (performance.now() - startedMs) / 1000;
  const verdict = await judge(stage, wishes, runs, await log.read());
  const count = (state: string): number => atFirst.reduce((sum, { counts }) => sum + (counts[state] ?? 0), 0);
  return { ...verdict, plans: plans.length, faults, uncertain: count('uncertain'), failed: count('failed'), seconds };
}

/** A share of all faults together, each as likely as the others. */
function everyFault(): readonly string[] {
  const kinds = Object.keys(FAULTS);
  const rate = (RATE / kinds.length).toFixed(4);
  return kinds.map((kind) => `${kind}${kind === 'slow' ? `=${SLOW_MS}` : ''}:${rate}`);
}

/** The app is healthy: waits until nothing is uncertain any more, and has what failed tried again, until all is done. */
async function settled(stage: Pick<Stage, 'ask'>, id: string): Promise<RunOfPlan> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const run = await readRun(stage, id);
    const { failed = 0, uncertain = 0 } = run.counts;
    const isUnderWay = run.state === 'queued' || run.state === 'running';
    if (!isUnderWay && failed + uncertain === 0) return run;
    if (performance.now() > endMs) throw new Error(`Not settled in time: ${JSON.stringify(run)}`);
    if (!isUnderWay && uncertain === 0) await stage.ask('POST', `/v1/runs/${id}/retry`, {});
    await wait(100);
  }
}

async function faultsMet({ simulator }: Pick<Stage, 'simulator'>): Promise<number> {
  const requests = z
    .array(z.object({ fault: z.string().nullable() }))
    .parse(await simulator.inspect('GET', 'requests'));
  return requests.filter(({ fault }) => fault !== null).length;
}
