/** Usher's own log: an inbox that rooms write to in their transactions, and the chain that one writer links from it. */
export const audit = {
  id: '0005_audit',
  sql: `
create table audit_inbox (
  id bigint generated always as identity primary key,
  -- The entry as JSON: the very bytes that are linked.
  content text not null
);

create table audit_entry (
  seq bigint primary key,
  content text not null,
  -- SHA-256 of the hash before and the content, hex.
  hash text not null,
  -- HMAC under the master key over the chain's id, seq, hash and content.
  mac text not null,
  -- What lists are asked for, out of the content; verification compares them with it.
  at timestamptz not null,
  kind text not null,
  outcome text not null,
  actor_id text collate "C",
  connection_id text collate "C",
  subject_key text collate "C",
  -- Folded: NFC, lower case.
  subject_name text collate "C",
  plan_id text collate "C",
  run_id text collate "C"
);
create index audit_entry_at on audit_entry using brin (at) with (pages_per_range = 32, autosummarize = on);
create index audit_entry_actor on audit_entry (actor_id, seq) where actor_id is not null;
create index audit_entry_connection on audit_entry (connection_id, seq) where connection_id is not null;
create index audit_entry_subject on audit_entry (subject_key, seq) where subject_key is not null;
create index audit_entry_subject_name on audit_entry (subject_name, seq) where subject_name is not null;
create index audit_entry_plan on audit_entry (plan_id, seq) where plan_id is not null;
create index audit_entry_run on audit_entry (run_id, seq) where run_id is not null;

-- The chain's id and its head. The same head is kept in a file beside the database, so that a tail cut off here shows.
create table audit_chain (
  is_only boolean primary key default true check (is_only),
  id uuid not null default gen_random_uuid(),
  seq bigint not null default 0,
  hash text not null default '',
  mac text not null default '',
  linked_at timestamptz
);
insert into audit_chain default values;
`,
};
