import { expect } from 'vitest';
import type { ConformanceOptions, ConformanceTarget } from './conformance.ts';
import { type OpenedConnector, openConnector, type OpenOptions } from './open.ts';
import { identities, pullEverywhere } from './pulling.ts';
import { outcomeOf } from './seen.ts';
import type { WriteRule } from './write-conformance.ts';

/** What a simulator lets be done to the tokens it has given out. */
export interface TokenKnobs {
  /** How many it has given out so far. */
  issued(): number;
  /** None of those is good any more; new ones are. */
  expire(): void;
}

/** What a simulator lets be done to the calls it grants. */
export interface BudgetKnobs {
  /** From now on it grants three calls an hour or less of each kind, and says so in its headers. */
  shrink(): void;
  /** Lets time pass for the app. */
  pass(ms: number): void;
}

/** A call that is refused, a token, and the call again: what refusals may cost, with room for what else a probe asks. */
const MOST_REQUESTS = 8;
/** Refused from a request on; the last lets one through between, as for a new token. */
const REFUSALS = [['html-403@1-9999'], ['html-403@2-9999'], ['html-403@3-9999'], ['html-403@2', 'html-403@4-9999']];

/**
 * What holds of how a connector is let in, and of how much: refusals are no reason to go on knocking, a token serves all
 * that is under way and is renewed once, and an app that grants less is asked more slowly. What is tried of tokens and
 * budgets depends on what `options.has` names.
 */
export function accessRules(options: ConformanceOptions): readonly WriteRule[] {
  const rule = (name: string, run: (scene: Scene) => Promise<void>): WriteRule => ({
    name,
    run: () => onScene(options, run),
  });
  return [
    rule('does not go on knocking where it is refused', isRefusedOnce),
    ...(options.has?.includes('tokens')
      ? [
          rule('asks for one token however much is under way', asksForOneToken),
          rule('gets over tokens that died by asking for one more', renewsOnce),
        ]
      : []),
    ...(options.has?.includes('budget')
      ? [rule('slows down instead of failing where the app grants less than it did', slowsDown)]
      : []),
  ];
}

interface Scene {
  readonly target: ConformanceTarget;
  readonly collection: string;
  readonly open: (options?: Pick<OpenOptions, 'attempts' | 'onWait'>) => OpenedConnector;
}

async function isRefusedOnce({ target, open }: Scene): Promise<void> {
  for (const refusals of REFUSALS) {
    await using connector = open({ attempts: 4 });
    target.setFaults(refusals);
    const before = target.requestCount();
    await outcomeOf(connector.probe());
    expect(target.requestCount() - before, `requests under ${refusals.join()}`).toBeLessThanOrEqual(MOST_REQUESTS);
    target.setFaults([]);
  }
}

async function asksForOneToken({ target, open }: Scene): Promise<void> {
  await using connector = open();
  const tokens = tokensOf(target);
  const before = tokens.issued();
  await Promise.all([connector.probe(), connector.probe(), connector.probe()]);
  expect(tokens.issued() - before).toBe(1);
}

async function renewsOnce({ target, open, collection }: Scene): Promise<void> {
  await using connector = open();
  const tokens = tokensOf(target);
  const whole = await pullEverywhere(connector, collection);
  const before = tokens.issued();
  tokens.expire();
  const again = await Promise.all([pullEverywhere(connector, collection), pullEverywhere(connector, collection)]);
  for (const { end, records } of again) {
    expect(end).toEqual(whole.end);
    expect(identities(records)).toEqual(identities(whole.records));
  }
  expect(tokens.issued() - before).toBe(1);
}

async function slowsDown({ target, open, collection }: Scene): Promise<void> {
  const { budget } = target;
  if (budget === undefined) throw new Error('The target has no knobs for its budget.');
  let waitedMs = 0;
  const onWait = (ms: number): void => {
    waitedMs += ms;
    budget.pass(ms);
  };
  await using connector = open({ attempts: 4, onWait });
  const whole = await pullEverywhere(connector, collection);
  budget.shrink();
  for (let round = 0; round < 4; round += 1) {
    const slow = await pullEverywhere(connector, collection);
    expect(slow.end).toEqual(whole.end);
    expect(identities(slow.records)).toEqual(identities(whole.records));
  }
  expect(waitedMs).toBeGreaterThan(0);
}

function tokensOf({ tokens }: ConformanceTarget): TokenKnobs {
  if (tokens !== undefined) return tokens;
  throw new Error('The target has no knobs for its tokens.');
}

async function onScene(options: ConformanceOptions, run: (scene: Scene) => Promise<void>): Promise<void> {
  const target = await options.start();
  const { settings, secrets, clock } = target;
  try {
    await run({
      target,
      collection: options.pagedCollection,
      open: (more = {}) => openConnector({ connector: options.connector, settings, secrets, clock, ...more }),
    });
  } finally {
    await target.close();
  }
}
