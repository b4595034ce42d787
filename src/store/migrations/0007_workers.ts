/** Which processes carry work out, and which of them has each run in hand. */
export const workers = {
  id: '0007_workers',
  sql: `
create table worker (
  -- Of one process between two losses of its lease; the engine claims work under this name.
  id text collate "C" primary key,
  -- Of the process, the same until it ends.
  process text collate "C" not null,
  epoch integer not null,
  started_at timestamptz not null default clock_timestamp(),
  heartbeat_at timestamptz not null default clock_timestamp(),
  -- By the database's clock; whoever finds it past takes over what this worker had in hand.
  expires_at timestamptz not null,
  version text not null,
  host text not null
);

-- Raised whenever a process takes a run in hand: what one writes under an older epoch is refused.
alter table run add column epoch integer not null default 0, add column worker text collate "C";
alter table sync_run add column epoch integer not null default 0, add column worker text collate "C";
`,
};
