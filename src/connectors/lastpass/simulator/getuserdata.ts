import type { SimulatorAnswer } from '../../../connector-kit/simulator-kit/server.ts';
import type { Company } from './company.ts';
import { foldAddress, type StoredUser } from './model.ts';
import { answer, isRecord, readFlag, readText, readWhole } from './wire.ts';
import { type Slots, type UserFilter, userIdOf } from './users.ts';

/** The largest page clients ask for (splunk/TA-lastpass, Elastic); more is taken for this. */
const LARGEST_PAGE = 2_000;
/** Answers with more users are written as they are made. */
const BUFFERED_USERS = 5_000;
const CACHE_BYTES = 256 * 1024 * 1024;

/** Rendered pages, so that a benchmark measures its client and not the simulator. */
export interface PageCache {
  get(key: string): Buffer | undefined;
  put(key: string, page: Buffer): void;
}

/** A cache of at most `limitBytes`; the oldest pages go first. */
export function pageCache(limitBytes = CACHE_BYTES): PageCache {
  const pages = new Map<string, Buffer>();
  let bytes = 0;
  return {
    get: (key) => pages.get(key),
    put(key, page) {
      pages.set(key, page);
      bytes += page.length;
      for (const [oldest, { length }] of pages) {
        if (bytes <= limitBytes) break;
        pages.delete(oldest);
        bytes -= length;
      }
    },
  };
}

interface Page {
  readonly slots: Slots;
  readonly total: number;
}

/**
 * `getuserdata`: users with their groups, the groups of the page, and the invited. Filters `username`, `disabled`,
 * `admin`; pages by `pagesize` and the zero-based `pageindex`; everything at once without. An unknown user is an empty
 * answer. Data that is no object (JupiterOne sends `"all"`) filters nothing.
 */
export function getuserdata(company: Company, data: unknown, cache: PageCache): SimulatorAnswer {
  const query = isRecord(data) ? data : {};
  const username = readText(query['username']);
  const filter = { disabled: readFlag(query['disabled']), admin: readFlag(query['admin']) };
  const size = Math.min(readWhole(query['pagesize']) ?? 0, LARGEST_PAGE);
  const index = readWhole(query['pageindex']) ?? 0;
  if (username === undefined && size > 0) return cachedPage(company, filter, size, index, cache);
  const page = username === undefined ? allOf(company, filter) : oneOf(company, filter, username);
  const chunks = render(company, page);
  return answer(page.slots.length > BUFFERED_USERS ? chunks : [...chunks].join(''), company.switches);
}

function cachedPage(
  company: Company,
  filter: UserFilter,
  size: number,
  index: number,
  cache: PageCache,
): SimulatorAnswer {
  const { users, switches } = company;
  const state = `${users.version}/${company.invitationsVersion}/${JSON.stringify(switches)}`;
  const key = `${state}/${filter.disabled ?? ''}/${filter.admin ?? ''}/${size}/${index}`;
  const known = users.isSettled ? cache.get(key) : undefined;
  if (known) return answer(known, switches);
  const all = users.select(filter);
  const page = { slots: all.slice(index * size, (index + 1) * size), total: all.length };
  const rendered = Buffer.from([...render(company, page)].join(''));
  if (users.isSettled) cache.put(key, rendered);
  return answer(rendered, switches);
}

function allOf({ users }: Company, filter: UserFilter): Page {
  const slots = users.select(filter);
  return { slots, total: slots.length };
}

function oneOf({ users }: Company, filter: UserFilter, username: string): Page {
  const folded = foldAddress(username);
  const slots = visibleSlots(users, folded).filter((slot) => {
    const user = users.visible(slot);
    return (
      user !== null &&
      foldAddress(user.username) === folded &&
      (filter.disabled ?? user.disabled) === user.disabled &&
      (filter.admin ?? user.admin) === user.admin
    );
  });
  return { slots: Int32Array.from(slots), total: slots.length };
}

