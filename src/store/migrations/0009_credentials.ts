/**
 * The API keys and tokens that accounts own: a kind of record beside those of `0002_snapshot`, with the same tables. What
 * makes a credential a secret is in none of them.
 */
const columns = `
  type text collate "C" not null, name text not null, name_folded text collate "C" not null,
  owner_key text collate "C", is_enabled boolean, created_at timestamptz, expires_at timestamptz, extra jsonb not null`;
const volatile = 'last_used_at timestamptz, volatile_extra jsonb not null, raw json';

export const credentials = {
  id: '0009_credentials',
  sql: `
create table credential (
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
create table credential_history (
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
create index credential_history_seen_to on credential_history (connection_id, seen_to);
create table staged_credential (
  run_id uuid not null,
  page integer not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  ${columns},
  content_hash uuid not null,
  observed_at timestamptz not null,
  ${volatile},
  volatile_hash uuid
);
create table credential_volatile (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  ${volatile},
  volatile_hash uuid not null,
  primary key (connection_id, key)
) with (fillfactor = 85);
-- What one account owns.
create index credential_owner on credential (connection_id, owner_key, key);
create index credential_doubted on credential (connection_id, key) where missing_run is not null;
`,
};
