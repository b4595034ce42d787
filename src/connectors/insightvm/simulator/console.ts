import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { KeyedCertificate } from '../../../connector-kit/simulator-kit/certificate.ts';
import { type Northwind, northwind } from '../../../connector-kit/simulator-kit/northwind/northwind.ts';
import { hashText } from '../../../connector-kit/simulator-kit/random.ts';
import type { Opening, SavedRun, SimulatedState } from '../../../connector-kit/simulator-kit/simulated.ts';
import { type Extent, firstUsers } from './blueprint.ts';
import { newCertificate } from './certificate.ts';
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
import type { InsightVmSwitches } from './switches.ts';
import { openUsers, type UserStore } from './users.ts';

const certificateSchema = z.object({ key: z.string(), cert: z.string() });

/** What the simulator needs to go on where it ended: what changed since the first day, not the console itself. */
export const savedConsoleSchema = z.object({
  sites: z.number(),
  assetGroups: z.number(),
  /** null: it speaks HTTP. */
  certificate: certificateSchema.nullable(),
  lastUserId: z.number(),
  changed: z.object({
    users: z.array(z.tuple([z.number(), storedUserSchema.nullable()])),
    sites: z.array(z.tuple([z.number(), storedSiteSchema.nullable()])),
    assetGroups: z.array(z.tuple([z.number(), storedAssetGroupSchema.nullable()])),
    roles: z.array(z.tuple([z.string(), storedRoleSchema.nullable()])),
  }),
});
type SavedConsole = z.output<typeof savedConsoleSchema>;
export type InsightVmSavedState = SavedRun & SavedConsole;

/** The simulated console: state and settings, no wire. */
export interface Console extends SimulatedState<InsightVmSwitches> {
  readonly seed: string;
  readonly people: Northwind;
  readonly extent: Extent;
  readonly anchorMs: number;
  readonly users: UserStore;
  readonly sites: Keyed<number, StoredSite>;
  readonly assetGroups: Keyed<number, StoredAssetGroup>;
  readonly roles: Keyed<string, StoredRole>;
  /** What it presents; null: it speaks HTTP. */
  certificate: KeyedCertificate | null;
}

export interface ConsoleOpening extends Opening<InsightVmSwitches, SavedConsole> {
  /** How much there is, and whether it speaks HTTPS, where nothing was saved. */
  readonly extent: Extent;
  readonly isSecure: boolean;
}

/** Builds the console from its seed, and what was saved of it. */
export function openConsole(opening: ConsoleOpening): Console {
  const { seed, anchor, clock, switches, effects, saved } = opening;
  const people = northwind({ seed, people: opening.people, today: anchor });
  const seedHash = hashText(`${seed}/insightvm`);
  const { sites, assetGroups } = saved ?? opening.extent;
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
    certificate: saved ? saved.certificate : opening.isSecure ? newCertificate(clock.now()) : null,
    switches,
    effects,
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
export function saveConsole({ extent, certificate, users, sites, assetGroups, roles }: Console): SavedConsole {
  return {
    ...extent,
    certificate,
    lastUserId: users.lastId,
    changed: {
      users: users.save().map(([id, user]) => [id, user]),
      sites: sites.save().map(([id, site]) => [id, site]),
      assetGroups: assetGroups.save().map(([id, group]) => [id, group]),
      roles: roles.save().map(([id, role]) => [id, role]),
    },
  };
}
