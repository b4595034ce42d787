import type { Clock } from '../connector-kit/connector.ts';
import type { Caller } from '../model/access.ts';
import { type Policy, policySchema } from '../model/changes.ts';
import { invalidInput, UsherError } from '../model/errors.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import { ALL_CONNECTIONS, policyOf, savePolicy, storedPolicy } from '../store/lifecycle/policy.ts';
import type { Database } from '../store/open.ts';
import { policyEntry } from './audit.ts';
import { assertMay } from './callers.ts';
import { assertConnection } from './reading.ts';
import type { Lifecycle, PolicyChange, PolicyView } from './surface.ts';

/** What policies need of the world. */
export interface PolicyDependencies {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly clock: Clock;
}

const NAMES = policySchema.keyof().options;

/** The guards' thresholds: those of a connection lie over those for all connections, and these over the defaults. */
export function createPolicies({ database, clock }: PolicyDependencies): Pick<Lifecycle, 'getPolicy' | 'setPolicy'> {
  const { pool } = database;
  const view = async (connectionId: string | null): Promise<PolicyView> => {
    const place = connectionId ?? ALL_CONNECTIONS;
    const own = await storedPolicy(pool, place);
    return { connectionId, policy: await policyOf(pool, place), own: NAMES.filter((name) => own[name] !== undefined) };
  };
  return {
    async getPolicy(connectionId, by) {
      if (connectionId !== null) await assertConnection(pool, connectionId, by);
      return view(connectionId);
    },

    async setPolicy(connectionId, change, by) {
      assertMay(by, 'guard:override');
      if (connectionId === null) assertWholeInstance(by);
      else await assertConnection(pool, connectionId, by);
      const kept = checked(change);
      const setAt = clock.now().toISOString();
      await database.transaction(async (client) => {
        const place = { connectionId: connectionId ?? ALL_CONNECTIONS, setBy: by.principalId, setAt };
        await savePolicy(client, { ...kept, ...place });
        const told = { set: { ...kept.set }, unset: kept.unset };
        await addAuditEntries(client, [policyEntry({ connectionId, at: setAt, change: told }, by)]);
      });
      return view(connectionId);
    },
  };
}

function checked(change: PolicyChange): { readonly set: Partial<Policy>; readonly unset: readonly (keyof Policy)[] } {
  const unknown = Object.keys(change).find((name) => !NAMES.some((known) => known === name));
  if (unknown !== undefined) {
    throw invalidInput(unknown.slice(0, 80), 'There is no such threshold.', `Those there are: ${NAMES.join(', ')}.`);
  }
  const set: { [Name in keyof Policy]?: Policy[Name] } = {};
  for (const name of NAMES) {
    const value = change[name];
    if (value === undefined || value === null) continue;
    const parsed = policySchema.shape[name].safeParse(value);
    if (!parsed.success)
      throw invalidInput(name, `${name}: ${parsed.error.issues[0]?.message ?? 'it cannot be used'}.`);
    set[name] = parsed.data;
  }
  return { set, unset: NAMES.filter((name) => change[name] === null) };
}

function assertWholeInstance({ connections }: Caller): void {
  if (connections === null) return;
  throw new UsherError('permission', 'This token is limited to some connections; this concerns the whole instance.', {
    code: 'wrongScope',
    next: 'Use a token that is not limited to connections.',
  });
}
