import {
  type Attributes,
  context,
  isSpanContextValid,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';

const SCOPE = 'usher';

/**
 * Does `work` within a span. A failure is marked and thrown on: by its code where it has one, never by its text, which
 * may name people. Costs next to nothing while no traces are wanted.
 */
export async function inSpan<Result>(
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<Result>,
): Promise<Result> {
  return trace.getTracer(SCOPE).startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: codeOf(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Tells of something that has ended already, as a part of what goes on now. `error` is a code. */
export function recordSpan(
  name: string,
  options: {
    readonly startedAt: string;
    readonly ms: number;
    readonly attributes: Attributes;
    readonly error: string | null;
  },
): void {
  const startMs = Date.parse(options.startedAt);
  const span = trace
    .getTracer(SCOPE)
    .startSpan(name, { kind: SpanKind.CLIENT, startTime: startMs, attributes: options.attributes });
  if (options.error !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: options.error });
  span.end(startMs + options.ms);
}

/** The span of a request that comes in; `end` is called when it is answered. `work` and all it leads to is part of it. */
export function serverSpan(
  name: string,
  attributes: Attributes,
  work: () => void,
): { end(attributes: Attributes, isFailed: boolean): void } {
  const span = trace.getTracer(SCOPE).startSpan(name, { kind: SpanKind.SERVER, attributes, root: true });
  context.with(trace.setSpan(context.active(), span), work);
  return {
    end(more, isFailed) {
      span.setAttributes(more);
      if (isFailed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

/** The trace that what goes on now belongs to, for the log; nothing where none is sent. */
export function traceIds(): { readonly trace?: string } {
  const span = trace.getActiveSpan()?.spanContext();
  const isSent = span !== undefined && isSpanContextValid(span) && (span.traceFlags & TraceFlags.SAMPLED) !== 0;
  return isSent ? { trace: span.traceId } : {};
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('kind' in error && typeof error.kind === 'string') return error.kind;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
