import type { ChangeDraft, ItemResult, ObservedSubject } from '../../../connector-kit/changes.ts';
import { pullCompany } from '../../../connector-kit/testkit/snapshot.ts';
import { callAll, readAll, type Stage, stepsOf, writesOf } from '../../../connector-kit/testkit/write-stage.ts';
import { lacework } from '../index.ts';
import { startReading, type Reading, type ReadingOptions } from './reading.ts';

/** What a plan came to when it was called, without a run around it. */
export interface Carried {
  readonly drafts: readonly ChangeDraft[];
  readonly results: readonly ItemResult[];
  /** What the app did: `user.updated ada.okonkwo@northwind.example`, in order. */
  readonly effects: readonly string[];
  /** The requests that change something. */
  readonly asked: readonly string[];
  /** Whether the app shows each change afterwards. */
  readonly isSo: readonly boolean[];
  readonly after: readonly ObservedSubject[];
}

/** An organization to write to, and the connector opened on it. */
export interface Writing extends Reading {
  /** Of what a pull says now. */
  plan(action: string, input: unknown): Promise<readonly ChangeDraft[]>;
  /** Reads right before, calls, and reads back; each change of a chain once. */
  carry(drafts: readonly ChangeDraft[]): Promise<Carried>;
}

const WRITES = /\.(?:create|update|delete|addUsers|removeUsers)$/;

/** Starts it. */
export async function startWriting(options: ReadingOptions = {}): Promise<Writing> {
  const reading = await startReading(options);
  const { connector, simulator } = reading;
  const { writes: changes } = lacework;
  if (changes === null) throw new Error('Lacework has no writing half.');
  const writes = writesOf(connector);
  const stage: Pick<Stage, 'writes' | 'changes'> = { writes, changes };
  return {
    ...reading,
    async plan(action, input) {
      const { snapshot } = await pullCompany(
        connector,
        lacework.collections.map(({ id }) => id),
      );
      return writes.plan(action, input, snapshot);
    },
    async carry(drafts) {
      const steps = await stepsOf(stage, drafts);
      const [effect, request] = [simulator.effects().at(-1)?.number ?? 0, simulator.requests().at(-1)?.number ?? 0];
      const results = await callAll(stage, steps);
      const asked = simulator.requests(request).flatMap(({ operation }) => (WRITES.test(operation) ? [operation] : []));
      const after = await readAll(stage, drafts, 'after');
      return {
        drafts, results, after, asked,
        effects: simulator.effects(effect).map(({ kind, subject }) => `${kind} ${subject}`),
        isSo: drafts.map(({ change, params }, at) =>
          changes.change(change).wanted(after[at] ?? { account: null, grants: [] }, params),
        ),
      }; // prettier-ignore
    },
    [Symbol.asyncDispose]: () => reading[Symbol.asyncDispose](),
  };
}
