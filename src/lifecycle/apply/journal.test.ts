import { describe, expect, it } from 'vitest';
import { groupWriter } from './journal.ts';

/** A writer whose writes end when told to. */
function slowWriter(limit: number, { width = 1, besideFrom = 1 } = {}) {
  const writes: { readonly items: readonly number[]; readonly end: PromiseWithResolvers<void> }[] = [];
  const writer = groupWriter<number>(
    (items) => {
      const end = Promise.withResolvers<void>();
      writes.push({ items, end });
      return end.promise;
    },
    { limit, width, besideFrom },
  );
  return { writes, writer };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Whether it has resolved by now. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(
    () => {
      done = true;
    },
    () => undefined,
  );
  await turn();
  return done;
}

describe('what is written behind', () => {
  it('goes with what came in meanwhile, and is waited for only where there is no more room', async () => {
    const { writes, writer } = slowWriter(3);
    expect(await isDone(writer.writeBehind([1]))).toBe(true);
    expect(await isDone(writer.writeBehind([2, 3]))).toBe(true);
    const late = writer.writeBehind([4, 5]);
    expect(await isDone(late)).toBe(false);
    writes[0]?.end.resolve();
    await turn();
    expect(writes.map(({ items }) => items)).toEqual([[1], [2, 3]]);
    writes[1]?.end.resolve();
    await turn();
    writes[2]?.end.resolve();
    await late;
    await writer.settled();
    expect(writes.map(({ items }) => items)).toEqual([[1], [2, 3], [4, 5]]);
  });

  it('tells of a failure where it is looked after: with the next, and at the end', async () => {
    const { writes, writer } = slowWriter(3);
    await writer.writeBehind([1]);
    await turn();
    writes[0]?.end.reject(new Error('no database'));
    await turn();
    await expect(writer.writeBehind([2])).rejects.toThrow('no database');
    await expect(writer.settled()).rejects.toThrow('no database');
    expect(writes).toHaveLength(1);
  });
});

it('writes so many at a time, and is idle when none is under way', async () => {
  const { writes, writer } = slowWriter(2, { width: 2 });
  for (const item of [1, 2, 3, 4]) {
    await writer.writeBehind([item]);
    await turn();
  }
  expect(writes.map(({ items }) => items)).toEqual([[1], [2]]);
  const idle = writer.idle();
  writes[1]?.end.resolve();
  await turn();
  expect(writes.map(({ items }) => items)).toEqual([[1], [2], [3, 4]]);
  writes[2]?.end.resolve();
  expect(await isDone(idle)).toBe(false);
  writes[0]?.end.resolve();
  await idle;
  // One that comes in as the last one ends begins at once.
  const last = writer.write([5]);
  await turn();
  expect(writes).toHaveLength(4);
  writes[3]?.end.resolve();
  await last;
});

it('writes what comes in the same moment together', async () => {
  const { writes, writer } = slowWriter(4);
  const written = Promise.all([[1, 2], [3], [4, 5]].map((items) => writer.write(items)));
  await turn();
  expect(writes.map(({ items }) => items)).toEqual([[1, 2, 3]]);
  writes[0]?.end.resolve();
  await turn();
  writes[1]?.end.resolve();
  await written;
  expect(writes.map(({ items }) => items)).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
});

it('begins another write beside one only for as many as make it worth it', async () => {
  const { writes, writer } = slowWriter(4, { width: 2, besideFrom: 2 });
  const written: Promise<void>[] = [];
  const write = (item: number): Promise<void> => {
    written.push(writer.write([item]));
    return turn();
  };
  await write(1);
  await write(2);
  expect(writes.map(({ items }) => items)).toEqual([[1]]);
  await write(3);
  expect(writes.map(({ items }) => items)).toEqual([[1], [2, 3]]);
  for (const { end } of writes) end.resolve();
  await Promise.all(written);
});
