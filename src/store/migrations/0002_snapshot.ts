/**
 * The snapshot of every connection, its history, the staging of pulls and the feed of events.
 *
 * One table a kind with typed columns, closed versions in `<kind>_history`, rows of a running pull in `staged_<kind>`.
 * `src/store/sync/kinds.ts` describes the columns once more for the statements made from them; a test compares the two.
 * Values that change without meaning, and what the app sent (`raw`), live in `<kind>_volatile`.
 */
const kinds = {
  account: `
    email text, email_folded text collate "C", username text, display_name text, given_name text, family_name text,
    status text not null, is_locked boolean, is_service boolean, mfa text[], roles text[] not null,
    employee_number text, created_at timestamptz, extra jsonb not null`,
  group: `
    name text not null, name_folded text collate "C" not null, description text, extra jsonb not null`,
  role: `
    name text not null, description text, type text not null, extra jsonb not null`,
  resource: `
    type text collate "C" not null, name text not null, name_folded text collate "C" not null, extra jsonb not null`,
  grant: `
    holder_kind text not null, holder_key text collate "C" not null, target_kind text not null,
    target_key text collate "C" not null, permission text not null, path text not null, extra jsonb not null`,
};

const volatile = {
  account: 'last_login_at timestamptz, volatile_extra jsonb not null, raw json',
  resource: 'volatile_extra jsonb not null, raw json',
};

function kindTables(kind: keyof typeof kinds): string {
  const columns = kinds[kind];
  const side = kind in volatile ? volatile[kind === 'resource' ? 'resource' : 'account'] : null;
  return `
create table "${kind}" (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  ${columns},
  content_hash uuid not null,
  observed_at timestamptz not null,
  seen_from timestamptz not null,
  missing_run uuid,
  missing_since timestamptz,
  primary key (connection_id, key)
);
create table ${kind}_history (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  ${columns},
  content_hash uuid not null,
  observed_at timestamptz not null,
  seen_from timestamptz not null,
  seen_to timestamptz not null,
  was_removed boolean not null,
  run_id uuid not null,
  primary key (connection_id, key, seen_from)
);
create index ${kind}_history_seen_to on ${kind}_history (connection_id, seen_to);
create table staged_${kind} (
  run_id uuid not null,
  page integer not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  ${columns},
  content_hash uuid not null,
  observed_at timestamptz not null
  ${side ? `, ${side}, volatile_hash uuid` : ''}
);
${
  side
    ? `create table ${kind}_volatile (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  ${side},
  volatile_hash uuid not null,
  primary key (connection_id, key)
) with (fillfactor = 85);`
    : ''
}`;
}

const ORDER = ['account', 'group', 'role', 'resource', 'grant'] as const;

export const snapshot = {
  id: '0002_snapshot',
  sql: `
${ORDER.map((kind) => kindTables(kind)).join('\n')}

-- Addresses of a running pull are resolved page by page.
create index staged_account_email on staged_account (run_id, email_folded);
create index account_email on account (connection_id, email_folded);
create index account_employee_number on account (employee_number) where employee_number is not null;
create index grant_holder on "grant" (connection_id, holder_key, key);
create index grant_target on "grant" (connection_id, target_key, key);
create index grant_history_holder on grant_history (connection_id, holder_key, seen_from);
create index grant_history_target on grant_history (connection_id, target_key, seen_from);

create table sync_run (
  id uuid primary key,
  connection_id text collate "C" not null,
  state text not null check (state in ('queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled')),
  requested_by text not null,
  is_baseline boolean not null default false,
  is_confirmed boolean not null default false,
  confirmed_by text,
  cancel_requested boolean not null default false,
  attempt integer not null default 0,
  requested_at timestamptz not null,
  started_at timestamptz,
  pulled_at timestamptz,
  finished_at timestamptz,
  mapping_version integer,
  anomalies jsonb not null default '[]',
  changes jsonb,
  error jsonb
);
-- Two syncs of one connection never overlap: a second request finds and joins the first.
create unique index sync_run_one_at_a_time on sync_run (connection_id) where state in ('queued', 'running', 'paused');
create index sync_run_connection on sync_run (connection_id, requested_at desc);

create table sync_collection (
  run_id uuid not null references sync_run (id) on delete cascade,
  collection text not null,
  scope text not null,
  ordinal integer not null,
  state text not null check (state in ('pending', 'pulling', 'complete', 'partial', 'failed')),
  checkpoint jsonb,
  checkpoint_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  pages integer not null default 0,
  records bigint not null default 0,
  -- Records of the kind that \`total\` counts.
  seen bigint not null default 0,
  staged bigint not null default 0,
  total bigint,
  restarts integer not null default 0,
  reason text,
  primary key (run_id, collection, scope)
);

-- Every key and hash of a page, so that absence and later writes can be told without staging unchanged rows.
create table staged_page (
  run_id uuid not null,
  collection text not null,
  scope text not null,
  kind text not null,
  page integer not null,
  observed_at timestamptz not null,
  keys text[] collate "C" not null,
  hashes uuid[] not null,
  staged integer not null,
  primary key (run_id, collection, scope, kind, page)
);

-- When each collection was last seen whole: how fresh the snapshot is.
create table collection_state (
  connection_id text collate "C" not null,
  collection text not null,
  scope text not null,
  complete_as_of timestamptz,
  run_id uuid,
  last_end text not null,
  last_reason text,
  primary key (connection_id, collection, scope)
);

-- \`position\` is given after commit by one sequencer: ids commit out of order and readers would miss events.
create table change_event (
  id bigint generated always as identity primary key,
  position bigint unique,
  connection_id text collate "C" not null,
  source text not null,
  type text not null,
  subject_kind text not null,
  subject_key text collate "C" not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  run_id uuid,
  app_event_id text collate "C",
  data jsonb not null
);
create unique index change_event_app on change_event (connection_id, app_event_id) where app_event_id is not null;
create index change_event_unplaced on change_event (id) where position is null;
create index change_event_connection on change_event (connection_id, position);
create index change_event_subject on change_event (connection_id, subject_key, position);
create table feed (only_row boolean primary key default true check (only_row), last_position bigint not null);
insert into feed (last_position) values (0);
`,
};
