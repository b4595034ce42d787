import type { PoolClient } from 'pg';
import type { AccountRecord, AnyRecord, GrantRecord, RecordKind } from '../../model/records.ts';
import { addressOfHolder, heldBy } from '../../model/records.ts';
import { fold } from '../../model/ids.ts';
import { lockConnectionForPage } from './connection.ts';
import { encodeAny } from './encode-any.ts';
import { COMMIT_ORDER } from './kinds.ts';
import { coverStatement, readBackStatement } from './read-back-statement.ts';
import { accountKeysByEmail } from './stage.ts';

/** One subject as the app showed it, a moment ago and on its own. */
export interface ReadBack {
  /** The key the account had in the snapshot; null: it had none, or the subject is none. */
  readonly accountKey: string | null;
  /** The key of the credential that was looked for. Absent: the subject is none. */
  readonly credentialKey?: string;
  /** The account, what it holds and the groups that is of; or credentials. Without the subject, it is gone. */
  readonly records: readonly AnyRecord[];
  /** Kinds of target for which the account's grants among `records` are all it holds. */
  readonly covers: readonly GrantRecord['targetKind'][];
  /** When the app was asked, taken before the request. ISO 8601, UTC. */
  readonly observedAt: string;
}

/** Where read-backs belong. */
export interface ReadBackTarget {
  readonly connectionId: string;
  /** The collection that pulls such records: rows that are new are its rows. */
  collectionOf(kind: RecordKind): string;
  /** Default: ''. */
  readonly scope?: string;
  /** The apply run, which events and closed versions name. */
  readonly runId: string;
  /**
   * Whether nobody else can have a reading of these subjects to write, as whoever leases them knows: readings of others are
   * then taken in at the same time. Default: false.
   */
  readonly isLeased?: boolean;
}

/**
 * Takes readings of single subjects into the snapshot, in the caller's transaction: current rows, closed versions and
 * events of source `usher`. The newest observation wins, row by row: what the snapshot has from a later moment stays. An
 * account that is gone takes its grants with it; an invitation gives way to the account that has its address. Groups,
 * roles and resources are added where they were unknown and else left to the pulls.
 *
 * Each row's moment is noted besides, so that a pull whose pages are older does not undo it. The transaction holds the
 * connection from here on, as the commit of a pull does, alone or beside other leased readings: keep it short. What follows
 * in it is planned as for looking rows up by their keys (`PAGE_PLANNING`). Nothing happens where the connection is gone.
 *
 * Shares with an address (`email:` holders) of the snapshot become the new account's with the next pull.
 */
export async function keepReadBacks(
  client: PoolClient,
  target: ReadBackTarget,
  readBacks: readonly ReadBack[],
): Promise<void> {
  if (readBacks.length === 0) return;
  const hold = target.isLeased === true ? 'beside others' : 'alone';
  const connection = await lockConnectionForPage(client, target.connectionId, hold);
  if (connection === null) return;
  const readings = newestOfEach(readBacks);
  for (let from = 0; from < readings.length; from += AT_ONCE) {
    await keepSome(client, target, readings.slice(from, from + AT_ONCE), connection.baselined_at !== null);
  }
}

/** Rows of a page's worth are looked up by key; with more, joining them with one another would take the time. */
const AT_ONCE = 500;

async function keepSome(
  client: PoolClient,
  target: ReadBackTarget,
  readings: readonly ReadBack[],
  emitsEvents: boolean,
): Promise<void> {
  const given = encodeAll(readings, await ownersOf(client, target, readings));
  const write = async (kind: RecordKind, ended: readonly object[]): Promise<readonly Removed[]> => {
    // In one order everywhere, so that two that name the same group never wait for each other.
    const rows = [...(given.get(kind)?.values() ?? [])].sort(byKey);
    if (rows.length === 0 && ended.length === 0) return [];
    const { connectionId, scope = '', runId } = target;
    const [read, gone] = [`[${rows.map(({ json }) => json).join(',')}]`, JSON.stringify(ended)];
    const { rows: removed } = await client.query<Removed>({
      name: `read_back_${kind}`,
      text: readBackStatement(kind),
      values: [runId, connectionId, emitsEvents, read, gone, target.collectionOf(kind), scope],
    });
    return removed;
  };
  for (const kind of ['role', 'group', 'resource'] as const) await write(kind, []);
  const removed = await write('account', readings.flatMap(goneIn));
  const dead = removed.map(({ key, observed_at }) => ({ holder: key, target_kind: null, observed_at }));
  const ended = [...dead, ...readings.flatMap(coveredBy)];
  await write('grant', ended);
  if (ended.length > 0) await client.query(coverStatement, [target.connectionId, JSON.stringify(ended)]);
  await write('credential', readings.flatMap(withoutCredential));
}

