import type { Migration } from '../../src/store/migrate.ts';

/** Newer than any version there will be. */
export const NEXT_VERSION = '9999.0.0';

/** It adds and takes nothing away, as all do beside which older processes go on. */
export const NEXT_SCHEMA: Migration = {
  id: '9999_next_version',
  sql: `alter table run add column note text; create table note (id integer primary key);
        create index run_by_note on run (note) where note is not null`,
};
