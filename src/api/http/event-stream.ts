/** One event of a stream (`text/event-stream`, as the HTML standard has it). */
export interface StreamEvent {
  readonly event: string;
  /** Where a client that was cut off goes on from; absent: it keeps the last one. */
  readonly id?: string;
  readonly data: unknown;
}

/** How a stream is kept alive. */
export interface StreamPulse {
  /** Resolves when the stream has been silent for long enough; rejects or resolves early when aborted. */
  readonly silence: (signal: AbortSignal) => Promise<unknown>;
  /** Asked at each silence: throws where the caller may not listen any longer. */
  readonly check: () => Promise<unknown>;
}

const HEARTBEAT = ': still here\n\n';

/**
 * The text of a stream of events: one block an event, a comment whenever there was silence, so that neither proxies nor
 * idle limits cut it. It ends when `events` does, or when `check` throws. What `events` throws becomes a last event,
 * made by `failure`, since the status of the answer is long sent.
 */
export async function* eventStreamText(
  events: AsyncGenerator<StreamEvent, void, void>,
  pulse: StreamPulse,
  failure: (thrown: unknown) => StreamEvent,
): AsyncGenerator<string, void, void> {
  // Something at once, so that the client has the headers and knows it is heard.
  yield HEARTBEAT;
  try {
    for (let coming = events.next(); ; coming = events.next()) {
      while (await silentBefore(coming, pulse.silence)) {
        await pulse.check();
        yield HEARTBEAT;
      }
      const { done, value } = await coming;
      if (done === true) return;
      yield blockOf(value);
    }
  } catch (thrown) {
    yield blockOf(failure(thrown));
  } finally {
    await events.return();
  }
}

/** Whether silence came before the event. What the event throws is left to whoever awaits it. */
async function silentBefore(coming: Promise<unknown>, silence: StreamPulse['silence']): Promise<boolean> {
  const waiting = new AbortController();
  const settled = coming.then(
    () => false,
    () => false,
  );
  const silent = silence(waiting.signal).then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([settled, silent]);
  } finally {
    waiting.abort();
  }
}

function blockOf({ event, id, data }: StreamEvent): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
