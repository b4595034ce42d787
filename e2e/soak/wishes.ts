// What is asked for in a soak: every kind of change there is, on people whom nobody else touches meanwhile.
import { type Random, hashText } from '../../src/connector-kit/simulator-kit/random.ts';
import { fold } from '../../src/model/ids.ts';
import type { Person } from '../changes/company.ts';

export interface SoakWish {
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Folded addresses of all whom it is about. */
  readonly subjects: readonly string[];
}

/** What a wish is made of: who there is, and who is not spoken for. */
interface Choice {
  readonly random: Random;
  /** Up to so many of the free people that fit, in a random order. */
  readonly some: (most: number, fits: (person: Person) => boolean) => readonly Person[];
  readonly groups: readonly string[];
  /** A number that no other wish has. */
  readonly number: number;
}

/** The console changes a quarter of the company behind Usher's back; Usher is asked to change the rest. */
export function belongsToConsole(address: string): boolean {
  return hashText(fold(address)) % 4 === 0;
}

const isActive = ({ status }: Person): boolean => status === 'active';
const most = 15;

const KINDS: readonly ((choice: Choice) => Omit<SoakWish, 'subjects'> & { readonly people: readonly string[] })[] = [
  ({ random, groups, number }) => {
    const users = Array.from({ length: 1 + random.integer(5) }, (_, index) => ({
      email: `newcomer.${number}.${index}@northwind.example`,
      groups: random.fraction() < 0.5 ? [oneOf(groups, random)] : [],
      ...(random.fraction() < 0.2 ? { generate_password: true } : {}),
    }));
    return { action: 'lastpass_create_users', input: { users }, people: users.map(({ email }) => email) };
  },
  ({ some }) => listed('lastpass_disable_user', some(most, isActive)),
  ({ some }) => listed('lastpass_enable_user', some(most, ({ status }) => status === 'disabled')),
  ({ some, groups, random }) => {
    const group = oneOf(groups, random);
    const people = some(most, (person) => person.status !== 'invited' && !person.groups.has(group));
    return memberships(people, (user) => ({ user, add: [group] }));
  },
  ({ some }) => {
    const people = some(most, ({ status, groups }) => status !== 'invited' && groups.size > 0);
    const firsts = new Map(people.map(({ email, groups }) => [email, [...groups].toSorted()[0]]));
    return memberships(people, (user) => ({ user, remove: [firsts.get(user)] }));
  },
  ({ some }) => single('lastpass_resend_invitation', some(1, ({ status }) => status === 'pending' || status === 'invited')),
  ({ some, number }) => single('lastpass_update_user', some(1, isActive), { full_name: `Soaked Person ${number}` }),
  ({ some }) => single('lastpass_delete_user', some(1, isActive), { mode: 'remove' }),
  ({ some }) => {
    const people = some(4, ({ status }) => status === 'pending' || status === 'disabled');
    return listed('lastpass_delete_users', people, { mode: 'delete' });
  },
  ({ some }) => single('lastpass_delete_user', some(1, ({ status }) => status === 'invited'), { mode: 'uninvite' }),
  ({ some }) => single('lastpass_disable_multifactor', some(1, isActive)),
  ({ some }) => single('lastpass_send_master_password_reset', some(1, isActive)),
  ({ some }) => single('lastpass_require_master_password_change', some(1, isActive)),
  ({ some, number }) => {
    return single('lastpass_update_email', some(1, isActive), { new_email: `renamed.${number}@northwind.example` });
  },
  ({ some, number }) => {
    const sites = [{ url: `https://site-${number}.example/`, name: 'A site', password: `Invented-${number}` }];
    return listed('lastpass_push_sites', some(3, isActive), { sites });
  },
]; // prettier-ignore

/** A wish of a random kind on free people; null where nobody fits. Who is in it is not free any more. */
export function wishAnything(
  people: ReadonlyMap<string, Person>,
  busy: Set<string>,
  random: Random,
  number: number,
): SoakWish | null {
  const free = [...people.values()].filter(
    ({ email, isAdmin }) => !isAdmin && !belongsToConsole(email) && !busy.has(fold(email)),
  );
  const make = KINDS[random.integer(KINDS.length)];
  const {
    action,
    input,
    people: named,
  } = make?.({
    random,
    number,
    groups: [...new Set([...people.values()].flatMap((person) => [...person.groups]))].toSorted(),
    some: (count, fits) => {
      const fitting = free.filter(fits);
      const wanted = Math.min(fitting.length, 1 + random.integer(count));
      return Array.from({ length: wanted }, () => fitting.splice(random.integer(fitting.length), 1)).flat();
    },
  }) ?? { action: '', input: {}, people: [] };
  if (named.length === 0) return null;
  const subjects = named.map((email) => fold(email));
  for (const subject of subjects) busy.add(subject);
  return { action, input, subjects };
}

function listed(action: string, people: readonly Person[], more: Readonly<Record<string, unknown>> = {}) {
  const users = people.map(({ email }) => email);
  return { action, input: { users, ...more }, people: users };
}

function single(action: string, people: readonly Person[], more: Readonly<Record<string, unknown>> = {}) {
  const users = people.map(({ email }) => email);
  return { action, input: { user: users[0], ...more }, people: users };
}

function memberships(people: readonly Person[], change: (user: string) => Readonly<Record<string, unknown>>) {
  const users = people.map(({ email }) => email);
  return { action: 'lastpass_change_group_members', input: { changes: users.map(change) }, people: users };
}

function oneOf<Item>(items: readonly Item[], random: Random): Item {
  const item = items[random.integer(items.length)];
  if (item === undefined) throw new Error('There is nothing to choose from.');
  return item;
}
