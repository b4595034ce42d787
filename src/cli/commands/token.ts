import type { z } from 'zod';
import type { CommonOptions, Context } from '../context.ts';
import { madeTokenSchema, tokenSchema } from '../contract.ts';
import { EXIT, usage } from '../failure.ts';
import { dataDirectoryFailure } from '../start-up.ts';
import { listPages, type ListOptions } from '../list.ts';
import type { Column } from '../table.ts';
import { localTime, printable } from '../text.ts';
import { ROLES } from '../../model/access.ts';
import { oneOf } from '../words.ts';

type Token = z.infer<typeof tokenSchema>;
type MadeToken = z.infer<typeof madeTokenSchema>;

/** `usher token list` */
export async function list(
  context: Context,
  _: readonly string[],
  options: CommonOptions & ListOptions,
): Promise<number> {
  await listPages(
    context,
    tokenSchema,
    (usher, query) => usher.GET('/v1/tokens', { params: { query } }),
    COLUMNS,
    options,
  );
  return EXIT.ok.code;
}

const COLUMNS: readonly Column<Token>[] = [
  { title: 'Id', value: ({ id }) => id },
  { title: 'Name', value: ({ name }) => name },
  { title: 'Role', value: ({ role }) => role },
  { title: 'Connections', value: ({ connections }) => connections?.join(', ') ?? 'all' },
  { title: 'Expires', value: ({ expires_at }) => localTime(expires_at) },
  { title: 'Last used', value: ({ last_used_at }) => localTime(last_used_at) },
  { title: 'Revoked', value: ({ revoked_at }) => localTime(revoked_at) },
];

export interface CreateOptions extends CommonOptions {
  readonly name: string;
  readonly principal?: string;
  readonly role?: string;
  readonly connection?: readonly string[];
  readonly expiresInDays?: string;
  readonly local?: boolean;
}

/**
 * `usher token create`: the secret is shown this once, and only to a terminal or with `--json`, so that it does not end
 * up in a log. `--local` makes one in the data directory itself, without the server.
 */
export async function create(context: Context, _: readonly string[], options: CreateOptions): Promise<number> {
  if (!context.isJson && !context.out.isTerminal) {
    throw usage(
      'A token is shown on a terminal only, and this is none.',
      'Run it in a terminal, or take it from --json.',
    );
  }
  const made = options.local === true ? await createLocally(context, options) : await createByServer(context, options);
  if (context.isJson) {
    context.out.json(made);
    return EXIT.ok.code;
  }
  context.out.line(made.secret);
  context.out.note('Keep it now: it is not shown again.');
  context.out.note('Use it: as USHER_TOKEN, or as Authorization: Bearer.');
  return EXIT.ok.code;
}

async function createByServer(context: Context, options: CreateOptions): Promise<MadeToken> {
  const client = await context.client();
  const { name, principal, role, connection, expiresInDays } = options;
  const body = {
    name,
    ...(principal === undefined ? {} : { principal_id: principal }),
    ...(role === undefined ? {} : { role: oneOf(role, ROLES, '--role') }),
    ...(connection === undefined ? {} : { connections: [...connection] }),
    ...(expiresInDays === undefined ? {} : { expires_in_days: days(expiresInDays) }),
  };
  return client.read(madeTokenSchema, (usher) => usher.POST('/v1/tokens', { body }));
}

/** In the data directory itself: the way back in when all tokens are lost, for whoever may read that directory. */
async function createLocally({ environment, now }: Context, options: CreateOptions): Promise<MadeToken> {
  if (options.role !== undefined || options.connection !== undefined) {
    throw usage(
      '--local makes a token with all that its principal may.',
      'Leave --role and --connection out, or ask the server.',
    );
  }
  const [{ createLocalToken }, { backUpBeforeUpgrade }, { dataDirectory }, { silentLog }, { VERSION }] =
    await Promise.all([
      import('../../access/first-start.ts'),
      import('../../backup/index.ts'),
      import('../credentials.ts'),
      import('../../store/log.ts'),
      import('../../version.ts'),
    ]);
  const dataDir = dataDirectory(environment);
  const { token, secret } = await createLocalToken({
    dataDir,
    databaseUrl: environment['DATABASE_URL'] || null,
    log: silentLog,
    ...(environment['USHER_UPGRADE_BACKUP'] !== 'off' && {
      beforeUpgrade: async ({ pool, version: postgres }) => {
        await backUpBeforeUpgrade({ dataDir, pool, postgres, version: VERSION, now, log: silentLog });
      },
    }),
    name: options.name,
    principal: options.principal ?? null,
    expiresInDays: options.expiresInDays === undefined ? null : days(options.expiresInDays),
  }).catch((error: unknown) => {
    throw dataDirectoryFailure(error, dataDir) ?? error;
  });
  const { id, name, role, connections, expiresAt } = token;
  return { token: { id, name, role, connections: connections && [...connections], expires_at: expiresAt }, secret };
}

/** `usher token revoke ID` */
export async function revoke(context: Context, [id = '']: readonly string[]): Promise<number> {
  const client = await context.client();
  await client.send((usher) => usher.DELETE('/v1/tokens/{id}', { params: { path: { id } } }));
  if (context.isJson) context.out.json({ revoked: id });
  else context.out.line(`Revoked ${printable(id)}; it no longer works.`);
  return EXIT.ok.code;
}

function days(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw usage(`--expires-in-days has to be a whole number, not "${text}".`);
  return value;
}
