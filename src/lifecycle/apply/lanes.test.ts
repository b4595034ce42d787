import { expect, it } from 'vitest';
import { lanes } from './lanes.ts';

/** Works that end when told to. */
function works() {
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const work = (name: string): Promise<void> => {
    begun.push(name);
    const end = Promise.withResolvers<void>();
    ends.set(name, end);
    return end.promise;
  };
  return {
    begun,
    work,
    end: (name: string) => ends.get(name)?.resolve(),
    fail: (name: string) => ends.get(name)?.reject(new Error(name)),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('begins the next one when a lane is free, over what is added later as well', async () => {
  const { begun, work, end } = works();
  const two = lanes<string>(2, () => true, work);
  const first = two.add(['a', 'b', 'c']);
  await turn();
  expect(begun).toEqual(['a', 'b']);
  end('b');
  await first;
  expect(begun).toEqual(['a', 'b', 'c']);
  const second = two.add(['d']);
  end('a');
  await second;
  end('c');
  end('d');
  await two.drained();
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
});

it('begins nothing more when told to stop, and ends what it began', async () => {
  const { begun, work, end } = works();
  let mayGoOn = true;
  const one = lanes<string>(1, () => mayGoOn, work);
  const adding = one.add(['a', 'b']);
  await turn();
  mayGoOn = false;
  end('a');
  await adding;
  await one.drained();
  expect(begun).toEqual(['a']);
});

it('tells of the first failure when what is under way has ended', async () => {
  const { begun, work, end, fail } = works();
  const two = lanes<string>(2, () => true, work);
  const adding = two.add(['a', 'b', 'c']);
  await turn();
  let told = false;
  adding.catch(() => {
    told = true;
  });
  fail('a');
  await turn();
  expect(told).toBe(false);
  end('b');
  await expect(adding).rejects.toThrow('a');
  await expect(two.drained()).rejects.toThrow('a');
  expect(begun).toEqual(['a', 'b']);
});
