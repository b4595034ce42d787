import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { type CliRun, runCli } from '../src/cli/testing/run-cli.ts';
import type { LastPassMutation } from '../src/connectors/lastpass/simulator.ts';
import {
  freePort,
  type SimulatorProcess,
  startSimulator,
  startUsher,
  temporaryDirectory,
  type UsherProcess,
} from './processes.ts';

const runSchema = z.object({
  id: z.string(),
  state: z.enum(['queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled']),
  is_baseline: z.boolean(),
  changes: z
    .object({ added: z.number(), updated: z.number(), removed: z.number(), missing: z.number(), events: z.number() })
    .nullable(),
  anomalies: z.array(z.object({ kind: z.string(), gone: z.number(), message: z.string() })),
  error: z.unknown(),
  finished_at: z.string().nullable(),
});
export type Run = z.infer<typeof runSchema>;

const eventSchema = z.object({
  position: z.int(),
  source: z.enum(['sync', 'app']),
  type: z.string(),
  subject: z.object({ kind: z.string(), key: z.string() }),
  data: z.unknown(),
});
export type FeedEvent = z.infer<typeof eventSchema>;

/** A whole Usher with Northwind's LastPass beside it, both processes of their own: where whole-product tests happen. */
export interface Scene extends AsyncDisposable {
  readonly simulator: SimulatorProcess;
  readonly dataDir: string;
  /** The Usher that runs now. */
  readonly usher: UsherProcess;
  /** All that the Ushers of this scene wrote to stdout and stderr. */
  output(): string;
  /** Calls the API as the first administrator; throws where it refuses. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Connects the company as `lastpass`, without a schedule. */
  connect(): Promise<void>;
  /** Asks for a sync of `lastpass` and follows it to its end. */
  sync(): Promise<Run>;
  /** Follows a run until it is no longer under way. */
  follow(runId: string): Promise<Run>;
  /** Changes the company, as a person in the vendor's console would. */
  mutate(change: LastPassMutation): Promise<void>;
  /** Runs the CLI of this machine as a process of its own. */
  cli(args: readonly string[], stdin?: string): Promise<CliRun>;
  /** The feed from a position on, page by page. */
  events(after?: number): Promise<FeedEvent[]>;
  /** Ends this Usher and starts another one on the same data and port. */
  restart(signal: NodeJS.Signals): Promise<void>;
}

export interface SceneOptions {
  readonly people: number;
  /** Arguments of the simulator. */
  readonly simulator?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Sets the scene; dispose of it to end both processes and forget the data. */
export async function setScene(options: SceneOptions): Promise<Scene> {
  const directory = await temporaryDirectory();
  const simulator = await startSimulator('lastpass', [
    '--people',
    String(options.people),
    ...(options.simulator ?? []),
  ]);
  const port = await freePort();
  const start = () =>
    startUsher({
      allow: [new URL(simulator.url).host],
      dataDir: directory.path,
      port,
      environment: options.environment,
    });
  let usher = await start();
  let written = '';

  const follow = async (runId: string): Promise<Run> => {
    for (;;) {
      const run = runSchema.parse(await usher.call('GET', `/v1/syncs/${runId}`));
      if (run.state !== 'queued' && run.state !== 'running') return run;
      await wait(50);
    }
  };
  return {
    simulator,
    dataDir: directory.path,
    get usher() {
      return usher;
    },
    output: () => written + usher.output(),
    call: (method, path, body) => usher.call(method, path, body),
    async connect() {
      await usher.call('POST', '/v1/connections', {
        id: 'lastpass',
        connector: 'lastpass',
        settings: settingsOf(simulator),
        secrets: { provisioning_hash: simulator.credentials['provisioning_hash'] },
        schedule_seconds: null,
      });
    },
    async sync() {
      const { run } = z
        .object({ run: z.object({ id: z.string() }) })
        .parse(await usher.call('POST', '/v1/connections/lastpass/syncs', {}));
      return follow(run.id);
    },
    follow,
    async mutate(change) {
      await simulator.inspect('POST', 'mutate', change);
    },
    cli: (args, stdin) =>
      runCli(args, { env: { USHER_DATA_DIR: directory.path }, ...(stdin === undefined ? {} : { stdin }) }),
    events: (after) => readFeed(usher, after),
    async restart(signal) {
      await usher.end(signal);
      written += usher.output();
      usher = await start();
    },
    async [Symbol.asyncDispose]() {
      await usher.end('SIGTERM');
      await simulator.stop();
      await directory.remove();
    },
  };
}

/** How a connection of that company is set up. */
export function settingsOf(simulator: SimulatorProcess): Record<string, unknown> {
  return {
    company_id: simulator.credentials['company_id'],
    region: 'custom',
    base_url: simulator.url,
    requests_per_second: 1000,
  };
}

/** One page of the feed, as `/v1/events` answers it. */
export async function feedPage(usher: UsherProcess, query: string): Promise<{ data: FeedEvent[]; next: number }> {
  return z
    .object({ data: z.array(eventSchema), next: z.coerce.number() })
    .parse(await usher.call('GET', `/v1/events?${query}`));
}

async function readFeed(usher: UsherProcess, after = 0): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  for (let from = after; ;) {
    const page = await feedPage(usher, `after=${from}&page_size=500`);
    events.push(...page.data);
    if (page.data.length === 0) return events;
    from = page.next;
  }
}
