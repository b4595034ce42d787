import { UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import {
  type AccountRecord,
  addressOfHolder,
  type AnyRecord,
  type GrantRecord,
  heldBy,
  type RecordKind,
  type RecordOf,
} from '../../model/records.ts';
import type { KnownAccount, PlanSnapshot } from '../changes.ts';
import type { OpenConnector } from '../connector.ts';
import { plainId } from '../unified/ids.ts';
import { pullScope } from './pulling.ts';

/** What one pull of everything says is there, as actions plan from it and readings are compared with. */
export interface Company {
  /** Each once, holders resolved to accounts where only their address was told. */
  readonly records: readonly AnyRecord[];
  readonly accounts: readonly KnownAccount[];
  readonly snapshot: PlanSnapshot;
}

/** Pulls every collection of a connector into a snapshot in memory. */
export async function pullCompany(connector: OpenConnector, collections: readonly string[]): Promise<Company> {
  const pulled: AnyRecord[] = [];
  for (const collection of collections) {
    for (const scope of await connector.scopes(collection)) {
      pulled.push(...(await pullScope(connector, collection, scope)).records);
    }
  }
  return companyOf(pulled);
}

/** The snapshot these records make. */
export function companyOf(pulled: readonly AnyRecord[]): Company {
  const accountRecords = pulled.filter((record) => record.kind === 'account');
  const keys = new Map(accountRecords.map(({ email, key }) => [fold(email ?? ''), key]));
  const records = unique(pulled.map((record) => resolved(record, keys)));
  const grants = Map.groupBy(
    records.filter((record) => record.kind === 'grant'),
    ({ holderKind, holderKey }) => `${holderKind} ${holderKey}`,
  );
  const accounts = unique(accountRecords).map((account) => known(account, grants.get(`account ${account.key}`) ?? []));
  return { records, accounts, snapshot: snapshotOf(accounts, records) };
}

function snapshotOf(accounts: readonly KnownAccount[], records: readonly AnyRecord[]): PlanSnapshot {
  const byKey = new Map(accounts.map((account) => [account.subject.key, account]));
  const byAddress = Map.groupBy(accounts, ({ subject }) => fold(subject.email ?? ''));
  const all = <K extends RecordKind>(kind: K): readonly RecordOf<K>[] =>
    records
      .filter((record): record is RecordOf<K> => record.kind === kind)
      .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const groups = new Set(records.filter(({ kind }) => kind === 'group').map(({ key }) => key));
  const find = (reference: string, field: string): KnownAccount => {
    const id = plainId(reference, field);
    const [found, other] = byKey.has(id) ? [byKey.get(id)] : (byAddress.get(fold(id)) ?? []);
    if (found === undefined) throw new UsherError('notFound', `There is no account ${id}.`, { field });
    if (other !== undefined) throw new UsherError('conflict', `Several accounts have the address ${id}.`, { field });
    return found;
  };
  return {
    accounts: async (references, field) => references.map((reference) => find(reference, field)),
    accountsAt: async (addresses) =>
      new Map(
        addresses.flatMap((address) => {
          const [found] = byAddress.get(fold(address)) ?? [];
          return found === undefined ? [] : [[fold(address), found] as const];
        }),
      ),
    groups: async (wanted) => new Set(wanted.filter((key) => groups.has(key))),
    groupRecords: async () => all('group'),
    resources: async (type, keys) => among(all('resource'), keys).filter((resource) => resource.type === type),
    roles: async (keys) => among(all('role'), keys),
    credentials: async (keys) => among(all('credential'), keys),
  };
}

/** Those with these keys; all where there are none to choose by. */
function among<R extends AnyRecord>(records: readonly R[], keys: readonly string[] | null): readonly R[] {
  return keys === null ? records : records.filter(({ key }) => keys.includes(key));
}

function known(account: AccountRecord, grants: readonly GrantRecord[]): KnownAccount {
  const { key, email, displayName: name } = account;
  return { subject: { kind: 'account', key, email, name }, state: { account, grants } };
}

/** With the key of the account where a grant's holder or a credential's owner is known by address alone. */
function resolved(record: AnyRecord, keys: ReadonlyMap<string, string>): AnyRecord {
  const address = addressOfHolder(record);
  const key = address === null ? undefined : keys.get(address);
  return key === undefined ? record : heldBy(record, key);
}

function unique<R extends AnyRecord>(records: readonly R[]): readonly R[] {
  return [...new Map(records.map((record) => [`${record.kind} ${record.key}`, record])).values()];
}
