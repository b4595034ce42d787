/** How large the rate budgets are: what is left of one is told from its row alone. */
export const budgets = {
  id: '0010_budgets',
  sql: `
-- As the connector declared it at the last lease. A burst of 1: calls evenly spaced, no budget to speak of.
alter table rate_budget add column burst integer not null default 1, add column per_second double precision;
`,
};
