import { z } from 'zod';
import { UsherError, invalidInput, toUsherError } from '../../model/errors.ts';
import type { JsonValue } from '../../model/records.ts';
import type { SimulatorClock } from './clock.ts';
import { type FaultKnobs, formatFault, parseFault } from './faults.ts';
import type { BoundedLog, LoggedEffect, LoggedRequest } from './logs.ts';
import type { SimulatorAnswer, SimulatorRequest } from './server.ts';

/** Where inspection answers; no vendor has such a path. */
const INSPECTION_PATH = '/_simulator';

/** What a simulator lets a test see and move, in the process and over HTTP alike. */
export interface Inspection {
  readonly requests: BoundedLog<LoggedRequest>;
  readonly effects: BoundedLog<LoggedEffect>;
  readonly faults: FaultKnobs;
  readonly clock: SimulatorClock;
  /** The state in figures. */
  state(): JsonValue;
  /** The whole state, as it can be started from again. */
  save(): JsonValue;
  /** Changes state behind the vendor's back, as a person in its console would. Throws `invalidInput`. */
  mutate(input: unknown): JsonValue;
  switches(): JsonValue;
  /** Changes some switches by name; values as texts or as themselves. Throws `invalidInput`. */
  setSwitches(values: Readonly<Record<string, unknown>>): void;
}

const clockSchema = z.union([
  z.strictObject({ now: z.iso.datetime({ offset: true }) }),
  z.strictObject({ advance_ms: z.number() }),
  z.strictObject({ follow: z.literal(true) }),
]);
const faultsSchema = z.array(z.string());
const switchesSchema = z.record(z.string(), z.unknown());

/**
 * Answers inspection requests; null for any other path. JSON in and out:
 * `GET log | requests | effects [?after=N]`, `GET state`, `GET save`, `GET|PUT|POST|DELETE faults` (texts),
 * `GET|PUT clock` (`{now} | {advance_ms} | {follow: true}`), `GET|PUT switches`, `POST mutate`.
 */
export function inspect(inspection: Inspection, request: SimulatorRequest): SimulatorAnswer | null {
  if (request.path !== INSPECTION_PATH && !request.path.startsWith(`${INSPECTION_PATH}/`)) return null;
  const topic = request.path.slice(INSPECTION_PATH.length + 1);
  try {
    return json(200, answerTopic(inspection, topic, request));
  } catch (thrown) {
    const error = toUsherError(thrown, 'invalidInput');
    return json(error.kind === 'notFound' ? 404 : 400, { error: error.message, next: error.details.next ?? null });
  }
}

function answerTopic(inspection: Inspection, topic: string, request: SimulatorRequest): unknown {
  const after = Number(request.query.get('after') ?? 0);
  const isRead = request.method === 'GET';
  switch (topic) {
    case '':
      return { topics: ['log', 'requests', 'effects', 'state', 'save', 'faults', 'clock', 'switches', 'mutate'] };
    case 'log':
      return { requests: inspection.requests.list(after), effects: inspection.effects.list(after) };
    case 'requests':
      return inspection.requests.list(after);
    case 'effects':
      return inspection.effects.list(after);
    case 'state':
      return inspection.state();
    case 'save':
      return inspection.save();
    case 'faults':
      return answerFaults(inspection.faults, request);
    case 'clock':
      if (!isRead) moveClock(inspection.clock, parseBody(request, clockSchema));
      return { now: inspection.clock.now().toISOString(), is_stopped: inspection.clock.isStopped };
    case 'switches':
      if (!isRead) inspection.setSwitches(parseBody(request, switchesSchema));
      return inspection.switches();
    case 'mutate':
      if (isRead) throw invalidInput('method', 'Changes are made with POST.');
      return inspection.mutate(parseBody(request, z.unknown()));
    default:
      throw new UsherError('notFound', `The simulator has no "${topic}" to show.`, {
        next: `GET ${INSPECTION_PATH} lists what it has.`,
      });
  }
}

function answerFaults(faults: FaultKnobs, request: SimulatorRequest): readonly string[] {
  if (request.method === 'DELETE') faults.clear();
  if (request.method === 'PUT') faults.set(parseBody(request, faultsSchema).map(parseFault));
  if (request.method === 'POST')
    for (const fault of parseBody(request, faultsSchema).map(parseFault)) faults.add(fault);
  return faults.list().map(formatFault);
}

function moveClock(clock: SimulatorClock, move: z.output<typeof clockSchema>): void {
  if ('now' in move) clock.set(new Date(move.now));
  else if ('advance_ms' in move) clock.advance(move.advance_ms);
  else clock.follow();
}

function parseBody<Schema extends z.ZodType>(request: SimulatorRequest, schema: Schema): z.output<Schema> {
  let body: unknown;
  try {
    body = JSON.parse(request.body);
  } catch {
    throw invalidInput('body', 'The body is not JSON.');
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw invalidInput('body', z.prettifyError(parsed.error));
  return parsed.data;
}

function json(status: number, body: unknown): SimulatorAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? null) };
}
