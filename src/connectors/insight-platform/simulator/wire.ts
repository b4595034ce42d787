import type { SimulatorAnswer, SimulatorRequest } from '../../../connector-kit/simulator-kit/server.ts';
import type { EffectRecorder } from '../../../connector-kit/simulator-kit/logs.ts';
import type { Company } from './company.ts';
import { uuidOf } from './first-day.ts';
import type { StoredKey, StoredUser } from './model.ts';

/** Whose words an error is said in: each part of the platform has its own. */
export type Origin = 'gateway' | 'account' | 'v4' | 'idr' | 'logs';

/** A call that was let in. */
export interface Call {
  readonly company: Company;
  readonly request: SimulatorRequest;
  /** What the path names, decoded. */
  readonly params: readonly string[];
  /** The body as JSON; undefined where there is none or it is not JSON. */
  readonly body: unknown;
  readonly key: StoredKey;
  /** Whom a user key belongs to. */
  readonly owner: StoredUser | null;
  /** Told in the log as who did it. */
  readonly actor: string;
  readonly effect: EffectRecorder;
}

export type Handle = (call: Call) => SimulatorAnswer;

/** An answer in JSON; null: without a body. */
export function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): SimulatorAnswer {
  return {
    status,
    headers: { ...(body === null ? {} : { 'content-type': 'application/json' }), ...headers },
    body: body === null ? '' : JSON.stringify(body),
  };
}

/** A refusal in the words of its origin. `correlation` is the id the answer can be found by. */
export function refusal(
  origin: Origin,
  status: number,
  message: string,
  correlation: string,
  headers: Readonly<Record<string, string>> = {},
): SimulatorAnswer {
  if (origin === 'gateway') return answer(status, { message }, headers);
  if (origin === 'v4') {
    const resource = { status, localized_message: null, message, throwable: null };
    return answer(status, { ['_type']: 'com.rapid7.spring.rest.error.resource.ErrorResource', ...resource }, headers);
  }
  return answer(status, { message, correlation_id: correlation }, headers);
}

/** The caller's own correlation id, else one made for the request. */
export function correlationOf(company: Company, request: SimulatorRequest): string {
  const given = request.headers['r7-correlation-id'];
  return typeof given === 'string' && given !== '' ? given : uuidOf(`${company.seed}/correlation/${request.number}`);
}

/** A refusal of the Account API. */
export function refused(call: Call, status: number, message: string): SimulatorAnswer {
  return refusal('account', status, message, correlationOf(call.company, call.request));
}

/** What the gateway says where it has no route. */
export function noRoute(): SimulatorAnswer {
  return answer(404, { message: 'no Route matched with those values' });
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that is not empty, else null. */
export function readText(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

/** A whole number of the query within bounds; `fallback` where absent, null where it is none. */
export function readNumber(call: Call, name: string, fallback: number, most: number): number | null {
  const text = call.request.query.get(name);
  if (text === null) return fallback;
  return /^\d{1,9}$/.test(text) && Number(text) <= most ? Number(text) : null;
}

/** The page of a list by its number, and how many pages there are. */
export function pageOf<Row>(
  rows: readonly Row[],
  index: number,
  size: number,
): { readonly rows: readonly Row[]; readonly pages: number } {
  return { rows: rows.slice(index * size, (index + 1) * size), pages: Math.ceil(rows.length / size) };
}

/** Moments as the platform prints them. */
export function timeText(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('.000Z', 'Z');
}
