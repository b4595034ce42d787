import { expect, it } from 'vitest';
import { openConnector } from '../../connector-kit/testkit/index.ts';
import { insightvm } from './index.ts';
import { startInsightVmSimulator } from './simulator.ts';

it('knows a console that moved to another address by its serial', async () => {
  const probed = [];
  let savedState: unknown;
  for (let start = 0; start < 2; start += 1) {
    const simulator = await startInsightVmSimulator({ people: 40, savedState });
    const { user, password } = simulator.credentials;
    const settings = { baseUrl: simulator.url, user, requestsPerSecond: 100_000 };
    const connector = openConnector({ connector: insightvm, settings, secrets: { password }, clock: simulator.clock });
    probed.push((await connector.probe()).tenant);
    savedState = simulator.save();
    await simulator.close();
  }
  const [before, after] = probed;
  expect(before?.id).toMatch(/^[0-9A-F]{40}$/u);
  expect(after?.id).toBe(before?.id);
  expect(after?.name).not.toBe(before?.name);
});
