import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../connector-kit/connector.ts';
import type { Caller } from '../model/access.ts';
import type { Vault } from '../secrets/vault.ts';
import type { PlanRow } from '../store/lifecycle/plans.ts';
import type { Database } from '../store/open.ts';
import type { Reads } from '../store/read/index.ts';
import { createDecisions } from './decisions.ts';
import { createHandoffs } from './handoffs.ts';
import { createMarks } from './marks.ts';
import { createPolicies } from './policy.ts';
import { followRun, type ProgressDependencies } from './progress.ts';
import { createReading, type Reading } from './reading.ts';
import type { Lifecycle } from './surface.ts';

/** What the records need of the world. */
export interface RecordDependencies {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly reads: Pick<Reads, 'findAccount'>;
  /** How polls of progress wait; for tests. */
  readonly wait?: ProgressDependencies['wait'];
}

/** What is kept of changes and shown of them, and what people say of them; nothing here reaches an app. */
export interface Records
  extends
    Pick<
      Lifecycle,
      'listPlans' | 'getPlan' | 'planChanges' | 'reject' | 'cancelPlan' | 'listRuns' | 'getRun' | 'follow'
    >,
    Pick<Lifecycle, 'getMark' | 'setMark' | 'listMarks' | 'getPolicy' | 'setPolicy' | 'listHandoffs' | 'takeHandoff'>,
    Pick<Reading, 'viewPlan' | 'viewRun' | 'findRun'> {
  /** Records the approval; the plan is `ready` then. Whoever calls it applies. */
  approve(id: string, reason: string | null, by: Caller): Promise<PlanRow>;
}

/** Opens the records. */
export function createRecords(dependencies: RecordDependencies): Records {
  const { database } = dependencies;
  const decisions = createDecisions(dependencies);
  const reading = createReading(dependencies);
  const following: ProgressDependencies = {
    database,
    reading,
    wait: dependencies.wait ?? ((ms, signal) => wait(ms, undefined, { signal })),
  };
  return {
    ...reading,
    ...createMarks(dependencies),
    ...createPolicies(dependencies),
    ...createHandoffs(dependencies),
    approve: (id, reason, by) => decisions.approve(id, reason, by),
    reject: async (id, reason, by) => reading.viewPlan(await decisions.reject(id, reason, by)),
    cancelPlan: async (id, by) => reading.viewPlan(await decisions.cancel(id, by)),
    follow: (id, after, by, signal) => followRun(following, { id, after, by, signal }),
  };
}
