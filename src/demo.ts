import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Services } from './api/services.ts';
import type { EgressRule } from './connector-kit/http/egress.ts';
import { startLastPassSimulator } from './connectors/lastpass/simulator.ts';
import { UsherError } from './model/errors.ts';
import { takeLock } from './store/embedded/lock.ts';
import type { Log } from './store/log.ts';
import type { SyncRunView } from './sync/view.ts';

/** The simulators with the invented company Northwind, and their introduction to Usher. */
export interface Demo {
  /** The simulators' own ports: what `--demo` allows beside the operator's rule. */
  readonly egress: EgressRule['allow'];
  /** Connects the simulators where they are not yet, syncs the first time, and says where to look. */
  present(services: Services, address: string, stop: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const CONNECTION = 'lastpass';
const PEOPLE = 250;
const SEED = 'northwind';
/** Everything in the demo changes only when somebody changes it, so a look now and then is enough. */
const SCHEDULE_SECONDS = 900;
const BAR_WIDTH = 28;

/** What the demo keeps in the data directory, so that a second start goes on where the first ended. */
const savedSchema = z.object({
  /** The day that Northwind's stories count from. */
  anchor: z.iso.datetime(),
  port: z.int(),
  state: z.unknown(),
});
type Saved = z.infer<typeof savedSchema>;

/** Starts the simulators, with the state of the last time where there was one. */
export async function startDemo(dataDir: string, log: Log): Promise<Demo> {
  const directory = join(dataDir, 'demo');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Before anything of it is read: a second demo on this directory must not write over what the first one keeps.
  const lock = await takeLock(join(directory, 'demo.lock'));
  try {
    const simulators = await startSimulators(join(directory, 'lastpass.json'), log);
    const close = async (): Promise<void> => {
      try {
        await simulators.close();
      } finally {
        await lock.release();
      }
    };
    return { ...simulators, close };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function startSimulators(file: string, log: Log): Promise<Demo> {
  const saved = await load(file);
  const anchor = saved?.anchor ?? new Date().toISOString();
  const keep = keeper(file, log);
  const start = (port: number) =>
    startLastPassSimulator({
      seed: SEED,
      people: PEOPLE,
      port,
      today: new Date(anchor),
      savedState: saved?.state,
      onChange: (save) => keep.later(() => ({ anchor, port: portOf(simulator.url), state: save() })),
    });
  const simulator = await start(saved?.port ?? 0).catch((error: unknown) => {
    // Somebody else has the port of the last time; another will do, the connection is told.
    log.warn({ error: String(error) }, 'The simulator takes another port than last time.');
    return start(0);
  });
  const port = portOf(simulator.url);
  await keep.now({ anchor, port, state: simulator.save() });
  return {
    egress: [{ host: '127.0.0.1', port }],
    present: (services, address, stop) => present(services, simulator, address, stop),
    async close() {
      await keep.now({ anchor, port, state: simulator.save() });
      await simulator.close();
    },
  };
}

type Simulator = Awaited<ReturnType<typeof startLastPassSimulator>>;

async function present(services: Services, simulator: Simulator, address: string, stop: AbortSignal): Promise<void> {
  await connect(services, simulator);
  const connection = await services.connections.get(CONNECTION);
  print(`\n  ${CONNECTION}   Northwind Trading (simulated)`);
  if (connection.baselinedAt === null) {
    const { run } = await services.syncs.request(CONNECTION, 'demo');
    const ended = await follow(services, run, stop);
    if (ended === null) return;
    if (ended.state !== 'succeeded') {
      print(`  The sync ended ${ended.state}. See ./bin/usher.js sync status ${CONNECTION}`);
      return;
    }
  } else {
    const run = (await services.syncs.list(CONNECTION, 1))[0];
    print(`  ${run ? countsOf(run) : ''}  as of ${await services.reads.snapshotAt(CONNECTION)}`);
  }
  await summarize(services, address);
}

async function connect(services: Services, simulator: Simulator): Promise<void> {
  const settings = {
    company_id: simulator.credentials.companyId,
    region: 'custom',
    base_url: simulator.url,
    requests_per_second: 50,
  };
  const secrets = { provisioning_hash: simulator.credentials.provisioningHash };
  const present = (await services.connections.list()).find(({ id }) => id === CONNECTION);
  if (!present) {
    const input = { id: CONNECTION, connector: 'lastpass', settings, secrets, scheduleSeconds: SCHEDULE_SECONDS };
    await services.connections.connect(input, { dryRun: false });
  } else if (!JSON.stringify(present.settings).includes(simulator.url)) {
    await services.connections.edit(CONNECTION, { settings: { base_url: simulator.url }, secrets });
  }
}

/** Shows the run until it ends; null when Usher is told to stop before. */
async function follow(services: Services, started: SyncRunView, stop: AbortSignal): Promise<SyncRunView | null> {
  const isTerminal = process.stdout.isTTY;
  for (;;) {
    if (stop.aborted) return null;
    const run = await services.syncs.get(started.id);
    const isUnderWay = run.state === 'queued' || run.state === 'running';
    if (isTerminal) process.stdout.write(`\r\u001B[2K  ${bar(run)}  ${run.progress.records} records`);
    if (!isUnderWay) {
      const took = run.startedAt && run.finishedAt ? Date.parse(run.finishedAt) - Date.parse(run.startedAt) : 0;
      const isPartial = run.collections.some(({ state }) => state === 'partial');
      const end = `${(took / 1000).toFixed(1)} s  ${run.state === 'succeeded' ? (isPartial ? 'partial' : 'complete') : run.state}`;
      print(`${isTerminal ? '\r\u001B[2K' : ''}  ${bar(run)}  ${countsOf(run)}  ${end}`);
      return run;
    }
    await wait(100);
  }
}

function bar(run: SyncRunView): string {
  const { records, total } = run.progress;
  const share = run.state === 'succeeded' ? 1 : total ? Math.min(1, records / total) : 0;
  return '█'.repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, '░');
}

function countsOf(run: SyncRunView): string {
  const { account = 0, group = 0, resource = 0, grant = 0 } = run.counts;
  return `${account} accounts  ${group} groups  ${resource} shared folders  ${grant} grants`;
}

async function summarize(services: Services, address: string): Promise<void> {
  const { accounts } = await services.reads.figures([CONNECTION]);
  const status = accounts.byStatus;
  print(
    `\n  ${accounts.total} accounts   ${accounts.administrators} administrators, ${accounts.administratorsWithoutSecondFactor} of them without a second factor   ` +
      `${status.disabled ?? 0} disabled   ${status.pending ?? 0} never signed in   ${status.invited ?? 0} invited`,
  );
  print(`  Look around:   ./bin/usher.js accounts --status never-signed-in`);
  print(`                 ./bin/usher.js call lastpass_unified_list_resource_users --connection ${CONNECTION}`);
  print(`                 ${address}/docs`);
  print(`  Ctrl-C stops everything that was started here; the next start goes on with the same data.`);
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

async function load(file: string): Promise<Saved | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return null;
  }
  try {
    return savedSchema.parse(JSON.parse(text));
  } catch {
    throw new UsherError('conflict', `The demo's state in ${file} cannot be read.`, {
      code: 'demoStateDamaged',
      next: 'Remove that file and the connection `lastpass` to begin the demo anew, or start without --demo.',
    });
  }
}

/** Writes the state whole or not at all; many changes in a row are written once. */
function keeper(file: string, log: Log): { now(saved: Saved): Promise<void>; later(save: () => Saved): void } {
  let waiting: NodeJS.Timeout | null = null;
  let writing = Promise.resolve();
  const now = (saved: Saved): Promise<void> => {
    if (waiting) clearTimeout(waiting);
    waiting = null;
    writing = writing
      .then(async () => {
        await writeFile(`${file}.new`, JSON.stringify(saved), { mode: 0o600 });
        await rename(`${file}.new`, file);
      })
      .catch((error: unknown) => log.warn({ error: String(error) }, 'The state of the demo could not be kept.'));
    return writing;
  };
  return {
    now,
    later(save) {
      if (waiting) clearTimeout(waiting);
      waiting = setTimeout(() => void now(save()), 200);
      waiting.unref();
    },
  };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
