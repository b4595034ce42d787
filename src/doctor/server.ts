import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readCredential } from '../access/credential-file.ts';
import { check, type Finding } from './finding.ts';

/** Whom to ask, and as whom. Never shown. */
export interface ServerAddress {
  readonly url: string;
  readonly token: string;
}

export interface ServerOptions {
  readonly dataDir: string;
  /** From USHER_URL and USHER_TOKEN; null: from the credential file. */
  readonly named: ServerAddress | null;
  readonly version: string;
  readonly fetch: typeof fetch;
  readonly now: () => Date;
}

const CLOCK_TOLERANCE_MS = 5000;
const TIMEOUT_MS = 5000;
const healthSchema = z.object({ version: z.string() });
const readinessSchema = z.object({ waiting_for: z.array(z.string()) });
const meSchema = z.object({ principal: z.object({ name: z.string(), role: z.string() }) });

/** The credential file of the command line on this machine. */
export async function examineCredential(
  options: Pick<ServerOptions, 'dataDir' | 'named'>,
): Promise<{ readonly finding: Finding; readonly server: ServerAddress | null }> {
  const { ok, skipped, problem, warning, failed } = check('credential', 'Credential of the command line');
  if (options.named !== null) {
    return { finding: skipped('USHER_URL and USHER_TOKEN are set, and go before the file.'), server: options.named };
  }
  const path = join(options.dataDir, 'cli.json');
  try {
    const found = await stat(path).catch(() => null);
    if (found === null) {
      return { finding: warning(`There is no ${path}.`, 'Start Usher: it writes it.'), server: null };
    }
    const credential = await readCredential(options.dataDir);
    if (credential === null) {
      return {
        finding: problem(`${path} cannot be read as {"url", "token"}.`, 'Start Usher anew: it writes it again.'),
        server: null,
      };
    }
    const isOpen = process.platform !== 'win32' && (found.mode & 0o077) !== 0;
    const finding = isOpen
      ? problem(`${path} can be read by others than its owner.`, `chmod 600 ${path}`)
      : ok(`${path}, for ${credential.url}`);
    return { finding, server: { url: credential.url, token: credential.token } };
  } catch (error) {
    return { finding: failed(error), server: null };
  }
}

/**
 * The server at its address: answers, is ready (database and engine), knows the token, agrees on the time and the
 * version. `isHeld`: a process holds the data directory, so one should answer.
 */
export async function examineServer(
  { version, fetch: ask, now }: ServerOptions,
  server: ServerAddress | null,
  isHeld: boolean,
): Promise<readonly Finding[]> {
  const { ok, skipped, warning, problem } = check('server', 'Server');
  if (server === null) return [skipped('No address is known.')];
  const base = server.url.replace(/\/+$/, '');
  const get = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    ask(base + path, { headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  let health: Response;
  try {
    health = await get('/healthz');
  } catch (error) {
    const why = `Nothing answers at ${base} (${reasonOf(error)})`;
    if (!isHeld) return [warning(`${why}; no server runs on the data directory.`, 'Start it: usher serve')];
    const next = 'It may be starting. If it stays so, look at its log; behind another address, set USHER_URL.';
    return [problem(`${why}, though a server holds the data directory.`, next)];
  }
  const parsed = healthSchema.safeParse(await health.json().catch(() => null));
  if (!parsed.success) {
    const next = 'Another program has the port: stop it, or start Usher with another --port.';
    return [problem(`What answers at ${base} is no Usher (status ${health.status}).`, next)];
  }
  const running = parsed.data.version;
  const first =
    running === version
      ? ok(`Usher ${running} at ${base}`)
      : warning(
          `Usher ${running} answers at ${base}; this command is of ${version}.`,
          'Restart the server after an upgrade.',
        );
  const date = Date.parse(health.headers.get('date') ?? '');
  return [first, await readiness(get), await identity(get, server), clock(date, now().getTime())];
}

type Get = (path: string, headers?: Record<string, string>) => Promise<Response>;

async function readiness(get: Get): Promise<Finding> {
  const { ok, problem, failed } = check('engine', 'Database and engine of the server');
  try {
    const answer = await get('/readyz');
    const { waiting_for: waiting } = readinessSchema.parse(await answer.json());
    if (waiting.length === 0) return ok('ready');
    return problem(
      `It is not ready: ${waiting.join(' ')}`,
      'Look at its log; if it stays so, restart it: nothing is lost.',
    );
  } catch (error) {
    return failed(error);
  }
}

async function identity(get: Get, { token }: ServerAddress): Promise<Finding> {
  const { ok, problem, failed } = check('token', 'Token');
  try {
    const answer = await get('/v1/me', { authorization: `Bearer ${token}` });
    if (answer.status === 401) {
      const next = 'Restart the server: it writes a good one into the credential file. Or: usher token create --local';
      return problem('The server does not accept it: expired, revoked or of another Usher.', next);
    }
    const { principal } = meSchema.parse(await answer.json());
    return ok(`accepted, as ${principal.name} (${principal.role})`);
  } catch (error) {
    return failed(error);
  }
}

/** The header tells whole seconds, so a second more is allowed. */
function clock(serverMs: number, hereMs: number): Finding {
  const { ok, warning, skipped } = check('clock-server', 'Clock of the server');
  if (Number.isNaN(serverMs)) return skipped('It tells no time.');
  const offMs = Math.abs(serverMs - hereMs);
  if (offMs <= CLOCK_TOLERANCE_MS + 1000) return ok('agrees with this machine');
  return warning(
    `It is ${Math.round(offMs / 1000)} s off this machine's.`,
    'Set both clocks by NTP: tokens expire, and syncs start, by the clock.',
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error.message;
}
