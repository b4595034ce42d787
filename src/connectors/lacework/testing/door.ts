// A simulated organization, connected and synced, with the whole door of changes over it.
import { mortal, type Mortal } from '../../../lifecycle/testing/mortal.ts';
import { type AppStage, stageApp } from '../../../lifecycle/testing/stage.ts';
import type { ApplySettings } from '../../../lifecycle/apply/work.ts';
import type { PlanChangeView, RunView } from '../../../lifecycle/surface.ts';
import type { Caller } from '../../../model/access.ts';
import type { Guard } from '../../../model/changes.ts';
import { type TestDatabase, testDatabase } from '../../../store/testing/index.ts';
import { createLacework } from '../index.ts';
import { type LaceworkMutation, type LaceworkSimulator, type LaceworkSimulatorOptions, startLaceworkSimulator } from '../simulator.ts'; // prettier-ignore

const CONNECTION = 'lacework';

export interface Door extends AppStage, AsyncDisposable {
  readonly simulator: LaceworkSimulator;
  readonly database: TestDatabase;
  /** What the room of changes has for a database. */
  readonly life: Mortal;
  /** Administrator of Usher; no account of Lacework's is hers. */
  readonly ada: Caller;
  /** Plans, approves where it has to be, and answers how the run stands when it stops. */
  carried(action: string, input: unknown, override?: readonly Guard[]): Promise<RunView>;
  planned(action: string, input: unknown, override?: readonly Guard[]): ReturnType<AppStage['changes']['plan']>;
  approved(plan: Awaited<ReturnType<AppStage['changes']['plan']>>): Promise<RunView>;
  undone(run: RunView): Promise<RunView>;
  /** Says that a task is done and waits for what comes of it. */
  confirmed(run: RunView, ordinal: number): Promise<RunView>;
  retried(run: RunView): Promise<RunView>;
  changesOf(run: RunView): Promise<readonly PlanChangeView[]>;
  /** What each change came to: its end, with the code where it has one. */
  states(run: RunView): Promise<readonly string[]>;
  /** What the app did since this was asked last, by requests alone: `key.created NORTHWIN_…`. */
  effects(): readonly string[];
  keyInUse(): Promise<string>;
}

/** Opens it; `prepare` changes the organization before the first sync. */
export async function openDoor(
  options: LaceworkSimulatorOptions & {
    readonly prepare?: readonly LaceworkMutation[];
    readonly apply?: Partial<ApplySettings>;
  } = {},
): Promise<Door> {
  const { prepare = [], apply, ...simulated } = options;
  const database = await testDatabase();
  const life = mortal(database);
  const simulator = await startLaceworkSimulator({
    people: 30,
    ...simulated,
    switches: { rateLimitPerHour: 'off', ...simulated.switches },
  });
  for (const change of prepare) simulator.mutate(change);
  const { account, keyId, secret } = simulator.credentials;
  const settings = {
    account,
    organization: 'yes',
    key_id: keyId,
    base_url: simulator.url,
    requests_per_hour: 1_000_000,
  };
  const app = { connector: createLacework(), settings, secrets: { secret }, url: simulator.url };
  const stage = await stageApp(database, app, apply, life.database);
  const ada = await stage.caller({ name: 'Ada', role: 'admin' });
  const limits = { stopAbovePercent: 100, stopAboveSubjects: 1_000_000, approvalAboveSubjects: 1_000_000 };
  await stage.changes.setPolicy(CONNECTION, limits, ada);
  let seen = simulator.effects().at(-1)?.number ?? 0;

  const door: Door = {
    ...stage,
    simulator,
    database,
    life,
    ada,
    planned: (action, input, override) =>
      stage.changes.plan(
        {
          connectionId: CONNECTION,
          action,
          input,
          ...(override === undefined ? {} : { override, reason: 'It has to be.' }),
        },
        ada,
      ),
    carried: async (action, input, override) => door.approved(await door.planned(action, input, override)),
    async approved(plan) {
      if (plan.state === 'waiting') await stage.changes.approve(plan.id, null, ada);
      return stage.applied(plan, ada);
    },
    undone: async ({ id }) => door.approved(await stage.changes.undo(id, null, ada)),
    async confirmed({ id }, ordinal) {
      await stage.changes.confirmTask(id, ordinal, null, ada);
      await stage.idle();
      return stage.changes.getRun(id, ada);
    },
    async retried({ id }) {
      await stage.changes.retry(id, ada);
      await stage.idle();
      return stage.changes.getRun(id, ada);
    },
    changesOf: async ({ planId }) => (await stage.changes.planChanges(planId, { limit: 50 }, ada)).items,
    states: async (run) =>
      (await door.changesOf(run)).map(
        ({ outcome }) => `${outcome?.state}${outcome?.receipt?.code == null ? '' : ` ${outcome.receipt.code}`}`,
      ),
    effects() {
      const all = simulator.effects(seen);
      seen = all.at(-1)?.number ?? seen;
      return all.flatMap(({ kind, subject, request }) => (request === null ? [] : [`${kind} ${subject}`]));
    },
    async keyInUse() {
      const { settings: now } = await stage.connections.get(CONNECTION);
      const keyNow = typeof now === 'object' && now !== null && 'key_id' in now ? now['key_id'] : null;
      return typeof keyNow === 'string' ? keyNow : '';
    },
    async close() {
      await stage.close();
      await simulator.close();
      await database.close();
    },
    [Symbol.asyncDispose]: () => door.close(),
  };
  return door;
}
