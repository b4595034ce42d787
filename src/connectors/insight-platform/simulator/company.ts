import { z } from 'zod';
import type { EffectRecorder } from '../../../connector-kit/simulator-kit/logs.ts';
import type { Opening, SavedRun, SimulatedState } from '../../../connector-kit/simulator-kit/simulated.ts';
import { firstDay, uuidOf } from './first-day.ts';
import {
  type AuditEntry,
  auditSchema,
  foldAddress,
  groupSchema,
  keySchema,
  roleSchema,
  type StoredGroup,
  type StoredKey,
  type StoredOrganization,
  type StoredProduct,
  type StoredRole,
  type StoredUser,
  userSchema,
} from './model.ts';
import type { InsightPlatformSwitches } from './switches.ts';

/** What the simulator needs to go on where it ended. */
export const savedCompanySchema = z.object({
  region: z.string(),
  users: z.array(userSchema),
  groups: z.array(groupSchema),
  roles: z.array(roleSchema),
  keys: z.array(keySchema),
  audit: z.array(auditSchema),
  refused: z.array(z.string()),
  goneOrganizations: z.array(z.string()),
  made: z.number(),
});
type SavedCompany = z.output<typeof savedCompanySchema>;
export type InsightPlatformSavedState = SavedRun & SavedCompany;

/** The simulated organization: state and settings, no wire. */
export interface Company extends SimulatedState<InsightPlatformSwitches> {
  readonly seed: string;
  readonly people: number;
  readonly anchorMs: number;
  readonly region: string;
  readonly name: string;
  readonly users: Map<string, StoredUser>;
  readonly groups: Map<string, StoredGroup>;
  readonly roles: Map<string, StoredRole>;
  readonly keys: Map<string, StoredKey>;
  /** The first is the one all belong to; the others are managed by it. */
  readonly organizations: readonly StoredOrganization[];
  readonly goneOrganizations: Set<string>;
  readonly products: readonly StoredProduct[];
  readonly audit: AuditEntry[];
  /** Operations that are answered with 403, whatever the key. */
  readonly refused: Set<string>;
  /** How many things were made: ids are told from it. */
  made: number;
}

export interface CompanyOpening extends Opening<InsightPlatformSwitches, SavedCompany> {
  /** Where it is, where nothing was saved. */
  readonly region: string;
}

/** Builds the organization from its seed, and what was saved of it. */
export function openCompany(opening: CompanyOpening): Company {
  const { seed, people, clock, switches, effects, saved } = opening;
  const anchorMs = opening.anchor.getTime();
  const region = saved?.region ?? opening.region;
  const first = firstDay({ seed, people, anchorMs, region });
  return {
    seed,
    people,
    anchorMs,
    region,
    name: first.name,
    clock,
    users: byId(saved?.users ?? first.users),
    groups: byId(saved?.groups ?? first.groups),
    roles: byId(saved?.roles ?? first.roles),
    keys: byId(saved?.keys ?? first.keys),
    organizations: first.organizations,
    goneOrganizations: new Set(saved?.goneOrganizations),
    products: first.products,
    audit: [...(saved?.audit ?? first.audit)],
    refused: new Set(saved?.refused),
    made: saved?.made ?? 0,
    switches,
    effects,
  };
}

/** Keeps what there is, as JSON. */
export function saveCompany(company: Company): SavedCompany {
  return {
    region: company.region,
    users: [...company.users.values()],
    groups: [...company.groups.values()],
    roles: [...company.roles.values()],
    keys: [...company.keys.values()],
    audit: [...company.audit],
    refused: [...company.refused],
    goneOrganizations: [...company.goneOrganizations],
    made: company.made,
  };
}

/** The user at an address, letter case aside. */
export function userAt(company: Company, address: string): StoredUser | null {
  const folded = foldAddress(address);
  for (const user of company.users.values()) if (foldAddress(user.email) === folded) return user;
  return null;
}

/** Organizations that are still there; the first is the company's own. */
export function organizationsOf(company: Company): readonly StoredOrganization[] {
  return company.organizations.filter(({ id }) => !company.goneOrganizations.has(id));
}

/** A new id of the kind the vendor uses, the same for the same seed and order. */
export function newId(company: Company, kind: string): string {
  company.made += 1;
  return uuidOf(`${company.seed}/${kind}/made/${company.made}`);
}

/** Adds an entry to the audit log, if that is on. */
export function audited(company: Company, entry: Omit<AuditEntry, 'at' | 'sequence'>): void {
  if (company.switches.auditLog === 'off') return;
  company.audit.push({
    ...entry,
    at: company.clock.now().getTime(),
    sequence: (company.audit.at(-1)?.sequence ?? 0) + 1,
  });
}

/**
 * Ends a user: out of all groups, the API keys they own die, their sessions end (Okta's help on the Rapid7 integration).
 * What dies with them is told to `effect`.
 */
export function endUser(company: Company, user: StoredUser, effect: EffectRecorder): void {
  company.users.delete(user.id);
  for (const group of company.groups.values()) {
    if (!group.members.includes(user.id)) continue;
    company.groups.set(group.id, { ...group, members: group.members.filter((id) => id !== user.id) });
  }
  effect('user.deleted', user.email);
  for (const key of company.keys.values()) {
    if (key.ownerId !== user.id) continue;
    company.keys.delete(key.id);
    effect('api-key.revoked', user.email, { name: key.name });
  }
  if (user.sessions > 0) effect('sessions.ended', user.email, { sessions: user.sessions });
}

function byId<Thing extends { readonly id: string }>(things: readonly Thing[]): Map<string, Thing> {
  return new Map(things.map((thing) => [thing.id, thing]));
}
