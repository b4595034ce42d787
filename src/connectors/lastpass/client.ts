import { createRedactor } from '../../connector-kit/http/redact.ts';
import { isObject } from '../../connector-kit/json.ts';
import { type MapEntry, readObjectMap } from '../../connector-kit/json-stream.ts';
import { UsherError } from '../../model/errors.ts';
import { describeOther, readJsonAnswer, throwIfFailed } from './answers.ts';
import { ENDPOINT, type LastPassContext } from './config.ts';
import { eventRowSchema, reportingSchema, userDataSchema, type EventRow } from './schemas.ts';

/** How Usher names itself to the vendor; its audit log then shows `API: usher`. */
export const API_USER = 'usher';
/** The vendor's reads fan out inside; cartography and Sentinel's connector wait 60 to 120 s. */
const TIMEOUT_MS = 120_000;

export interface UserDataQuery {
  readonly username?: string;
  readonly disabled?: boolean;
  readonly admin?: boolean;
  readonly pageSize?: number;
  readonly pageIndex?: number;
}

/** One page of `getuserdata`, its envelope checked, its rows as they came. */
export interface UserDataPage {
  /** Users matching in the company; null where an older answer does not tell. */
  readonly total: number | null;
  readonly users: readonly (readonly [id: string, user: Readonly<Record<string, unknown>>])[];
  /** Group name -> addresses; only groups with a member on this page, as recorded by JupiterOne. */
  readonly groups: readonly (readonly [name: string, members: readonly string[]])[];
  readonly invited: readonly string[];
}

/** Reads users, groups and invitations: one page where `pageSize` is given, else everything at once. */
export async function getUserData(context: LastPassContext, query: UserDataQuery): Promise<UserDataPage> {
  const answer = await call(context, 'getuserdata', {
    ...(query.username === undefined ? {} : { username: query.username }),
    ...(query.disabled === undefined ? {} : { disabled: query.disabled ? 1 : 0 }),
    ...(query.admin === undefined ? {} : { admin: query.admin ? 1 : 0 }),
    ...(query.pageSize === undefined ? {} : { pagesize: query.pageSize, pageindex: query.pageIndex ?? 0 }),
  });
  const parsed = userDataSchema.safeParse(answer);
  if (!parsed.success) throw unexpectedShape('getuserdata', parsed.error.issues[0]?.path ?? []);
  const { total, count, Users, Groups, invited, Invited } = parsed.data;
  if (Users === undefined) throw unexpectedShape('getuserdata', ['Users']);
  const users = entriesOf('getuserdata', 'Users', Users).map(([id, user]) => {
    if (/^\d+$/.test(id) && isObject(user)) return [id, user] as const;
    throw unexpectedShape('getuserdata', ['Users', /^\d+$/.test(id) ? id : '(a key that is no number)']);
  });
  if (typeof count === 'number' && count !== users.length) {
    throw new UsherError(
      'upstreamBug',
      `LastPass announced ${count} users in an answer to getuserdata and sent ${users.length}.`,
      {
        code: 'countMismatch',
        next: 'Try again; nothing was concluded from it.',
      },
    );
  }
  const groups = entriesOf('getuserdata', 'Groups', Groups).map(([name, members]) => {
    if (Array.isArray(members) && members.every((member) => typeof member === 'string'))
      return [name, members] as const;
    throw unexpectedShape('getuserdata', ['Groups', '*']);
  });
  return { total: total ?? null, users, groups, invited: invited ?? Invited ?? [] };
}

/** Reads all shared folders with their grants, in batches as they come in. There is no filter and no paging. */
export async function* getSharedFolders(
  context: LastPassContext,
  batchSize: number,
): AsyncGenerator<MapEntry[], void, void> {
  const operation = 'getsfdata';
  const stream = await context.http.stream(request(context, operation, undefined));
  const batches = readObjectMap(stream.body, {
    operation,
    batchSize,
    describeOther: (head) => describeOther(operation, stream.status, head.trimStart()),
  });
  for await (const batch of batches) yield checkedFolders(operation, batch);
}

/**
 * Reads a page of shared folders with the sites each grantee sees. Always paged: unpaged calls end in 429 on real
 * companies (elastic/integrations, pull requests 9978 and 9988).
 */
export async function getDetailedSharedFolders(
  context: LastPassContext,
  pageSize: number,
  pageIndex: number,
): Promise<MapEntry[]> {
  const operation = 'getdetailedsfdata';
  const answer = await call(context, operation, { data: 'all', pagesize: pageSize, pageindex: pageIndex });
  return checkedFolders(operation, entriesOf(operation, 'the whole', answer));
}

