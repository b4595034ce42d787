/** What an operator watches: what is under way, how far the feed is behind, how fresh each connection is. */
export interface OperationFigures {
  /** Sync runs that have not ended, by state. */
  readonly runs: Readonly<Record<'queued' | 'running' | 'paused', number>>;
  /** Committed events without a place in the feed. */
  readonly unplacedEvents: number;
  /** How long the oldest of them has waited, on the database's clock; 0 where none does. */
  readonly oldestUnplacedSeconds: number;
  /** Plans that wait for a person. */
  readonly waitingPlans: number;
  /** Runs that wait for a person to do something outside of Usher. */
  readonly waitingTasks: number;
  /** Changes of which it is not known whether they were made. */
  readonly uncertainChanges: number;
  /** Entries of the audit log that are not linked yet. */
  readonly unlinkedEntries: number;
  readonly connections: readonly {
    readonly id: string;
    readonly state: 'active' | 'paused';
    /** Unix time in seconds; null where no sync has succeeded. */
    readonly lastSuccessAt: number | null;
  }[];
  /** What is left of the budgets that apps grant. */
  readonly budgets: readonly {
    readonly connectionId: string;
    readonly functionality: string;
    readonly limit: number;
    readonly left: number;
  }[];
}
