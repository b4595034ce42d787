import type { Clock, Connector, OpenConnector } from '../connector-kit/connector.ts';
import type { Log } from '../store/log.ts';
import type { Database } from '../store/open.ts';

/** A connection opened for a pull: what the connections room hands to this one. */
export interface OpenedConnection {
  readonly connector: OpenConnector;
  readonly definition: Pick<Connector, 'id' | 'title' | 'mappingVersion' | 'collections' | 'hasAuditEvents'>;
  readonly connection: {
    readonly id: string;
    readonly state: 'active' | 'paused';
    readonly capabilities: readonly string[];
    readonly mappingVersion: number;
    readonly baselinedAt: string | null;
  };
  /** Writes what was collected on the way (drift); call it once when done. */
  close(): Promise<void>;
}

/** When a pull is too strange to be believed. */
export interface AnomalyLimits {
  /** Share of a kind, in percent, that may be gone or change status. */
  readonly percent: number;
  /** So many may always be gone or change status. */
  readonly count: number;
}

/** What the sync room needs of the world. */
export interface SyncDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  newId(): string;
  /** Under which name this process takes runs in hand; null or none: it has no other beside it. */
  workerId?(): string | null;
  openConnection(connectionId: string, signal: AbortSignal): Promise<OpenedConnection>;
  pauseConnection(connectionId: string, reason: string): Promise<void>;
  /** Told what the credentials can do besides what was known, so that it is missed when it is gone again. */
  gainCapabilities?(connectionId: string, gained: readonly string[]): Promise<void>;
  readonly anomalyLimits: AnomalyLimits;
  /** Waits between tries of a collection that failed for the moment, in milliseconds. */
  readonly retryDelaysMs: readonly number[];
  /** Waits unless aborted; injected so that tests need not. */
  delay(ms: number, signal: AbortSignal): Promise<void>;
  /** Told of every page that was staged, for the figures. */
  readonly onPage?: (page: {
    readonly connectionId: string;
    readonly collection: string;
    readonly records: number;
  }) => void;
}
