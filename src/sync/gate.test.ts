import { describe, expect, it } from 'vitest';
import { gate, type Patience } from './gate.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A gate whose guests stay until told, in the order in which they were let in. */
function guests(width: number) {
  const entrance = gate(width);
  const inside: string[] = [];
  const stays = new Map<string, PromiseWithResolvers<void>>();
  const under: Promise<void>[] = [];
  const stay = (name: string) => (): Promise<void> => {
    inside.push(name);
    const end = Promise.withResolvers<void>();
    stays.set(name, end);
    return end.promise;
  };
  const come = (...names: readonly string[]): void => {
    for (const name of names) under.push(entrance.pass(stay(name)));
  };
  const comeFirst = (name: string, patience?: Patience): void => {
    under.push(entrance.passFirst(stay(name), patience));
  };
  const leave = async (name: string): Promise<void> => {
    stays.get(name)?.resolve();
    await turn();
  };
  /** Lets all in and out. */
  const close = async (): Promise<void> => {
    entrance.setWidth(100);
    await turn();
    for (const { resolve } of stays.values()) resolve();
    await Promise.all(under);
  };
  return { entrance, inside, come, comeFirst, leave, close };
}

describe('whoever passes first', () => {
  it('goes before those who came earlier', async () => {
    const { inside, come, comeFirst, leave, close } = guests(1);
    come('one', 'two');
    comeFirst('first');
    await turn();
    await leave('one');
    expect(inside).toEqual(['one', 'first']);
    await leave('first');
    expect(inside).toEqual(['one', 'first', 'two']);
    await close();
  });

  it('lets the others pass for as long as it waits for something, and takes the room that this makes', async () => {
    const { inside, come, comeFirst, leave, close } = guests(2);
    let isOver = false;
    come('one', 'two', 'three', 'four');
    comeFirst('first', { isOver: () => isOver, mostMs: 60_000 });
    await turn();
    await leave('one');
    expect(inside).toEqual(['one', 'two', 'three']);
    isOver = true;
    await leave('two');
    expect(inside).toEqual(['one', 'two', 'three', 'first']);
    await leave('three');
    expect(inside.at(-1)).toBe('four');
    await close();
  });

  it('does not wait for ever, though nobody who leaves makes it look again', async () => {
    const { inside, comeFirst, close } = guests(2);
    comeFirst('first', { isOver: () => false, mostMs: 1 });
    await turn();
    while (inside.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(inside).toEqual(['first']);
    await close();
  });
});

it('holds nobody back who has passed when it becomes narrower, and lets in more when it becomes wider', async () => {
  const { entrance, inside, come, leave, close } = guests(2);
  come('one', 'two', 'three', 'four');
  await turn();
  entrance.setWidth(1);
  await leave('one');
  expect([inside, entrance.busy()]).toEqual([['one', 'two'], 1]);
  entrance.setWidth(3);
  await turn();
  expect(inside).toEqual(['one', 'two', 'three', 'four']);
  await close();
});
