import type {
  ActionResult,
  Connector,
  ConnectorConfig,
  OpenConnector,
  ProbeResult,
} from '../connector-kit/connector.ts';
import type { ChangeItem, ChangeParams } from '../connector-kit/changes.ts';
import type { RequestPreview } from '../connector-kit/http/client.ts';
import type { StoredConnection } from '../store/connections.ts';
import type { BudgetLeft } from '../store/rates.ts';
import type { JsonValue } from '../model/records.ts';

/** A connection as people see it: no secrets. */
export interface ConnectionView extends Omit<StoredConnection, 'mappingVersion' | 'lastProbeAt'> {
  /** The connector's title. */
  readonly title: string;
  /** What is left of the app's budgets; none where the app has no such, or nothing was asked of it yet. */
  readonly budgets: readonly Omit<BudgetLeft, 'connectionId'>[];
}

export interface NewConnection {
  /** null: made from the connector's id (`lastpass`, `lastpass-2`). */
  readonly id: string | null;
  readonly connector: string;
  readonly settings: unknown;
  readonly secrets: unknown;
  /** Seconds between two syncs; null: only when asked; absent: every hour. */
  readonly scheduleSeconds?: number | null;
}

export interface ConnectionChange {
  /** Fields to change; the others stay. null takes a field away. */
  readonly settings?: unknown;
  readonly secrets?: unknown;
  readonly scheduleSeconds?: number | null;
  readonly state?: 'active' | 'paused';
}

/** What removing a connection takes away, in rows. */
export interface RemovalView {
  readonly accounts: number;
  readonly groups: number;
  readonly roles: number;
  readonly resources: number;
  readonly grants: number;
  readonly credentials: number;
  readonly history: number;
  readonly events: number;
  readonly secrets: number;
  readonly syncRuns: number;
  /** With their runs, receipts and approvals. */
  readonly plans: number;
  readonly marks: number;
  readonly hasSchedule: boolean;
}

/** A connection opened for work. Close it when done. */
export interface OpenedConnection {
  readonly connector: OpenConnector;
  readonly definition: Connector;
  readonly connection: StoredConnection;
  readonly config: ConnectorConfig;
  /** The first request that a change would make, secrets masked; nothing is sent. null: it makes none. */
  preview(change: string, item: ChangeItem<ChangeParams>): Promise<RequestPreview | null>;
  close(): Promise<void>;
}

export type ActionOutcome =
  | { readonly kind: 'result'; readonly result: ActionResult<JsonValue> }
  | { readonly kind: 'preview'; readonly preview: RequestPreview };

export interface Connected {
  readonly connection: ConnectionView;
  readonly probe: ProbeResult;
}

/** A stored connection as people see it. */
export function viewOf(
  stored: StoredConnection,
  connector: Connector | null,
  budgets: readonly BudgetLeft[],
): ConnectionView {
  const { mappingVersion: _version, lastProbeAt: _probed, ...shown } = stored;
  const own = budgets.filter(({ connectionId }) => connectionId === stored.id);
  return {
    ...shown,
    title: connector?.title ?? stored.connector,
    budgets: own.map(({ connectionId: _id, ...budget }) => budget),
  };
}
