import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Services } from './api/services.ts';
import type { EgressRule } from './connector-kit/http/egress.ts';
import type { DemoApp, RunningDemoApp } from './demo/app.ts';
import { type Board, countsOf, createBoard, endOf, nameWidth } from './demo/board.ts';
import { insightPlatformDemo } from './demo/insight-platform.ts';
import { insightVmDemo } from './demo/insightvm.ts';
import { keeper, readKept } from './demo/kept.ts';
import { laceworkDemo } from './demo/lacework.ts';
import { lastpassDemo } from './demo/lastpass.ts';
import { takeLock } from './store/embedded/lock.ts';
import type { Log } from './store/log.ts';

/** The simulators with the invented company Northwind, and their introduction to Usher. */
export interface Demo {
  /** The simulators' own ports: what `--demo` allows beside the operator's rule. */
  readonly egress: EgressRule['allow'];
  /** Connects the simulators where they are not yet, syncs the first time, and says where to look. */
  present(services: Services, address: string, stop: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The apps of the company, in the order they are shown. */
const APPS: readonly DemoApp[] = [lastpassDemo, laceworkDemo, insightVmDemo, insightPlatformDemo];
const PEOPLE = 250;
const SEED = 'northwind';
/** Everything in the demo changes only when somebody changes it, so a look now and then is enough. */
const SCHEDULE_SECONDS = 900;

/** An app of the demo whose simulator runs. */
interface Stand {
  readonly app: DemoApp;
  readonly running: RunningDemoApp;
  readonly port: number;
  close(): Promise<void>;
}

/** Starts the simulators, with the state of the last time where there was one. */
export async function startDemo(dataDir: string, log: Log): Promise<Demo> {
  const directory = join(dataDir, 'demo');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Before anything of it is read: a second demo on this directory must not write over what the first one keeps.
  const lock = await takeLock(join(directory, 'demo.lock'));
  try {
    const stands = await startAll(directory, log);
    return {
      egress: stands.map(({ port }) => ({ host: '127.0.0.1', port })),
      present: (services, address, stop) => present(services, stands, address, stop),
      async close() {
        try {
          await Promise.all(stands.map((stand) => stand.close()));
        } finally {
          await lock.release();
        }
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Starts all or none. All live in one company, so in one time: that of the first app that was started once. */
async function startAll(directory: string, log: Log): Promise<readonly Stand[]> {
  const kept = await Promise.all(
    APPS.map(async (app) => {
      const file = join(directory, `${app.id}.json`);
      return { app, file, kept: await readKept(file, app.id) };
    }),
  );
  const anchor = kept.find((each) => each.kept !== null)?.kept?.anchor ?? new Date().toISOString();
  const started = await Promise.allSettled(
    kept.map(({ app, file, kept: before }) =>
      startOne(app, file, before ?? { anchor, port: 0, state: undefined }, log),
    ),
  );
  const stands = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = started.find((each) => each.status === 'rejected');
  if (failed === undefined) return stands;
  await Promise.all(stands.map((stand) => stand.close()));
  throw failed.reason;
}

async function startOne(
  app: DemoApp,
  file: string,
  { anchor, port: portBefore, state }: { readonly anchor: string; readonly port: number; readonly state: unknown },
  log: Log,
): Promise<Stand> {
  const keep = keeper(file, log);
  const start = (port: number): Promise<RunningDemoApp> =>
    app.start({
      seed: SEED,
      people: PEOPLE,
      port,
      today: new Date(anchor),
      savedState: state,
      onChange: (save) => keep.later(() => ({ anchor, port: portOf(running.url), state: save() })),
    });
  const running = await start(portBefore).catch((error: unknown) => {
    if (portBefore === 0) throw error;
    // Somebody else has the port of the last time; another will do, the connection is told.
    log.warn({ app: app.id, error: String(error) }, 'The simulator takes another port than last time.');
    return start(0);
  });
  const port = portOf(running.url);
  const write = (): Promise<void> => keep.now({ anchor, port, state: running.save() });
  await write();
  return {
    app,
    running,
    port,
    async close() {
      await write();
      await running.close();
    },
  };
}

async function present(
  services: Services,
  stands: readonly Stand[],
  address: string,
  stop: AbortSignal,
): Promise<void> {
  const apps = stands.map(({ app }) => app);
  print('\n  Northwind Trading (simulated)');
  const board = createBoard(apps, process.stdout);
  await Promise.all(stands.map((stand) => introduce(services, stand, board, stop)));
  board.close();
  if (stop.aborted) return;
  print('');
  const width = nameWidth(apps);
  for (const { id } of apps) print(`  ${id.padEnd(width)}  ${await factsOf(services, id)}`);
  print('');
  print('  Look around:   ./bin/usher.js accounts --search "jonas lind"');
  print('                 ./bin/usher.js accounts --status never-signed-in');
  print('                 ./bin/usher.js credentials list lacework');
  print('                 ./bin/usher.js call lastpass_unified_list_resource_users --connection lastpass');
  print(`                 ${address}/docs`);
  print('  Ctrl-C stops everything that was started here; the next start goes on with the same data.');
}

/** Connects one app and pulls it, unless that was done at an earlier start. What fails is told in its line. */
async function introduce(services: Services, stand: Stand, board: Board, stop: AbortSignal): Promise<void> {
  const { id, resources } = stand.app;
  try {
    await connect(services, stand);
    const connection = await services.connections.get(id);
    if (connection.baselinedAt === null) {
      await pull(services, stand.app, board, stop);
    } else {
      const counts = (await services.reads.freshness([id])).get(id)?.counts ?? {};
      board.end(id, `${countsOf(counts, resources)}  as of ${await services.reads.snapshotAt(id)}`);
    }
  } catch (error) {
    board.end(id, error instanceof Error ? error.message : String(error));
  }
}

async function connect(services: Services, { app: { id }, running }: Stand): Promise<void> {
  const { settings, secrets, url } = running;
  const present = (await services.connections.list()).find((connection) => connection.id === id);
  if (!present) {
    const input = { id, connector: id, settings, secrets, scheduleSeconds: SCHEDULE_SECONDS };
    await services.connections.connect(input, { dryRun: false });
  } else if (!JSON.stringify(present.settings).includes(url)) {
    await services.connections.edit(id, { settings, secrets });
  }
}

/** Follows the first sync of an app to its end, or until Usher is told to stop. */
async function pull(services: Services, { id, resources }: DemoApp, board: Board, stop: AbortSignal): Promise<void> {
  const { run: started } = await services.syncs.request(id, 'demo');
  while (!stop.aborted) {
    const run = await services.syncs.get(started.id);
    if (run.state !== 'queued' && run.state !== 'running') {
      const hint = run.state === 'succeeded' ? '' : `  See ./bin/usher.js sync status ${id}`;
      board.end(id, `${endOf(run, resources)}${hint}`);
      return;
    }
    board.show(id, run);
    await wait(100);
  }
}

/** Who is in an app: `6 administrators, 2 of them without a second factor   9 disabled   14 never signed in`. */
async function factsOf(services: Services, id: string): Promise<string> {
  const { accounts } = await services.reads.figures([id]);
  const { administrators, administratorsWithoutSecondFactor: lacking, byStatus } = accounts;
  const facts: readonly (readonly [number, string])[] = [
    [byStatus['disabled'] ?? 0, 'disabled'],
    [byStatus['pending'] ?? 0, 'never signed in'],
    [byStatus['invited'] ?? 0, 'invited'],
  ];
  const who = `${administrators} administrators${lacking > 0 ? `, ${lacking} of them without a second factor` : ''}`;
  return [who, ...facts.flatMap(([count, words]) => (count > 0 ? [`${count} ${words}`] : []))].join('   ');
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
