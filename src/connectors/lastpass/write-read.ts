import type { ObservedSubject, ReadPurpose } from '../../connector-kit/changes.ts';
import { type ZoneTime, zoneTime } from '../../connector-kit/time.ts';
import type { Subject } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import { getUserData, type UserDataPage } from './client.ts';
import type { LastPassContext } from './config.ts';
import { MAX_PAGE_SIZE } from './live.ts';
import { mapUserPage, walkMemory } from './memberships.ts';

/** What `grants` tells all of: shared folders are not looked at. */
const COVERED = ['group', 'role'] as const;
/** So few are looked up one by one without asking how many users there are. */
const FEW = 3;

/**
 * Reads accounts as they are now, by the fewest calls: one by one by address, or walking all users in pages of 2,000 where
 * that takes fewer. Invitations, and that somebody is not there at all, come from one page of the smallest size. Who is
 * not found at the planned address is looked for by id before being called gone (`before` only). Maps as a pull does.
 */
export async function readSubjects(
  context: LastPassContext,
  subjects: readonly Subject[],
  purpose: ReadPurpose,
): Promise<ReadonlyMap<string, ObservedSubject>> {
  const reading = new Reading(context, subjects.filter((subject) => subject.kind === 'account').map(wantedOf));
  await reading.lookUp();
  await reading.readInvitations();
  if (purpose === 'before') await reading.findMovedIds();
  return new Map(subjects.map((subject) => [subject.key, reading.observed(subject)]));
}

/** A subject as it can be found: by its folded address, by its id where it has one. */
interface Wanted {
  readonly key: string;
  readonly address: string;
  /** null: an invitation, or an account that is to be made. */
  readonly id: string | null;
}

function wantedOf({ key, email }: Subject): Wanted {
  const address = fold(email ?? key.replace(/^(?:invited|new):/, ''));
  return { key, address: address.includes('@') ? address : '', id: /^\d+$/.test(key) ? key : null };
}

/** What was seen so far, by address and by id. */
class Reading {
  readonly #context: LastPassContext;
  readonly #wanted: readonly Wanted[];
  readonly #zone: ZoneTime;
  readonly #startedAt: string;
  #hasInvitations = false;
  readonly #byAddress = new Map<string, ObservedSubject>();
  readonly #byId = new Map<string, ObservedSubject>();

  constructor(context: LastPassContext, wanted: readonly Wanted[]) {
    this.#context = context;
    this.#wanted = wanted;
    this.#zone = zoneTime(context.settings.timeZone);
    this.#startedAt = this.#now();
  }

  /** Users at the wanted addresses. */
  async lookUp(): Promise<void> {
    if (this.#wanted.length <= FEW) return this.#lookUpEach();
    // Who is expected not to be there is looked up once more anyway, where there are several pages.
    const pages = await this.#walk(
      ({ pagesLeft }) => pagesLeft < this.#missing().filter(({ id }) => id !== null).length,
    );
    // Rows shift from page to page when somebody goes meanwhile: absence is believed of a single page only.
    if (pages.read < pages.all || pages.all > 1) await this.#lookUpEach();
  }

