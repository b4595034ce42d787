import type { JsonValue } from '../../../model/records.ts';
import { edgePage } from '../../../connector-kit/simulator-kit/spoil.ts';
import type { SimulatorAnswer, SimulatorRequest } from '../../../connector-kit/simulator-kit/server.ts';
import type { LastPassSwitches } from './switches.ts';

/** The one path of the API. */
const API_PATH = '/enterpriseapi.php';

/** What a request says, whatever way it was encoded. */
export type Envelope = Readonly<Record<string, unknown>>;

/**
 * Reads a request body: JSON whatever the content type says (splunk/TA-lastpass and PowerShell users send none), else form
 * fields (cartography-cncf/cartography). null: neither.
 */
export function readEnvelope(body: string): Envelope | null {
  const text = body.trim();
  if (text.startsWith('{') || text.startsWith('[')) {
    const parsed = parseJson(text);
    return isRecord(parsed) ? parsed : null;
  }
  const fields: Record<string, unknown> = Object.fromEntries(new URLSearchParams(text));
  const data = fields['data'];
  return typeof data === 'string' && /^\s*[[{]/.test(data) ? { ...fields, data: parseJson(data) ?? data } : fields;
}

/** The envelope as it may be logged: the hash and all passwords masked. */
export function maskEnvelope(envelope: Envelope | null): JsonValue {
  return envelope === null ? '(not readable)' : mask(envelope);
}

/** The bytes a refusal has in the recordings of JupiterOne/graph-lastpass, with the reason in them. */
export function refusal(reason: string, switches: LastPassSwitches): SimulatorAnswer {
  return answer(`<?xml version="1.0" encoding="UTF-8"?>\n<lastpass rc="${reason}"/>\n`, switches);
}

/** An answer of the API: status 200 and, unless switched, `text/xml` whatever the body is. */
export function answer(body: SimulatorAnswer['body'], switches: LastPassSwitches): SimulatorAnswer {
  return { status: 200, headers: { 'content-type': switches.contentType, ...HEADERS }, body };
}

/** Too Many Requests: the one status but 200 that clients of the API report. No Retry-After. */
export function tooManyRequests(): SimulatorAnswer {
  return { status: 429, headers: { 'content-type': 'text/html; charset=utf-8' }, body: edgePage(429) };
}

/** What stands in front of the API when it takes a client for a robot. */
export function edgeAnswer(status: 403 | 404 | 503): SimulatorAnswer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: edgePage(status) };
}

/** Whether a request is for the API. */
export function isApiPath(request: SimulatorRequest): boolean {
  return request.path === API_PATH;
}

/** An object, of which nothing is known yet. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A flag in any encoding clients send: 0, 1, "0", "1", true, false; undefined where it is none of them. */
export function readFlag(value: unknown): boolean | undefined {
  if (value === true || value === 1 || value === '1' || value === 'true') return true;
  if (value === false || value === 0 || value === '0' || value === 'false') return false;
  return undefined;
}

/** A whole number, or a text of digits; undefined where it is neither. */
export function readWhole(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** A text that is not empty; undefined otherwise. */
export function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

const HEADERS = {
  server: 'LastPass',
  'cache-control': 'no-cache,private,no-store,max-age=0,s-maxage=0,must-revalidate,proxy-revalidate',
  'strict-transport-security': 'max-age=31536000; includeSubDomains; preload',
  'x-frame-options': 'SAMEORIGIN',
  vary: 'origin, Accept-Encoding',
  'set-cookie': ['_abck=simulated; Path=/; Secure', 'bm_sz=simulated; Path=/; HttpOnly'],
};

function mask(value: unknown, name = ''): JsonValue {
  if (/^provhash$|password$|^notes$/i.test(name) && typeof value === 'string' && value !== '') return '••••';
  if (Array.isArray(value)) return value.map((item) => mask(item));
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mask(inner, key)]));
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function parseJson(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    return undefined;
  }
}
