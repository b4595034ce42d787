import type { PoolClient } from 'pg';
import type { Clock } from '../connector-kit/connector.ts';
import type { SecretPlace, Vault } from '../secrets/vault.ts';
import {
  handoffById, type HandoffRow, handoffSecretOwner, insertHandoff, markHandoffTaken, openHandoffs,
} from '../store/lifecycle/handoffs.ts'; // prettier-ignore
import type { Database } from '../store/open.ts';
import { deleteSecrets, replaceSecrets, secretsOf } from '../store/secrets.ts';
import { isId, maySee, notFound } from './callers.ts';
import type { Lifecycle } from './surface.ts';
import { viewHandoff } from './views.ts';

/** What hand-offs need of the world. */
export interface HandoffDependencies {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly vault: Pick<Vault, 'decrypt'>;
  readonly clock: Clock;
}

/** How long a secret waits for the one it is for. */
const KEPT_MS = 24 * 60 * 60_000;
const SECRET = 'secret';

/** Secrets that came out of changes: each is shown once, to the one it is for, within a day. */
export function createHandoffs({
  database,
  vault,
  clock,
}: HandoffDependencies): Pick<Lifecycle, 'listHandoffs' | 'takeHandoff'> {
  return {
    async listHandoffs(by) {
      const rows = await openHandoffs(database.pool, by.principalId, clock.now().toISOString());
      return rows.filter(({ connectionId }) => maySee(by, connectionId)).map(viewHandoff);
    },

    takeHandoff: (id, by) =>
      database.transaction(async (client) => {
        // Two at once: the second waits here, and then finds it taken.
        const row = isId(id) ? await handoffById(client, id, { lock: true }) : null;
        const isTheirs = row?.principalId === by.principalId && maySee(by, row.connectionId);
        if (row === null || !isTheirs || row.takenAt !== null || isOver(row, clock)) throw notFound('hand-off', id);
        const [kept] = await secretsOf(client, handoffSecretOwner(id));
        if (kept === undefined) throw notFound('hand-off', id);
        const secret = vault.decrypt(kept.sealed, placeOf(id));
        await deleteSecrets(client, handoffSecretOwner(id));
        await markHandoffTaken(client, id, clock.now().toISOString());
        return { handoff: viewHandoff(row), secret };
      }),
  };
}

/**
 * Keeps a secret for one principal to take once, for a day; run it in the transaction that ends the change which made
 * the secret.
 */
export async function keepHandoff(
  client: PoolClient,
  { vault, clock }: { readonly vault: Pick<Vault, 'encrypt'>; readonly clock: Clock },
  {
    secret,
    ...handoff
  }: Pick<HandoffRow, 'id' | 'connectionId' | 'principalId' | 'label'> & { readonly secret: string },
): Promise<void> {
  const now = clock.now();
  await insertHandoff(client, {
    ...handoff,
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + KEPT_MS).toISOString(),
    takenAt: null,
  });
  const sealed = vault.encrypt(secret, placeOf(handoff.id));
  await replaceSecrets(client, handoffSecretOwner(handoff.id), [{ name: SECRET, sealed }]);
}

function isOver({ expiresAt }: HandoffRow, clock: Clock): boolean {
  return Date.parse(expiresAt) <= clock.now().getTime();
}

function placeOf(id: string): SecretPlace {
  return { table: 'secret', row: handoffSecretOwner(id), column: SECRET };
}
