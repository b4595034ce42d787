import { onTestFinished } from 'vitest';
import type { ItemResult, OpenWrites } from '../../../connector-kit/changes.ts';
import type { OpenedConnector } from '../../../connector-kit/testkit/index.ts';
import { type Company, pullCompany } from '../../../connector-kit/testkit/snapshot.ts';
import type { JsonValue } from '../../../model/records.ts';
import { connector, platform, type Simulator } from './platform.ts';

/** An organization with the connector opened on it, and short ways to write. */
export interface WritingDesk {
  readonly simulator: Simulator;
  readonly open: OpenedConnector;
  readonly writes: OpenWrites;
  /** As a sync would have it now. */
  readonly pull: () => Promise<Company>;
  /** Plans an action from a new pull, reads its subjects and makes the calls, one after the other. */
  readonly carryOut: (action: string, input: Readonly<Record<string, JsonValue>>) => Promise<readonly ItemResult[]>;
  /** Sentences of the plan of an action. */
  readonly summaries: (action: string, input: Readonly<Record<string, JsonValue>>) => Promise<readonly string[]>;
  /** What was sent by writing so far: operation, method and body. */
  readonly sent: () => readonly { readonly method: string; readonly operation: string; readonly body: JsonValue }[];
}

/** Starts it; what a test does to it ends with the test. */
export async function writingDesk(options: Parameters<typeof platform>[0] = {}): Promise<WritingDesk> {
  const { simulator, open } = await platform({ people: 24, key: 'organization', ...options });
  const { writes } = open;
  if (writes === null) throw new Error('The Insight Platform has no writing half.');
  onTestFinished(() => simulator.faults.clear());
  const pull = (): Promise<Company> =>
    pullCompany(
      open,
      connector.collections.map(({ id }) => id),
    );
  return {
    simulator,
    open,
    writes,
    pull,
    async carryOut(action, input) {
      const drafts = await writes.plan(action, input, (await pull()).snapshot);
      const results: ItemResult[] = [];
      for (const { change, subject, params } of drafts) {
        const seen = await writes.read([subject], 'before');
        const { account = null, grants = [] } = seen.get(subject.key) ?? {};
        const item = { subject, params, secrets: {}, before: { account, grants } };
        results.push(...(await writes.call(change, [item], () => undefined)));
      }
      return results;
    },
    async summaries(action, input) {
      const drafts = await writes.plan(action, input, (await pull()).snapshot);
      return drafts.map(
        ({ change, subject, params }) => connector.writes?.change(change).summary(subject, params) ?? '',
      );
    },
    sent: () =>
      simulator
        .requests()
        .filter(({ method }) => method !== 'GET')
        .map(({ method, operation, body }) => ({ method, operation, body })),
  };
}
