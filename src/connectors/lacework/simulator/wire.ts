import { z } from 'zod';
import type { JsonValue } from '../../../model/records.ts';
import type { SimulatorAnswer, SimulatorRequest } from '../../../connector-kit/simulator-kit/server.ts';
import type { LaceworkSwitches } from './switches.ts';

/** Where the API begins. */
const API_PATH = '/api/v2';
const BODY_LIMIT_BYTES = 1024 * 1024;

/** An answer before its headers; a body of rows is written while it is sent. */
export interface Answer {
  readonly status: number;
  readonly body: SimulatorAnswer['body'];
}

/** The API says no: thrown where it is found out, sent as the switches shape errors. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** An answer with this body as JSON. */
export function json(status: number, body: unknown): Answer {
  return { status, body: JSON.stringify(body) };
}

/** 204, as every DELETE and some searches that find nothing. */
export function nothing(): Answer {
  return { status: 204, body: '' };
}

/**
 * A refusal: `{ message }`; older routes put it into `data`, beside a message that says SUCCESS (the ways lacework/go-sdk
 * looks for a message).
 */
export function refusalAnswer({ status, message }: Refused, { errorShape }: LaceworkSwitches): Answer {
  if (errorShape === 'message') return json(status, { message });
  return json(status, { ok: false, message: 'SUCCESS', data: { statusMessage: message } });
}

/** The segments of a path under `/api/v2`, a trailing slash aside; null: another path. */
export function apiSegments(path: string): readonly string[] | null {
  if (!path.startsWith(`${API_PATH}/`)) return null;
  const segments = path
    .slice(API_PATH.length + 1)
    .replace(/\/$/, '')
    .split('/');
  try {
    return segments.map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** The body as JSON; undefined where there is none. Throws `Refused` where it is too long or no JSON. */
export function readBody(request: SimulatorRequest): unknown {
  if (Buffer.byteLength(request.body) > BODY_LIMIT_BYTES)
    throw new Refused(400, 'Invalid request: the body is larger than 1 MB');
  if (request.body.trim() === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(request.body);
    return parsed;
  } catch {
    throw new Refused(400, 'Problem parsing JSON');
  }
}

/** A header, whatever its letter case; '' where it was not sent. */
export function header(request: SimulatorRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value.trim() : '';
}

/** What the log keeps of a request: its body, where it was addressed to, and no credential. */
export function describeBody(request: SimulatorRequest): JsonValue {
  const orgAccess = header(request, 'org-access');
  const accountName = header(request, 'account-name');
  return {
    ...(orgAccess !== '' && { org_access: orgAccess }),
    ...(accountName !== '' && { account_name: accountName }),
    ...([...request.query].length > 0 && { query: Object.fromEntries(request.query) }),
    ...(request.body.trim() !== '' && { body: parseOr(request.body, '(not readable)') }),
  };
}

/** An object, of which nothing is known yet. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseOr(text: string, otherwise: string): JsonValue {
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    return otherwise;
  }
}
