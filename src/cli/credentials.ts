import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { EXIT, Failure } from './failure.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Whom the CLI speaks to, and as whom. Never print `token`. */
export interface Credentials {
  readonly url: string;
  readonly token: string;
}

const fileSchema = z.object({ url: z.url(), token: z.string().min(1) });

/**
 * Where the server keeps its data, and the CLI its credential file: `USHER_DATA_DIR`, else `/var/lib/usher` for root,
 * else the user's own place for data (XDG on Linux, the platform's on macOS and Windows).
 */
export function dataDirectory(
  environment: Environment,
  { platform, isRoot, home }: { platform: string; isRoot: boolean; home: string } = thisMachine(),
): string {
  const named = environment['USHER_DATA_DIR'];
  if (named) return named;
  if (platform === 'win32') return join(environment['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'usher');
  if (isRoot) return '/var/lib/usher';
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'usher');
  return join(environment['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'usher');
}

/**
 * Finds the address and token: `USHER_URL` and `USHER_TOKEN`, else the file `cli.json` that the server wrote in its data
 * directory. The file's token is sent to no address but the file's own. Throws a Failure that says what is missing.
 */
export async function findCredentials(environment: Environment): Promise<Credentials> {
  const url = environment['USHER_URL'];
  const token = environment['USHER_TOKEN'];
  if (url && token) return { url: baseOf(url), token };
  // A script whose secret was not set must not act as whoever may read the file.
  if (token === '') throw missing('USHER_TOKEN is set, and empty.');
  const path = join(dataDirectory(environment), 'cli.json');
  const stored = await readStored(path);
  if (stored === null) {
    throw missing(`There is no credential file at ${path}.`);
  }
  if (url && baseOf(url) !== baseOf(stored.url)) {
    throw missing(`USHER_URL names ${url}, but the credential file at ${path} is for ${stored.url}.`);
  }
  return { url: baseOf(stored.url), token: token || stored.token };
}

async function readStored(path: string): Promise<Credentials | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return null;
    if (hasCode(error, 'EACCES')) throw missing(`The credential file ${path} belongs to another user.`);
    throw error;
  }
  const parsed = fileSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw missing(
      `The credential file ${path} cannot be read as {"url", "token"}; the server writes it anew at its start.`,
    );
  }
  return parsed.data;
}

function missing(message: string): Failure {
  return new Failure(message, {
    code: 'credentialsMissing',
    exitCode: EXIT.unreachable.code,
    next: 'Start Usher on this machine (`npm start`), or set USHER_URL and USHER_TOKEN (`usher token create` makes one).',
  });
}

function baseOf(url: string): string {
  return url.replace(/\/+$/, '');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function thisMachine(): { platform: string; isRoot: boolean; home: string } {
  return { platform: process.platform, isRoot: process.getuid?.() === 0, home: homedir() };
}