/** While a change has not settled, the address may still be shown for a slot that no longer has it. */
function visibleSlots(users: Company['users'], folded: string): number[] {
  if (users.isSettled) {
    const slot = users.slotOf(folded);
    return slot === null ? [] : [slot];
  }
  return Array.from({ length: users.end }, (_, slot) => slot);
}

function* render(company: Company, { slots, total }: Page): Generator<string, void, void> {
  const { users, switches } = company;
  const emptyMap = switches.emptyMaps;
  const isAnyGrouped = anyGrouped(company, slots);
  const groups = new Map<string, string[]>();
  yield `{"total":${total},"count":${slots.length},"Users":${slots.length === 0 ? emptyMap : '{'}`;
  let separator = '';
  for (let place = 0; place < slots.length; place++) {
    const slot = slots[place] ?? 0;
    const user = users.visible(slot);
    if (!user) continue;
    for (const group of user.groups) listed(groups, group).push(user.username);
    const key = userIdOf(company.plan.seedHash, slot);
    yield `${separator}"${key}":${JSON.stringify(wireUser(company, user, isAnyGrouped))}`;
    separator = ',';
  }
  if (slots.length > 0) yield '}';
  const shown = switches.groupScope === 'tenant' ? tenantGroups(company, groups.keys()) : groups;
  if (shown.size > 0) yield `,"Groups":${JSON.stringify(Object.fromEntries(shown))}`;
  const invited = [...company.invitations.values()].map(({ email }) => email);
  if (invited.length > 0) yield `,"${switches.invitedKey}":${JSON.stringify(invited)}`;
  yield '}';
}

/** One user as the wire has it: keys and their order as in JupiterOne's recordings. */
function wireUser(company: Company, user: StoredUser, isAnyGrouped: boolean): Readonly<Record<string, unknown>> {
  const { zone, switches } = company;
  const [sites, notes, formfills, applications, attachments] = user.vault ?? [null, null, null, null, null];
  return {
    username: user.username,
    fullname: user.fullname,
    mpstrength: String(user.mpstrength),
    created: zone.format(user.created),
    last_pw_change: zone.format(user.lastPasswordChange),
    last_login: user.lastLogin === null ? '' : zone.format(user.lastLogin),
    neverloggedin: user.lastLogin === null,
    disabled: user.disabled,
    admin: user.admin,
    totalscore: user.totalscore,
    ...(switches.newerUserKeys === 'on' && {
      legacytotalscore: user.totalscore === null ? null : Math.round(Number(user.totalscore)),
      hasSharingKeys: user.lastLogin !== null,
    }),
    ...(user.multifactor !== null && { multifactor: user.multifactor }),
    duousername: user.duousername,
    ...(user.linked !== null && { linked: user.linked }),
    sites,
    notes,
    formfills,
    applications,
    attachments,
    password_reset_required: user.passwordResetRequired,
    ...(user.attribs !== null && { attribs: user.attribs }),
    ...(user.groups.length > 0 ? { groups: user.groups } : grouplessKey(switches.grouplessUser, isAnyGrouped)),
  };
}

/** Both were recorded: `[]` where nobody of the answer has a group, no key where somebody has. */
function grouplessKey(rule: Company['switches']['grouplessUser'], isAnyGrouped: boolean): { groups?: [] } {
  return rule === 'empty' || (rule === 'recorded' && !isAnyGrouped) ? { groups: [] } : {};
}

function anyGrouped({ users }: Company, slots: Slots): boolean {
  for (let place = 0; place < slots.length; place++) {
    if ((users.visible(slots[place] ?? 0)?.groups.length ?? 0) > 0) return true;
  }
  return false;
}

function tenantGroups(company: Company, names: Iterable<string>): Map<string, string[]> {
  const { users } = company;
  return new Map([...names].map((name) => [name, users.members(name).map((slot) => users.get(slot)?.username ?? '')]));
}

function listed(groups: Map<string, string[]>, name: string): string[] {
  const known = groups.get(name);
  if (known) return known;
  const members: string[] = [];
  groups.set(name, members);
  return members;
}
