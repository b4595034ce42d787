/** What carrying out large runs looks up by itself. */
export const applying = {
  id: '0012_applying',
  sql: `
-- A change that ends gives its leases back: found by their keys they would be gone through once for each of a batch.
create index change_lease_run on change_lease (run_id, ordinal);

-- When subjects were reserved in the window last: by making the run, or by trying what failed again.
alter table run add column reserved_at timestamptz not null default clock_timestamp();
update run set reserved_at = coalesce((select max(reserved_at) from run_change where run_id = run.id), created_at);
-- A run whose changes may count in the window; those of others are not looked at.
create index run_counts_until on run (greatest(reserved_at, coalesce(finished_at, timestamptz 'infinity')));
-- Each change is written twice while it is made, and each index on it as often.
drop index run_change_window;
drop index run_change_requester;
`,
};
