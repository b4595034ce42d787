import { seededRandom } from '../../../connector-kit/simulator-kit/random.ts';
import { type CompanyEvent, foldAddress } from './model.ts';

/** What a reader of the log wants; bounds are epoch microseconds, inclusive. */
export interface EventQuery {
  readonly from: number;
  readonly to: number;
  /** A folded address, or null for everybody. */
  readonly user: string | null;
  readonly search: string;
  readonly isAdminOnly: boolean;
}

/** The company's log. */
export interface EventLog {
  append(event: Omit<CompanyEvent, 'at'>): CompanyEvent;
  /** Newest first; one more than `limit` where there is more. */
  list(query: EventQuery, limit: number): readonly CompanyEvent[];
  readonly length: number;
  /** What was appended, the newest only. */
  save(): readonly CompanyEvent[];
}

/** Actions of administrators, in sentence case; the vocabulary is the union of public fixtures and lookups. */
const ADMIN_ACTIONS = new Set([
  'login to admin console', 'employee account created', 'employee invited', 're-invite user', 'employee account deleted',
  'deactivated user', 'reactivated user', 'remove user from company', 'make admin', 'remove admin', 'create group', 'delete group',
  'edit group', 'rename group', 'adding user to group', 'remove from group', 'add policy', 'edit policy', 'delete policy',
  'require password change', 'enterprise api secret regenerated', 'reporting', 'get user data', 'get shared folder data',
  'disabled multifactor authentication', 'password reset',
]); // prettier-ignore
const APPENDED_KEPT = 20_000;

/** A log over its first entries (oldest first); moments are unique and rise with every entry. */
export function openEvents(
  first: readonly CompanyEvent[],
  nowMs: () => number,
  saved: readonly CompanyEvent[] = [],
): EventLog {
  const events = [...first, ...saved].toSorted((left, right) => left.at - right.at);
  const appended = [...saved];
  return {
    append(fields) {
      const event = { ...fields, at: Math.max(nowMs() * 1_000, (events.at(-1)?.at ?? 0) + 1) };
      events.push(event);
      appended.push(event);
      if (appended.length > APPENDED_KEPT * 2) appended.splice(0, appended.length - APPENDED_KEPT);
      return event;
    },
    list(query, limit) {
      const found: CompanyEvent[] = [];
      for (let place = lastPlace(events, query.to); place >= 0 && found.length <= limit; place--) {
        const event = events[place];
        if (!event || event.at < query.from) break;
        if (fits(event, query)) found.push(event);
      }
      return found;
    },
    get length() {
      return events.length;
    },
    save: () => appended.slice(-APPENDED_KEPT),
  };
}

/** What happened at Northwind in the days before: mostly logins, and what the stories of its people need. */
export function inventHistory(options: {
  readonly seed: string | number;
  readonly anchorMs: number;
  /** Addresses of people who sign in. */
  readonly people: readonly string[];
  readonly days: number;
  readonly count: number;
}): readonly CompanyEvent[] {
  const random = seededRandom(`${options.seed}/events`);
  const events = Array.from({ length: options.people.length === 0 ? 0 : options.count }, () => {
    const daysAgo = random.fraction() * options.days;
    const person = options.people[random.integer(options.people.length)] ?? '';
    const [action, data] = ROUTINE[random.integer(ROUTINE.length)] ?? ['Log in', ''];
    return {
      at: Math.floor((options.anchorMs - daysAgo * 86_400_000) / 1_000) * 1_000_000 + random.integer(1_000_000),
      username: person,
      address: `198.51.100.${1 + random.integer(250)}`,
      action,
      data,
    };
  });
  const sorted = [...events, ...storyEvents(options.anchorMs)].toSorted((left, right) => left.at - right.at);
  let last = 0;
  return sorted.map((event) => ({ ...event, at: (last = Math.max(event.at, last + 1)) }));
}

const ROUTINE: readonly (readonly [action: string, data: string])[] = [
  ['Log in', 'LastPass via Chrome v4.134.0'],
  ['Log in', 'LastPass via Website'],
  ['Log in', 'crm.example'],
  ['Log in', 'VID: 4963227935627314198'],
  ['Log in', 'portal.example'],
  ['Failed login attempt', ''],
  ['Site added', 'carriers.example'],
  ['Site changed', 'VID: 4963227935627314207 from Shared-Sales/CRM'],
  ['Open secure note', 'Secure Note (Door code) from Shared-Operations/Warehouse'],
  ['Password changed', 'VID: 4963227935627314311'],
];

/** In days before today: who did what to whom. Two failed logins fall into one second, as they do. */
function storyEvents(anchorMs: number): CompanyEvent[] {
  const ada = 'ada.okonkwo@northwind.example';
  const rosa = 'rosa.delgado@northwind.example';
  const stories: readonly (readonly [daysAgo: number, username: string, action: string, data: string])[] = [
    [60, ada, 'Employee account created', 'grace.kim@northwind.example'],
    [20, ada, 'Adding user to group', 'noor.bakker@northwind.example - Engineering'],
    [8, 'jonas.lind@northwind.example', 'Add to shared folder', "'Shared-Finance/Payroll' 'freelancer@gmail.example'"],
    [6, ada, 'Employee invited', 'priya.raman@northwind.example'],
    [2.5, rosa, 'Failed login attempt', ''],
    [2.5, rosa, 'Failed login attempt', ''],
    [1.1, 'mei-ling.chu@northwind.example', 'Log in', 'LastPass via Firefox v4.130.1'],
    [1, ada, 'Login to Admin Console', ada],
    [1, ada, 'Employee invited', '\u0430da.okonkwo@northwind.example'],
  ];
  return stories.map(([daysAgo, username, action, data]) => ({
    at: Math.floor((anchorMs - daysAgo * 86_400_000) / 1_000) * 1_000_000,
    username,
    address: '198.51.100.24',
    action,
    data,
  }));
}

function fits(event: CompanyEvent, query: EventQuery): boolean {
  if (query.user !== null && foldAddress(event.username) !== query.user) return false;
  if (query.isAdminOnly && !ADMIN_ACTIONS.has(event.action.toLowerCase())) return false;
  if (query.search === '') return true;
  const wanted = query.search.toLowerCase();
  return [event.username, event.address, event.action, event.data].some((text) => text.toLowerCase().includes(wanted));
}

/** The last place whose event is not after `to`. */
function lastPlace(events: readonly CompanyEvent[], to: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.at ?? 0) <= to) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
