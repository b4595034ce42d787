import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { seededRandom } from '../src/connector-kit/simulator-kit/random.ts';
import { followLog } from './changes/company.ts';
import { changeUnderFaults } from './changes/faults.ts';
import { judge } from './changes/judge.ts';
import { killWhileChanging } from './changes/kill.ts';
import { ended, inTurns, readRun, setStage, start } from './changes/stage.ts';
import { plansOf, type Wish, wishFor } from './changes/wishes.ts';

// The short form of `npm run e2e -- kill` and `npm run e2e -- faults`.
const [CHANGES, PEOPLE, MINUTES] = [150, 400, 5 * 60_000];

it(
  'makes every change once, and sends every mail once, whoever is killed meanwhile',
  { timeout: MINUTES },
  async () => {
    const { problems, ends, kills } = await killWhileChanging({
      changes: CHANGES,
      kills: 4,
      people: PEOPLE,
      seed: 'short',
    });
    expect(problems).toEqual([]);
    expect(ends).toEqual({ done: CHANGES });
    expect(new Set(kills.map(({ victim }) => victim))).toEqual(new Set(['usher', 'postgres', 'both']));
  },
);

it('makes every change once although a fifth of all calls goes wrong', { timeout: MINUTES }, async () => {
  const { problems, ends, faults } = await changeUnderFaults({
    changes: CHANGES, people: PEOPLE, seed: 'short', hasOutage: false,
  }); // prettier-ignore
  expect(problems).toEqual([]);
  expect(ends).toEqual({ done: CHANGES });
  expect(faults).toBeGreaterThan(10);
});

it(
  'ends what is under way when it is stopped, and goes on with the rest when it starts',
  { timeout: MINUTES },
  async () => {
    const random = seededRandom('stop');
    let wishes: readonly Wish[] = [];
    await using stage = await setStage({
      people: 200,
      seed: 'stop',
      faults: ['slow=150'],
      async prepare(simulator) {
        wishes = (await wishFor(simulator, random, 30)).filter(({ kind }) => kind !== 'create');
      },
    });
    const log = followLog(stage.simulator);
    const runs = await inTurns(plansOf(wishes, random, 5), 4, (plan, index) => start(stage, plan, `wish-${index}`));
    while ((await log.read()).carriedOut.length < 5) await wait(20);
    expect(await stage.restart()).toEqual({ code: 0, signal: null });
    await inTurns(runs, 4, (run) => ended(stage, run));
    // Nothing was cut off: no answer was lost, so nothing had to be found out afterwards.
    expect(await inTurns(runs, 4, async (run) => (await readRun(stage, run)).state)).toEqual(
      runs.map(() => 'succeeded'),
    );
    expect(await judge(stage, wishes, runs, await log.read())).toEqual({ problems: [], ends: { done: wishes.length } });
  },
);
