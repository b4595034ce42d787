/**
 * Who may ask (principals, tokens), what is connected (connections, their sealed secrets, rate budgets, drift and event
 * cursors) and the instance's own settings. Nothing in the snapshot refers to these tables by a foreign key: a million
 * rows should not be checked against one connection.
 */
export const access = {
  id: '0001_access',
  sql: `
create table instance (
  key text collate "C" primary key,
  value jsonb not null,
  updated_at timestamptz not null default clock_timestamp()
);

create table principal (
  id text collate "C" primary key,
  name text not null,
  email text,
  email_folded text collate "C",
  kind text not null check (kind in ('person', 'service', 'agent')),
  role text not null check (role in ('viewer', 'operator', 'approver', 'admin', 'agent')),
  disabled_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((kind = 'agent') = (role = 'agent')),
  check (role <> 'approver' or kind = 'person')
);
create unique index principal_email on principal (email_folded) where email_folded is not null;

-- The token itself is shown once and never kept: only its SHA-256.
create table token (
  id text collate "C" primary key,
  principal_id text collate "C" not null references principal (id) on delete cascade,
  name text not null,
  hash bytea not null unique check (octet_length(hash) = 32),
  hint text not null,
  role text not null check (role in ('viewer', 'operator', 'approver', 'admin', 'agent')),
  connections text[] collate "C",
  created_at timestamptz not null,
  created_by text collate "C",
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index token_principal on token (principal_id);

create table connection (
  id text collate "C" primary key,
  connector text collate "C" not null,
  settings jsonb not null,
  capabilities text[] not null default '{}',
  tenant jsonb,
  state text not null default 'active' check (state in ('active', 'paused')),
  paused_reason text,
  schedule_seconds integer check (schedule_seconds > 0),
  next_sync_at timestamptz,
  mapping_version integer not null,
  baselined_at timestamptz,
  last_probe_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((state = 'paused') = (paused_reason is not null))
);
create index connection_due on connection (next_sync_at) where state = 'active' and next_sync_at is not null;

-- Sealed by src/secrets: each value under a data key of its own, that key under the master key, bound to owner and name.
create table secret (
  owner text collate "C" not null,
  name text collate "C" not null,
  sealed text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (owner, name)
);

-- When the next request may start, by connection and functionality: the one budget all processes lease from.
create table rate_budget (
  connection_id text collate "C" not null,
  functionality text collate "C" not null,
  free_at timestamptz not null,
  primary key (connection_id, functionality)
) with (fillfactor = 50);

create table api_drift (
  connection_id text collate "C" not null,
  operation text collate "C" not null,
  path text collate "C" not null,
  problem text collate "C" not null,
  sample text not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  occurrences bigint not null,
  primary key (connection_id, operation, path, problem)
);

-- Where the polling of an app's own log goes on: written with the events it covers, in one transaction.
create table connection_cursor (
  connection_id text collate "C" not null,
  name text collate "C" not null,
  cursor jsonb not null,
  updated_at timestamptz not null,
  primary key (connection_id, name)
);
`,
};
