import type { RecordKind } from '../../model/records.ts';
import { eventInserts } from './diff-statement.ts';
import { kindDescription } from './kinds.ts';

/**
 * The one statement that takes readings of single subjects into a kind. Parameters: $1 run, $2 connection, $3 whether
 * events are emitted, $4 the rows read (a JSON array of objects, every value but JSON as text), $5 what is gone, $6 collection and
 * $7 scope of rows that are new. What is gone: of accounts and credentials, `{key, observed_at}`; of grants, `{holder, target_kind,
 * observed_at}`, all that an account no longer there holds (target_kind null) or all that was not read of what was
 * covered. Answers the keys that are gone, each with its moment, whether or not the snapshot had them.
 *
 * Nothing is written over what is known from later: a row seen later, a later reading of it, or the last complete pull
 * of its collection if that began later (an unchanged row keeps the moment of its version, so only the collection knows).
 */
export function readBackStatement(kind: RecordKind): string {
  const { table, columns, volatile } = kindDescription(kind);
  const names = columns.map((column) => column.name);
  const casts = [...columns, ...volatile].map(({ name, type }) => `g.${name}::${type}`);
  const members = [...columns, ...volatile].map(({ name, type }) => `${name} ${isJson(type) ? type : 'text'}`);
  const kept = ['connection_id', 'key', 'collection', 'scope', ...names, 'content_hash', 'observed_at', 'seen_from'];
  return `
with given as materialized (
  select g.key, g.observed_at, g.content_hash, ${casts.join(', ')}
    from json_to_recordset($4::json) as g(key text, observed_at timestamptz, content_hash uuid, ${members.join(', ')})
),
fresh as materialized (
  select g.*, a.content_hash is not distinct from g.content_hash as is_same, a as was from given g
    ${known(kind, 'g')}
    ${kind === 'grant' ? covered : ''}
   where g.observed_at >= ${kind === 'grant' ? `greatest(w.observed_at, ${NEWEST_KNOWN})` : NEWEST_KNOWN}
     ${isReplaced(kind) ? '' : 'and (a.key is null or a.content_hash = g.content_hash)'}
),
${gone(kind)},
changed as (
  update ${table} a
     set ${names.map((name) => `${name} = g.${name}`).join(', ')}, content_hash = g.content_hash,
         observed_at = g.observed_at, seen_from = g.observed_at, missing_run = null, missing_since = null
    from fresh g
   where a.connection_id = $2 and a.key = g.key and a.content_hash <> g.content_hash
  returning a.*, g.was
),
confirmed as (
  update ${table} a set observed_at = g.observed_at, missing_run = null, missing_since = null
    from fresh g
   where a.connection_id = $2 and a.key = g.key and g.is_same ${isBumped(kind) ? '' : 'and a.missing_run is not null'}
),
added as (
  insert into ${table} (${kept.join(', ')})
  select $2, g.key, $6, $7, ${names.map((name) => `g.${name}`).join(', ')}, g.content_hash, g.observed_at, g.observed_at
    from fresh g where not exists (select from ${table} a where a.connection_id = $2 and a.key = g.key)
  -- A group that a reading beside this one has just added.
  on conflict do nothing
  returning *
),
removed as (
  delete from ${table} a using gone
   where a.connection_id = $2 and a.key = gone.key
  returning a.*, gone.observed_at as removed_at, gone.has_joined
),
${volatile.length === 0 ? '' : sideTable(kind)}closed as (
  -- A version that began in the same moment was never to be seen.
  insert into ${kind}_history (${kept.join(', ')}, seen_to, was_removed, run_id)
  select ${kept.map((name) => `b.${name}`).join(', ')}, c.observed_at, false, $1::uuid
    from ${PAIRS} where b.seen_from < c.observed_at
  union all
  select ${kept.map((name) => `r.${name}`).join(', ')}, r.removed_at, true, $1::uuid
    from removed r where r.seen_from < r.removed_at
),
noted as (
  insert into read_back as n (connection_id, kind, key, observed_at, is_absent)
  select $2, '${kind}', key, observed_at, false from fresh ${isBumped(kind) ? '' : 'where not is_same'}
  union all
  select $2, '${kind}', key, observed_at, true from gone
  on conflict (connection_id, kind, key) do update
     set observed_at = greatest(n.observed_at, excluded.observed_at), is_absent = excluded.is_absent
),
${eventInserts(kind, { source: 'usher', isTold: '$3', isUpdateTold: '$3', pairs: PAIRS })}
select key, observed_at from gone`;
}

/** Such a column is given as it is: within a text it would be escaped, and parsed once more. */
function isJson(type: string): boolean {
  return type === 'json' || type === 'jsonb';
}

/** A changed row carries what it was: to look for that among hundreds of others, each by each, would take the time. */
const PAIRS = 'changed c cross join lateral (select (c.was).*) b';

/**
 * Notes for which holders and kinds of target all grants were read ($2, as $5 of the grants' statement), so that an older
 * page does not bring back one that neither the snapshot nor the reading knew. $1 connection.
 */
export const coverStatement = `
insert into read_back as n (connection_id, kind, key, observed_at, is_absent)
select $1, 'grant:' || kinds.kind, c.holder, max(c.observed_at), bool_or(c.target_kind is null)
  from json_to_recordset($2::json) as c(holder text, target_kind text, observed_at timestamptz)
  join unnest('{group,role,resource}'::text[]) as kinds(kind) on c.target_kind is null or c.target_kind = kinds.kind
 group by kinds.kind, c.holder
on conflict (connection_id, kind, key) do update
   set observed_at = excluded.observed_at, is_absent = excluded.is_absent
 where n.observed_at <= excluded.observed_at`;

