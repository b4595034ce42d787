import type { Client } from './client.ts';
import type { Environment } from './credentials.ts';
import type { Output } from './output.ts';
import type { Prompt } from './prompt.ts';

/** What a command works with; made once by `main.ts`. */
export interface Context {
  /** One JSON document (JSON lines for streams) instead of words for people. */
  readonly isJson: boolean;
  readonly environment: Environment;
  readonly out: Output;
  readonly prompt: Prompt;
  readonly now: () => Date;
  /** Waits, ended early (with a Failure) by Ctrl-C. */
  readonly wait: (ms: number) => Promise<void>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** The API, found by environment or credential file; throws a Failure where none is named. */
  client(): Promise<Client>;
}

/** Options every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly debug?: boolean;
}
