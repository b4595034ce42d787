import type { CommonOptions, Context } from '../context.ts';
import { accountDetailSchema, accountSchema, type Account, type AccountDetail } from '../contract.ts';
import { EXIT, Failure, usage } from '../failure.ts';
import { listPages, type ListOptions } from '../list.ts';
import type { Column } from '../table.ts';
import { localTime, printable } from '../text.ts';
import { ERROR_KINDS } from '../../model/errors.ts';
import { ACCOUNT_STATUSES } from '../../model/records.ts';
import { asOf } from '../time.ts';
import { oneOf } from '../words.ts';
import { markSchema, type MarkAnswer } from '../changes/contract.ts';
import { markText } from './marks.ts';

export interface AccountsOptions extends CommonOptions, ListOptions {
  readonly connection?: string;
  readonly status?: string;
  readonly role?: string;
  readonly mfa?: 'none' | 'some' | 'unknown';
  readonly email?: string;
  readonly search?: string;
  readonly group?: string;
  readonly asOf?: string;
}

/** `usher accounts list`: the accounts of all connections, or those that the flags leave. */
export async function list(context: Context, _: readonly string[], options: AccountsOptions): Promise<number> {
  const { connection, role, mfa, email, search, group } = options;
  const word = options.status === 'never-signed-in' ? 'pending' : options.status;
  const status = oneOf(word, ACCOUNT_STATUSES, '--status');
  const query = { connection, status, role, mfa, email, search, group, as_of: asOf(options.asOf) };
  const shown = await listPages(
    context,
    accountSchema,
    (usher, page) => usher.GET('/v1/accounts', { params: { query: { ...query, ...page } } }),
    columns(context),
    options,
  );
  if (shown === 0 && !context.isJson) {
    context.out.line('No account fits.');
    context.out.note('What is connected, and when it was last seen: usher connections');
  }
  return EXIT.ok.code;
}

function columns({ out }: Context): readonly Column<Account>[] {
  return [
    { title: 'Account', value: (account) => account.email ?? account.username ?? account.key },
    { title: 'Name', value: (account) => account.display_name },
    { title: 'Connection', value: (account) => account.connection },
    {
      title: 'Status',
      value: statusOf,
      paint: (cell, account) => (account.status === 'disabled' ? out.paint('dim', cell) : cell),
    },
    {
      title: 'Roles',
      value: (account) => account.roles.join(', '),
      paint: (cell, account) => (account.roles.includes('admin') ? out.paint('bold', cell) : cell),
    },
    {
      title: 'Second factor',
      value: factorsOf,
      paint: (cell, account) =>
        account.mfa?.length === 0 && account.roles.includes('admin') ? out.paint('yellow', cell) : cell,
    },
    { title: 'Last sign-in', value: (account) => localTime(account.last_login_at) },
  ];
}

/** `usher accounts show ACCOUNT`: one account with what it holds and how it changed; by key or e-mail address. */
export async function show(
  context: Context,
  [account = '']: readonly string[],
  options: AccountsOptions,
): Promise<number> {
  const client = await context.client();
  const connection = options.connection ?? (await connectionOf(context, account));
  const params = { path: { connection, key: account }, query: { as_of: asOf(options.asOf) } };
  const found = await client.read(accountDetailSchema, (usher) => {
    return usher.GET('/v1/accounts/{connection}/{key}', { params });
  });
  // What was said of an account holds now, not at some moment of the past.
  const mark = options.asOf === undefined ? await markOf(context, connection, found.key) : null;
  if (context.isJson) context.out.json(options.asOf === undefined ? { ...found, mark } : found);
  else describe(context, found, mark);
  return EXIT.ok.code;
}

/** What was said of an account; null where nothing ever was, or where it is not an account any more. */
async function markOf(context: Context, connection: string, key: string): Promise<MarkAnswer | null> {
  const client = await context.client();
  try {
    const mark = await client.read(markSchema, (usher) => {
      return usher.GET('/v1/accounts/{connection}/{key}/mark', { params: { path: { connection, key } } });
    });
    return mark.set_at == null ? null : mark;
  } catch (error) {
    if (error instanceof Failure && error.details.exitCode === ERROR_KINDS.notFound.exitCode) return null;
    throw error;
  }
}

