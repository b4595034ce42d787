import * as accounts from './accounts.ts';
import * as catalogue from './catalogue.ts';
import * as credentials from './credentials.ts';
import * as events from './events.ts';
import * as figures from './figures.ts';
import * as grants from './grants.ts';
import type { Query } from './sql.ts';

export type { AccountVersion } from './accounts.ts';
export type { OwnedCredential } from './credentials.ts';
export type { Figures, Freshness } from './figures.ts';
export type { NamedGrant, ResourceHolder } from './grants.ts';
export type { Page } from './page.ts';
export type { Stored } from './records.ts';

type Bound<F> = F extends (query: Query, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;

/** All queries on the snapshot, bound to a database. Text given to them must not hold NUL: Postgres cannot store it. */
export interface Reads {
  readonly listAccounts: Bound<typeof accounts.listAccounts>;
  readonly findAccount: Bound<typeof accounts.findAccount>;
  readonly accountsByKeys: Bound<typeof accounts.accountsByKeys>;
  readonly accountVersions: Bound<typeof accounts.accountVersions>;
  readonly rawByKeys: Bound<typeof accounts.rawByKeys>;
  readonly listGrants: Bound<typeof grants.listGrants>;
  readonly grantsOfHolders: Bound<typeof grants.grantsOfHolders>;
  readonly grantsOnTargets: Bound<typeof grants.grantsOnTargets>;
  readonly listResourceHolders: Bound<typeof grants.listResourceHolders>;
  readonly listGroups: Bound<typeof catalogue.listGroups>;
  readonly listResources: Bound<typeof catalogue.listResources>;
  readonly listRoles: Bound<typeof catalogue.listRoles>;
  readonly listCredentials: Bound<typeof credentials.listCredentials>;
  readonly figures: Bound<typeof figures.figures>;
  readonly freshness: Bound<typeof figures.freshness>;
  readonly snapshotAt: Bound<typeof figures.snapshotAt>;
  readonly readEvents: Bound<typeof events.readEvents>;
  readonly readLastEvents: Bound<typeof events.readLastEvents>;
}

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
    listCredentials: (...rest) => credentials.listCredentials(query, ...rest),
    figures: (...rest) => figures.figures(query, ...rest),
    freshness: (...rest) => figures.freshness(query, ...rest),
    snapshotAt: (...rest) => figures.snapshotAt(query, ...rest),
    readEvents: (...rest) => events.readEvents(query, ...rest),
    readLastEvents: (...rest) => events.readLastEvents(query, ...rest),
  };
}