/** The key of an account that a reading did not find. */
function goneIn({ accountKey, records, observedAt }: ReadBack): readonly object[] {
  return accountKey === null || accountOf(records) ? [] : [{ key: accountKey, observed_at: observedAt }];
}

/** The key of a credential that a reading did not find. */
function withoutCredential({ credentialKey: key, records, observedAt }: ReadBack): readonly object[] {
  const isThere = records.some((record) => record.kind === 'credential' && record.key === key);
  return key === undefined || isThere ? [] : [{ key, observed_at: observedAt }];
}

/** The keys of the accounts that credentials name as their owners by address. */
async function ownersOf(
  client: PoolClient,
  { runId, connectionId }: ReadBackTarget,
  readings: readonly ReadBack[],
): Promise<ReadonlyMap<string, string>> {
  const credentials = readings.flatMap(({ records }) => records.filter(({ kind }) => kind === 'credential'));
  const addresses = new Set(credentials.flatMap((credential) => addressOfHolder(credential) ?? []));
  return addresses.size === 0 ? new Map() : accountKeysByEmail(client, runId, connectionId, [...addresses]);
}

/** The account and the kinds of target whose grants a reading shows all of. */
function coveredBy({ records, covers, observedAt }: ReadBack): readonly object[] {
  const holder = accountOf(records)?.key;
  return holder === undefined ? [] : covers.map((kind) => ({ holder, target_kind: kind, observed_at: observedAt }));
}

/** A key that is gone, whether or not the snapshot had it. */
interface Removed {
  readonly key: string;
  readonly observed_at: string;
}

/** A row that a statement is given, with its JSON. */
interface Row {
  readonly key: string;
  readonly json: string;
}

function byKey({ key: a }: Row, { key: b }: Row): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Of several readings of one subject the newest; of the same moment, the last. */
function newestOfEach(readBacks: readonly ReadBack[]): readonly ReadBack[] {
  const newest = new Map<string, ReadBack>();
  for (const readBack of readBacks) {
    const { accountKey, credentialKey, records } = readBack;
    const subject =
      credentialKey === undefined ? `account ${accountOf(records)?.key ?? accountKey}` : `credential ${credentialKey}`;
    const present = newest.get(subject);
    if (!present || moment(present) <= moment(readBack)) newest.set(subject, readBack);
  }
  return [...newest.values()];
}

function encodeAll(
  readings: readonly ReadBack[],
  owners: ReadonlyMap<string, string>,
): ReadonlyMap<RecordKind, ReadonlyMap<string, Row>> {
  const byKind = new Map<RecordKind, Map<string, Row>>(COMMIT_ORDER.map((kind) => [kind, new Map()]));
  // Older ones first: of a group that several readings name, the newest stays.
  for (const reading of readings.toSorted((a, b) => moment(a) - moment(b))) {
    const account = accountOf(reading.records);
    for (const record of reading.records) {
      const row = rowOf(resolved(record, account, owners), reading.observedAt);
      byKind.get(record.kind)?.set(row.key, row);
    }
  }
  return byKind;
}

function rowOf(record: AnyRecord, observedAt: string): Row {
  const encoded = encodeAny(record);
  const { key } = encoded;
  const own = `"key":${JSON.stringify(key)},"observed_at":${JSON.stringify(observedAt)},"content_hash":"${encoded.contentHash()}"`;
  return { key, json: `{${own}${encoded.jsonMembers()}}` };
}

/** A grant that the app gives to this very account by its address, or a credential of an account the snapshot has. */
function resolved(
  record: AnyRecord,
  account: AccountRecord | undefined,
  owners: ReadonlyMap<string, string>,
): AnyRecord {
  const address = addressOfHolder(record);
  if (address === null) return record;
  const own = account?.email && address === fold(account.email) ? account.key : undefined;
  const key = own ?? (record.kind === 'credential' ? owners.get(address) : undefined);
  return key === undefined ? record : heldBy(record, key);
}

function accountOf(records: readonly AnyRecord[]): AccountRecord | undefined {
  return records.find((record) => record.kind === 'account');
}

function moment(reading: ReadBack): number {
  return Date.parse(reading.observedAt);
}