/** The connection that has an account of this address, where only one does. */
async function connectionOf(context: Context, account: string): Promise<string> {
  const client = await context.client();
  const { allConnections } = await import('./connections.ts');
  const connections = await allConnections(context);
  const [only] = connections;
  if (only !== undefined && connections.length === 1) return only.id;
  const having = new Set<string>();
  const pages = client.pages(accountSchema, (usher, page) => {
    return usher.GET('/v1/accounts', { params: { query: { email: account, ...page } } });
  });
  for await (const { items } of pages) {
    for (const { connection } of items) having.add(connection);
  }
  const [first] = having;
  if (first !== undefined && having.size === 1) return first;
  if (having.size > 1) {
    throw usage(`${account} has accounts in ${[...having].join(', ')}.`, 'Say which with --connection.');
  }
  throw new Failure(`No connection has an account ${account}.`, {
    code: 'notFound',
    exitCode: ERROR_KINDS.notFound.exitCode,
    next: `Look for it: usher accounts --search ${account}`,
  });
}

function describe({ out }: Context, account: AccountDetail, mark: MarkAnswer | null): void {
  const facts: [string, string][] = [
    ['Connection', account.connection],
    ['Key', account.key],
    ['E-mail', account.email ?? '-'],
    ['Name', account.display_name ?? '-'],
    ['Status', statusOf(account)],
    ['Roles', account.roles.join(', ') || '-'],
    ['Second factor', factorsOf(account)],
    ['Employee number', account.employee_number ?? '-'],
    ['Created', localTime(account.created_at)],
    ['Last sign-in', localTime(account.last_login_at)],
    ...(mark === null ? [] : [['Marked', markText(mark) || 'not any more'] as [string, string]]),
    ...(account.missing_since == null ? [] : [['Missing since', localTime(account.missing_since)] as [string, string]]),
  ];
  out.line(out.paint('bold', printable(account.display_name ?? account.email ?? account.key)));
  for (const [name, value] of facts) out.line(`  ${name.padEnd(16)}  ${printable(value)}`);
  out.line();
  if (account.grants.length === 0) out.line('Holds nothing beyond the account itself.');
  else out.table(GRANT_COLUMNS)(account.grants);
  if (account.history.length === 0) return;
  out.line();
  out.table(HISTORY_COLUMNS)(account.history);
}

const GRANT_COLUMNS: readonly Column<AccountDetail['grants'][number]>[] = [
  { title: 'Holds', value: ({ permission }) => permission },
  { title: 'On', value: ({ target }) => target.name ?? target.key },
  { title: 'Kind', value: ({ target }) => (target.kind === 'role' ? 'role' : (target.type ?? target.kind)) },
  { title: 'Through', value: ({ path }) => path || 'direct' },
];

const HISTORY_COLUMNS: readonly Column<AccountDetail['history'][number]>[] = [
  { title: 'Seen from', value: (version) => localTime(version.seen_from) },
  { title: 'To', value: (version) => (version.seen_to == null ? 'now' : localTime(version.seen_to)) },
  { title: 'What changed', value: ({ changes }) => changesText(changes) },
];

function changesText(changes: unknown): string {
  if (typeof changes !== 'object' || changes === null) return '';
  return Object.entries(changes)
    .flatMap(([field, change]: [string, unknown]) => beforeAfter(field, change))
    .join('; ');
}

function beforeAfter(field: string, change: unknown): string[] {
  return isPlain(change) && 'before' in change && 'after' in change
    ? differences(field, change['before'], change['after'])
    : [`${field}: ${JSON.stringify(change)}`];
}

/** Of two objects only what differs, by its path: `extra.sub_accounts.acme.role: null -> "admin"`. */
function differences(path: string, before: unknown, after: unknown): string[] {
  if (!isPlain(before) || !isPlain(after)) {
    const [was, is] = [before, after].map((value) => JSON.stringify(value));
    return was === is ? [] : [`${path}: ${was ?? 'null'} -> ${is ?? 'null'}`];
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => differences(`${path}.${name}`, before[name], after[name]));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function statusOf({ status, is_locked: isLocked, missing_since: missingSince }: Account): string {
  return [status, ...(isLocked === true ? ['locked'] : []), ...(missingSince == null ? [] : ['missing'])].join(', ');
}

function factorsOf({ mfa }: Account): string {
  if (mfa == null) return 'not told';
  return mfa.length === 0 ? 'none' : mfa.join(', ');
}
