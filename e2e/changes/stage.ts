// An Usher that changes things in a simulated company, to be killed and started again at any moment.
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import {
  freePort,
  postgresPid,
  type SimulatorProcess,
  startSimulator,
  startUsher,
  temporaryDirectory,
  type UsherProcess,
} from '../processes.ts';
import { settingsOf } from '../scene.ts';
import type { WishedPlan } from './wishes.ts';

export const VICTIMS = ['usher', 'postgres', 'both'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface Stage extends AsyncDisposable {
  readonly simulator: SimulatorProcess;
  readonly dataDir: string;
  /** The Usher that runs now; while one is started, the one before. */
  readonly usher: () => UsherProcess;
  /** Calls the API until it answers: while Usher is down or has no database, it is asked again. Throws what it refuses. */
  readonly ask: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<unknown>;
  /** Kills (-9) and sees to it that Usher runs afterwards. */
  kill(victim: Victim): Promise<void>;
  /** Ends Usher in order and starts it again; answers how it ended. */
  restart(): Promise<Awaited<ReturnType<UsherProcess['end']>>>;
  output(): string;
}

export interface StageOptions {
  readonly people: number;
  readonly seed: string;
  /** Faults of the simulator from the start. */
  readonly faults?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Brings the company into its state before it is connected. */
  prepare(simulator: SimulatorProcess): Promise<void>;
}

/** Nothing that is waited for takes longer. */
const PATIENCE_MS = 180_000;

/** The company connected and synced once, thresholds raised so far that only approvals are needed. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const directory = await temporaryDirectory();
  const simulator = await startSimulator('lastpass', ['--people', String(options.people), '--seed', options.seed]);
  const port = await freePort();
  const start = (): Promise<UsherProcess> =>
    startUsher({
      allow: [new URL(simulator.url).host],
      dataDir: directory.path,
      port,
      environment: { USHER_TOKEN_RATE: '0', USHER_SETTLE_SECONDS: '1', ...options.environment },
    });
  await options.prepare(simulator);
  let usher = await start();
  let written = '';
  const startAgain = async (): Promise<void> => {
    written += usher.output();
    usher = await start();
  };
  const ask = patient(() => usher);
  await connectOn({ ask, simulator });
  const stage: Stage = {
    simulator,
    dataDir: directory.path,
    usher: () => usher,
    ask,
    async kill(victim) {
      if (victim !== 'usher') {
        const pid = await postgresPid(directory.path);
        if (pid !== null) killAtOnce(pid);
      }
      if (victim === 'postgres') return;
      await usher.end('SIGKILL');
      await startAgain();
    },
    async restart() {
      const ended = await usher.end('SIGTERM');
      await startAgain();
      return ended;
    },
    output: () => written + usher.output(),
    async [Symbol.asyncDispose]() {
      await usher.end('SIGTERM');
      await simulator.stop();
      await directory.remove();
    },
  };
  await syncOn(stage);
  await simulator.inspect('PUT', 'faults', options.faults ?? []);
  return stage;
}

/** Calls the API of whichever Usher there is until it answers. */
export function patient(usher: () => UsherProcess): Stage['ask'] {
  return async (method, path, body, headers = {}) => {
    const endMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await attempt(usher(), method, path, body, headers);
      if (answer.status < 500) {
        if (answer.status < 400) return answer.body;
        throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      if (performance.now() > endMs) throw new Error(`${method} ${path} is not answered: ${JSON.stringify(answer)}`);
      await wait(50);
    }
  };
}

/** Connects the company; thresholds go up so far that only approvals are needed. */
export async function connectOn({ ask, simulator }: Pick<Stage, 'ask' | 'simulator'>): Promise<void> {
  await ask('POST', '/v1/connections', {
    id: 'lastpass',
    connector: 'lastpass',
    settings: settingsOf(simulator),
    secrets: { provisioning_hash: simulator.credentials['provisioning_hash'] },
    schedule_seconds: null,
  });
  await ask('PATCH', '/v1/policy', { stop_above_subjects: 100_000, stop_above_percent: 100 });
}

const syncSchema = z.object({
  id: z.string(),
  state: z.string(),
  changes: z.object({ added: z.number(), updated: z.number(), removed: z.number(), missing: z.number() }).nullable(),
});

/** Syncs and waits for the end. Throws unless it succeeds; answers what it changed in the snapshot. */
export async function syncOn({ ask }: Pick<Stage, 'ask'>): Promise<NonNullable<z.infer<typeof syncSchema>['changes']>> {
  const started = z.object({ run: syncSchema }).parse(await ask('POST', '/v1/connections/lastpass/syncs', {})).run;
  for (;;) {
    const run = syncSchema.parse(await ask('GET', `/v1/syncs/${started.id}`));
    if (run.state === 'succeeded' && run.changes !== null) return run.changes;
    if (run.state !== 'queued' && run.state !== 'running') throw new Error(`A sync ended ${JSON.stringify(run)}.`);
    await wait(50);
  }
}

const planSchema = z.object({ id: z.string(), state: z.string(), run_id: z.string().nullable() });

/** Plans, approves where that is needed and applies; answers the run. What is asked twice is done once. */
export async function start({ ask }: Pick<Stage, 'ask'>, plan: WishedPlan, key: string): Promise<string> {
  const body = { connection: 'lastpass', action: plan.action, input: plan.input, reason: 'A test' };
  let seen = planSchema.parse(await ask('POST', '/v1/plans', body, { 'idempotency-key': key }));
  while (seen.run_id === null) {
    const verb = seen.state === 'waiting' ? 'approve' : 'apply';
    await ask('POST', `/v1/plans/${seen.id}/${verb}`, {}).catch(async (error: unknown) => {
      // It was killed before it could say that it was done.
      const now = planSchema.parse(await ask('GET', `/v1/plans/${seen.id}`));
      if (now.state === seen.state) throw error;
    });
    seen = planSchema.parse(await ask('GET', `/v1/plans/${seen.id}`));
  }
  return seen.run_id;
}

const runSchema = z.object({ id: z.string(), state: z.string(), counts: z.record(z.string(), z.number()) });
export type RunOfPlan = z.infer<typeof runSchema>;
const ENDS = new Set(['succeeded', 'partial', 'failed', 'cancelled']);

export async function readRun({ ask }: Pick<Stage, 'ask'>, id: string): Promise<RunOfPlan> {
  return runSchema.parse(await ask('GET', `/v1/runs/${id}`));
}

/** Waits until a run has ended. */
export async function ended(stage: Pick<Stage, 'ask'>, id: string): Promise<RunOfPlan> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const run = await readRun(stage, id);
    if (ENDS.has(run.state)) return run;
    if (performance.now() > endMs) throw new Error(`The run ${id} does not end: ${JSON.stringify(run)}`);
    await wait(100);
  }
}

/** Does `work` for each, so many at a time. */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

async function attempt(
  usher: UsherProcess,
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const response = await fetch(new URL(path, usher.url), {
      method,
      headers: {
        authorization: `Bearer ${usher.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  } catch (error) {
    return { status: 599, body: String(error) };
  }
}

/** Kills (-9) a process; one that is gone already has what it should. */
function killAtOnce(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
