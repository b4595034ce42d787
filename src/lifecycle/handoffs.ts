import type { Clock } from '../connector-kit/connector.ts';
import type { Caller } from '../model/access.ts';
import type { SecretPlace, Vault } from '../secrets/vault.ts';
import { addAuditEntries } from '../store/audit/inbox.ts';
import {
  handoffById, type HandoffRow, handoffSecretOwner, markHandoffTaken, openHandoffs,
} from '../store/lifecycle/handoffs.ts'; // prettier-ignore
import type { Database } from '../store/open.ts';
import { deleteSecrets, secretsOf } from '../store/secrets.ts';
import { handoffEntry } from './audit.ts';
import { assertMay, isId, maySee, notFound } from './callers.ts';
import type { Lifecycle } from './surface.ts';
import { viewHandoff } from './views.ts';

/** What hand-offs need of the world. */
export interface HandoffDependencies {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly vault: Pick<Vault, 'decrypt'>;
  readonly clock: Clock;
}

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

    async takeHandoff(id, by) {
      assertMayTake(by);
      return database.transaction(async (client) => {
        // Two at once: the second waits here, and then finds it taken.
        const row = isId(id) ? await handoffById(client, id, { lock: true }) : null;
        const isTheirs = row?.principalId === by.principalId && maySee(by, row.connectionId);
        if (row === null || !isTheirs || row.takenAt !== null || isOver(row, clock)) throw notFound('hand-off', id);
        const [kept] = await secretsOf(client, handoffSecretOwner(id));
        if (kept === undefined) throw notFound('hand-off', id);
        const secret = vault.decrypt(kept.sealed, placeOf(id));
        await deleteSecrets(client, handoffSecretOwner(id));
        const takenAt = clock.now().toISOString();
        await markHandoffTaken(client, id, takenAt);
        await addAuditEntries(client, [handoffEntry(row, takenAt, by)]);
        return { handoff: viewHandoff(row), secret };
      });
    },
  };
}

/** Who asks for changes and who approves them may; a token that only reads may not, whoever's it is. */
function assertMayTake(by: Caller): void {
  if (!by.permissions.has('plan:approve')) assertMay(by, 'plan:make');
}

function isOver({ expiresAt }: HandoffRow, clock: Clock): boolean {
  return Date.parse(expiresAt) <= clock.now().getTime();
}

function placeOf(id: string): SecretPlace {
  return { table: 'secret', row: handoffSecretOwner(id), column: 'secret' };
}
