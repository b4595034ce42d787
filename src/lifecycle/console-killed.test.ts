// A site-restricted user is made and disabled again by a process that dies: another goes on, and nothing is done twice.
import { afterAll, expect, test } from 'vitest';
import { createInsightVm } from '../connectors/insightvm/index.ts';
import { startInsightVmSimulator } from '../connectors/insightvm/simulator.ts';
import { testDatabase } from '../store/testing/index.ts';
import type { PlanView } from './surface.ts';
import { mortal } from './testing/mortal.ts';
import { stageApp } from './testing/stage.ts';

const database = await testDatabase();
const simulator = await startInsightVmSimulator({ people: 40, sites: 12, assetGroups: 5 });
const { user, password } = simulator.credentials;
const life = mortal(database);
const app = {
  connector: createInsightVm(),
  url: simulator.url,
  settings: { base_url: simulator.url, user, requests_per_second: 100_000 },
  secrets: { password },
};
const stage = await stageApp(database, app, { settleMs: 5, readDelaysMs: [0, 1], leaseSeconds: 1 }, life.database);
const olga = await stage.caller({ name: 'Olga', role: 'admin' });
await stage.changes.setPolicy(null, { stopAboveSubjects: 10_000, stopAbovePercent: 100 }, olga);
afterAll(async () => {
  await stage.close();
  await simulator.close();
  await database.close();
});

const planned = (action: string, input: object): Promise<PlanView> =>
  stage.changes.plan({ connectionId: 'insightvm', action: `insightvm_${action}`, input }, olga);

async function begin(plan: string): Promise<void> {
  const { state } = await stage.changes.getPlan(plan, olga);
  if (state === 'waiting') await stage.changes.approve(plan, null, olga);
  if (state === 'ready') await stage.changes.apply(plan, olga);
}

/** Has a plan carried out by a process that dies right before a statement; answers whether it came so far. */
async function diesAt(plan: string, statement: number): Promise<boolean> {
  life.dieAt(statement);
  await begin(plan).catch(() => undefined);
  await stage.idle().catch(() => undefined);
  const hasDied = life.isDead();
  life.revive();
  return hasDied;
}

/** Another process goes on, from wherever it was. */
async function goOn(plan: string): Promise<string> {
  await begin(plan);
  await stage.room.resumeUnfinished();
  await stage.idle();
  return (await stage.changes.getRun(plan, olga)).state;
}

/** Every statement is a place to die: all of them with `EVERY_STATEMENT=1`. */
const STRIDE = process.env['EVERY_STATEMENT'] === '1' ? 1 : 14;

test('a site-restricted user is made once and sees exactly its sites, wherever the process dies', async () => {
  let deaths = 0;
  for (let statement = 0, hasDied = true; hasDied; statement += STRIDE) {
    const login = `joiner.${statement}`;
    const email = `${login}@northwind.example`;
    const seen = simulator.effects().at(-1)?.number ?? 0;
    const plan = await planned('create_user', { login, name: login, email, generate_password: true, sites: [3, 7] });
    hasDied = await diesAt(plan.id, statement);
    expect(await goOn(plan.id), `died at ${statement}`).toBe('succeeded');
    expect(simulator.effects(seen).map(({ kind }) => kind)).toEqual([
      'user.created', 'site-access.granted', 'site-access.granted',
    ]); // prettier-ignore
    if (hasDied) deaths += 1;
  }
  expect(deaths).toBeGreaterThan(3);
}, 180_000);

test('a leaver is disabled once, and keeps everything else, wherever the process dies', async () => {
  let deaths = 0;
  for (let statement = 0, hasDied = true; hasDied; statement += STRIDE) {
    simulator.mutate({ op: 'set-user', login: 'oskar.brandt', fields: { enabled: true } });
    const seen = simulator.effects().at(-1)?.number ?? 0;
    const plan = await planned('disable_user', { user: 'oskar.brandt@northwind.example' });
    hasDied = await diesAt(plan.id, statement);
    expect(await goOn(plan.id), `died at ${statement}`).toBe('succeeded');
    expect(simulator.effects(seen).map(({ kind }) => kind)).toEqual(['user.disabled']);
    if (hasDied) deaths += 1;
    await stage.sync();
    simulator.mutate({ op: 'set-user', login: 'oskar.brandt', fields: { enabled: true } });
    await stage.sync();
  }
  expect(deaths).toBeGreaterThan(1);
}, 180_000);
