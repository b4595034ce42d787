import type { CommonOptions, Context } from '../context.ts';
import { dataDirectory } from '../credentials.ts';
import { usage } from '../failure.ts';
import { checkEnvironment, hostFailure, prepareDataDirectory } from '../start-up.ts';

export interface ServeOptions extends CommonOptions {
  readonly demo?: boolean;
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
  const server = await import('../../main.ts');
  try {
    await server.serve({
      demo: options.demo === true,
      host,
      port,
      dataDir,
      databaseUrl: environment['DATABASE_URL'] || null,
    });
  } catch (error) {
    throw hostFailure(error, host) ?? error;
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
