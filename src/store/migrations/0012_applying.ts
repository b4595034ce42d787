/** What carrying out large runs looks up by itself. */
export const applying = {
  id: '0012_applying',
  sql: `
-- A change that ends gives its leases back: found by their keys they would be gone through once for each of a batch.
create index change_lease_run on change_lease (run_id, ordinal);
`,
};
