import type { Context } from './context.ts';
import type { SyncRun } from './contract.ts';
import { printable } from './text.ts';

/** Why a sync waits for somebody's word, and how to give it; nothing for one that does not wait. */
export function explainIfPaused({ out }: Context, run: SyncRun): void {
  if (run.state !== 'paused') return;
  for (const { message } of run.anomalies) out.line(`${out.paint('yellow', 'Paused')}: ${printable(message)}`);
  out.line(
    `  If this is true: usher sync confirm ${run.connection}      If not: nothing was changed, nothing will be until you decide.`,
  );
}
