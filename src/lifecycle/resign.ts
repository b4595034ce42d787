import type { Vault } from '../secrets/vault.ts';
import { decisionRows, plansNotUnder, replaceMacs } from '../store/keys.ts';
import { planById, planChanges } from '../store/lifecycle/plans.ts';
import type { Database } from '../store/open.ts';
import { isDecisionSigned, resignedChange, resignedPlan, signDecision } from './sign.ts';

const PLANS = 100;
const CHANGES = 1000;

/**
 * Signs all stored plans anew, with their changes and decisions, that are not signed under the vault's present key. What
 * is not as it was signed stays as it is, and is refused as before. Goes on where it was killed. Answers how many plans
 * it went through, and how many of them somebody had altered.
 */
export async function resignPlans(
  database: Database,
  vault: Vault,
): Promise<{ readonly resigned: number; readonly altered: number }> {
  let [resigned, altered, after] = [0, 0, ''];
  for (;;) {
    const ids = await plansNotUnder(database.pool, vault.keyId, after, PLANS);
    if (ids.length === 0) return { resigned, altered };
    for (const id of ids) {
      if (await resignPlan(database, vault, id)) resigned += 1;
      else altered += 1;
    }
    after = ids.at(-1) ?? after;
  }
}

/** A plan in one transaction: a decision is bound to the plan's signature, so that both change at once. */
async function resignPlan(database: Database, vault: Vault, id: string): Promise<boolean> {
  return database.transaction(async (client) => {
    const row = await planById(client, id, { lock: true });
    if (row === null) return true;
    const mac = resignedPlan(vault, row);
    if (mac === null) return false;
    const decisions = await decisionRows(client, id);
    const kept = decisions.filter((decision) => isDecisionSigned(vault, row, decision));
    await replaceMacs(client, id, {
      plan: mac,
      decisions: kept.map((decision) => ({ id: decision.id, mac: signDecision(vault, { mac }, decision) })),
    });
    let isWhole = kept.length === decisions.length;
    for (let after = -1; ;) {
      const rows = await planChanges(client, id, { after, limit: CHANGES });
      const changes = rows.flatMap((change) => {
        const changed = resignedChange(vault, id, change);
        return changed === null ? [] : [{ ordinal: change.ordinal, mac: changed }];
      });
      isWhole &&= changes.length === rows.length;
      await replaceMacs(client, id, { changes });
      if (rows.length < CHANGES) return isWhole;
      after = rows.at(-1)?.ordinal ?? after;
    }
  });
}
