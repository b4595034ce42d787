import type { Context } from './context.ts';
import type { SyncRun } from './contract.ts';
import { refused } from './failure.ts';
import { printable } from './text.ts';

/** Why a sync waits for somebody's word, and how to give it; nothing for one that does not wait. */
export function explainIfPaused({ out }: Context, run: SyncRun): void {
  if (run.state !== 'paused') return;
  for (const { message } of run.anomalies) out.line(`${out.paint('yellow', 'Paused')}: ${printable(message)}`);
  out.line(
    `  If this is true: usher sync confirm ${run.connection}      If not: nothing was changed, nothing will be until you decide.`,
  );
}

/** Why a sync that failed did, and what to do next; nothing for one that did not. */
export function explainIfFailed({ out }: Context, { connection, state, error }: SyncRun): void {
  if (state !== 'failed' || error == null) return;
  out.line(`${out.paint('red', 'Failed')}: ${printable(connection)}: ${printable(refused(error, 0).message)}`);
  if (error.next != null) out.line(`  ${printable(error.next)}`);
}
