import type { CommonOptions, Context } from '../context.ts';
import { dataDirectory } from '../credentials.ts';
import { usage } from '../failure.ts';
import { checkEnvironment, diskFailure, hostFailure, prepareDataDirectory } from '../start-up.ts';

export interface ServeOptions extends CommonOptions {
  readonly demo?: boolean;
  /** False with --no-engine. */
  readonly engine?: boolean;
  readonly host?: string;
  readonly port?: string;
  readonly dataDir?: string;
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 8420;

/** `usher serve`: the server, until it is told to stop. Flags go before the environment. */
export async function serve({ environment }: Context, _: readonly string[], options: ServeOptions): Promise<number> {
  const host = options.host ?? (environment['USHER_HOST'] || DEFAULT_HOST);
  const port = portOf(options.port ?? (environment['USHER_PORT'] || String(DEFAULT_PORT)));
  const dataDir = options.dataDir ?? dataDirectory(environment);
  checkEnvironment(environment);
  await prepareDataDirectory(dataDir);
  const carriesOut = options.engine !== false;
  const databaseUrl = environment['DATABASE_URL'] || null;
  if (!carriesOut && databaseUrl === null) {
    throw usage(
      'Without DATABASE_URL there can be no worker beside this server: its embedded Postgres is its own.',
      'Leave --no-engine out, or point DATABASE_URL at a Postgres server.',
    );
  }
  const server = await import('../../main.ts');
  try {
    await server.serve({ demo: options.demo === true, host, port, dataDir, databaseUrl, carriesOut });
  } catch (error) {
    throw hostFailure(error, host) ?? diskFailure(error, dataDir) ?? error;
  }
  return 0;
}

export interface WorkerOptions extends CommonOptions {
  readonly healthPort?: string;
  readonly host?: string;
  readonly dataDir?: string;
}

/** `usher worker`: carries work out for the servers on the same database, until it is told to stop. */
export async function worker({ environment }: Context, _: readonly string[], options: WorkerOptions): Promise<number> {
  const host = options.host ?? (environment['USHER_HOST'] || DEFAULT_HOST);
  const healthPort = options.healthPort === undefined ? null : portOf(options.healthPort);
  const dataDir = options.dataDir ?? dataDirectory(environment);
  checkEnvironment(environment);
  const databaseUrl = environment['DATABASE_URL'] || null;
  if (databaseUrl === null) {
    throw usage(
      'A worker needs DATABASE_URL: the embedded Postgres belongs to one server, which carries its work out itself.',
      'Point DATABASE_URL at the Postgres server that the servers use.',
    );
  }
  await prepareDataDirectory(dataDir);
  const main = await import('../../main.ts');
  try {
    await main.work({ host, healthPort, dataDir, databaseUrl });
  } catch (error) {
    throw hostFailure(error, host) ?? diskFailure(error, dataDir) ?? error;
  }
  return 0;
}

/** `usher demo`: the server with the invented company Northwind. */
export async function demo(context: Context, words: readonly string[], options: ServeOptions): Promise<number> {
  return serve(context, words, { ...options, demo: true });
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw usage(`"${text}" is not a port.`, 'Give a number from 1 to 65535.');
  return port;
}
