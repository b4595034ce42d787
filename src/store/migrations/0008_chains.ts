/** Chains of changes: runs that wait for a time or a person, what only an answer told, and connections that went over. */
export const chains = {
  id: '0008_chains',
  sql: `
alter table run drop constraint run_state_check;
alter table run add constraint run_state_check
  check (state in ('queued', 'running', 'waiting', 'paused', 'succeeded', 'partial', 'failed', 'cancelled'));
-- When a run that waits goes on by itself; null: it waits for a person.
alter table run add column wake_at timestamptz;
drop index run_open;
create index run_open on run (state) where state in ('queued', 'running', 'waiting');

alter table run_change
  -- What it waits for before it is made; set when its turn has come.
  add column hold text check (hold in ('wait', 'task')),
  add column hold_until timestamptz,
  add column confirmed_by text collate "C",
  add column confirmed_at timestamptz,
  add column confirmed_note text,
  -- What its answer told of what it made; its secrets are rows of secret.
  add column made jsonb,
  -- Whether the connection went over to credentials that it made.
  add column adopted boolean not null default false;
`,
};
