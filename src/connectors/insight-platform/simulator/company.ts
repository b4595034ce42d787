import { z } from 'zod';
import type { SimulatorClock } from '../../../connector-kit/simulator-kit/clock.ts';
import type { BoundedLog, LoggedEffect } from '../../../connector-kit/simulator-kit/logs.ts';
import { invalidInput } from '../../../model/errors.ts';
import type { JsonValue } from '../../../model/records.ts';
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
import { type InsightPlatformSwitches, parseSwitches, type SwitchValues } from './switches.ts';

const effectSchema = z.object({
  number: z.number(),
  at: z.string(),
  request: z.number().nullable(),
  kind: z.string(),
  subject: z.string(),
  detail: z.json(),
});

const savedStateSchema = z.object({
  version: z.literal(1),
  seed: z.string(),
  people: z.number(),
  anchor: z.iso.datetime(),
  region: z.string(),
  switches: z.record(z.string(), z.json()),
  users: z.array(userSchema),
  groups: z.array(groupSchema),
  roles: z.array(roleSchema),
  keys: z.array(keySchema),
  audit: z.array(auditSchema),
  refused: z.array(z.string()),
  goneOrganizations: z.array(z.string()),
  made: z.number(),
  requests: z.number(),
  effects: z.array(effectSchema),
});
export type InsightPlatformSavedState = z.output<typeof savedStateSchema>;

/** Reads a saved state. Throws `invalidInput` where it is not one. */
export function parseSavedState(value: unknown): InsightPlatformSavedState {
  const parsed = savedStateSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidInput(
    'savedState',
    `The saved state of the Insight Platform simulator cannot be read: ${z.prettifyError(parsed.error)}`,
    'Start it without one.',
  );
}

/** What a change is told to: the log of effects. */
export type EffectRecorder = (kind: string, subject: string, detail?: JsonValue) => void;

/** The simulated organization: state and settings, no wire. */
export interface Company {
  readonly seed: string;
  readonly people: number;
  readonly anchorMs: number;
  readonly region: string;
  readonly name: string;
  readonly clock: SimulatorClock;
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
  switches: InsightPlatformSwitches;
  readonly effects: BoundedLog<LoggedEffect>;
}

export interface CompanyOptions {
  readonly seed: string;
  readonly people: number;
  readonly region: string;
  readonly clock: SimulatorClock;
  readonly anchor: Date;
  readonly switches?: SwitchValues;
  readonly saved: InsightPlatformSavedState | null;
  readonly effects: BoundedLog<LoggedEffect>;
}

/** Builds the organization from its seed, and what was saved of it. Throws `invalidInput` for a wrong switch. */
export function openCompany(options: CompanyOptions): Company {
  const { saved } = options;
  const seed = saved?.seed ?? options.seed;
  const anchorMs = new Date(saved?.anchor ?? options.anchor).getTime();
  const people = saved?.people ?? options.people;
  const region = saved?.region ?? options.region;
  const first = firstDay({ seed, people, anchorMs, region });
  return {
    seed,
    people,
    anchorMs,
    region,
    name: first.name,
    clock: options.clock,
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
    switches: parseSwitches({ ...saved?.switches, ...options.switches }),
    effects: options.effects,
  };
}

/** Changes switches by name; those not named stay. Throws `invalidInput`. */
export function setSwitches(company: Company, values: SwitchValues): void {
  company.switches = parseSwitches({ ...company.switches, ...values });
}

/** Keeps what there is, as JSON; `requests`: how many there were. */
export function saveCompany(company: Company, requests: number): InsightPlatformSavedState {
  return {
    version: 1,
    seed: company.seed,
    people: company.people,
    anchor: new Date(company.anchorMs).toISOString(),
    region: company.region,
    switches: { ...company.switches },
    users: [...company.users.values()],
    groups: [...company.groups.values()],
    roles: [...company.roles.values()],
    keys: [...company.keys.values()],
    audit: [...company.audit],
    refused: [...company.refused],
    goneOrganizations: [...company.goneOrganizations],
    made: company.made,
    requests,
    effects: company.effects.list().map((effect) => ({ ...effect, detail: z.json().parse(effect.detail) })),
  };
}

/** Records effects of a request, or of an inspection (null). */
export function effectRecorder(company: Company, request: number | null): EffectRecorder {
  return (kind, subject, detail = null) => {
    company.effects.add({ at: company.clock.now().toISOString(), request, kind, subject, detail });
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