/** Only accounts, grants and credentials are read whole one by one: of the rest a reading shows what is new, and no more. */
function isReplaced(kind: RecordKind): boolean {
  return kind === 'account' || kind === 'grant' || kind === 'credential';
}

/**
 * An account or credential that was read as it was known may have been otherwise in between, and a page may tell so: its moment is kept.
 * A grant or a group has nothing but to be there: a page that knew better is told by the coverage, and one that did not see
 * it only makes it doubted. Not writing these keeps a change from writing ten rows more than it has to.
 */
function isBumped(kind: RecordKind): boolean {
  return kind === 'account' || kind === 'credential';
}

/**
 * Joins the reading of a key, by the whole of the index: readings come by the thousand within a run, before the planner's
 * statistics know of them, and it would go through all of a kind for each row.
 */
function readingOf(alias: string, kind: string, key: string): string {
  return `left join lateral (select observed_at from read_back n
      where n.connection_id = $2 and n.kind = ${kind} and n.key = ${key} limit 1) ${alias} on true`;
}

/** Joins what is known of a row's key: the row, a reading of it, its collection. */
function known(kind: RecordKind, row: string): string {
  return `left join ${kindDescription(kind).table} a on a.connection_id = $2 and a.key = ${row}.key
    ${readingOf('r', `'${kind}'`, `${row}.key`)}
    left join collection_state c on c.connection_id = $2
      and c.collection = coalesce(a.collection, $6) and c.scope = coalesce(a.scope, $7)`;
}

/** A later reading that would have shown the grant, had there been one. */
const covered = readingOf(
  'w',
  `'grant:' || g.target_kind`,
  `case when g.holder_kind = 'account' then g.holder_key end`,
);

const NEWEST_KNOWN = `greatest(a.observed_at, r.observed_at, c.complete_as_of, '-infinity')`;

function gone(kind: RecordKind): string {
  switch (kind) {
    case 'account':
      return goneAccounts;
    case 'grant':
      return goneGrants;
    case 'credential':
      return goneCredentials;
    default:
      return `gone as (
  select key, observed_at, false as has_joined from json_to_recordset($5::json) as e(key text, observed_at timestamptz)
)`;
  }
}

/** Accounts that were not found, and invitations whose address has an account now: their person joined. */
const goneAccounts = `gone as materialized (
  select distinct on (key) key, observed_at, has_joined from (
    select e.key, e.observed_at, false as has_joined
      from json_to_recordset($5::json) as e(key text, observed_at timestamptz)
      ${known('account', 'e')}
     where e.observed_at >= ${NEWEST_KNOWN}
    union all
    select a.key, g.observed_at, true
      from fresh g join account a on a.connection_id = $2 and a.key = 'invited:' || g.email_folded
     where g.key not like 'invited:%' and g.observed_at >= a.observed_at
  ) ended
   where not exists (select from given g where g.key = ended.key)
   order by key, has_joined desc, observed_at desc
)`;

const goneCredentials = `gone as materialized (
  select distinct on (e.key) e.key, e.observed_at, false as has_joined
    from json_to_recordset($5::json) as e(key text, observed_at timestamptz)
    ${known('credential', 'e')}
   where e.observed_at >= ${NEWEST_KNOWN} and not exists (select from given g where g.key = e.key)
   order by e.key, e.observed_at desc
)`;

const goneGrants = `gone as materialized (
  select distinct on (a.key) a.key, greatest(e.observed_at, a.seen_from) as observed_at, false as has_joined
    from json_to_recordset($5::json) as e(holder text, target_kind text, observed_at timestamptz)
    join "grant" a on a.connection_id = $2 and a.holder_kind = 'account' and a.holder_key = e.holder
     and (e.target_kind is null or a.target_kind = e.target_kind)
    left join collection_state c on c.connection_id = $2 and c.collection = a.collection and c.scope = a.scope
    ${readingOf('w', `'grant:' || a.target_kind`, 'a.holder_key')}
   where (e.target_kind is null or e.observed_at >= greatest(a.observed_at, c.complete_as_of, w.observed_at))
     and not exists (select from given g where g.key = a.key)
   order by a.key, observed_at desc
)`;

/**
 * The values that change without meaning. The hash that a page is compared with is taken away: the next page that shows
 * the row stages it, whatever it says. So a page that did not was compared before (see `overwrittenStatement`).
 */
function sideTable(kind: RecordKind): string {
  const names = kindDescription(kind).volatile.map((column) => column.name);
  const values = names.map(
    (name) => `${name} = ${name === 'raw' ? 'coalesce(excluded.raw, v.raw)' : `excluded.${name}`}`,
  );
  return `unkept as (
  delete from ${kind}_volatile v using gone where v.connection_id = $2 and v.key = gone.key
),
kept as (
  insert into ${kind}_volatile as v (connection_id, key, ${names.join(', ')}, volatile_hash)
  select $2, key, ${names.join(', ')}, gen_random_uuid() from fresh
  on conflict (connection_id, key) do update set ${values.join(', ')}, volatile_hash = excluded.volatile_hash
),
`;
}
