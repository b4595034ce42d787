import { z } from 'zod';

/** Who asks. A person decides; a service runs unattended; an agent asks and a person approves. */
export const principalKindSchema = z.enum(['person', 'service', 'agent']);
export type PrincipalKind = z.infer<typeof principalKindSchema>;

export const ROLES = ['viewer', 'operator', 'approver', 'admin', 'agent'] as const;
export const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;

/** What a route may ask of its caller. */
export const PERMISSIONS = [
  'snapshot:read', // accounts, groups, history, events, syncs, connections (never secrets)
  'live:read', // reading actions that go to the app
  'sync:run', // start a sync, confirm a paused one
  'plan:make', // ask for changes
  'plan:approve',
  'connection:manage', // connect, edit, remove, test
  'access:manage', // principals and tokens of others
  'mark:manage',
  'audit:read', // what Usher did, refused and was told
  'guard:override', // let a plan pass a guard that stopped it, with a reason; set the thresholds
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const reads: readonly Permission[] = ['snapshot:read'];
const operates: readonly Permission[] = [...reads, 'live:read', 'sync:run', 'plan:make'];

/** The table of `docs/adr`: which role may do what. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set(reads),
  operator: new Set(operates),
  approver: new Set([...reads, 'plan:approve', 'audit:read']),
  admin: new Set(PERMISSIONS),
  agent: new Set(operates),
};

/** Who is behind a request, as the access room found out from its token. */
export interface Caller {
  readonly principalId: string;
  readonly principalName: string;
  readonly principalKind: PrincipalKind;
  readonly role: Role;
  /** What the principal's role and the token's role both allow. */
  readonly permissions: ReadonlySet<Permission>;
  readonly tokenId: string;
  /** null: all connections. */
  readonly connections: readonly string[] | null;
}
