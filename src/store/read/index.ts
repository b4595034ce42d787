import * as accounts from './accounts.ts';
import * as catalogue from './catalogue.ts';
import * as events from './events.ts';
import * as figures from './figures.ts';
import * as grants from './grants.ts';
import type { Query } from './sql.ts';

export type { AccountFilter, AccountPosition, AccountVersion } from './accounts.ts';
export type { NamedFilter } from './catalogue.ts';
export type { EventFilter } from './events.ts';
export type { Figures, Freshness } from './figures.ts';
export type { GrantFilter, HolderPosition, NamedGrant, ResourceHolder } from './grants.ts';
export type { Page } from './page.ts';
export type { Stored } from './records.ts';
export type { ConnectionScope } from './scope.ts';

const queries = {
  listAccounts: accounts.listAccounts,
  findAccount: accounts.findAccount,
  accountsByKeys: accounts.accountsByKeys,
  accountVersions: accounts.accountVersions,
  rawByKeys: accounts.rawByKeys,
  listGrants: grants.listGrants,
  grantsOfHolders: grants.grantsOfHolders,
  grantsOnTargets: grants.grantsOnTargets,
  listResourceHolders: grants.listResourceHolders,
  listGroups: catalogue.listGroups,
  listResources: catalogue.listResources,
  listRoles: catalogue.listRoles,
  figures: figures.figures,
  freshness: figures.freshness,
  snapshotAt: figures.snapshotAt,
  readEvents: events.readEvents,
} as const;

type Bound<F> = F extends (query: Query, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;

/** All queries on the snapshot, bound to a database. Text given to them must not hold NUL: Postgres cannot store it. */
export type Reads = { readonly [Name in keyof typeof queries]: Bound<(typeof queries)[Name]> };

/** Binds the queries to a database. */
export function createReads({ query }: { readonly query: Query }): Reads {
  return {
    listAccounts: (...rest) => accounts.listAccounts(query, ...rest),
    findAccount: (...rest) => accounts.findAccount(query, ...rest),
    accountsByKeys: (...rest) => accounts.accountsByKeys(query, ...rest),
    accountVersions: (...rest) => accounts.accountVersions(query, ...rest),
    rawByKeys: (...rest) => accounts.rawByKeys(query, ...rest),
    listGrants: (...rest) => grants.listGrants(query, ...rest),
    grantsOfHolders: (...rest) => grants.grantsOfHolders(query, ...rest),
    grantsOnTargets: (...rest) => grants.grantsOnTargets(query, ...rest),
    listResourceHolders: (...rest) => grants.listResourceHolders(query, ...rest),
    listGroups: (...rest) => catalogue.listGroups(query, ...rest),
    listResources: (...rest) => catalogue.listResources(query, ...rest),
    listRoles: (...rest) => catalogue.listRoles(query, ...rest),
    figures: (...rest) => figures.figures(query, ...rest),
    freshness: (...rest) => figures.freshness(query, ...rest),
    snapshotAt: (...rest) => figures.snapshotAt(query, ...rest),
    readEvents: (...rest) => events.readEvents(query, ...rest),
  };
}
