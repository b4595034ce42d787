import { AsyncLocalStorage } from 'node:async_hooks';
import { DBOSClient } from '@dbos-inc/dbos-sdk';
import type { EnginePool } from '../store/engine-pool.ts';
import type { Log } from '../store/log.ts';
import { listWorkers } from '../store/workers.ts';
import { engineLog } from './engine-log.ts';

/** The name all processes of one database go by in the library. */
export const APPLICATION = 'usher';

/** What is carried out: the name of its workflow, its queue, and how many of one connection may be under way. */
export const KINDS = {
  sync: { workflow: 'sync', queue: 'usher-sync', aConnection: 1, pollMs: 500 },
  poll: { workflow: 'poll app events', queue: 'usher-poll', aConnection: 1, pollMs: 2000 },
  // A large run must not hold up the one account that is to be closed now.
  apply: { workflow: 'apply', queue: 'usher-apply', aConnection: 4, pollMs: 200 },
} as const;
export type Kind = keyof typeof KINDS;

const UNDER_WAY = ['PENDING', 'ENQUEUED', 'DELAYED'] as const;
/** The id of a poll in the queue: its connection, and a number. */
const POLL_ID = /^poll\/([^/]+)\/\d+$/;
/** The tables of the library are made by the first worker that starts, one after the other, and changed by a newer one. */
const NO_TABLES = new Set(['3F000', '42P01', '42703']);

/** Where work is asked for, from any process of a database; workers carry it out. */
export interface WorkQueue {
  /** Asks for work on `id`; asking for what is under way asks for nothing. */
  ask(kind: Kind, id: string, connectionId: string): Promise<void>;
  /** Strikes out what workers without a lease had begun, so that it can be asked for again; answers how much that was. */
  strikeOrphans(): Promise<number>;
  /** Strikes out by id. */
  strike(ids: readonly string[]): Promise<void>;
  /** What a worker has claimed and not ended. */
  claimedBy(workerId: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Opens the queue on a pool; the pool stays the caller's. */
export async function openQueue(pool: EnginePool, log: Log): Promise<WorkQueue> {
  const client = await DBOSClient.create({
    systemDatabaseUrl: '',
    systemDatabasePool: pool,
    applicationName: APPLICATION,
    logger: engineLog(log),
  });
  // What a step of one workflow asks for belongs to nobody's workflow.
  const outside = AsyncLocalStorage.snapshot();
  /** Where the tables are not there yet, nothing was ever claimed. */
  const pending = async (executorId?: string) => {
    try {
      return await client.listWorkflows({ status: 'PENDING', executorId, loadInput: false, loadOutput: false });
    } catch (error) {
      if (isMissingTable(error)) return [];
      throw error;
    }
  };
  const strike = async (ids: readonly string[]): Promise<void> => {
    if (ids.length === 0) return;
    await client.cancelWorkflows([...ids]);
    // Our tables know of syncs and runs that were cut off; of a poll nothing does but this queue.
    for (const id of ids) {
      const connectionId = POLL_ID.exec(id)?.[1];
      if (connectionId !== undefined) await ask('poll', connectionId, connectionId);
    }
  };

  const ask = async (kind: Kind, id: string, connectionId: string): Promise<void> => {
    const prefix = `${kind}/${id}/`;
    const [newest] = await client.listWorkflows({
      workflow_id_prefix: prefix,
      sortDesc: true,
      limit: 1,
      loadInput: false,
      loadOutput: false,
    });
    if (newest !== undefined && UNDER_WAY.some((status) => status === newest.status)) return;
    // A number is never given twice, so that striking out an old one can not strike a new one.
    const number = newest === undefined ? 1 : Number(newest.workflowID.slice(prefix.length)) + 1;
    await client.enqueue(
      {
        workflowName: KINDS[kind].workflow,
        queueName: KINDS[kind].queue,
        workflowID: `${prefix}${number}`,
        queuePartitionKey: connectionId,
      },
      id,
    );
  };

  return {
    ask: (kind, id, connectionId) =>
      outside(async () => {
        try {
          await ask(kind, id, connectionId);
        } catch (error) {
          if (!isMissingTable(error)) throw error;
          // What is asked for stands in our own tables; the first worker asks for it as it starts.
          log.warn({ room: 'engine', kind }, 'No worker has ever run on this database; what was asked for waits.');
        }
      }),
    strikeOrphans: () =>
      outside(async () => {
        // In this order: whoever has claimed something was on the list of workers before.
        const claimed = await pending();
        const living = new Set((await listWorkers(pool)).map(({ id }) => id));
        const orphans = claimed.filter(({ executorId }) => !living.has(executorId ?? ''));
        await strike(orphans.map(({ workflowID }) => workflowID));
        return orphans.length;
      }),
    strike: (ids) => outside(() => strike(ids)),
    claimedBy: (workerId) => outside(async () => (await pending(workerId)).map(({ workflowID }) => workflowID)),
    close: () => client.destroy(),
  };
}

function isMissingTable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && NO_TABLES.has(error.code);
}
