import { describe, expect, it } from 'vitest';
import type { ObservedSubject } from '../../connector-kit/changes.ts';
import type { Subject } from '../../model/changes.ts';
import { type Gate, gate } from '../../sync/gate.ts';
import { sharedReader } from './shared-reader.ts';

const subject = (key: string): Subject => ({ kind: 'account', key, email: null, name: null });
const nobody: ObservedSubject = {
  account: null,
  grants: [],
  records: [],
  observedAt: '2026-01-01T00:00:00.000Z',
  covers: [],
};
const readingOf = (subjects: readonly Subject[]) => new Map(subjects.map(({ key }) => [key, nobody]));

describe('batches that ask at the same time', () => {
  it('share one reading, and each finds its own in it', async () => {
    const asked: string[][] = [];
    const read = sharedReader(gate(4).pass, async (subjects) => {
      asked.push(subjects.map(({ key }) => key));
      return readingOf(subjects);
    });
    const [one, two] = await Promise.all([read([subject('a'), subject('b')]), read([subject('c'), subject('d')])]);
    expect(asked).toEqual([['a', 'b', 'c', 'd']]);
    expect([one.has('a'), two.has('d')]).toEqual([true, true]);
  });

  it('wait for others who are about to ask, and share with them', async () => {
    const asked: string[][] = [];
    const readerAt = (pass: Gate['passFirst']) =>
      sharedReader(pass, async (subjects) => {
        asked.push(subjects.map(({ key }) => key));
        return readingOf(subjects);
      });
    let areDone = false;
    const turnstile = gate(4);
    const read = readerAt(turnstile.passFirst);
    const first = read([subject('a'), subject('b')], { isOver: () => areDone, mostMs: 60_000 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toEqual([]);
    areDone = true;
    const second = turnstile.pass(async () => undefined).then(() => read([subject('c'), subject('d')]));
    await Promise.all([first, second]);
    expect(asked).toEqual([['a', 'b', 'c', 'd']]);
  });

  it('are never answered by a reading that began before they asked', async () => {
    const begun = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const asked: string[][] = [];
    const read = sharedReader(gate(4).pass, async (subjects) => {
      asked.push(subjects.map(({ key }) => key));
      begun.resolve();
      await mayEnd.promise;
      return readingOf(subjects);
    });
    const first = read([subject('a'), subject('b')]);
    await begun.promise;
    const second = read([subject('c'), subject('d')]);
    mayEnd.resolve();
    await Promise.all([first, second]);
    expect(asked).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('all learn that it failed, and the next reading is a new one', async () => {
    let isWell = false;
    const read = sharedReader(gate(1).pass, async (subjects) => {
      if (!isWell) throw new Error('not now');
      return readingOf(subjects);
    });
    const both = [read([subject('a'), subject('b')]), read([subject('c'), subject('d')])];
    for (const each of both) await expect(each).rejects.toThrow('not now');
    isWell = true;
    expect((await read([subject('a'), subject('b')])).size).toBe(2);
  });
});

it('leaves those who ask for one subject alone, beside each other', async () => {
  const asked: string[][] = [];
  const read = sharedReader(gate(4).pass, async (subjects) => {
    asked.push(subjects.map(({ key }) => key));
    return readingOf(subjects);
  });
  await Promise.all([read([subject('a')]), read([subject('b')])]);
  expect(asked).toEqual([['a'], ['b']]);
});
