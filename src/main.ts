import { mkdir } from 'node:fs/promises';
import { prepareFirstStart } from './access/first-start.ts';
import { createApp } from './api/app.ts';
import { apiLimitsFromEnvironment } from './api/http/limits.ts';
import type { Connector } from './connector-kit/connector.ts';
import { parseEgressAllow } from './connector-kit/http/egress.ts';
import { proxyFromEnvironment } from './connector-kit/http/transport.ts';
import { insightPlatform } from './connectors/insight-platform/index.ts';
import { insightvm } from './connectors/insightvm/index.ts';
import { lacework } from './connectors/lacework/index.ts';
import { lastpass } from './connectors/lastpass/index.ts';
import type { Demo } from './demo.ts';
import { type House, type HouseOptions, openHouse } from './house.ts';
import { startHealth } from './health.ts';
import { patienceFromEnvironment } from './lifecycle/apply/patience.ts';
import { UsherError } from './model/errors.ts';
import { startTraceExport } from './telemetry/export.ts';
import type { Log } from './store/log.ts';
import { createLog } from './telemetry/log.ts';
import { VERSION } from './version.ts';

/** Every connector this Usher has. No other file knows one by name. */
export const CONNECTORS: readonly Connector[] = [lastpass, lacework, insightvm, insightPlatform];

export interface ServeOptions {
  /** Also runs the simulators with the invented company Northwind, and connects them. */
  readonly demo: boolean;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly dataDir: string;
  /** A Postgres server instead of the embedded one. */
  readonly databaseUrl: string | null;
  /** Whether it carries work out itself; if not, workers beside it do. */
  readonly carriesOut: boolean;
}

export interface WorkOptions extends Pick<ServeOptions, 'host' | 'dataDir' | 'databaseUrl'> {
  /** Where it answers /healthz and /readyz; null: nowhere. */
  readonly healthPort: number | null;
}

/** Environment variables that only the server reads; those that are flags too come with the options. */
interface ServerEnvironment {
  readonly masterKey: string | null;
  readonly nextKey: string | null;
  readonly adminToken: string | null;
  readonly allowedHosts: readonly string[];
}

/**
 * Runs the server until the process is told to stop (SIGINT, SIGTERM), then stops everything it started. Throws an
 * UsherError when it cannot start; nothing is left running then.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const stop = stopSignal();
  // On a terminal only what somebody should look at, unless USHER_LOG says otherwise.
  const log = createLog(process.env['USHER_LOG'] || (process.stderr.isTTY ? 'warn' : 'info'));
  await mkdir(options.dataDir, { recursive: true, mode: 0o755 });
  const environment = readEnvironment(process.env);
  const traces = await startTraceExport({ environment: process.env, version: VERSION, log });
  // Loaded for this alone: a real server has no use for the simulators.
  const demo = options.demo ? await (await import('./demo.ts')).startDemo(options.dataDir, log) : null;
  try {
    const house = await openHouse(houseOptions(options, environment, log, demo));
    try {
      await serveHouse(house, options, environment, demo, stop);
    } finally {
      await house.close();
    }
  } finally {
    await demo?.close();
    await traces?.stop();
  }
}

/**
 * Carries out the work of a database whose servers are elsewhere, until the process is told to stop. Throws an UsherError
 * when it cannot start; nothing is left running then.
 */
export async function work(options: WorkOptions): Promise<void> {
  const stop = stopSignal();
  const log = createLog(process.env['USHER_LOG'] || (process.stderr.isTTY ? 'warn' : 'info'));
  const environment = readEnvironment(process.env);
  const traces = await startTraceExport({ environment: process.env, version: VERSION, log });
  try {
    const house = await openHouse(houseOptions({ ...options, carriesOut: true }, environment, log, null));
    try {
      await house.resume();
      const health = await startHealth(house.services, options);
      print(
        `Usher ${VERSION} worker  ${house.database.postgres.description}${health === null ? '' : `  ${health.url}`}`,
      );
      await stopped(stop);
      await health?.close();
    } finally {
      await house.close();
    }
  } finally {
    await traces?.stop();
  }
}

