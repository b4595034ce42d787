import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEventStream, type StreamMessage } from './event-stream.ts';

async function* piecesOf(text: string, cuts: readonly number[]): AsyncGenerator<string> {
  let from = 0;
  for (const cut of [...cuts, text.length].toSorted((a, b) => a - b)) {
    yield text.slice(from, cut);
    from = Math.max(from, cut);
  }
}

async function messagesOf(text: string, cuts: readonly number[] = []): Promise<StreamMessage[]> {
  const messages: StreamMessage[] = [];
  for await (const message of readEventStream(piecesOf(text, cuts))) messages.push(message);
  return messages;
}

describe('a stream of events', () => {
  it('is read the same wherever it breaks into pieces, whatever ends its lines', async () => {
    const line = fc.string().map((text) => text.replaceAll(/[\r\n]/g, ''));
    const message = fc.record({ event: fc.constantFrom('run', 'change'), data: fc.array(line, { minLength: 1 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(message),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(400)),
        async (sent, end, cuts) => {
          const text = sent
            .map(({ event, data }, id) => {
              return [`event: ${event}`, `id: ${id}`, ...data.map((each) => `data: ${each}`), ':', '', ''].join(end);
            })
            .join('');
          // A lone CR at the very end may be half of a line end: what follows tells.
          const read = await messagesOf(`${text}:${end === '\r' ? '\n' : end}`, cuts);
          expect(read).toEqual(sent.map(({ event, data }, id) => ({ event, id: String(id), data: data.join('\n') })));
        },
      ),
    );
  });

  it('leaves out comments, messages without data, and one that broke off', async () => {
    const text = ': alive\n\nevent: run\n\ndata: whole\n\ndata: half';
    expect(await messagesOf(text)).toEqual([{ event: 'message', data: 'whole', id: null }]);
  });

  it('keeps the position of the last message that had one', async () => {
    expect((await messagesOf('id: 7\ndata: a\n\ndata: b\n\n')).map(({ id }) => id)).toEqual(['7', '7']);
  });
});
