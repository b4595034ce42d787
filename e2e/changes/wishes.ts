// What a whole-product test wishes of a company: many changes of several kinds, in plans of many sizes.
import type { Random } from '../../src/connector-kit/simulator-kit/random.ts';
import { fold } from '../../src/model/ids.ts';
import type { SimulatorProcess } from '../processes.ts';
import { peopleOf, type Person } from './company.ts';

export const KINDS = ['create', 'disable', 'enable', 'group add', 'group remove', 'resend'] as const;
export type Kind = (typeof KINDS)[number];

/** One change wished for; every subject gets one. */
export interface Wish {
  readonly kind: Kind;
  /** Folded address. */
  readonly subject: string;
  readonly email: string;
  /** Of `group add`, `group remove`, and of some of `create`; else null. */
  readonly group: string | null;
  /** Whether a first password goes in as a secret, or is made and handed over. */
  readonly secret: 'given' | 'made' | null;
}

/** The plan that some wishes of one kind are asked for by. */
export interface WishedPlan {
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly wishes: readonly Wish[];
}

/** The vendor's command for a kind, and what it does to its subject. */
export const COMMANDS: Readonly<Record<Kind, { readonly operation: string; readonly effects: readonly string[] }>> = {
  create: { operation: 'batchadd', effects: ['user.created', 'mail.activation'] },
  disable: { operation: 'disableuser', effects: ['user.disabled'] },
  enable: { operation: 'enableuser', effects: ['user.enabled'] },
  'group add': { operation: 'batchchangegrp', effects: ['group.member-added'] },
  'group remove': { operation: 'batchchangegrp', effects: ['group.member-removed'] },
  resend: { operation: 'reinviteuser', effects: ['mail.invitation'] },
};

const SHARES: Readonly<Record<Kind, number>> = {
  create: 0.2, disable: 0.2, enable: 0.15, 'group add': 0.175, 'group remove': 0.175, resend: 0.1,
}; // prettier-ignore

/** Brings the company into a state in which there is enough to enable and to invite again, and wishes `count` changes. */
export async function wishFor(simulator: SimulatorProcess, random: Random, count: number): Promise<readonly Wish[]> {
  const people = shuffled([...(await peopleOf(simulator)).values()], random);
  const groups = [...new Set(people.flatMap((person) => [...person.groups]))].toSorted();
  const free = people.filter(({ status, isAdmin }) => status === 'active' && !isAdmin);
  const take = (isFit: (person: Person) => boolean): Person => {
    const index = free.findIndex(isFit);
    const [person] = index < 0 ? [] : free.splice(index, 1);
    if (person === undefined) throw new Error(`The company is too small for ${count} changes.`);
    return person;
  };
  const wishes: Wish[] = [];
  for (const kind of KINDS) {
    for (let index = 0; index < Math.round(count * SHARES[kind]); index += 1) {
      wishes.push(await wish(kind, index));
    }
  }
  return wishes;

  async function wish(kind: Kind, index: number): Promise<Wish> {
    const about = (email: string, group?: string): Wish => ({
      kind, email, subject: fold(email), group: group ?? null, secret: null,
    }); // prettier-ignore
    if (kind === 'create') {
      const secret = index % 10 === 1 ? 'given' : index % 10 === 2 ? 'made' : null;
      const group = index % 2 === 0 ? oneOf(groups) : undefined;
      return { ...about(`newcomer.${index}@northwind.example`, group), secret };
    }
    if (kind === 'group add') {
      const { email, groups: held } = take((person) => person.groups.size < groups.length);
      return about(email, oneOf(groups.filter((group) => !held.has(group))));
    }
    if (kind === 'group remove') {
      const { email, groups: held } = take((person) => person.groups.size > 0);
      return about(email, oneOf([...held].toSorted()));
    }
    const { email } = take(() => true);
    if (kind === 'enable') await set(email, { disabled: true });
    if (kind === 'resend') await set(email, { lastLogin: null });
    return about(email);
  }

  function oneOf(names: readonly string[]): string | undefined {
    return names[random.integer(names.length)];
  }

  async function set(username: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
    await simulator.inspect('POST', 'mutate', { op: 'set-user', username, fields });
  }
}

/** Puts wishes into plans of up to `most` changes of one kind, in a random order. */
export function plansOf(wishes: readonly Wish[], random: Random, most: number): readonly WishedPlan[] {
  const plans: WishedPlan[] = [];
  for (const kind of KINDS) {
    const left = wishes.filter((wish) => wish.kind === kind);
    while (left.length > 0) plans.push(planOf(kind, left.splice(0, kind === 'resend' ? 1 : 1 + random.integer(most))));
  }
  return shuffled(plans, random);
}

function planOf(kind: Kind, wishes: readonly Wish[]): WishedPlan {
  const users = wishes.map(({ email }) => email);
  const members = (list: 'add' | 'remove'): Omit<WishedPlan, 'wishes'> => ({
    action: 'lastpass_change_group_members',
    input: { changes: wishes.map(({ email, group }) => ({ user: email, [list]: [group] })) },
  });
  const plans: Readonly<Record<Kind, Omit<WishedPlan, 'wishes'>>> = {
    create: { action: 'lastpass_create_users', input: { users: wishes.map(newUser) } },
    disable: { action: 'lastpass_disable_user', input: { users } },
    enable: { action: 'lastpass_enable_user', input: { users } },
    'group add': members('add'),
    'group remove': members('remove'),
    resend: { action: 'lastpass_resend_invitation', input: { user: users[0] } },
  };
  return { ...plans[kind], wishes };
}

function newUser({ email, group, secret }: Wish): Readonly<Record<string, unknown>> {
  return {
    email,
    ...(group === null ? {} : { groups: [group] }),
    ...(secret === 'given' ? { password: `Invented-${email}` } : {}),
    ...(secret === 'made' ? { generate_password: true } : {}),
  };
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const left = [...items];
  return Array.from(items, () => left.splice(random.integer(left.length), 1)).flat();
}