function houseOptions(
  options: Pick<ServeOptions, 'host' | 'dataDir' | 'databaseUrl' | 'carriesOut'>,
  environment: ServerEnvironment,
  log: Log,
  demo: Demo | null,
): HouseOptions {
  return {
    dataDir: options.dataDir,
    databaseUrl: options.databaseUrl,
    masterKey: environment.masterKey,
    nextKey: environment.nextKey,
    connectors: CONNECTORS,
    egress: withDemo(parseEgressAllow(process.env['USHER_EGRESS_ALLOW']), demo),
    proxy: proxyFromEnvironment(process.env),
    version: VERSION,
    allowedHosts: [options.host, ...environment.allowedHosts],
    limits: apiLimitsFromEnvironment(process.env),
    isMetricsOpen: process.env['USHER_METRICS_OPEN'] === '1',
    backsUpBeforeUpgrade: process.env['USHER_UPGRADE_BACKUP'] !== 'off',
    carriesOut: options.carriesOut,
    apply: patienceFromEnvironment(process.env),
    log,
    clock: { now: () => new Date() },
  };
}

async function serveHouse(
  house: House,
  options: ServeOptions,
  environment: ServerEnvironment,
  demo: Demo | null,
  stop: AbortSignal,
): Promise<void> {
  const app = await createApp(house.services);
  try {
    const address = await listen(app, options);
    const { credentialFile, isFirst } = await prepareFirstStart({
      access: house.access,
      database: house.database,
      dataDir: options.dataDir,
      url: address,
      adminToken: environment.adminToken,
    });
    await house.resume();
    print(`Usher ${VERSION}  data ${options.dataDir}  ${house.database.postgres.description}  ${address}`);
    const frozen = await house.services.instance.frozenSince();
    if (frozen !== null) print(`\n  It stands still since ${frozen}, as after a restore. To go on: usher thaw`);
    if (isFirst) print(`\n  The CLI on this machine is ready: its token is in ${credentialFile}.`);
    if (demo && !stop.aborted) await demo.present(house.services, address, stop);
    await stopped(stop);
  } finally {
    await app.close();
  }
}

async function listen(app: Awaited<ReturnType<typeof createApp>>, { host, port }: ServeOptions): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    throw new UsherError(
      'conflict',
      code === 'EACCES' ? `Port ${port} needs rights this user has not.` : `Port ${port} of ${host} is in use.`,
      { code: 'portTaken', next: 'Stop the other program, or choose a port with --port or USHER_PORT.', cause: error },
    );
  }
}

function withDemo(rule: ReturnType<typeof parseEgressAllow>, demo: Demo | null): ReturnType<typeof parseEgressAllow> {
  return demo === null ? rule : { allow: [...rule.allow, ...demo.egress] };
}

function readEnvironment(env: Readonly<Record<string, string | undefined>>): ServerEnvironment {
  const hosts = (env['USHER_ALLOWED_HOSTS'] ?? '').split(',').map((host) => host.trim());
  return {
    masterKey: env['USHER_MASTER_KEY'] || null,
    nextKey: env['USHER_MASTER_KEY_NEXT'] || null,
    adminToken: env['USHER_ADMIN_TOKEN'] || null,
    allowedHosts: hosts.filter((host) => host !== ''),
  };
}

/** One Ctrl-C can come twice: from the terminal and from a program in between (npm, timeout). */
const SAME_SIGNAL_MS = 1000;

/** Aborted at the first SIGINT or SIGTERM; at a second one, a moment later, the process ends at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstMs = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!controller.signal.aborted) firstMs = performance.now();
      else if (performance.now() - firstMs > SAME_SIGNAL_MS) process.exit(130);
      controller.abort();
    });
  }
  return controller.signal;
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
