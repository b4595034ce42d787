import type { CommonOptions, Context } from '../context.ts';
import { eventPageSchema, type FeedEvent } from '../contract.ts';
import { EXIT } from '../failure.ts';
import { limitOf, type ListOptions } from '../list.ts';
import type { Column } from '../table.ts';
import { localTimeExactly } from '../text.ts';

export interface EventsOptions extends CommonOptions, ListOptions {
  readonly follow?: boolean;
  readonly type?: string;
  readonly connection?: string;
  readonly source?: 'sync' | 'usher' | 'app';
  /** Position to continue after; default: the beginning of the feed. */
  readonly after?: string;
}

const PAGE_SIZE = 500;
/** How long the server may hold a request while there is nothing new: its maximum. */
const WAIT_SECONDS = 30;
/** What a person sees of the past without `--after` or `--all`. */
const TAIL = 50;
/** The most that the server gives of the newest. */
const MOST_TAIL = 500;

/**
 * `usher events`: the feed in order. On a terminal the latest ones, on a pipe and with `--json` (JSON lines) all of
 * them from `--after` on; with `--follow` also what comes, until Ctrl-C.
 */
export async function events(context: Context, _: readonly string[], options: EventsOptions): Promise<number> {
  const isTail = context.out.isTerminal && !context.isJson && options.after === undefined && options.all !== true;
  const print = printer(context);
  const past = isTail ? await printTail(context, options, print) : await printAll(context, options, print);
  let { after, remaining } = past;
  while (options.follow === true && remaining > 0) {
    const ask = { after, page_size: Math.min(PAGE_SIZE, remaining), wait: WAIT_SECONDS };
    const page = await readPage(context, options, ask);
    print(page.data);
    after = page.next ?? after;
    remaining -= page.data.length;
  }
  return EXIT.ok.code;
}

/** Where the feed goes on, and how many more events are wanted. */
interface Position {
  readonly after: string | undefined;
  readonly remaining: number;
}

type Print = (events: readonly FeedEvent[]) => void;

async function printTail(context: Context, options: EventsOptions, print: Print): Promise<Position> {
  const wanted = options.limit === undefined ? TAIL : limitOf(options, true);
  const page = await readPage(context, options, { last: Math.min(MOST_TAIL, wanted) });
  print(page.data);
  if (page.data.length === 0 && options.follow !== true) context.out.line('No event yet.');
  if (wanted > MOST_TAIL) context.out.note(`The newest ${MOST_TAIL}; the whole feed: --all.`);
  return { after: page.next ?? undefined, remaining: Number.POSITIVE_INFINITY };
}

async function printAll(context: Context, options: EventsOptions, print: Print): Promise<Position> {
  let remaining = limitOf(options, false);
  let { after } = options;
  while (remaining > 0) {
    const page = await readPage(context, options, { after, page_size: Math.min(PAGE_SIZE, remaining) });
    print(page.data);
    remaining -= page.data.length;
    const hasAdvanced = page.next !== null && page.next !== after;
    after = page.next ?? after;
    if (page.data.length === 0 || !hasAdvanced) break;
  }
  return { after, remaining };
}

async function readPage(
  context: Context,
  { type, connection, source }: EventsOptions,
  ask: { readonly after?: string; readonly last?: number; readonly page_size?: number; readonly wait?: number },
): Promise<{ data: FeedEvent[]; next: string | null }> {
  const client = await context.client();
  const query = { type, connection, source, ...ask };
  const page = await client.read(eventPageSchema, (usher) => usher.GET('/v1/events', { params: { query } }));
  return { data: page.data, next: page.next == null ? null : String(page.next) };
}

function printer(context: Context): Print {
  if (context.isJson) {
    return (page) => {
      for (const event of page) context.out.jsonLine(event);
    };
  }
  const rows = context.out.table(COLUMNS);
  return (page) => {
    if (page.length > 0) rows(page);
  };
}

const COLUMNS: readonly Column<FeedEvent>[] = [
  { title: 'Position', value: ({ position }) => String(position), align: 'right', isExtra: true },
  { title: 'When', value: ({ occurred_at }) => localTimeExactly(occurred_at), isWhole: true },
  { title: 'Connection', value: ({ connection }) => connection, isExtra: true },
  { title: 'What', value: ({ type }) => type },
  { title: 'Subject', value: ({ subject }) => subjectText(subject?.key ?? '') },
  { title: 'Detail', value: ({ data }) => detail(data) },
];

/** `310007609 Engineering member` of a grant's key, whose parts are encoded and say their kind. */
function subjectText(key: string): string {
  const parts = key.split(' ');
  return parts.length === 1
    ? key
    : parts.map((part) => decoded(part).replace(/^(?:account|group|role|resource):/, '')).join(' ');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const MOST_DETAIL = 160;

/** What changed, or for an app's own entry what it says and of whom. */
function detail(data: unknown): string {
  if (typeof data !== 'object' || data === null) return '';
  const fields = 'action' in data && 'data' in data ? appFields(data) : Object.entries(data);
  const text = fields
    .filter(([, value]: [string, unknown]) => value !== null)
    .map(([field, value]: [string, unknown]) => `${field}: ${changeText(value)}`)
    .join('; ');
  return text.length > MOST_DETAIL ? `${text.slice(0, MOST_DETAIL - 1)}…` : text;
}

function appFields({ data, ...entry }: object & { data: unknown }): [string, unknown][] {
  const hidden = new Set(['action', 'actor', 'id']);
  const own = Object.entries(entry).filter(([name]) => !hidden.has(name));
  return [...own, ...(typeof data === 'object' && data !== null ? Object.entries(data) : [])];
}

function changeText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'before' in value && 'after' in value) {
    return `${JSON.stringify(value.before)} -> ${JSON.stringify(value.after)}`;
  }
  return JSON.stringify(value);
}
