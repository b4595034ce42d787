/**
 * Plans, approvals, runs and their receipts; marks; what a read-back wrote while a sync was under way; idempotency keys
 * and one-time hand-offs. A plan is kept as the very bytes that were signed: `header` and each `plan_change.content`.
 */
export const changes = {
  id: '0004_changes',
  sql: `
create table plan (
  id text collate "C" primary key,
  connection_id text collate "C" not null,
  -- Canonical JSON (RFC 8785), as signed; the columns beside it repeat parts of it for queries and are never trusted.
  header text not null,
  -- Over the contents of all changes in their order, each hash with the one before.
  root_hash text not null,
  -- Under the master key, over header and root hash.
  mac text not null,
  state text not null check (state in ('waiting', 'ready', 'applied', 'rejected', 'cancelled', 'expired')),
  action text collate "C" not null,
  effect text not null check (effect in ('write', 'destructive')),
  requested_by text collate "C" not null,
  changes integer not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  decided_at timestamptz
);
create index plan_connection on plan (connection_id, created_at desc, id);
create index plan_open on plan (expires_at) where state in ('waiting', 'ready');

create table plan_change (
  plan_id text collate "C" not null references plan (id) on delete cascade,
  ordinal integer not null,
  subject_key text collate "C" not null,
  content text not null,
  -- Under the master key, over plan, ordinal and content: each change can be checked where it is used.
  mac text not null,
  primary key (plan_id, ordinal)
);

create table plan_decision (
  id bigint generated always as identity primary key,
  plan_id text collate "C" not null references plan (id) on delete cascade,
  principal_id text collate "C" not null,
  decision text not null check (decision in ('approve', 'reject', 'cancel')),
  reason text,
  decided_at timestamptz not null,
  -- Under the master key, over the plan's mac and all of the above: it is good for no other plan.
  mac text not null
);
create index plan_decision_plan on plan_decision (plan_id, id);

create table run (
  id uuid primary key,
  plan_id text collate "C" not null unique references plan (id),
  connection_id text collate "C" not null,
  requested_by text collate "C" not null,
  state text not null check (state in ('queued', 'running', 'paused', 'succeeded', 'partial', 'failed', 'cancelled')),
  pause_requested boolean not null default false,
  cancel_requested boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz,
  -- Why it is paused or has stopped, for people.
  reason text
);
create index run_connection on run (connection_id, created_at desc, id);
create index run_open on run (state) where state in ('queued', 'running');

create sequence run_change_seq;
create table run_change (
  run_id uuid not null references run (id) on delete cascade,
  ordinal integer not null,
  connection_id text collate "C" not null,
  requested_by text collate "C" not null,
  subject_key text collate "C" not null,
  state text not null default 'planned'
    check (state in ('planned', 'calling', 'called', 'done', 'skipped', 'failed', 'uncertain')),
  -- How often it was called.
  attempt integer not null default 0,
  reserved_at timestamptz not null default clock_timestamp(),
  -- Written before the call goes out: whoever finds 'calling' does not know whether it was made.
  called_at timestamptz,
  ended_at timestamptz,
  receipt jsonb,
  -- What would take it back: {change, params, subject}; null: nothing.
  inverse jsonb,
  -- The subject as read right before the call, and what would take the call back: for whoever goes on after a crash.
  held jsonb,
  -- Raised by every write: what readers of the progress go on from.
  seq bigint not null default nextval('run_change_seq'),
  primary key (run_id, ordinal)
) with (fillfactor = 70);
create index run_change_open on run_change (run_id, ordinal) where state in ('planned', 'calling', 'called');
create index run_change_uncertain on run_change (connection_id) where state = 'uncertain';
create index run_change_window on run_change (connection_id, reserved_at);
create index run_change_requester on run_change (requested_by, reserved_at);
create index run_change_seq_order on run_change (run_id, seq);

-- What a change touches while it is made: its subject, and what else it must not share (the last administrators).
create table change_lease (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  run_id uuid not null,
  ordinal integer not null,
  expires_at timestamptz not null,
  primary key (connection_id, key)
);

-- Rows written from a reading of one subject. A pull that began before must not undo them: see store/sync/commit.ts.
create table read_back (
  connection_id text collate "C" not null,
  kind text not null,
  key text collate "C" not null,
  observed_at timestamptz not null,
  is_absent boolean not null,
  primary key (connection_id, kind, key)
);

-- What an administrator says of an account; it stays when the account goes, and holds again if it comes back.
create table mark (
  connection_id text collate "C" not null,
  account_key text collate "C" not null,
  is_protected boolean not null default false,
  is_service boolean not null default false,
  -- Who answers for a service's account.
  owner text,
  ignored_until timestamptz,
  note text,
  set_by text collate "C" not null,
  set_at timestamptz not null,
  primary key (connection_id, account_key)
);

-- Thresholds of the guards that differ from the defaults; '' holds for all connections without their own.
create table policy (
  connection_id text collate "C" primary key,
  settings jsonb not null,
  set_by text collate "C" not null,
  set_at timestamptz not null
);

create table idempotency_key (
  principal_id text collate "C" not null,
  key text collate "C" not null,
  -- SHA-256 of what was asked.
  fingerprint text not null,
  plan_id text collate "C",
  created_at timestamptz not null default clock_timestamp(),
  primary key (principal_id, key)
);

-- A secret that came out of a change, for one principal to take once; the secret itself is a row of secret.
create table handoff (
  id text collate "C" primary key,
  connection_id text collate "C" not null,
  principal_id text collate "C" not null,
  label text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  taken_at timestamptz
);
`,
};
