/** One difference between what an app sent and what the schema knows. Never holds a value that could be secret. */
export interface Drift {
  /** Where: the vendor's operation (`getuserdata`). */
  readonly operation: string;
  /** Which field, as a path without ids (`Users.*.newfield`). */
  readonly path: string;
  readonly problem: 'unknown-field' | 'unexpected-type' | 'unknown-value' | 'missing-field';
  /** A redacted sample: the type, or the shape of the value (`string(12)`), never the value itself. */
  readonly sample: string;
}

/** Collects differences during a pull or call; the connections room stores them with first and last seen and a count. */
export interface DriftRecorder {
  record(drift: Drift): void;
}
