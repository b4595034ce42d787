import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { UsherError } from '../model/errors.ts';
import type { Log } from '../store/log.ts';
import { type Database, openDatabase, type OpenOptions } from '../store/open.ts';
import { activeAdministrators, allPrincipals, type Principal } from '../store/principals.ts';
import { type Access, createAccess, type IssuedToken } from './access.ts';
import { readCredential, writeCredential } from './credential-file.ts';
import { checkTokenText } from './token-text.ts';

export interface FirstStartOptions {
  readonly access: Access;
  readonly database: Pick<Database, 'pool'>;
  readonly dataDir: string;
  /** Where this server is reached from its own machine: `http://127.0.0.1:8420`. */
  readonly url: string;
  /** USHER_ADMIN_TOKEN: becomes the first administrator's token; used at the first start alone. */
  readonly adminToken?: string | null;
}

export interface FirstStart {
  /** Whether the first administrator was made now. */
  readonly isFirst: boolean;
  /** The credential file of the CLI on this machine. */
  readonly credentialFile: string;
}

const CLI_TOKEN_NAME = `CLI on ${hostname()}`;

/**
 * Run at every start of the server. At the first it makes the first principal, a person with the role admin. At every
 * start it sees to it that the CLI on the same machine works: its credential file in the data directory holds the
 * server's address and a token of an administrator, made anew where the file is missing or its token is good no longer.
 */
export async function prepareFirstStart(options: FirstStartOptions): Promise<FirstStart> {
  const { access, database, dataDir, url } = options;
  const isFirst = (await allPrincipals(database.pool)).length === 0;
  if (isFirst) {
    // Before anything is made: a start that fails here must still be a first start when it is mended.
    if (options.adminToken) checkTokenText(options.adminToken);
    const administrator = await access.createPrincipal({
      name: 'Administrator',
      email: null,
      kind: 'person',
      role: 'admin',
    });
    if (options.adminToken) await issue(access, administrator, 'USHER_ADMIN_TOKEN', options.adminToken);
  }
  const before = await readCredential(dataDir);
  if (before?.url === url && (await isGood(access, before.token))) return { isFirst, credentialFile: before.path };
  const token =
    before !== null && (await isGood(access, before.token))
      ? before.token
      : (await issue(access, await firstAdministrator(database), CLI_TOKEN_NAME)).secret;
  return { isFirst, credentialFile: await writeCredential(dataDir, { url, token }) };
}

export interface LocalTokenOptions {
  readonly dataDir: string;
  readonly databaseUrl?: string | null;
  readonly log: Log;
  /** Called before an embedded database of an older version is brought up to date. */
  readonly beforeUpgrade?: OpenOptions['beforeUpgrade'];
  readonly name: string;
  /** Whose token: a principal's id, or its e-mail address or name where that is unambiguous; default: the first administrator. */
  readonly principal?: string | null;
  readonly expiresInDays?: number | null;
}

/**
 * Makes a token without the server, for whoever can read the data directory: the way back in when all tokens are lost.
 * Works beside a running server, and without one. Throws `notFound` where there is no such principal.
 */
export async function createLocalToken(options: LocalTokenOptions): Promise<IssuedToken> {
  const { dataDir, databaseUrl, log, beforeUpgrade } = options;
  const database = await openDatabase({ dataDir, databaseUrl, log, attach: true, beforeUpgrade });
  try {
    const access = createAccess({ database, clock: { now: () => new Date() }, random: randomBytes });
    const principal = options.principal
      ? chosen(await access.listPrincipals(), options.principal)
      : await firstAdministrator(database);
    return await access.createToken(
      {
        principalId: principal.id,
        name: options.name,
        role: null,
        connections: null,
        expiresInDays: options.expiresInDays ?? null,
      },
      null,
    );
  } finally {
    await database.close();
  }
}

async function issue(access: Access, principal: Principal, name: string, text?: string): Promise<IssuedToken> {
  const input = { principalId: principal.id, name, role: null, connections: null, expiresInDays: null };
  return access.createToken(input, null, text);
}

async function isGood(access: Access, token: string): Promise<boolean> {
  try {
    await access.authenticate(token);
    return true;
  } catch (error) {
    if (error instanceof UsherError && error.kind === 'auth') return false;
    throw error;
  }
}

async function firstAdministrator(database: Pick<Database, 'pool'>): Promise<Principal> {
  const [first] = await activeAdministrators(database.pool);
  if (first !== undefined) return first;
  throw new UsherError('notFound', 'There is no person who may administer this Usher yet.', {
    next: 'Start the server once: usher serve',
  });
}

function chosen(principals: readonly Principal[], wanted: string): Principal {
  const matches = principals.filter(({ id, email, name }) => [id, email, name].includes(wanted));
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return only;
  throw new UsherError(
    'notFound',
    matches.length === 0
      ? `There is no principal ${JSON.stringify(wanted)}.`
      : `${matches.length} principals are called ${JSON.stringify(wanted)}.`,
    { field: 'principal', next: 'Name one by its id: usher principals' },
  );
}
