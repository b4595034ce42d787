import type { Clock } from '../connector-kit/connector.ts';
import { plainId } from '../connector-kit/unified/index.ts';
import { invalidInput, UsherError } from '../model/errors.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { marksOf, marksOfConnection, saveMark } from '../store/lifecycle/marks.ts';
import { peopleByIds } from '../store/lifecycle/people.ts';
import type { Database } from '../store/open.ts';
import type { Reads } from '../store/read/index.ts';
import { markEntry } from './audit.ts';
import { assertMay, keptText } from './callers.ts';
import { assertConnection } from './reading.ts';
import type { Lifecycle, MarkChange, MarkView } from './surface.ts';
import { viewMark } from './views.ts';

/** What marks need of the world. */
export interface MarkDependencies {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly reads: Pick<Reads, 'findAccount'>;
  readonly clock: Clock;
}

type Marks = Pick<Lifecycle, 'getMark' | 'setMark' | 'listMarks'>;

/** What administrators say of accounts. A mark stays when its account goes, and is still found by the account's key. */
export function createMarks({ database, reads, clock }: MarkDependencies): Marks {
  const { pool } = database;
  const keyOf = async (connectionId: string, reference: string): Promise<string> => {
    const given = plainId(reference, 'account');
    if (given === '' || given.includes('\0')) throw noSuchAccount(connectionId, given);
    const found = await reads.findAccount(connectionId, given);
    if (found !== null) return found.record.key;
    if ((await marksOf(pool, connectionId, [given])).has(given)) return given;
    throw noSuchAccount(connectionId, given);
  };
  const view = async (connectionId: string, key: string): Promise<MarkView> => {
    const row = (await marksOf(pool, connectionId, [key])).get(key) ?? null;
    return viewMark(connectionId, key, row, await peopleByIds(pool, row === null ? [] : [row.setBy]));
  };
  return {
    async getMark(connectionId, accountKey, by) {
      await assertConnection(pool, connectionId, by);
      return view(connectionId, await keyOf(connectionId, accountKey));
    },

    async setMark(connectionId, accountKey, change, by) {
      assertMay(by, 'mark:manage');
      await assertConnection(pool, connectionId, by);
      const patch = checked(change, clock.now());
      const key = await keyOf(connectionId, accountKey);
      const setAt = clock.now().toISOString();
      await database.transaction(async (client) => {
        await saveMark(client, { connectionId, accountKey: key, setBy: by.principalId, setAt }, patch);
        await addAuditEntries(client, [markEntry({ connectionId, key, at: setAt, said: { ...patch } }, by)]);
      });
      return view(connectionId, key);
    },

    async listMarks(connectionId, by) {
      await assertConnection(pool, connectionId, by);
      const rows = await marksOfConnection(pool, connectionId);
      const people = await peopleByIds(
        pool,
        rows.map(({ setBy }) => setBy),
      );
      return rows.map((row) => viewMark(connectionId, row.accountKey, row, people));
    },
  };
}

function checked({ owner, note, ignoredUntil, ...flags }: MarkChange, now: Date): MarkChange {
  return {
    ...flags,
    ...(owner !== undefined && { owner: keptText('owner', owner) }),
    ...(note !== undefined && { note: keptText('note', note) }),
    ...(ignoredUntil !== undefined && { ignoredUntil: ignoredUntil === null ? null : future(ignoredUntil, now) }),
  };
}

function future(text: string, now: Date): string {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) {
    throw invalidInput('ignored_until', 'That is not a date.', 'Write it as in 2027-01-31.');
  }
  if (moment > now) return moment.toISOString();
  throw invalidInput('ignored_until', `${text} is over already.`, 'Give a date to come, or null for none.');
}

function noSuchAccount(connection: string, reference: string): UsherError {
  return new UsherError(
    'notFound',
    `Connection ${connection} has no account ${JSON.stringify(reference.slice(0, 80))}.`,
    {
      connection,
      next: 'Search for it: usher accounts list --search …',
    },
  );
}
