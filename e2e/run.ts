// `npm run e2e -- NAME [--rounds N] [--seed S] [--json]`: long whole-product tests, of which `npm test` runs a short form.
// `workers` has variants: `--upgrade` to the next version while they work, and `--cut`, as root, a host that loses its network.
import { parseArgs } from 'node:util';
import { fillRealDisk } from './breakage/real-disk.ts';
import { changeUnderFaults } from './changes/faults.ts';
import type { Verdict } from './changes/judge.ts';
import { killWhileChanging } from './changes/kill.ts';
import { changeWithWorkers, scaleOut } from './changes/workers.ts';
import { soak, type SoakCycle } from './soak/soak.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: 'northwind' },
    changes: { type: 'string', default: '1000' },
    people: { type: 'string' },
    kills: { type: 'string', default: '20' },
    'call-ms': { type: 'string', default: '0' },
    minutes: { type: 'string', default: '60' },
    upgrade: { type: 'boolean', default: false },
    cut: { type: 'boolean', default: false },
  },
});
const [changes, people, kills] = [Number(values.changes), Number(values.people ?? 1500), Number(values.kills)];
const minutes = Number(values.minutes);
const STORM_SECONDS = 45;
const TESTS: Readonly<Record<string, (seed: string) => Promise<Pick<Verdict, 'problems'>>>> = {
  kill: async (seed) => ({ changes, ...(await killWhileChanging({ changes, people, kills, seed })) }),
  faults: async (seed) => ({ changes, ...(await changeUnderFaults({ changes, people, seed, hasOutage: true })) }),
  async workers(seed) {
    const how = values.upgrade
      ? ({ strikes: 'upgrade', workers: 1 } as const)
      : values.cut
        ? ({ strikes: 'cut link', workers: 1 } as const)
        : ({ strikes: 'hard' } as const);
    return { changes, ...(await changeWithWorkers({ changes, people, seed, callMs: 40, ...how })) };
  },
  scale: async (seed) => ({
    changes,
    ...(await scaleOut({ changes, people, seed, callMs: Number(values['call-ms']) })),
  }),
  breakage: fillRealDisk,
  soak(seed) {
    if (!values.json) console.log(`To replay: npm run e2e -- soak --minutes ${minutes} --seed ${seed}`);
    return soak({ minutes, people: Number(values.people ?? 600), seed, stormSeconds: STORM_SECONDS, tell: tellCycle });
  },
};

const name = positionals[0] ?? '';
const test = TESTS[name];
if (!test) {
  console.error(`There is no test "${name}". Those there are: ${Object.keys(TESTS).join(', ')}.`);
  process.exit(2);
}
for (let round = 1; round <= Number(values.rounds); round += 1) {
  // Another seed is another company, other plans, other moments.
  const seed = round === 1 ? values.seed : `${values.seed}-${round}`;
  const { problems, ...figures } = await test(seed);
  const result = { test: name, round, seed, ...figures, problems, holds: problems.length === 0 };
  if (values.json) console.log(JSON.stringify(result));
  else console.log(table(result));
  if (!result.holds) process.exitCode = 1;
}

/** A storm and what was found in the quiet after it, as it goes. */
function tellCycle(cycle: SoakCycle): void {
  if (values.json) console.log(JSON.stringify({ test: 'soak', ...cycle }));
  else console.log(`${table({ ...cycle, footprint: shortOf(cycle.footprint) })}\n`);
}

/** A line for each thing to know; lists are counted, and what is wrong comes last, each in a line. */
function table({ problems, ...figures }: Readonly<Record<string, unknown>> & { readonly problems: readonly string[] }) {
  const width = Math.max(...Object.keys(figures).map((key) => key.length));
  const lines = Object.entries(figures).map(([key, value]) => `${key.padEnd(width)}  ${textOf(value)}`);
  return [...lines, ...problems.map((problem) => `  ${problem}`)].join('\n');
}

function textOf(value: unknown): string {
  if (typeof value === 'number') return String(Math.round(value * 10) / 10);
  if (Array.isArray(value)) return `${value.length}: ${value.map(shortOf).join(', ')}`;
  return shortOf(value);
}

function shortOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.values(value).every((inner) => typeof inner === 'number')
    ? Object.entries(value)
        .map(([key, inner]) => `${inner} ${key}`)
        .join(', ')
    : Object.values(value).join(' at ');
}
