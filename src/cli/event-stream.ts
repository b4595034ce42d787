/** One message of a stream of server-sent events. */
export interface StreamMessage {
  /** Its kind; `message` where it names none. */
  readonly event: string;
  readonly data: string;
  /** Where to go on after a break; null: no message had one yet. */
  readonly id: string | null;
}

/**
 * Reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream) from
 * pieces of text that may break anywhere. Comments, which keep a connection alive, are left out. A message that is not
 * whole when the stream breaks off is not given out.
 */
export async function* readEventStream(pieces: AsyncIterable<string>): AsyncGenerator<StreamMessage, void> {
  let event = '';
  let data: string[] = [];
  let id: string | null = null;
  for await (const line of linesOf(pieces)) {
    if (line === '') {
      if (data.length > 0) yield { event: event || 'message', data: data.join('\n'), id };
      event = '';
      data = [];
      continue;
    }
    const at = line.indexOf(':');
    const name = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '');
    if (name === 'event') event = value;
    else if (name === 'data') data.push(value);
    else if (name === 'id') id = value;
  }
}

/** Whole lines, ended by LF, CR or both; a CR at the end of a piece may be half of one line end. */
async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string, void> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
