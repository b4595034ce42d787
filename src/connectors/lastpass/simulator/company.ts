import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Northwind, northwind } from '../../../connector-kit/simulator-kit/northwind/northwind.ts';
import { hashText } from '../../../connector-kit/simulator-kit/random.ts';
import type { Opening, SavedRun, SimulatedState } from '../../../connector-kit/simulator-kit/simulated.ts';
import { openZone, type Zone } from '../../../connector-kit/simulator-kit/zone.ts';
import { type Blueprint, blueprint } from './blueprint.ts';
import { type EventLog, inventHistory, openEvents } from './events.ts';
import { type FolderStore, openFolders } from './folders.ts';
import {
  companyEventSchema,
  foldAddress,
  folderSchema,
  type Invitation,
  invitationSchema,
  storedUserSchema,
} from './model.ts';
import type { LastPassSwitches } from './switches.ts';
import { openUsers, type UserStore } from './users.ts';

/** What the simulator needs to go on where it ended: what changed since the first day, not the company itself. */
export const savedCompanySchema = z.object({
  secretGeneration: z.number(),
  users: z.object({ end: z.number(), changed: z.array(z.tuple([z.number(), storedUserSchema.nullable()])) }),
  invitations: z.array(invitationSchema),
  folders: z.array(z.tuple([z.number(), folderSchema.nullable()])),
  groups: z.array(z.string()),
  personalAccounts: z.array(z.string()),
  refusedCommands: z.array(z.string()),
  pushes: z.number(),
  events: z.array(companyEventSchema),
});
type SavedCompany = z.output<typeof savedCompanySchema>;
export type LastPassSavedState = SavedRun & SavedCompany;

/** The simulated company: state and settings, no wire. */
export interface Company extends SimulatedState<LastPassSwitches> {
  readonly people: Northwind;
  readonly plan: Blueprint;
  readonly companyId: string;
  readonly users: UserStore;
  readonly folders: FolderStore;
  readonly events: EventLog;
  readonly invitations: Map<string, Invitation>;
  /** Rises with every change of the invitations. */
  invitationsVersion: number;
  /** What readers saw before changes that have not settled, oldest first; each until a moment in epoch milliseconds. */
  unsettledInvitations: readonly { readonly until: number; readonly emails: readonly string[] }[];
  readonly groups: Set<string>;
  /** Folded addresses with a LastPass account of their own: they are invited rather than created. */
  readonly personalAccounts: Set<string>;
  readonly refusedCommands: Set<string>;
  secretGeneration: number;
  pushes: number;
  zone: Zone;
}

/** Builds the company from its seed, and what was saved of it. Throws `invalidInput` for a wrong zone. */
export function openCompany({
  seed,
  people: size,
  anchor,
  clock,
  switches,
  effects,
  saved,
}: Opening<LastPassSwitches, SavedCompany>): Company {
  const people = northwind({ seed, people: size, today: anchor });
  const seedHash = hashText(`${seed}/lastpass`);
  const plan = blueprint(people, seedHash, anchor.getTime());
  const nowMs = () => clock.now().getTime();
  const company: Company = {
    people,
    plan,
    companyId: String(99_000_000 + (seedHash % 1_000_000)),
    clock,
    users: openUsers(plan, nowMs, () => company.switches.settleMs, saved?.users),
    folders: openFolders(
      { seedHash, users: plan.size, people: people.size, slotOf: (address) => plan.slotOfAddress(address) },
      saved?.folders,
    ),
    events: openEvents(
      inventHistory({ seed, anchorMs: anchor.getTime(), people: signers(plan), days: 7, count: eventCount(plan) }),
      nowMs,
      saved?.events,
    ),
    invitations: new Map((saved?.invitations ?? plan.invitations).map((entry) => [foldAddress(entry.email), entry])),
    invitationsVersion: 1,
    unsettledInvitations: [],
    groups: new Set(saved?.groups ?? plan.groupNames),
    personalAccounts: new Set(saved?.personalAccounts ?? ['freelancer@gmail.example']),
    refusedCommands: new Set(saved?.refusedCommands),
    secretGeneration: saved?.secretGeneration ?? 0,
    pushes: saved?.pushes ?? 72,
    switches,
    zone: openZone(switches.zone),
    effects,
  };
  return company;
}

/**
 * The provisioning hash now in force: 64 hex digits as the real one, made from the seed, and told from a real one by the
 * word it repeats.
 */
export function provisioningHashOf(company: Company): string {
  const text = `${company.companyId}/${company.plan.seedHash}/${company.secretGeneration}`;
  return `${'facade'.repeat(4)}${createHash('sha1').update(text).digest('hex')}`;
}

/** To be called right before the API changes the invitations: readers see the change when it has settled. */
export function beforeInvitationsChange(company: Company): void {
  company.invitationsVersion++;
  const { settleMs } = company.switches;
  if (settleMs === 0) return;
  const before = { until: company.clock.now().getTime() + settleMs, emails: emailsOf(company) };
  company.unsettledInvitations = [...company.unsettledInvitations, before];
}

/** The invited as a reader sees them; `isSettled`: all changes show. */
export function shownInvitations(company: Company): {
  readonly emails: readonly string[];
  readonly isSettled: boolean;
} {
  const now = company.clock.now().getTime();
  company.unsettledInvitations = company.unsettledInvitations.filter(({ until }) => until > now);
  const [oldest] = company.unsettledInvitations;
  return { emails: oldest?.emails ?? emailsOf(company), isSettled: oldest === undefined };
}

function emailsOf({ invitations }: Company): readonly string[] {
  return [...invitations.values()].map(({ email }) => email);
}

/** Puts these switches in force. Throws `invalidInput` for a wrong zone. */
export function setSwitches(company: Company, next: LastPassSwitches): void {
  company.zone = next.zone === company.zone.name ? company.zone : openZone(next.zone);
  company.switches = next;
}

/** Keeps what changed, as JSON. */
export function saveCompany(company: Company): SavedCompany {
  return {
    secretGeneration: company.secretGeneration,
    users: savedUsers(company),
    invitations: [...company.invitations.values()],
    folders: company.folders.save().map(([id, folder]) => [id, folder]),
    groups: [...company.groups],
    personalAccounts: [...company.personalAccounts],
    refusedCommands: [...company.refusedCommands],
    pushes: company.pushes,
    events: [...company.events.save()],
  };
}

function savedUsers(company: Company): SavedCompany['users'] {
  const { end, changed } = company.users.save();
  return { end, changed: changed.map(([slot, user]) => [slot, user]) };
}

/** Some of those who sign in: enough for a lively log, whatever the size. */
function signers(plan: Blueprint): readonly string[] {
  const step = Math.max(1, Math.floor(plan.size / 500));
  const slots = Array.from({ length: Math.min(plan.size, 500) }, (_, place) => place * step);
  return slots
    .map((slot) => plan.user(slot))
    .filter(({ lastLogin, disabled }) => lastLogin !== null && !disabled && lastLogin > plan.anchorMs - 7 * 86_400_000)
    .map(({ username }) => username);
}

function eventCount(plan: Blueprint): number {
  return Math.min(6 * plan.size, 5_000);
}
