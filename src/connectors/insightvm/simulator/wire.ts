import { edgePage } from '../../../connector-kit/simulator-kit/spoil.ts';
import type { SimulatorAnswer, SimulatorRequest } from '../../../connector-kit/simulator-kit/server.ts';
import type { InsightVmSwitches } from './switches.ts';

/** Where the API is. */
export const API_PATH = '/api/3';

/** What an answer is made of, before it is text. Absent fields are left out. */
export type Wire = string | number | boolean | null | readonly Wire[] | { readonly [name: string]: Wire | undefined };

export interface Link {
  readonly [name: string]: string;
  readonly href: string;
  readonly rel: string;
}

/** The text rapid7/insightconnect-plugins has from a console for what is not there. */
export const NOT_FOUND = 'The resource does not exist or access is prohibited.';

/** A refusal with the console's status and message. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What is not there, or not for this login. */
export function notFound(): Refusal {
  return new Refusal(404, NOT_FOUND);
}

/** A body that cannot be carried out. */
export function badRequest(message: string): Refusal {
  return new Refusal(400, message);
}

/** An answer with the headers of the recordings of JupiterOne/graph-rapid7. */
export function answer(status: number, body: Wire, headers: Readonly<Record<string, string>> = {}): SimulatorAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', ...HEADERS, ...headers },
    body: pretty(body),
    isCompressible: true,
  };
}

/** An answer without body. */
export function noContent(headers: Readonly<Record<string, string>> = {}): SimulatorAnswer {
  return { status: 204, headers: { ...HEADERS, ...headers }, body: '' };
}

/** A refusal as the console writes it. */
export function refusal(
  { status, message }: Refusal,
  href: string,
  switches: InsightVmSwitches,
  headers: Readonly<Record<string, string>> = {},
): SimulatorAnswer {
  const said = switches.errorStatus === 'number' ? status : String(status);
  return answer(status, { status: said, message, links: [{ href, rel: 'self' }] }, headers);
}

/** The page that the console shows to browsers, whatever they ask for outside of the API. */
export function consolePage(): SimulatorAnswer {
  const page = '<!DOCTYPE html>\n<html><head><title>Security Console</title></head><body>Log on</body></html>\n';
  return { status: 200, headers: { 'content-type': 'text/html;charset=UTF-8', ...HEADERS }, body: page };
}

/** What the cloud says to who takes it for a console: its page (rapid7/insightconnect-plugins has met it), or its gateway. */
export function cloudAnswer(surface: 'cloud-html' | 'cloud-json'): SimulatorAnswer {
  if (surface === 'cloud-json') {
    return {
      status: 401,
      headers: { 'content-type': 'application/json; charset=utf-8', 'www-authenticate': 'Key realm="kong"' },
      body: '{"message":"Unauthorized"}',
    };
  }
  const page = '<!DOCTYPE html>\n<html><head><title>Rapid7 Insight</title></head><body>Sign in</body></html>\n';
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: page };
}

/** Too Many Requests; the document has no such status, what stands in front of a console may. */
export function tooManyRequests(retryAfter: number): SimulatorAnswer {
  return {
    status: 429,
    headers: { 'content-type': 'text/html; charset=utf-8', 'retry-after': String(retryAfter) },
    body: edgePage(429),
  };
}

/** Scheme, host and port as the client addressed them; nothing where links are relative. */
export function originOf(request: SimulatorRequest, isSecure: boolean, { dialect }: InsightVmSwitches): string {
  return dialect === 'guide' ? '' : `${isSecure ? 'https' : 'http'}://${request.headers.host ?? 'console.example'}`;
}

/**
 * JSON as the console prints it: objects over lines, `"name" : value`, arrays on one line, `[ ]` and `{ }` where empty.
 */
export function pretty(value: Wire, indent = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) {
    if (value.length === 0) return '[ ]';
    return `[ ${value.map((item) => pretty(item, indent)).join(', ')} ]`;
  }
  const deeper = `${indent}  `;
  let fields = '';
  for (const name in value) {
    const field = value[name];
    if (field === undefined) continue;
    fields += `${fields === '' ? '' : ','}\n${deeper}"${name}" : ${pretty(field, deeper)}`;
  }
  return fields === '' ? '{ }' : `{${fields}\n${indent}}`;
}

const HEADERS = {
  server: 'Security Console',
  'cache-control': 'no-store, must-revalidate',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'x-xss-protection': '1; mode=block',
  'x-ua-compatible': 'IE=edge,chrome=1',
  vary: 'Accept-Encoding',
};

function isList(value: Exclude<Wire, string | number | boolean | null>): value is readonly Wire[] {
  return Array.isArray(value);
}
