/** How the calls that an app takes at a time are divided among the workers that have changes for it in hand. */
export const seats = {
  id: '0011_seats',
  sql: `
create table connection_seat (
  connection_id text collate "C" not null references connection (id) on delete cascade,
  -- Goes with its lease: nothing is asked of an app any more then.
  worker text collate "C" not null references worker (id) on delete cascade,
  -- Whoever came first is served first.
  came_at timestamptz not null default clock_timestamp(),
  -- How many calls it may have under way.
  seats integer not null,
  primary key (connection_id, worker)
);
`,
};
