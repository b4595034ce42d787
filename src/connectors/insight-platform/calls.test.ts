import { expect, it } from 'vitest';
import { pullEverywhere } from '../../connector-kit/testkit/pulling.ts';
import { connector, platform } from './testing/platform.ts';

it('takes as many calls to probe and pull as the README says', async () => {
  const { open, simulator } = await platform({ people: 60 });
  await open.probe();
  const probed = simulator.requests().length;
  for (const { id } of connector.collections) await pullEverywhere(open, id);
  expect({ probed, pulled: simulator.requests().length - probed - simulator.state().groups }).toEqual({
    probed: 10,
    pulled: 8,
  });
});