export interface ReportingQuery {
  /** `YYYY-MM-DD HH:MM:SS` in the account's zone. */
  readonly from: string;
  readonly to: string;
  readonly user?: string;
  readonly search?: string;
  readonly adminOnly?: boolean;
  /** The vendor's cursor of the answer before: events at or before this instant. */
  readonly next?: string;
}

/** One answer of `reporting`: rows in the order sent; `next` is null when the window is exhausted. */
export interface ReportingPage {
  readonly rows: readonly EventRow[];
  readonly next: string | null;
}

/** Reads audit events of a window; at most 10,000 an answer (the vendor's cap). */
export async function getReport(context: LastPassContext, query: ReportingQuery): Promise<ReportingPage> {
  const answer = await call(context, 'reporting', {
    from: query.from,
    to: query.to,
    user: query.user ?? 'allusers',
    ...(query.search === undefined ? {} : { search: query.search }),
    ...(query.adminOnly === true ? { admin: 1 } : {}),
    ...(query.next === undefined ? {} : { next: query.next }),
  });
  const parsed = reportingSchema.safeParse(answer);
  if (!parsed.success) throw unexpectedShape('reporting', parsed.error.issues[0]?.path ?? []);
  const rows = entriesOf('reporting', 'data', parsed.data.data).map(([name, row]) => {
    const event = eventRowSchema.safeParse(row);
    if (event.success) return event.data;
    throw unexpectedShape('reporting', ['data', name, ...(event.error.issues[0]?.path ?? [])]);
  });
  const next = parsed.data.next;
  return { rows, next: next === null || next === undefined || next === '' ? null : String(next) };
}

/** Throws before anything is sent where the secret is plainly a key of LastPass's other API. */
function refuseForeignKey(hash: string): void {
  if (!hash.startsWith('lpkey_')) return;
  throw new UsherError('invalidInput', 'This is a key of the LastPass REST API (lpkey_…); nothing was sent.', {
    code: 'wrongApi',
    field: 'secrets.provisioning_hash',
    next: 'Usher speaks the Enterprise API: take the provisioning hash from Admin console > Advanced > Enterprise API.',
  });
}

/** JSON as the command wants it: an object, a list or nothing. */
type CallData = object;

function request(context: LastPassContext, cmd: string, data: CallData | undefined) {
  refuseForeignKey(context.settings.provisioningHash);
  return {
    operation: cmd,
    method: 'POST',
    path: ENDPOINT,
    body: {
      json: {
        cid: Number(context.settings.companyId),
        provhash: context.settings.provisioningHash,
        cmd,
        apiuser: API_USER,
        ...(data === undefined ? {} : { data }),
      },
    },
    isSafeToRepeat: true,
    timeoutMs: TIMEOUT_MS,
  } as const;
}

/**
 * Calls a writing command once: it is never repeated, whatever came back. `secrets` stand in `data` and are masked
 * wherever this request is shown, in the answer too, should it repeat them. Throws for a `FAIL`, which did nothing.
 */
export async function callOnce(
  context: LastPassContext,
  cmd: string,
  data: CallData,
  secrets: readonly string[] = [],
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await context.http.request({ ...request(context, cmd, data), isSafeToRepeat: false, secrets });
  const text = secrets.length === 0 ? answer.text : createRedactor(secrets).text(answer.text);
  const parsed = readJsonAnswer(cmd, answer.status, text);
  if (isObject(parsed)) return parsed;
  throw unexpectedShape(cmd, []);
}

async function call(context: LastPassContext, cmd: string, data: CallData): Promise<unknown> {
  const answer = await context.http.request(request(context, cmd, data));
  return readJsonAnswer(cmd, answer.status, answer.text);
}

/** The entries of a map as PHP writes it: an empty one is `[]` (lpmgt says so of `Users`), null or absent. */
function entriesOf(operation: string, field: string, value: unknown): [string, unknown][] {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return [];
  if (isObject(value)) return Object.entries(value);
  throw unexpectedShape(operation, [field]);
}

/** Every entry must be a folder; a refusal in JSON looks like a map with the key `status`. */
function checkedFolders(operation: string, entries: readonly MapEntry[]): MapEntry[] {
  return entries.map(([id, folder]) => {
    if (/^\d+$/.test(id) && isObject(folder)) return [id, folder];
    throwIfFailed(operation, Object.fromEntries(entries));
    throw unexpectedShape(operation, [/^\d+$/.test(id) ? id : '(a key that is no number)']);
  });
}

function unexpectedShape(operation: string, path: readonly PropertyKey[]): UsherError {
  const where = path.length === 0 ? 'the whole' : path.map(String).join('.');
  return new UsherError('upstreamBug', `LastPass answered ${operation} in an unexpected shape (${where}).`, {
    code: 'unexpectedShape',
    next: 'Nothing was concluded from it. Try again; if it stays so, report it with the name of the operation.',
  });
}
