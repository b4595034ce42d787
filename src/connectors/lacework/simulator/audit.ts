import { seededRandom } from '../../../connector-kit/simulator-kit/random.ts';
import { EUROPE, PRIMARY } from './cast.ts';
import type { AuditRow } from './model.ts';

/** Which rows a reader wants; moments are epoch milliseconds, both inclusive. */
export interface AuditQuery {
  readonly from: number;
  readonly to: number;
  /** null: all accounts. */
  readonly account: string | null;
  /** Only rows that were there when the log was so long: a page goes on in the list its first page was of. */
  readonly length: number;
}

/** The audit log of all accounts. */
export interface AuditLog {
  append(row: Omit<AuditRow, 'at'>): AuditRow;
  /** Newest first. */
  list(query: AuditQuery): readonly AuditRow[];
  readonly length: number;
  /** What was appended, the newest only. */
  save(): readonly AuditRow[];
}

const APPENDED_KEPT = 20_000;

/** A log over its first rows, oldest first. Rows of one moment stay in the order they came. */
export function openAuditLog(
  first: readonly AuditRow[],
  nowMs: () => number,
  saved: readonly AuditRow[] = [],
): AuditLog {
  const rows = [...first, ...saved].toSorted((left, right) => left.at - right.at);
  const appended = [...saved];
  return {
    append(fields) {
      const row = { ...fields, at: Math.max(wholeSecond(nowMs()), rows.at(-1)?.at ?? 0) };
      rows.push(row);
      appended.push(row);
      if (appended.length > APPENDED_KEPT * 2) appended.splice(0, appended.length - APPENDED_KEPT);
      return row;
    },
    list({ from, to, account, length }) {
      const found: AuditRow[] = [];
      for (let place = lastPlace(rows, to, length); place >= 0; place--) {
        const row = rows[place];
        if (!row || row.at < from) break;
        if (account === null || row.account === account) found.push(row);
      }
      return found;
    },
    get length() {
      return rows.length;
    },
    save: () => appended.slice(-APPENDED_KEPT),
  };
}

/** What a guide calls the kind of a row; '' for most. */
export function eventTypeOf({ eventName, userAction }: AuditRow): string {
  const kinds: Readonly<Record<string, string>> = { Create: 'CREATED', Delete: 'DELETED', Update: 'UPDATED' };
  const kind = kinds[userAction];
  return kind !== undefined && (eventName === 'Team Member' || eventName === 'Team User') ? `USER_${kind}` : '';
}

/**
 * What happened in the days before: logins, what people looked at, and what the stories need. No public sample of real
 * values is known: these are invented, in the shape the reference gives.
 */
export function inventHistory(options: {
  readonly seed: string;
  readonly anchorMs: number;
  /** People who sign in, and where. */
  readonly people: readonly { readonly email: string; readonly account: string }[];
  readonly days: number;
  readonly count: number;
}): readonly AuditRow[] {
  const random = seededRandom(`${options.seed}/audit`);
  const routine = Array.from({ length: options.people.length === 0 ? 0 : options.count }, () => {
    const daysAgo = random.fraction() * options.days;
    const person = options.people[random.integer(options.people.length)] ?? { email: '', account: PRIMARY };
    const [eventName, userAction, description] = ROUTINE[random.integer(ROUTINE.length)] ?? ['Login', 'Login', ''];
    return {
      at: wholeSecond(options.anchorMs - daysAgo * 86_400_000),
      account: person.account,
      userName: person.email,
      eventName,
      userAction,
      eventDescription: description.replace('{who}', person.email),
    };
  });
  return [...routine, ...storyRows(options.anchorMs)].toSorted((left, right) => left.at - right.at);
}

const ROUTINE: readonly (readonly [eventName: string, userAction: string, description: string])[] = [
  ['User Login', 'Login', 'User {who} logged in'],
  ['User Login', 'Login', 'User {who} logged in with SAML'],
  ['User Login', 'Logout', 'User {who} logged out'],
  ['Report', 'Download', 'Compliance report downloaded by {who}'],
  ['Policy', 'Update', 'Policy lacework-global-31 was updated'],
  ['Alert Rule', 'Update', 'Alert rule "Critical to on-call" was updated'],
];

/** In days before today. Two rows are alike in everything: nothing in the log tells them apart. */
function storyRows(anchorMs: number): AuditRow[] {
  const ada = 'ada.okonkwo@northwind.example';
  const jonas = 'jonas.lind@northwind.example';
  const stories: readonly (readonly [number, string, string, string, string, string])[] = [
    [30, PRIMARY, ada, 'API Key', 'Create', 'API key "Usher, for the organization (Ada Okonkwo)" was created'],
    [12.6, PRIMARY, jonas, 'User Login', 'Login', `User ${jonas} logged in`],
    [12, EUROPE, ada, 'Team Member', 'Update', `Team member ${jonas} was disabled`],
    [6, PRIMARY, 'ibrahim.sesay@northwind.example', 'Resource Group', 'Update', 'Resource group "Production AWS" was updated'],
    [2.5, PRIMARY, 'mei-ling.chu@northwind.example', 'User Login', 'Failed', 'Login of mei-ling.chu@northwind.example failed'],
    [2.5, PRIMARY, 'mei-ling.chu@northwind.example', 'User Login', 'Failed', 'Login of mei-ling.chu@northwind.example failed'],
  ]; // prettier-ignore
  return stories.map(([daysAgo, account, userName, eventName, userAction, eventDescription]) => ({
    at: wholeSecond(anchorMs - daysAgo * 86_400_000),
    account,
    userName,
    eventName,
    userAction,
    eventDescription,
  }));
}

/** The last place within `length` whose row is not after `to`. */
function lastPlace(rows: readonly AuditRow[], to: number, length: number): number {
  let [low, high] = [0, Math.min(rows.length, length)];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle]?.at ?? 0) <= to) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function wholeSecond(epochMs: number): number {
  return Math.floor(epochMs / 1_000) * 1_000;
}
