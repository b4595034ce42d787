import type { SimulatorAnswer } from '../../../connector-kit/simulator-kit/server.ts';
import { type Call, ok, resourcesKey } from './call.ts';
import { badRequest, type Link, notFound, type Wire } from './wire.ts';

const LARGEST_PAGE = 500;

/** What a collection can be sorted by. */
export type SortKeys<Thing> = Readonly<Record<string, (thing: Thing) => string | number | boolean>>;

interface Order {
  readonly property: string;
  readonly isDescending: boolean;
}

/**
 * A page of a collection: `page` from 0, `size` 10 unless told and 500 at most, `sort` as often as one likes. A page past
 * the end is not there; an empty collection has its first page all the same.
 */
export function pageOf<Thing>(
  call: Call,
  things: readonly Thing[],
  keys: SortKeys<Thing>,
  view: (thing: Thing) => Wire,
): SimulatorAnswer {
  const { query } = call.request;
  const number = wholeOf(query.get('page'), 'page', 0);
  const asked = wholeOf(query.get('size'), 'size', call.console.switches.dialect === 'guide' ? 100 : 10);
  const size = Math.min(Math.max(1, asked), LARGEST_PAGE);
  const orders = query.getAll('sort').map((text) => orderOf(text, keys));
  const totalPages = Math.ceil(things.length / size);
  if (number > 0 && number >= totalPages) throw notFound();
  const resources = sorted(things, orders, keys).slice(number * size, (number + 1) * size);
  return ok({
    [resourcesKey(call)]: resources.map(view),
    page: { number, size, totalResources: things.length, totalPages },
    links: linksOf(call, { number, size, totalPages }, orders),
  });
}

function wholeOf(text: string | null, name: string, fallback: number): number {
  if (text === null || text === '') return fallback;
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`The ${name} parameter is not a whole number.`);
  return Number(text);
}

function orderOf(text: string, keys: Readonly<Record<string, unknown>>): Order {
  const [property = '', direction = 'asc'] = text.split(',').map((part) => part.trim());
  if (!Object.hasOwn(keys, property) || !/^(?:asc|desc)$/i.test(direction)) {
    throw badRequest(`The sort parameter "${text}" is not valid.`);
  }
  return { property, isDescending: direction.toLowerCase() === 'desc' };
}

/** By the orders, then by id: things come by rising id. */
function sorted<Thing>(things: readonly Thing[], orders: readonly Order[], keys: SortKeys<Thing>): readonly Thing[] {
  if (orders.length === 0) return things;
  return things.toSorted((left, right) => {
    for (const { property, isDescending } of orders) {
      const [a, b] = [keys[property]?.(left) ?? '', keys[property]?.(right) ?? ''];
      if (a !== b) return a < b === isDescending ? 1 : -1;
    }
    return 0;
  });
}

function linksOf(
  call: Call,
  { number, size, totalPages }: { readonly number: number; readonly size: number; readonly totalPages: number },
  orders: readonly Order[],
): readonly Link[] {
  const sort = orders.map(({ property, isDescending }) => `${property},${isDescending ? 'desc' : 'asc'}`);
  const shown = (sort.length === 0 ? ['id,asc'] : sort).map((text) => `&sort=${text}`).join('');
  const to = (page: number, rel: string): Link => ({
    href: `${call.origin}${call.request.path}?page=${page}&size=${size}${shown}`,
    rel,
  });
  if (totalPages < 2) return [to(number, 'self')];
  const last = totalPages - 1;
  return [
    to(0, 'first'),
    ...(number > 0 ? [to(number - 1, call.console.switches.previous)] : []),
    to(number, 'self'),
    ...(number < last ? [to(number + 1, 'next')] : []),
    to(last, 'last'),
  ];
}
