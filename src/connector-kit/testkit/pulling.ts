import type { AnyRecord, JsonValue } from '../../model/records.ts';
import type { CollectionEnd, CollectionPage, OpenConnector } from '../connector.ts';

/** One pull of one part of a collection, to its end. */
export interface Pulled {
  readonly pages: readonly CollectionPage[];
  readonly records: readonly AnyRecord[];
  readonly end: CollectionEnd;
  /** Whether the app's total was the same on all pages: where not, the driver starts again. */
  readonly isTotalStable: boolean;
}

/** Pulls from a checkpoint to the end; `afterPage` runs after each page, counted from 1. */
export async function pullScope(
  connector: OpenConnector,
  collection: string,
  scope: string,
  from: JsonValue = null,
  afterPage: (count: number) => void | Promise<void> = () => undefined,
): Promise<Pulled> {
  const pages: CollectionPage[] = [];
  const pull = connector.pull(collection, scope, from);
  for (;;) {
    const step = await pull.next();
    if (step.done === true) return summary(pages, step.value);
    pages.push(step.value);
    await afterPage(pages.length);
  }
}

/** Pulls a collection in all its parts; it ends completely where each of them does. */
export async function pullEverywhere(connector: OpenConnector, collection: string): Promise<Pulled> {
  const parts: Pulled[] = [];
  for (const scope of await connector.scopes(collection)) parts.push(await pullScope(connector, collection, scope));
  return {
    pages: parts.flatMap(({ pages }) => pages),
    records: parts.flatMap(({ records }) => records),
    end: parts.find(({ end }) => !end.isComplete)?.end ?? { isComplete: true },
    isTotalStable: parts.every(({ isTotalStable }) => isTotalStable),
  };
}

/** The first pages of a pull, left there as a killed process leaves it. */
export async function pullPages(
  connector: OpenConnector,
  collection: string,
  scope: string,
  count: number,
): Promise<CollectionPage[]> {
  const pages: CollectionPage[] = [];
  for await (const page of connector.pull(collection, scope, null)) {
    pages.push(page);
    if (pages.length === count) break;
  }
  return pages;
}

function summary(pages: readonly CollectionPage[], end: CollectionEnd): Pulled {
  const totals = new Set(pages.map(({ total }) => total).filter((total) => total !== null));
  return { pages, end, records: pages.flatMap(({ records }) => records), isTotalStable: totals.size <= 1 };
}

/** What a pull says is there: kind and key of every record, each once, sorted. */
export function identities(records: readonly AnyRecord[]): string[] {
  return [...new Set(records.map(({ kind, key }) => `${kind} ${key}`))].sort();
}
