import type { RecordKind } from '../../model/records.ts';
import { kindDescription } from './kinds.ts';

/**
 * The one statement that turns a staged run into new versions, closed versions and events of a kind.
 * Absent rows are in the transaction's table `absent_<kind>`. Parameters: $1 run, $2 connection, $3 whether events are emitted, $4 whether this is a re-base (rewritten
 * without history or update events). Answers one row: added, updated, removed, missing.
 */
export function diffStatement(kind: RecordKind): string {
  const { table, columns, volatile } = kindDescription(kind);
  const names = columns.map((column) => column.name);
  const list = names.join(', ');
  const kept = ['connection_id', 'key', 'collection', 'scope', ...names, 'content_hash', 'observed_at', 'seen_from'];
  return `
with latest as materialized (
  select distinct on (key) * from staged_${kind} where run_id = $1 order by key, observed_at desc, page desc
),
before as materialized (
  select a.* from ${table} a join latest s on a.key = s.key
   where a.connection_id = $2 and s.observed_at > a.observed_at and a.content_hash <> s.content_hash
),
changed as (
  update ${table} a
     set ${names.map((name) => `${name} = s.${name}`).join(', ')}, collection = s.collection, scope = s.scope,
         content_hash = s.content_hash, observed_at = s.observed_at,
         seen_from = case when $4 then a.seen_from else s.observed_at end, missing_run = null, missing_since = null
    from latest s
   where a.connection_id = $2 and a.key = s.key and s.observed_at > a.observed_at and a.content_hash <> s.content_hash
  returning a.*
),
back as (
  -- Seen again; or, where it was read back on its own, seen for the first time in its place.
  update ${table} a set missing_run = null, missing_since = null, collection = s.collection, scope = s.scope
    from latest s
   where a.connection_id = $2 and a.key = s.key and a.content_hash = s.content_hash
     and (a.missing_run is not null or a.collection <> s.collection or a.scope <> s.scope)
  returning a.key
),
added as (
  insert into ${table} (connection_id, key, collection, scope, ${list}, content_hash, observed_at, seen_from)
  select $2, s.key, s.collection, s.scope, ${names.map((name) => `s.${name}`).join(', ')}, s.content_hash, s.observed_at, s.observed_at
    from latest s where not exists (select from ${table} a where a.connection_id = $2 and a.key = s.key)
  returning *
),
doubted as (
  update ${table} a set missing_run = $1, missing_since = absent.started_at
    from absent_${kind} absent
   where a.connection_id = $2 and a.key = absent.key and absent.missing_run is null and not absent.has_joined
  returning a.key
),
removed as (
  delete from ${table} a using absent_${kind} absent
   where a.connection_id = $2 and a.key = absent.key
     and (absent.has_joined or (absent.missing_run is not null and absent.missing_run <> $1))
  returning a.*, absent.started_at as removed_at, absent.has_joined
),
${
  volatile.length === 0
    ? ''
    : `unkept as (
  delete from ${kind}_volatile v using removed r where v.connection_id = $2 and v.key = r.key
),
`
}closed as (
  insert into ${kind}_history (${kept.join(', ')}, seen_to, was_removed, run_id)
  select ${kept.map((name) => `b.${name}`).join(', ')}, c.observed_at, false, $1::uuid
    from before b join changed c on c.key = b.key where not $4
  union all
  select ${kept.map((name) => `r.${name}`).join(', ')}, greatest(r.removed_at, r.seen_from), true, $1::uuid from removed r
),
${eventInserts(kind, { source: 'sync', isTold: '$3', isUpdateTold: '$3 and not $4', pairs: 'before b join changed c on c.key = b.key' })}
select (select count(*) from added) as added, (select count(*) from changed) as updated,
       (select count(*) from removed) as removed, (select count(*) from doubted) as missing`;
}

/** SQL for the events of a statement that writes the snapshot. */
interface Telling {
  readonly source: 'sync' | 'usher';
  /** SQL conditions: whether anything is told, and whether an update is. */
  readonly isTold: string;
  readonly isUpdateTold: string;
  /** SQL: what was changed, as `b` before and as `c` after. */
  readonly pairs: string;
}

/**
 * The CTEs that tell what a statement did: it has the run as $1, the connection as $2 and the CTEs `added`, `removed`
 * (with `removed_at` and, of accounts, `has_joined`) and whatever `pairs` names.
 */
export function eventInserts(kind: RecordKind, { source, isTold, isUpdateTold, pairs }: Telling): string {
  const { columns, eventColumns } = kindDescription(kind);
  const main = (alias: string): string =>
    `jsonb_build_object(${eventColumns.map((name) => `'${name}', ${alias}.${name}`).join(', ')})`;
  const difference = columns
    .map(({ name }) => name)
    .filter((name) => !name.endsWith('_folded'))
    .map(
      (name) => `case when b.${name} is distinct from c.${name}
          then jsonb_build_object('${name}', jsonb_build_object('before', to_jsonb(b.${name}), 'after', to_jsonb(c.${name})))
          else '{}'::jsonb end`,
    )
    .join('\n        || ');
  const head = `insert into change_event (connection_id, source, type, subject_kind, subject_key, occurred_at, run_id, data)`;
  const created = kind === 'grant' ? `'grant.added'` : kind === 'account' ? createdOrJoined : `'${kind}.created'`;
  const silentJoin = kind === 'account' ? 'and not r.has_joined' : '';
  return `told_added as (
  ${head}
  select $2, '${source}', ${created}, '${kind}', a.key, a.observed_at, $1::uuid, ${main('a')} from added a where ${isTold}
),
told_changed as (
  ${head}
  select $2, '${source}', ${kind === 'account' ? accountUpdateType : `'${kind}.updated'`}, '${kind}', c.key, c.observed_at, $1::uuid,
      ${difference}
    from ${pairs} where ${isUpdateTold}
),
told_removed as (
  ${head}
  select $2, '${source}', '${kind}.removed', '${kind}', r.key, r.removed_at, $1::uuid, ${main('r')}
    from removed r where ${isTold} ${silentJoin}
)`;
}

/** An account that takes the place of its own invitation has joined; the invitation's removal makes no event of its own. */
const createdOrJoined = `case when exists (select from removed r where r.has_joined and r.key = 'invited:' || a.email_folded)
    then 'account.joined' else 'account.created' end`;

const accountUpdateType = `case
    when c.status = 'disabled' and b.status <> 'disabled' then 'account.disabled'
    when c.status <> 'disabled' and b.status = 'disabled' then 'account.enabled'
    else 'account.updated' end`;
