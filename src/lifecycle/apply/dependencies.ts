import type { OpenedConnection } from '../../connections/views.ts';
import type { Clock } from '../../connector-kit/connector.ts';
import type { Vault } from '../../secrets/vault.ts';
import type { Log } from '../../store/log.ts';
import type { Database } from '../../store/open.ts';
import type { Gates } from './seats.ts';
import type { ApplySettings } from './work.ts';

/** What carrying out plans needs of the world. */
export interface ApplyDependencies {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: ApplySettings;
  /** Under which name this process takes runs in hand; null or none: it has no other beside it. */
  workerId?(): string | null;
  openConnection(connectionId: string, signal: AbortSignal): Promise<OpenedConnection>;
  /** The app's concurrency, which all that is carried out on a connection shares. */
  readonly gates: Gates;
  /** Milliseconds of a clock that never goes back. */
  nowMs(): number;
  /** Waits; rejects when aborted. */
  delay(ms: number, signal: AbortSignal): Promise<void>;
  newId(): string;
  /** Told when changes ended, for the feed and the figures. */
  readonly onEnded?: (ended: { readonly connectionId: string; readonly ends: readonly string[] }) => void;
}
