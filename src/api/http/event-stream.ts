/** One event of a stream (`text/event-stream`, as the HTML standard has it). */
export interface StreamEvent {
  readonly event: string;
  /** Where a client that was cut off goes on from; absent: it keeps the last one. */
  readonly id?: string;
  readonly data: unknown;
}

/** How a stream is kept alive. */
export interface StreamPulse {
  /** Resolves when it is time for the next heartbeat; rejects or resolves early when aborted. */
  readonly beat: (signal: AbortSignal) => Promise<unknown>;
  /** Asked at each heartbeat: throws where the caller may not listen any longer. */
  readonly check: () => Promise<unknown>;
}

const HEARTBEAT = ': still here\n\n';

/**
 * The text of a stream of events: one block an event, and a comment at every heartbeat, so that neither proxies nor idle
 * limits cut it. It ends when the events do, or when `check` throws. What is thrown becomes a last event, made by
 * `failure`, since the status of the answer is long sent. `open` starts the events; its signal ends those that wait.
 */
export async function* eventStreamText(
  open: (ended: AbortSignal) => AsyncGenerator<StreamEvent, void, void>,
  pulse: StreamPulse,
  failure: (thrown: unknown) => StreamEvent,
): AsyncGenerator<string, void, void> {
  const ended = new AbortController();
  const events = open(ended.signal);
  const nextBeat = async (): Promise<'beat'> => pulse.beat(ended.signal).then(beaten, beaten);
  try {
    // Something at once, so that the client has the headers and knows it is heard.
    yield HEARTBEAT;
    let beat = nextBeat();
    for (let coming = events.next(); ; coming = events.next()) {
      while ((await Promise.race([settled(coming), beat])) === 'beat') {
        await pulse.check();
        beat = nextBeat();
        yield HEARTBEAT;
      }
      const { done, value } = await coming;
      if (done === true) return;
      yield blockOf(value);
    }
  } catch (thrown) {
    yield blockOf(failure(thrown));
  } finally {
    ended.abort();
    await events.return();
  }
}

/** What it throws is left to whoever awaits it. */
async function settled(coming: Promise<unknown>): Promise<'settled'> {
  return coming.then(
    () => 'settled' as const,
    () => 'settled' as const,
  );
}

function beaten(): 'beat' {
  return 'beat';
}

function blockOf({ event, id, data }: StreamEvent): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
