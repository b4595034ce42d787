import type { RawBuilder } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestDatabase } from '../testing/index.ts';
import { testDatabase } from '../testing/index.ts';
import { accountsByKeysStatement, accountsStatement } from './accounts.ts';
import { credentialsStatement } from './credentials.ts';
import { eventsStatement, lastEventsStatement } from './events.ts';
import { grantsStatement, resourceGrantsStatement } from './grants.ts';

const ACCOUNTS = 100_000;
const RUN = '00000000-0000-4000-8000-000000000001';
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  const { pool } = database;
  const common = `'big', %KEY%, 'all', ''`;
  // One in ten changed since: the present version is of March, a closed one of February is in the history.
  const seen = `case when n % 10 = 0 then timestamptz '2026-03-01Z' else '2026-01-01Z' end`;
  const version = `'${RUN}', '2026-03-01Z', ${seen}`;
  const of = (key: string) => common.replace('%KEY%', key);
  await pool.query(`
    insert into account (connection_id, key, collection, scope, email, email_folded, display_name, status, roles, extra, content_hash, observed_at, seen_from)
    select ${of(`lpad(n::text, 7, '0')`)}, 'p' || n || '@northwind.example', 'p' || n || '@northwind.example', 'Person ' || n,
           case when n % 50 = 0 then 'disabled' else 'active' end, '{basic}', '{}', ${version}
      from generate_series(1, ${ACCOUNTS}) n`);
  await pool.query(`
    insert into account_volatile select 'big', key, null, '{}', '{}', '${RUN}' from account`);
  await pool.query(`
    insert into account_history (connection_id, key, collection, scope, email, email_folded, display_name, status, roles, extra, content_hash, observed_at, seen_from, seen_to, was_removed, run_id)
    select ${of(`lpad(n::text, 7, '0')`)}, 'p', 'p', 'Person ' || n, 'active', '{basic}', '{}', '${RUN}', '2026-02-01Z', '2026-02-01Z', '2026-03-01Z', false, '${RUN}'
      from generate_series(10, ${ACCOUNTS}, 10) n`);
  await pool.query(`
    insert into resource (connection_id, key, collection, scope, type, name, name_folded, extra, content_hash, observed_at, seen_from)
    select ${of(`n::text`)}, 'shared_folder', 'Folder ' || n, 'folder ' || n, '{}', ${version} from generate_series(1, 2000) n`);
  await pool.query(`
    insert into "grant" (connection_id, key, collection, scope, holder_kind, holder_key, target_kind, target_key, permission, path, extra, content_hash, observed_at, seen_from)
    select ${of(`'account' || lpad(n::text, 7, '0') || ' ' || kind || ' ' || t`)}, 'account', lpad(n::text, 7, '0'), kind, t, 'viewer', '', '{}', ${version}
      from generate_series(1, ${ACCOUNTS}) n,
           lateral (values ('resource', ((n * 7) % 2000 + 1)::text), ('group', 'g' || n % 500)) held(kind, t)`);
  await pool.query(`
    insert into grant_history (connection_id, key, collection, scope, holder_kind, holder_key, target_kind, target_key, permission, path, extra, content_hash, observed_at, seen_from, seen_to, was_removed, run_id)
    select connection_id, key, collection, scope, holder_kind, holder_key, target_kind, target_key, permission, path, extra, content_hash,
           '2026-02-01Z', '2026-02-01Z', '2026-03-01Z', false, '${RUN}' from "grant" where seen_from = '2026-03-01Z'`);
  await pool.query(`
    insert into credential (connection_id, key, collection, scope, type, name, name_folded, owner_key, is_enabled, extra, content_hash, observed_at, seen_from)
    select connection_id, key, 'all', '', 'api_key', display_name, lower(display_name), key, true, '{}', '${RUN}', observed_at, seen_from from account`);
  await pool.query(`
    insert into credential_volatile select 'big', key, null, '{}', '{}', '${RUN}' from credential`);
  await pool.query(`
    insert into credential_history (connection_id, key, collection, scope, type, name, name_folded, owner_key, is_enabled, extra, content_hash, observed_at, seen_from, seen_to, was_removed, run_id)
    select connection_id, key, 'all', '', 'api_key', display_name, lower(display_name), key, true, '{}', '${RUN}', observed_at, seen_from, seen_to, false, '${RUN}' from account_history`);
  await pool.query(`
    insert into change_event (position, connection_id, source, type, subject_kind, subject_key, occurred_at, data)
    select n, 'big', 'sync', 'account.updated', 'account', n::text, '2026-03-01Z', '{}' from generate_series(1, ${ACCOUNTS}) n`);
  await pool.query('vacuum analyze');
});
afterAll(() => database.close());

