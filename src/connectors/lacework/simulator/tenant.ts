import { z } from 'zod';
import { type Northwind, northwind } from '../../../connector-kit/simulator-kit/northwind/northwind.ts';
import { hashText } from '../../../connector-kit/simulator-kit/random.ts';
import type { Opening, SavedRun, SimulatedState } from '../../../connector-kit/simulator-kit/simulated.ts';
import { type AuditLog, inventHistory, openAuditLog } from './audit.ts';
import { type Blueprint, blueprint } from './blueprint.ts';
import type { KeyRole } from './cast.ts';
import { type MemberStore, openMembers } from './members.ts';
import {
  type AccessToken,
  accessTokenSchema,
  type Account,
  accountSchema,
  type AgentToken,
  agentTokenSchema,
  type ApiKey,
  apiKeySchema,
  auditRowSchema,
  type CustomGroup,
  customGroupSchema,
  type Member,
  memberSchema,
  type ResourceGroup,
  resourceGroupSchema,
} from './model.ts';
import type { LaceworkSwitches } from './switches.ts';

/** What the simulator needs to go on where it ended: what changed since the first day, not the crowd itself. */
export const savedTenantSchema = z.object({
  subAccounts: z.number(),
  /** How many GUIDs, keys and tokens were made since the first day. */
  made: z.number(),
  accounts: z.array(accountSchema),
  members: z.array(z.tuple([z.string(), memberSchema.nullable()])),
  customGroups: z.array(customGroupSchema),
  resourceGroups: z.array(resourceGroupSchema),
  keys: z.array(apiKeySchema),
  tokens: z.array(accessTokenSchema),
  agentTokens: z.array(agentTokenSchema),
  audit: z.array(auditRowSchema),
});
type SavedTenant = z.output<typeof savedTenantSchema>;
export type LaceworkSavedState = SavedRun & SavedTenant;

/** The simulated organization: state and settings, no wire. */
export interface Tenant extends SimulatedState<LaceworkSwitches> {
  readonly people: Northwind;
  readonly seed: string;
  readonly seedHash: number;
  readonly anchorMs: number;
  readonly subAccounts: number;
  /** The primary account first. Changed in place by inspection. */
  readonly accounts: Account[];
  readonly members: MemberStore;
  readonly customGroups: CustomGroup[];
  readonly resourceGroups: Map<string, ResourceGroup>;
  readonly keys: Map<string, ApiKey>;
  readonly keyRoles: ReadonlyMap<KeyRole, string>;
  readonly tokens: Map<string, AccessToken>;
  readonly agentTokens: Map<string, AgentToken>;
  readonly audit: AuditLog;
  made: number;
}

export interface TenantOpening extends Opening<LaceworkSwitches, SavedTenant> {
  /** Accounts beside the primary one, where nothing was saved. */
  readonly subAccounts: number;
}

/** Builds the organization from its seed, and what was saved of it. */
export function openTenant(opening: TenantOpening): Tenant {
  const { seed, anchor, clock, switches, effects, saved } = opening;
  const anchorMs = anchor.getTime();
  const subAccounts = saved?.subAccounts ?? opening.subAccounts;
  const people = northwind({ seed, people: opening.people, today: anchor });
  const seedHash = hashText(`${seed}/lacework`);
  const plan = blueprint({ company: people, seedHash, anchorMs, subAccounts });
  const nowMs = () => clock.now().getTime();
  const tenant: Tenant = {
    people,
    seed,
    seedHash,
    anchorMs,
    subAccounts,
    clock,
    accounts: [...(saved?.accounts ?? plan.accounts)],
    members: openMembers({
      accounts: () => tenant.accounts.map(({ name }) => name),
      members: plan.members(),
      saved: saved?.members ?? [],
      nowMs,
      lagMs: () => ({ change: tenant.switches.settleMs, removal: tenant.switches.deleteLagMs }),
    }),
    customGroups: [...(saved?.customGroups ?? plan.customGroups)],
    resourceGroups: new Map((saved?.resourceGroups ?? plan.resourceGroups).map((group) => [group.guid, group])),
    keys: new Map((saved?.keys ?? plan.keys).map((key) => [key.keyId, key])),
    keyRoles: plan.keyRoles,
    tokens: new Map((saved?.tokens ?? []).map((token) => [token.token, token])),
    agentTokens: new Map((saved?.agentTokens ?? plan.agentTokens).map((token) => [token.accessToken, token])),
    audit: openAuditLog(
      inventHistory({
        seed,
        anchorMs,
        people: signers(plan, anchorMs),
        days: 30,
        count: Math.min(6 * people.size, 5_000),
      }),
      nowMs,
      saved?.audit,
    ),
    made: saved?.made ?? 0,
    switches,
    effects,
  };
  return tenant;
}

/** The primary account. */
export function primaryOf(tenant: Tenant): Account {
  const [primary] = tenant.accounts;
  if (!primary) throw new RangeError('An organization has a primary account.');
  return primary;
}

/** The account of a name in any letter case. */
export function accountNamed(tenant: Tenant, name: string): Account | null {
  const wanted = name.trim().toUpperCase();
  return tenant.accounts.find((account) => account.name === wanted) ?? null;
}

/** Keeps what changed, as JSON. */
export function saveTenant(tenant: Tenant): SavedTenant {
  const now = tenant.clock.now().getTime();
  return {
    subAccounts: tenant.subAccounts,
    made: tenant.made,
    accounts: [...tenant.accounts],
    members: tenant.members.save().map(([guid, member]) => [guid, copyOf(member)]),
    customGroups: [...tenant.customGroups],
    resourceGroups: [...tenant.resourceGroups.values()],
    keys: [...tenant.keys.values()],
    tokens: [...tenant.tokens.values()].filter(({ expires }) => expires > now),
    agentTokens: [...tenant.agentTokens.values()],
    audit: [...tenant.audit.save()],
  };
}

function copyOf(member: Member | null): z.output<typeof memberSchema> | null {
  return member && { ...member, groups: [...member.groups] };
}

/** Some of those who signed in of late: enough for a lively log, whatever the size. */
function signers(plan: Blueprint, anchorMs: number): { email: string; account: string }[] {
  const found: { email: string; account: string }[] = [];
  for (const { email, account, lastLogin, isEnabled } of plan.members()) {
    if (isEnabled && lastLogin !== null && lastLogin > anchorMs - 30 * 86_400_000) found.push({ email, account });
    if (found.length === 500) break;
  }
  return found;
}
