// `npm run e2e -- kill`: changes are made while Usher, its Postgres or both are killed (-9) again and again.
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { type Random, seededRandom } from '../../src/connector-kit/simulator-kit/random.ts';
import { followLog } from './company.ts';
import { judge, type Verdict } from './judge.ts';
import { ended, inTurns, setStage, type Stage, start, type Victim, VICTIMS } from './stage.ts';
import { plansOf, type Wish, wishFor } from './wishes.ts';

export interface KillOptions {
  readonly changes: number;
  readonly kills: number;
  readonly people: number;
  readonly seed: string;
}

export interface KillResult extends Verdict {
  readonly plans: number;
  /** Whom each kill struck, in order, with how many effects there had been. */
  readonly kills: readonly { readonly victim: Victim; readonly effects: number }[];
  readonly seconds: number;
}

/** Each call takes this long, so that many are under way whenever somebody is killed. */
const CALL_MS = 40;
const MOST_A_PLAN = 40;
/** Plans that are asked for at the same time. */
const AT_ONCE = 4;

/** Makes the changes under the kills of a seeded plan and judges what came of them. */
export async function killWhileChanging({ changes, kills, people, seed }: KillOptions): Promise<KillResult> {
  const random = seededRandom(`${seed}/kill`);
  let wishes: readonly Wish[] = [];
  await using stage = await setStage({
    people,
    seed,
    faults: [`slow=${CALL_MS}`],
    async prepare(simulator) {
      wishes = await wishFor(simulator, random, changes);
    },
  });
  const plans = plansOf(wishes, random, MOST_A_PLAN);
  const log = followLog(stage.simulator);
  const startedMs = performance.now();
  const struck: { victim: Victim; effects: number }[] = [];
  const done = new AbortController();
  const striking = strike(done.signal);
  const runs = await inTurns(plans, AT_ONCE, (plan, index) => start(stage, plan, `wish-${index}`));
  await inTurns(runs, AT_ONCE, (run) => ended(stage, run));
  done.abort();
  await striking;
  const seconds = (performance.now() - startedMs) / 1000;
  await stage.simulator.inspect('DELETE', 'faults');
  return { ...(await judge(stage, wishes, runs, await log.read())), plans: plans.length, kills: struck, seconds };

  /** Kills whenever the app has come as far as the next of the random moments. */
  async function strike(signal: AbortSignal): Promise<void> {
    const from = await effectsOf(stage);
    const [expected, victims] = [wishes.length * 1.2, victimsOf(kills, random)];
    const moments = victims.map((_, index) => from + ((index + random.fraction()) / kills) * expected * 0.95);
    for (const [index, victim] of victims.entries()) {
      while (!signal.aborted && (await effectsOf(stage)) < (moments[index] ?? 0)) await wait(5);
      if (signal.aborted) return;
      await wait(random.integer(CALL_MS * 2));
      struck.push({ victim, effects: (await effectsOf(stage)) - from });
      await stage.kill(victim);
    }
  }
}

/** All kinds about as often. */
function victimsOf(kills: number, random: Random): readonly Victim[] {
  const victims = Array.from({ length: kills }, (_, index) => VICTIMS[index % VICTIMS.length] ?? 'both');
  return victims.toSorted(() => random.fraction() - 0.5);
}

async function effectsOf({ simulator }: Pick<Stage, 'simulator'>): Promise<number> {
  return z.object({ effects: z.number() }).parse(await simulator.inspect('GET', 'state')).effects;
}