const scope = ['big'];
const after = { connectionId: 'big', key: '0050000' };
const asOf = '2026-02-10T00:00:00.000Z';
const keys = Array.from({ length: 50 }, (_, at) => String(at * 1000 + 1).padStart(7, '0'));
const folders = { connectionId: 'big', resourceType: 'shared_folder', resourceKey: null };

const HOT: readonly (readonly [string, () => RawBuilder<unknown>])[] = [
  ['the first page of accounts', () => accountsStatement({ scope }, null, 51)],
  ['a later page of accounts', () => accountsStatement({ scope }, after, 51)],
  ['a page of accounts of all connections', () => accountsStatement({ scope: null }, after, 51)],
  ['a page of accounts as of a past moment', () => accountsStatement({ scope, asOf }, after, 51)],
  ['accounts by e-mail address', () => accountsStatement({ scope, email: 'p77@northwind.example' }, null, 51)],
  ['the members of a group', () => accountsStatement({ scope, group: 'g7' }, null, 51)],
  ['accounts by key', () => accountsByKeysStatement('big', keys)],
  ['accounts by key as of a past moment', () => accountsByKeysStatement('big', keys, asOf)],
  ['what an account holds', () => grantsStatement({ scope, holder: { kind: 'account', key: '0000077' } }, null, 51)],
  [
    'what an account held',
    () => grantsStatement({ scope, holder: { kind: 'account', key: '0000077' }, asOf }, null, 51),
  ],
  ['a page of credentials', () => credentialsStatement('big', {}, '0050000', 51)],
  ['a page of credentials as of a past moment', () => credentialsStatement('big', { asOf }, '0050000', 51)],
  ['what keys an account owns', () => credentialsStatement('big', { owner: 'p77@northwind.example' }, null, 51)],
  ['who holds a resource', () => grantsStatement({ scope, target: { kind: 'resource', key: '7' } }, null, 51)],
  ['a page of all grants', () => grantsStatement({ scope }, null, 51)],
  ['a page of all grants as of a past moment', () => grantsStatement({ scope, asOf }, null, 51)],
  ['holders of all resources', () => resourceGrantsStatement(folders, { resourceKey: '5', grantKey: '' }, 52)],
  ['holders of one resource', () => resourceGrantsStatement({ ...folders, resourceKey: '7' }, null, 52)],
  ['the feed from a position', () => eventsStatement({ scope }, 99_000, 50)],
  ['the feed of all connections', () => eventsStatement({ scope: null }, 50, 50)],
  ['the newest of the feed', () => lastEventsStatement({ scope }, 50)],
  ['the newest of the feed of all connections', () => lastEventsStatement({ scope: null }, 50)],
];

test.each(HOT)('%s is read by an index, and reads few rows', async (_, statement) => {
  const { sql, parameters } = statement().compile(database.query);
  const { rows } = await database.pool.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `explain (analyze, format json, timing off) ${sql}`,
    [...parameters],
  );
  const nodes = flatten(rows[0]?.['QUERY PLAN'][0].Plan);
  expect(nodes.length).toBeGreaterThan(0);
  expect(nodes.filter(isScanOfBigTable).map((node) => node['Relation Name'])).toEqual([]);
  expect(Math.max(...nodes.map(rowsTouched))).toBeLessThan(3000);
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

function flatten(plan: Plan | undefined): readonly Plan[] {
  return plan === undefined ? [] : [plan, ...(plan.Plans ?? []).flatMap(flatten)];
}

function isScanOfBigTable(node: Plan): boolean {
  const big = [
    'account',
    'account_history',
    'account_volatile',
    'grant',
    'grant_history',
    'credential',
    'credential_history',
    'credential_volatile',
    'change_event',
  ];
  return node['Node Type'] === 'Seq Scan' && big.includes(node['Relation Name'] ?? '');
}

function rowsTouched(node: Plan): number {
  return (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
}
