import type { LogReading } from '../../connector-kit/changes.ts';
import { zoneTime } from '../../connector-kit/time.ts';
import { API_USER, getUserData } from './client.ts';
import type { LastPassContext } from './config.ts';
import { CLOCK_SKEW_MS, dateRows, isSelfInflicted, secondOf, toAppEvent } from './events.ts';
import { atomAt, readNewest } from './reports.ts';
import type { EventRow } from './schemas.ts';

/** The log has whole seconds, and its clock need not be ours. */
const MARGIN_MS = 2000;

/**
 * What the company's log says that this API did since a moment. A read made first leaves an entry itself: the log has
 * everything up to the newest of these that is of that read or later. Where none shows, nothing is said of completeness:
 * an entry that is not there may still come. A clock of theirs that is ahead makes it no more complete than until now.
 */
export async function readLog(context: LastPassContext, since: string): Promise<LogReading> {
  const zone = zoneTime(context.settings.timeZone);
  const markedAt = Math.floor(context.clock.now().getTime() / 1000) * 1000;
  await getUserData(context, { pageSize: 1, pageIndex: 0 });
  const now = context.clock.now();
  const atomOf = (epochMs: number) => atomAt(secondOf(zone.toLocal(epochMs)), zone);
  const from = atomOf(Math.min(Date.parse(since), markedAt) - MARGIN_MS).first;
  const rows: EventRow[] = [];
  for (let to: number | null = atomOf(now.getTime() + CLOCK_SKEW_MS).last; to !== null;) {
    const part = await readNewest(context, { from, to, filters: {} }, zone);
    rows.push(...part.rows);
    to = part.remainsTo;
  }
  const dated = dateRows(rows.filter(isByApi), zone, now);
  const marks = dated
    .filter(({ row }) => isSelfInflicted(row))
    .map(({ occurredAt }) => Date.parse(occurredAt))
    .filter((at) => at >= markedAt);
  return {
    events: dated.filter(({ row }) => !isSelfInflicted(row)).map(toAppEvent),
    isCompleteTo:
      marks.length === 0 ? null : new Date(Math.min(Math.max(...marks), now.getTime()) - 1000).toISOString(),
  };
}

/** `API`, or `API: usher` where the log tells the calling program. */
function isByApi({ Username }: EventRow): boolean {
  const actor = Username.toLowerCase().replaceAll(/\s+/g, '');
  return actor === 'api' || actor === `api:${API_USER}`;
}
