import { once } from 'node:events';
import { expect, it } from 'vitest';
import { eventStreamText } from './event-stream.ts';
import type { StreamEvent } from './event-stream.ts';

const never = async () => new Promise<never>(() => {});
async function all(stream: AsyncGenerator<string, void, void>): Promise<string[]> {
  const texts: string[] = [];
  for await (const text of stream) texts.push(text);
  return texts;
}

const failure = (thrown: unknown): StreamEvent => ({ event: 'problem', data: String(thrown) });

function events(...list: readonly StreamEvent[]) {
  return async function* source(): AsyncGenerator<StreamEvent, void, void> {
    yield* list;
  };
}

it('writes an event as one block, whatever its text holds', async () => {
  const stream = eventStreamText(
    events({ event: 'change', id: '7', data: { text: 'two\nlines' } }, { event: 'run', data: null }),
    { beat: never, check: never },
    failure,
  );
  const [greeting, ...blocks] = await all(stream);
  expect(greeting).toMatch(/^:/u);
  expect(blocks).toEqual(['id: 7\nevent: change\ndata: {"text":"two\\nlines"}\n\n', 'event: run\ndata: null\n\n']);
});

it('sends a comment at each heartbeat, and ends when the listener may listen no longer', async () => {
  let beats = 0;
  const source = async function* source(): AsyncGenerator<StreamEvent, void, void> {
    await new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
    yield { event: 'run', data: 1 };
  };
  const pulse = {
    beat: async () => {
      beats += 1;
      if (beats > 2) await never();
    },
    check: async () => undefined,
  };
  const texts = await all(eventStreamText(source, pulse, failure));
  expect(texts.filter((text) => text.startsWith(':'))).toHaveLength(3);
  expect(texts.at(-1)).toContain('event: run');

  const revoked = async () => Promise.reject(new Error('revoked'));
  let isClosed = false;
  const waiting = async function* waiting(told: AbortSignal): AsyncGenerator<StreamEvent, void, void> {
    await once(told, 'abort');
    isClosed = true;
    yield { event: 'run', data: 'too late' };
  };
  const ended = await all(eventStreamText(waiting, { beat: async () => undefined, check: revoked }, failure));
  expect(ended.at(-1)).toBe('event: problem\ndata: "Error: revoked"\n\n');
  expect(isClosed).toBe(true);
});

it('tells what failed on the way as a last event', async () => {
  const broken = async function* broken(): AsyncGenerator<StreamEvent, void, void> {
    yield { event: 'run', data: 1 };
    throw new Error('lost');
  };
  const texts = await all(eventStreamText(broken, { beat: never, check: never }, failure));
  expect(texts.slice(1)).toEqual(['event: run\ndata: 1\n\n', 'event: problem\ndata: "Error: lost"\n\n']);
});

it('asks whether the listener may go on also while events come without a pause', async () => {
  const busy = async function* busy(): AsyncGenerator<StreamEvent, void, void> {
    for (;;) {
      await new Promise(setImmediate);
      yield { event: 'change', data: 1 };
    }
  };
  const revoked = async () => Promise.reject(new Error('revoked'));
  const beat = async () => new Promise(setImmediate).then(async () => new Promise(setImmediate));
  const texts = await all(eventStreamText(busy, { beat, check: revoked }, failure));
  expect(texts.at(-1)).toContain('revoked');
});
