/** The few rows that are doubted are looked up for every page of a pull: they get an index of their own. */
export const doubted = {
  id: '0003_doubted',
  sql: `
create index account_doubted on account (connection_id, key) where missing_run is not null;
create index resource_doubted on resource (connection_id, key) where missing_run is not null;
`,
};
