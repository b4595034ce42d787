/* oxlint-disable vitest/expect-expect, vitest/valid-title -- a suite for any connector: its rules are functions with names */
import { describe, it } from 'vitest';
import { callRules } from './write-call-rules.ts';
import { faultRules } from './write-fault-rules.ts';
import { logRules } from './write-log-rules.ts';
import type { WriteConformanceOptions } from './write-options.ts';
import { planRules } from './write-plan-rules.ts';
import { readRules } from './write-read-rules.ts';
import { knownOf } from './write-stage.ts';

/** One sentence that a writing connector has to make true; `run` rejects where it does not. */
export interface WriteRule {
  readonly name: string;
  run(): Promise<void>;
}

/**
 * Registers the tests that every connector with writes passes against its simulator: it plans without asking, shows what
 * it will send, says of a change only what is so, never doubles an effect, reads what a pull maps, and keeps secrets out
 * of all that people see. It works on the connector alone: guards, plans and receipts are tested with the lifecycle.
 */
export function writeConformance(options: WriteConformanceOptions): void {
  describe(`${options.name} keeps the contract of writes`, () => {
    for (const rule of writeRules(options)) it(rule.name, () => rule.run());
  });
}

/** The rules themselves, for whoever runs them apart. */
export function writeRules(options: WriteConformanceOptions): readonly WriteRule[] {
  const known = knownOf(options);
  return [planRules, callRules, faultRules, readRules, logRules].flatMap((rules) => rules(options, known));
}
