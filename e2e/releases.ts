// What past releases left behind: their databases as SQL, and what is known of each.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { UsherProcess } from './processes.ts';

/** Where the fixtures are: VERSION.sql and VERSION.json. */
export const RELEASES = join(import.meta.dirname, 'releases');

const releaseSchema = z.object({
  version: z.string(),
  /** Under which the fixture's secrets are sealed, and a token that was made then: invented, good for nothing else. */
  masterKey: z.string(),
  token: z.string(),
  simulator: z.object({ people: z.number(), seed: z.string(), changed: z.number() }),
  credentials: z.record(z.string(), z.string()),
  /** A moment between the first sync and the second, and the accounts then. */
  before: z.string(),
  accountsBefore: z.array(z.string()),
  /** `key e-mail status`, sorted. */
  accounts: z.array(z.string()),
  events: z.number(),
  /** The sync that was cut off. */
  unfinishedRun: z.string(),
});

/** What is known of a release's fixture. */
export type Release = z.infer<typeof releaseSchema>;

/** All releases there are fixtures of, oldest first. */
export function releases(): readonly Release[] {
  return readdirSync(RELEASES)
    .filter((name) => name.endsWith('.json'))
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => releaseSchema.parse(JSON.parse(readFileSync(join(RELEASES, name), 'utf8'))));
}

/** All items of a list of `/v1`, whatever it takes. */
export async function listAll(usher: Pick<UsherProcess, 'call'>, path: string): Promise<readonly unknown[]> {
  const page = z.object({ data: z.array(z.unknown()), next: z.string().nullable() });
  const items: unknown[] = [];
  const isFeed = path.startsWith('/v1/events');
  for (let next: string | null = isFeed ? '0' : ''; next !== null;) {
    const query = `page_size=500${next === '' ? '' : `&${isFeed ? 'after' : 'next'}=${encodeURIComponent(next)}`}`;
    const answer = page.parse(await usher.call('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`));
    items.push(...answer.data);
    next = isFeed && answer.data.length === 0 ? null : answer.next;
  }
  return items;
}
