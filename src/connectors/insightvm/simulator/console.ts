import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { SimulatorClock } from '../../../connector-kit/simulator-kit/clock.ts';
import type { BoundedLog, LoggedEffect } from '../../../connector-kit/simulator-kit/logs.ts';
import { type Northwind, northwind } from '../../../connector-kit/simulator-kit/northwind/northwind.ts';
import { hashText } from '../../../connector-kit/simulator-kit/random.ts';
import { invalidInput } from '../../../model/errors.ts';
import type { JsonValue } from '../../../model/records.ts';
import { type Extent, firstUsers } from './blueprint.ts';
import { type Keyed, keyed } from './keyed.ts';
import {
  type StoredAssetGroup,
  storedAssetGroupSchema,
  type StoredRole,
  storedRoleSchema,
  type StoredSite,
  storedSiteSchema,
  type StoredUser,
  storedUserSchema,
} from './model.ts';
import { firstAssetGroups, firstSites } from './places.ts';
import { FIRST_ROLES, GLOBAL_ADMINISTRATOR } from './roles.ts';
import { type InsightVmSwitches, parseSwitches, type SwitchValues } from './switches.ts';
import { openUsers, type UserStore } from './users.ts';

const effectSchema = z.object({
  number: z.number(),
  at: z.string(),
  request: z.number().nullable(),
  kind: z.string(),
  subject: z.string(),
  detail: z.json(),
});
const certificateSchema = z.object({ key: z.string(), cert: z.string() });

/** Everything a simulator needs to go on where it ended: what changed since the first day, not the console itself. */
const savedStateSchema = z.object({
  version: z.literal(1),
  seed: z.string(),
  people: z.number(),
  sites: z.number(),
  assetGroups: z.number(),
  anchor: z.iso.datetime(),
  switches: z.record(z.string(), z.json()),
  /** null: it speaks HTTP. */
  certificate: certificateSchema.nullable(),
  lastUserId: z.number(),
  changed: z.object({
    users: z.array(z.tuple([z.number(), storedUserSchema.nullable()])),
    sites: z.array(z.tuple([z.number(), storedSiteSchema.nullable()])),
    assetGroups: z.array(z.tuple([z.number(), storedAssetGroupSchema.nullable()])),
    roles: z.array(z.tuple([z.string(), storedRoleSchema.nullable()])),
  }),
  requests: z.number(),
  effects: z.array(effectSchema),
});
export type InsightVmSavedState = z.output<typeof savedStateSchema>;

/** Reads a saved state. Throws `invalidInput` where it is not one. */
export function parseSavedState(value: unknown): InsightVmSavedState {
  const parsed = savedStateSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidInput(
    'savedState',
    `The saved state of the InsightVM simulator cannot be read: ${z.prettifyError(parsed.error)}`,
    'Start it without one.',
  );
}

/** What a change is told to: the log of effects. The subject of a user's change is its id. */
export type EffectRecorder = (kind: string, subject: string | number, detail?: JsonValue) => void;

/** The simulated console: state and settings, no wire. */
export interface Console {
  readonly seed: string;
  readonly people: Northwind;
  readonly extent: Extent;
  readonly anchorMs: number;
  readonly clock: SimulatorClock;
  readonly users: UserStore;
  readonly sites: Keyed<number, StoredSite>;
  readonly assetGroups: Keyed<number, StoredAssetGroup>;
  readonly roles: Keyed<string, StoredRole>;
  readonly effects: BoundedLog<LoggedEffect>;
  switches: InsightVmSwitches;
}

export interface ConsoleOptions extends Extent {
  readonly seed: string;
  readonly people: number;
  readonly clock: SimulatorClock;
  readonly anchor: Date;
  readonly switches?: SwitchValues;
  readonly saved: InsightVmSavedState | null;
  readonly effects: BoundedLog<LoggedEffect>;
}

/** Builds the console from its seed, and what was saved of it. Throws `invalidInput` for a wrong switch. */
export function openConsole(options: ConsoleOptions): Console {
  const { saved, clock, effects } = options;
  const seed = saved?.seed ?? options.seed;
  const anchor = new Date(saved?.anchor ?? options.anchor);
  const people = northwind({ seed, people: saved?.people ?? options.people, today: anchor });
  const seedHash = hashText(`${seed}/insightvm`);
  const { sites, assetGroups } = saved ?? options;
  const extent = { sites, assetGroups };
  return {
    seed,
    people,
    extent,
    anchorMs: anchor.getTime(),
    clock,
    users: openUsers(
      firstUsers(people, seedHash, extent),
      saved ? { lastId: saved.lastUserId, changed: saved.changed.users } : undefined,
    ),
    sites: keyed(firstSites(sites, seedHash, anchor.getTime()), saved?.changed.sites),
    assetGroups: keyed(firstAssetGroups(assetGroups, seedHash), saved?.changed.assetGroups),
    roles: keyed(FIRST_ROLES, saved?.changed.roles),
    switches: parseSwitches({ ...saved?.switches, ...options.switches }),
    effects,
  };
}

/** Records effects of a request, or of an inspection (null). */
export function effectRecorder(console: Console, request: number | null): EffectRecorder {
  return (kind, subject, detail = null) => {
    const at = console.clock.now().toISOString();
    console.effects.add({ at, request, kind, subject: String(subject), detail });
  };
}

/** The password now in force: what was set, or the one that an account of the first day is given by the seed. */
export function passwordOf({ seed }: Console, user: StoredUser): string {
  return user.password ?? `Invented-${createHash('sha1').update(`${seed}/${user.id}`).digest('hex').slice(0, 20)}`;
}

/** Whether this user may do everything. */
export function isAdministrator({ roles }: Console, { role }: StoredUser): boolean {
  return role.superuser || roles.get(role.id)?.privileges?.includes('all-permissions') === true;
}

/** Whether any other enabled Global Administrator is left beside this user. */
export function hasOtherAdministrator({ users }: Console, user: StoredUser): boolean {
  return users.list().some((other) => other.id !== user.id && other.enabled && other.role.id === GLOBAL_ADMINISTRATOR);
}

/** Keeps what changed, as JSON. */
export function saveConsole(
  console: Console,
  certificate: InsightVmSavedState['certificate'],
  requests: number,
): InsightVmSavedState {
  const { users, sites, assetGroups, roles } = console;
  return {
    version: 1,
    seed: console.seed,
    people: console.people.size,
    ...console.extent,
    anchor: new Date(console.anchorMs).toISOString(),
    switches: { ...console.switches },
    certificate,
    lastUserId: users.lastId,
    changed: {
      users: users.save().map(([id, user]) => [id, user]),
      sites: sites.save().map(([id, site]) => [id, site]),
      assetGroups: assetGroups.save().map(([id, group]) => [id, group]),
      roles: roles.save().map(([id, role]) => [id, role]),
    },
    requests,
    effects: console.effects.list().map((effect) => ({ ...effect, detail: z.json().parse(effect.detail) })),
  };
}
