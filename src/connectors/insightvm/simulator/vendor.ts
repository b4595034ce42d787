import type {
  SimulatedVendor,
  SimulatorAnswer,
  SimulatorRequest,
} from '../../../connector-kit/simulator-kit/server.ts';
import type { JsonValue } from '../../../model/records.ts';
import { effectRecorder } from '../../../connector-kit/simulator-kit/logs.ts';
import { type Console, isAdministrator } from './console.ts';
import { loginOf } from './login.ts';
import { allowOf, carryOut, type Match, matchRoute, operationOf } from './routes.ts';
import { answer, API_PATH, cloudAnswer, consolePage, originOf, Refusal, refusal, tooManyRequests } from './wire.ts';

/**
 * The API on the wire. The order of checks: what answers at all, rate, credentials (401 on every path, known or not), path
 * (404), verb (405 with `Allow`), media type, and then what the operation itself has to say.
 */
export function insightVmVendor(console: Console): Pick<SimulatedVendor, 'describe' | 'answer'> {
  let recent: readonly number[] = [];
  const isTooFast = (): boolean => {
    const { ratePerSecond } = console.switches;
    if (ratePerSecond === 'off') return false;
    const now = console.clock.now().getTime();
    recent = recent.filter((at) => at > now - 1_000);
    if (recent.length >= ratePerSecond) return true;
    recent = [...recent, now];
    return false;
  };
  return {
    describe(request) {
      const match = isApi(request) ? matchRoute(request.path) : null;
      const operation = match && operationOf(match, request.method, true);
      return { operation: operation?.name ?? '', body: maskedBody(request) };
    },
    answer(request) {
      const { surface, retryAfter } = console.switches;
      if (surface === 'cloud-html' || surface === 'cloud-json') return cloudAnswer(surface);
      if (isTooFast()) return tooManyRequests(retryAfter);
      if (!isApi(request)) return consolePage();
      return answerApi(console, request);
    },
  };
}

function answerApi(console: Console, request: SimulatorRequest): SimulatorAnswer {
  const { switches, certificate } = console;
  const origin = originOf(request, certificate !== null, switches);
  const isGuide = switches.dialect === 'guide';
  let match: Match | null = null;
  try {
    if (switches.surface === 'broken')
      return answer(500, { error: 'Internal Server Error', message: 'Unexpected error.' });
    if (switches.surface === 'starting') throw new Refusal(503, 'The Security Console is starting.');
    const effect = effectRecorder(console, request.number);
    const caller = loginOf(console, request, effect);
    match = matchRoute(request.path);
    if (match && request.method === 'OPTIONS') return answer(200, {}, { allow: allowOf(match, isGuide) });
    checkMediaType(request);
    return carryOut({ console, request, caller, isAdmin: isAdministrator(console, caller), origin, effect }, match);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    const headers = thrown.status === 405 && match ? { allow: allowOf(match, isGuide) } : undefined;
    return refusal(thrown, `${origin}${request.path}`, switches, headers);
  }
}

function isApi({ path }: SimulatorRequest): boolean {
  return path === API_PATH || path.startsWith(`${API_PATH}/`);
}

/** A body has to be JSON. Clients send the header with empty bodies too, or leave it out with them. */
function checkMediaType({ body, headers }: SimulatorRequest): void {
  if (body === '') return;
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) throw new Refusal(415, 'Unsupported Media Type');
}

/** The query of a read; the body of a write without passwords and seeds. */
function maskedBody({ method, path, query, body }: SimulatorRequest): JsonValue {
  if (method === 'GET') return query.size === 0 ? null : Object.fromEntries(query);
  if (body === '') return null;
  if (/\/(?:password|2FA)$/.test(path)) return '••••';
  try {
    const parsed: unknown = JSON.parse(body);
    return masked(parsed);
  } catch {
    return '(not readable)';
  }
}

function masked(value: unknown, name = ''): JsonValue {
  if (/^(?:password|key)$/i.test(name)) return '••••';
  if (Array.isArray(value)) return value.map((item) => masked(item));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked(inner, key)]));
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