  /** Invitations to addresses nobody has; any page names them all. */
  async readInvitations(): Promise<void> {
    const missing = new Set(this.#missing().map(({ address }) => address));
    if (missing.size === 0 || this.#hasInvitations) return;
    const observedAt = this.#now();
    const page = await getUserData(this.#context, { pageSize: 1, pageIndex: 0 });
    const invited = page.invited.filter((address) => missing.has(fold(address)));
    this.#keep({ ...page, users: [], invited }, observedAt);
  }

  /** Ids that were pinned and are not at their address: the person may have got another one. */
  async findMovedIds(): Promise<void> {
    const isLost = ({ id }: Wanted): boolean => id !== null && !this.#byId.has(id);
    if (this.#wanted.some(isLost)) await this.#walk(() => this.#wanted.some(isLost));
  }

  observed(subject: Subject): ObservedSubject {
    const observedAt = this.#startedAt;
    if (subject.kind !== 'account') return { account: null, grants: [], records: [], observedAt, covers: [] };
    const { address, id } = wantedOf(subject);
    const found = (id === null ? undefined : this.#byId.get(id)) ?? this.#byAddress.get(address);
    return found ?? { account: null, grants: [], records: [], observedAt, covers: COVERED };
  }

  #missing(): readonly Wanted[] {
    return this.#wanted.filter(
      ({ address, id }) => !this.#byAddress.has(address) && (id === null || !this.#byId.has(id)),
    );
  }

  async #lookUpEach(): Promise<void> {
    for (const { address } of this.#missing()) {
      if (address === '') continue;
      const observedAt = this.#now();
      const page = await getUserData(this.#context, { username: address });
      this.#keep({ ...page, invited: [] }, observedAt);
    }
  }

  /** Reads the first page, and the others as long as it goes on. Tells how many pages there are and were read. */
  async #walk(
    goesOn: (pages: { readonly pagesLeft: number }) => boolean,
  ): Promise<{ readonly read: number; readonly all: number }> {
    let read = 0;
    for await (const { page, observedAt, pagesLeft } of pagesOf(this.#context, {})) {
      this.#keep(page, observedAt);
      this.#hasInvitations = true;
      read += 1;
      if (pagesLeft > 0 && !goesOn({ pagesLeft })) return { read, all: read + pagesLeft };
    }
    return { read, all: read };
  }

  /** Keeps the wanted of a page, with their groups and grants. */
  #keep(page: UserDataPage, observedAt: string): void {
    const ids = new Set(this.#wanted.flatMap(({ id }) => id ?? []));
    const found = new Set(page.users.flatMap(([id]) => (ids.has(id) ? [id] : [])));
    // An id is who was meant, whatever the address; to fold those of a whole page is only for whoever has none, or is not here.
    const others = this.#wanted.filter(({ id }) => id === null || (!found.has(id) && !this.#byId.has(id)));
    const addresses = new Set(others.map(({ address }) => address));
    const isWanted = ([id, { username }]: UserDataPage['users'][number]): boolean =>
      found.has(id) || (addresses.size > 0 && typeof username === 'string' && addresses.has(fold(username)));
    const users = page.users.filter(isWanted);
    const invited = page.invited.filter((address) => addresses.has(fold(address)));
    const records = mapUserPage({ ...page, users, invited }, this.#zone, walkMemory());
    const groupsByKey = new Map(
      records.filter((record) => record.kind === 'group').map((group) => [group.key, group] as const),
    );
    const grantsByHolder = Map.groupBy(
      records.filter((record) => record.kind === 'grant'),
      ({ holderKey }) => holderKey,
    );
    for (const account of records.filter((record) => record.kind === 'account')) {
      const grants = grantsByHolder.get(account.key) ?? [];
      const groups = [...new Set(grants.map(({ targetKey }) => groupsByKey.get(targetKey)))].filter(
        (group) => group !== undefined,
      );
      const observed = { account, grants, records: [account, ...groups, ...grants], observedAt, covers: COVERED };
      if (account.status === 'invited' && this.#byAddress.has(fold(account.email ?? ''))) continue;
      this.#byAddress.set(fold(account.email ?? ''), observed);
      this.#byId.set(account.key, observed);
    }
  }

  #now(): string {
    return this.#context.clock.now().toISOString();
  }
}

/** Administrators that can sign in: not disabled, and having done so before. */
export async function readAdministrators(context: LastPassContext): Promise<readonly string[]> {
  const zone = zoneTime(context.settings.timeZone);
  const keys = new Set<string>();
  for await (const { page } of pagesOf(context, { admin: true })) {
    for (const record of mapUserPage({ ...page, invited: [] }, zone, walkMemory())) {
      if (record.kind !== 'account' || record.status !== 'active') continue;
      if (record.roles.includes('admin')) keys.add(record.key);
    }
  }
  return [...keys];
}

interface WalkedPage {
  readonly page: UserDataPage;
  /** Taken before the request. */
  readonly observedAt: string;
  /** Infinity where an answer does not tell how many users there are. */
  readonly pagesLeft: number;
}

/**
 * Walks users in the longest pages the vendor gives: a first one that is shorter than asked shows how long these are.
 * Throws rather than end before as many came as there are said to be.
 */
async function* pagesOf(
  context: LastPassContext,
  filter: { readonly admin?: boolean },
): AsyncGenerator<WalkedPage, void, void> {
  let pageSize = MAX_PAGE_SIZE;
  let seen = 0;
  for (let pageIndex = 0; ; pageIndex += 1) {
    const observedAt = context.clock.now().toISOString();
    const page = await getUserData(context, { ...filter, pageSize, pageIndex });
    const { total } = page;
    const count = page.users.length;
    if (pageIndex === 0 && count > 0 && total !== null && count < Math.min(pageSize, total)) pageSize = count;
    const isLast = total === null ? count < pageSize : (pageIndex + 1) * pageSize >= total;
    seen += count;
    if (total !== null && (isLast ? seen < total : count < pageSize)) throw shortPage(seen, total);
    const pagesLeft = total === null ? Infinity : Math.ceil(total / pageSize) - pageIndex - 1;
    yield { page, observedAt, pagesLeft: isLast ? 0 : pagesLeft };
    if (isLast) return;
  }
}

function shortPage(seen: number, total: number): UsherError {
  return new UsherError('upstreamBug', `LastPass sent ${seen} of ${total} users and then no more.`, {
    code: 'shortPage',
    next: 'Users may have been removed in between: nothing was concluded from it. Try again.',
  });
}
