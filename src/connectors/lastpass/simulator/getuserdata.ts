import type { SimulatorAnswer } from '../../../connector-kit/simulator-kit/server.ts';
import { type Company, shownInvitations } from './company.ts';
import { foldAddress, type StoredUser } from './model.ts';
import { answer, isRecord, readFlag, readText, readWhole } from './wire.ts';
import { type Slots, type UserFilter, userIdOf } from './users.ts';

/** Answers with more users are written as they are made. */
const BUFFERED_USERS = 5_000;
const CACHE_BYTES = 256 * 1024 * 1024;

/** What was rendered before, so that a benchmark measures its client and not the simulator. */
export interface RenderCache {
  page(key: string): Buffer | undefined;
  keepPage(key: string, page: Buffer): void;
  /** The rendered user of a slot, if it is still the same user. */
  user(slot: number, version: number): RenderedUser | undefined;
  keepUser(slot: number, version: number, user: RenderedUser): void;
  /** Forgets everything if the switches are others than before. */
  use(switches: Company['switches']): void;
}

/** A user's JSON up to its groups, and what the page needs to know of it. */
interface RenderedUser {
  readonly head: string;
  readonly username: string;
  readonly groups: readonly string[];
}

/** A cache of about `limitBytes`: half for pages, of which the oldest go first, half for users. */
export function renderCache(limitBytes = CACHE_BYTES): RenderCache {
  const pages = new Map<string, Buffer>();
  const users = new Map<number, { readonly version: number; readonly user: RenderedUser }>();
  let [pageBytes, userBytes] = [0, 0];
  let current: Company['switches'] | null = null;
  return {
    page: (key) => pages.get(key),
    keepPage(key, page) {
      pages.set(key, page);
      pageBytes += page.length;
      for (const [oldest, { length }] of pages) {
        if (pageBytes <= limitBytes / 2) break;
        pages.delete(oldest);
        pageBytes -= length;
      }
    },
    user(slot, version) {
      const known = users.get(slot);
      return known?.version === version ? known.user : undefined;
    },
    keepUser(slot, version, user) {
      if (userBytes + user.head.length > limitBytes / 2) return;
      userBytes += user.head.length - (users.get(slot)?.user.head.length ?? 0);
      users.set(slot, { version, user });
    },
    use(switches) {
      if (switches === current) return;
      current = switches;
      users.clear();
      pages.clear();
      [pageBytes, userBytes] = [0, 0];
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
export function getuserdata(company: Company, data: unknown, cache: RenderCache): SimulatorAnswer {
  const query = isRecord(data) ? data : {};
  cache.use(company.switches);
  const username = readText(query['username']);
  const filter = { disabled: readFlag(query['disabled']), admin: readFlag(query['admin']) };
  const size = Math.min(readWhole(query['pagesize']) ?? 0, company.switches.largestPage);
  const index = readWhole(query['pageindex']) ?? 0;
  if (username === undefined && size > 0) return cachedPage(company, filter, size, index, cache);
  const page = username === undefined ? allOf(company, filter) : oneOf(company, filter, username);
  const chunks = render(company, page, cache);
  return answer(page.slots.length > BUFFERED_USERS ? chunks : [...chunks].join(''), company.switches);
}

function cachedPage(
  company: Company,
  filter: UserFilter,
  size: number,
  index: number,
  cache: RenderCache,
): SimulatorAnswer {
  const { users, switches } = company;
  const key = `${users.version}/${company.invitationsVersion}/${filter.disabled ?? ''}/${filter.admin ?? ''}/${size}/${index}`;
  const isSettled = users.isSettled && shownInvitations(company).isSettled;
  const known = isSettled ? cache.page(key) : undefined;
  if (known) return answer(known, switches);
  const all = users.select(filter);
  const page = { slots: all.slice(index * size, (index + 1) * size), total: all.length };
  const rendered = Buffer.from([...render(company, page, cache)].join(''));
  if (isSettled) cache.keepPage(key, rendered);
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

function* render(company: Company, { slots, total }: Page, cache: RenderCache): Generator<string, void, void> {
  const { switches } = company;
  const whenGroupless = grouplessEnd(switches.grouplessUser, anyGrouped(company, slots));
  const groups = new Map<string, string[]>();
  yield `{"total":${total},"count":${slots.length},"Users":${slots.length === 0 ? switches.emptyMaps : '{'}`;
  let separator = '';
  for (let place = 0; place < slots.length; place++) {
    const slot = slots[place] ?? 0;
    const user = renderedUser(company, slot, cache);
    if (!user) continue;
    for (const group of user.groups) listed(groups, group).push(user.username);
    yield (
      separator + user.head + (user.groups.length > 0 ? `,"groups":${JSON.stringify(user.groups)}}` : whenGroupless)
    );
    separator = ',';
  }
  if (slots.length > 0) yield '}';
  const shown = switches.groupScope === 'tenant' ? tenantGroups(company, groups.keys()) : groups;
  if (shown.size > 0) yield `,"Groups":${JSON.stringify(Object.fromEntries(shown))}`;
  const invited = shownInvitations(company).emails;
  if (invited.length > 0) yield `,"${switches.invitedKey}":${JSON.stringify(invited)}`;
  yield '}';
}

/** The user a reader sees at a slot; from the cache where it is settled and the same. */
function renderedUser(company: Company, slot: number, cache: RenderCache): RenderedUser | null {
  const { users, plan } = company;
  const version = users.versionOf(slot);
  const known = users.isSettled ? cache.user(slot, version) : undefined;
  if (known) return known;
  const user = users.visible(slot);
  if (!user) return null;
  const json = JSON.stringify(wireUser(company, user));
  const head = `"${userIdOf(plan.seedHash, slot)}":${json.slice(0, -1)}`;
  const rendered = { head, username: user.username, groups: user.groups };
  if (users.isSettled) cache.keepUser(slot, version, rendered);
  return rendered;
}

/** One user as the wire has it, but for its groups: keys and their order as in JupiterOne's recordings. */
function wireUser({ zone, switches }: Company, user: StoredUser): Readonly<Record<string, unknown>> {
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
  };
}

/** Both were recorded: `[]` where nobody of the answer has a group, no key where somebody has. */
function grouplessEnd(rule: Company['switches']['grouplessUser'], isAnyGrouped: boolean): string {
  return rule === 'empty' || (rule === 'recorded' && !isAnyGrouped) ? ',"groups":[]}' : '}';
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
