import { describe, expect, it } from 'vitest';
import { gate } from './gate.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A gate whose guests stay until told, in the order in which they were let in. */
function guests(width: number) {
  const entrance = gate(width);
  const inside: string[] = [];
  const stays = new Map<string, PromiseWithResolvers<void>>();
  const stay = (name: string) => () => {
    inside.push(name);
    const end = Promise.withResolvers<void>();
    stays.set(name, end);
    return end.promise;
  };
  const leave = async (name: string): Promise<void> => {
    stays.get(name)?.resolve();
    await turn();
  };
  return { entrance, inside, stay, leave };
}

describe('whoever passes first', () => {
  it('goes before those who came earlier', async () => {
    const { entrance, inside, stay, leave } = guests(1);
    void entrance.pass(stay('one'));
    void entrance.pass(stay('two'));
    void entrance.passFirst(stay('first'));
    await turn();
    await leave('one');
    expect(inside).toEqual(['one', 'first']);
    await leave('first');
    expect(inside).toEqual(['one', 'first', 'two']);
  });

  it('lets the others pass for as long as it waits for something, and takes the room that this makes', async () => {
    const { entrance, inside, stay, leave } = guests(2);
    let isOver = false;
    void entrance.pass(stay('one'));
    void entrance.pass(stay('two'));
    void entrance.pass(stay('three'));
    void entrance.pass(stay('four'));
    void entrance.passFirst(stay('first'), { isOver: () => isOver, mostMs: 60_000 });
    await turn();
    await leave('one');
    expect(inside).toEqual(['one', 'two', 'three']);
    isOver = true;
    await leave('two');
    expect(inside).toEqual(['one', 'two', 'three', 'first']);
    await leave('three');
    expect(inside.at(-1)).toBe('four');
  });

  it('does not wait for ever', async () => {
    const { entrance, inside, stay } = guests(2);
    const passed = Promise.withResolvers<void>();
    void entrance.passFirst(
      () => {
        passed.resolve();
        return stay('first')();
      },
      { isOver: () => false, mostMs: 1 },
    );
    await turn();
    // Nobody leaves, so nobody makes it look again.
    await Promise.race([passed.promise, new Promise((resolve) => setTimeout(resolve, 5000).unref())]);
    expect(inside).toEqual(['first']);
  });
});

it('holds nobody back who has passed when it becomes narrower, and lets in more when it becomes wider', async () => {
  const { entrance, inside, stay, leave } = guests(2);
  for (const name of ['one', 'two', 'three', 'four']) void entrance.pass(stay(name));
  await turn();
  entrance.setWidth(1);
  await leave('one');
  expect([inside, entrance.busy()]).toEqual([['one', 'two'], 1]);
  entrance.setWidth(3);
  await turn();
  expect(inside).toEqual(['one', 'two', 'three', 'four']);
});
