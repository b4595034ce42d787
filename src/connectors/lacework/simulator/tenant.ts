import { z } from 'zod';
import { invalidInput } from '../../../model/errors.ts';
import type { JsonValue } from '../../../model/records.ts';
import type { SimulatorClock } from '../../../connector-kit/simulator-kit/clock.ts';
import type { BoundedLog, LoggedEffect } from '../../../connector-kit/simulator-kit/logs.ts';
import { type Northwind, northwind } from '../../../connector-kit/simulator-kit/northwind/northwind.ts';
import { hashText } from '../../../connector-kit/simulator-kit/random.ts';
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
import { type LaceworkSwitches, parseSwitches, type SwitchValues } from './switches.ts';

const effectSchema = z.object({
  number: z.number(),
  at: z.string(),
  request: z.number().nullable(),
  kind: z.string(),
  subject: z.string(),
  detail: z.json(),
});

/** Everything a simulator needs to go on where it ended: what changed since the first day, not the crowd itself. */
const savedStateSchema = z.object({
  version: z.literal(1),
  seed: z.string(),
  people: z.number(),
  subAccounts: z.number(),
  anchor: z.iso.datetime(),
  switches: z.record(z.string(), z.json()),
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
  requests: z.number(),
  effects: z.array(effectSchema),
});
export type LaceworkSavedState = z.output<typeof savedStateSchema>;

/** Reads a saved state. Throws `invalidInput` where it is not one. */
export function parseSavedState(value: unknown): LaceworkSavedState {
  const parsed = savedStateSchema.safeParse(value);
  if (!parsed.success) {
    throw invalidInput(
      'savedState',
      `The saved state of the Lacework simulator cannot be read: ${z.prettifyError(parsed.error)}`,
      'Start it without one.',
    );
  }
  return parsed.data;
}

/** What a change is told to: the log of effects. */
export type EffectRecorder = (kind: string, subject: string, detail?: JsonValue) => void;

/** The simulated organization: state and settings, no wire. */
export interface Tenant {
  readonly people: Northwind;
  readonly seed: string;
  readonly seedHash: number;
  readonly anchorMs: number;
  readonly subAccounts: number;
  readonly clock: SimulatorClock;
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
  switches: LaceworkSwitches;
  readonly effects: BoundedLog<LoggedEffect>;
}

export interface TenantOptions {
  readonly seed: string;
  readonly people: number;
  readonly subAccounts: number;
  readonly clock: SimulatorClock;
  readonly anchor: Date;
  readonly switches?: SwitchValues;
  readonly saved: LaceworkSavedState | null;
  readonly effects: BoundedLog<LoggedEffect>;
}

/** Builds the organization from its seed, and what was saved of it. Throws `invalidInput` for a wrong switch. */
export function openTenant(options: TenantOptions): Tenant {
  const { saved, clock } = options;
  const seed = saved?.seed ?? options.seed;
  const anchor = new Date(saved?.anchor ?? options.anchor);
  const anchorMs = anchor.getTime();
  const subAccounts = saved?.subAccounts ?? options.subAccounts;
  const people = northwind({ seed, people: saved?.people ?? options.people, today: anchor });
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
    switches: parseSwitches({ ...saved?.switches, ...options.switches }),
    effects: options.effects,
  };
  return tenant;
}

/** Changes switches by name; those not named stay. Throws `invalidInput`. */
export function setSwitches(tenant: Tenant, values: SwitchValues): void {
  tenant.switches = parseSwitches({ ...tenant.switches, ...values });
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

/** Keeps what changed, as JSON; `requests`: how many there were. */
export function saveTenant(tenant: Tenant, requests: number): LaceworkSavedState {
  const now = tenant.clock.now().getTime();
  return {
    version: 1,
    seed: tenant.seed,
    people: tenant.people.size,
    subAccounts: tenant.subAccounts,
    anchor: new Date(tenant.anchorMs).toISOString(),
    switches: { ...tenant.switches },
    made: tenant.made,
    accounts: [...tenant.accounts],
    members: tenant.members.save().map(([guid, member]) => [guid, copyOf(member)]),
    customGroups: [...tenant.customGroups],
    resourceGroups: [...tenant.resourceGroups.values()],
    keys: [...tenant.keys.values()],
    tokens: [...tenant.tokens.values()].filter(({ expires }) => expires > now),
    agentTokens: [...tenant.agentTokens.values()],
    audit: [...tenant.audit.save()],
    requests,
    effects: tenant.effects.list().map((effect) => ({ ...effect, detail: z.json().parse(effect.detail) })),
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
