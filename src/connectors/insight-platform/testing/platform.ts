import { onTestFinished } from 'vitest';
import { type OpenedConnector, openConnector, type OpenOptions } from '../../../connector-kit/testkit/index.ts';
import type { JsonValue } from '../../../model/records.ts';
import { createInsightPlatform } from '../index.ts';
import {
  type InsightPlatformSimulator,
  type InsightPlatformSimulatorOptions,
  startInsightPlatformSimulator,
} from '../simulator.ts';

/** The day all tests happen on. */
export const TODAY = new Date('2026-03-02T15:00:00Z');

/** As the connector is tried: with pages so small that there are several, and without waiting for Log Search. */
export const connector = createInsightPlatform({ pageSize: 20, organizationPageSize: 2, pollMs: 0 });

export type Simulator = InsightPlatformSimulator;

/** Starts an organization on this machine: its clock stands still, so its budget of a minute is off unless asked for. */
export async function startPlatform(options: InsightPlatformSimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startInsightPlatformSimulator({
    people: 60,
    today: TODAY,
    ...options,
    switches: { ratePerMinute: 'off', ...options.switches },
  });
  simulator.clock.set(TODAY);
  return simulator;
}

/** The settings of a connection to it. */
export function settingsFor(simulator: Simulator): Record<string, JsonValue> {
  return { region: simulator.region, baseUrl: simulator.url, requestsPerMinute: 6_000_000 };
}

/** An organization with the connector opened on it, both gone when the test is over. */
export async function platform(
  options: InsightPlatformSimulatorOptions & {
    readonly settings?: Readonly<Record<string, JsonValue>>;
    readonly key?: 'user' | 'organization' | 'limited';
    readonly attempts?: OpenOptions['attempts'];
  } = {},
): Promise<{ readonly simulator: Simulator; readonly open: OpenedConnector }> {
  const { settings = {}, key = 'user', attempts, ...rest } = options;
  const simulator = await startPlatform(rest);
  const open = openConnector({
    connector,
    settings: { ...settingsFor(simulator), ...settings },
    secrets: { apiKey: simulator.keys[key] },
    clock: simulator.clock,
    ...(attempts !== undefined && { attempts }),
  });
  onTestFinished(async () => {
    await open[Symbol.asyncDispose]();
    await simulator.close();
  });
  return { simulator, open };
}
