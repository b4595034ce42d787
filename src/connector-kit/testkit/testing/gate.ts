import { z } from 'zod';
import { UsherError } from '../../../model/errors.ts';
import type { Connector, ConnectorContext } from '../../connector.ts';
import { defineConnector } from '../../define.ts';
import { type HttpAuth, tokenAuth } from '../../http/auth.ts';
import type { HttpClient } from '../../http/types.ts';
import type { Rates } from '../../limiter.ts';
import { simulatorClock } from '../../simulator-kit/clock.ts';
import { faultKnobs } from '../../simulator-kit/faults.ts';
import { boundedLog, type LoggedRequest } from '../../simulator-kit/logs.ts';
import { seededRandom } from '../../simulator-kit/random.ts';
import { type SimulatorAnswer, startSimulatorServer } from '../../simulator-kit/server.ts';
import type { ConformanceOptions, ConformanceTarget } from '../conformance.ts';

const settingsSchema = z.strictObject({ url: z.url() });
const secretsSchema = z.strictObject({ key: z.string() });
type Settings = z.output<typeof settingsSchema> & z.output<typeof secretsSchema>;
type Environment = { readonly http: HttpClient; readonly clock: { now(): Date } };

const KEY = 'gate_51b7e0aa93';
const HOUR_MS = 3_600_000;
const GROUPS = 6;
const send = (status: number, body: unknown, headers = {}): SimulatorAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** A small app to try on how connectors are let in: tokens, and a budget of calls an hour that it tells in headers. */
export async function startGate(): Promise<ConformanceTarget> {
  const clock = simulatorClock();
  clock.set(new Date('2026-03-02T15:00:00Z'));
  const faults = faultKnobs(seededRandom('gate'));
  const requests = boundedLog<LoggedRequest>(10_000, (entry, number) => ({ ...entry, number }));
  let issued = 0;
  let firstGood = 1;
  let perHour = 1000;
  let left = perHour;
  let filledAt = clock.now().getTime();

  const standing = (): Record<string, string> => {
    const now = clock.now().getTime();
    left = Math.min(perHour, left + ((now - filledAt) / HOUR_MS) * perHour);
    filledAt = now;
    const resetMs = left >= 1 ? 0 : ((1 - left) / perHour) * HOUR_MS;
    return {
      'ratelimit-remaining': String(Math.floor(Math.max(0, left))),
      'ratelimit-reset': String(Math.ceil(resetMs / 1000)),
    };
  };
  const server = await startSimulatorServer({
    faults, requests, clock,
    vendor: {
      describe: ({ path }) => ({ operation: path.slice(1), body: null }),
      inspect: () => null,
      answer({ path, query, headers }) {
        if (path === '/token') {
          if (headers['x-key'] !== KEY) return send(401, {});
          return send(201, { token: `gate-token-${(issued += 1)}` });
        }
        standing();
        if (left < 1) return send(429, {}, standing());
        left -= 1;
        const number = Number(/^Bearer gate-token-(\d+)$/.exec(headers.authorization ?? '')?.[1] ?? 0);
        if (number < firstGood) return send(403, {}, standing());
        const offset = Number(query.get('offset') ?? 0);
        const groups = Array.from({ length: 2 }, (_, at) => `g-${offset + at}`);
        return send(200, { groups, total: GROUPS }, standing());
      },
    },
  }); // prettier-ignore
  return {
    settings: { url: server.url },
    secrets: { key: KEY },
    clock,
    setFaults: (texts) => faults.set(texts),
    removeEarlyAccount: () => undefined,
    shrinkRights: () => undefined,
    requestCount: () => requests.count,
    tokens: { issued: () => issued, expire: () => void (firstGood = issued + 1) },
    budget: {
      shrink() {
        perHour = 3;
        left = 0;
      },
      pass: (ms) => clock.advance(ms),
    },
    close: () => server.close(),
  };
}

/** How a connector for it may be broken. */
export interface GateFlaws {
  readonly auth?: (settings: Settings, environment: Environment) => HttpAuth;
  readonly rates?: Rates;
  /** Calls go on being made as long as they are refused. */
  readonly isStubborn?: boolean;
}

const pageSchema = z.object({ groups: z.array(z.string()), total: z.number() });

/** The gate's connector, and all that the suite is to know of it. */
export function gateOptions(flaws: GateFlaws = {}): ConformanceOptions {
  return {
    name: 'Gate',
    connector: createGate(flaws),
    start: startGate,
    probeErrors: [],
    inputs: () => Promise.resolve({}),
    pagedCollection: 'groups',
    has: ['tokens', 'budget'],
  };
}

/** Tokens as they should be asked for. */
export function gateAuth({ key }: Settings, { http, clock }: Environment): HttpAuth {
  return tokenAuth({ clock, renewsOn: [401, 403], fetchToken: () => fetchGateToken(key, http) });
}

/** One token, by the key. */
export async function fetchGateToken(key: string, http: HttpClient): Promise<{ value: string; expiresAtMs: null }> {
  const { status, text } = await http.request({
    operation: 'token', method: 'POST', path: '/token', functionality: 'token', headers: { 'x-key': key },
    isSafeToRepeat: true,
  }); // prettier-ignore
  if (status !== 201) throw new UsherError('auth', 'The gate refused the key.', { next: 'Check it.' });
  return { value: z.object({ token: z.string() }).parse(JSON.parse(text)).token, expiresAtMs: null };
}

function createGate({ auth = gateAuth, rates, isStubborn = false }: GateFlaws): Connector {
  const page = async ({ http }: ConnectorContext<Settings>, offset: number) => {
    for (let round = 0; ; round += 1) {
      const { status, text } = await http.request({
        operation: 'groups', method: 'GET', path: '/groups', query: { offset }, functionality: 'groups',
      }); // prettier-ignore
      if (status === 200) return pageSchema.parse(JSON.parse(text));
      if (!isStubborn || round > 50) throw new UsherError('permission', `The gate answered ${status}.`);
    }
  };
  return defineConnector({
    id: 'gate',
    title: 'Gate',
    description: 'An invented app',
    config: { settings: settingsSchema, secrets: secretsSchema },
    mappingVersion: 1,
    baseUrl: ({ url }) => url,
    auth,
    rates: () =>
      rates ?? { default: { perSecond: 1000 / 3600, burst: 1000, perFunctionality: true, maxWaitMs: HOUR_MS } },
    probe: async (context) => {
      await page(context, 0);
      return { tenant: { id: 'gate', name: 'Gate' }, capabilities: ['groups'], notes: [] };
    },
    collections: [
      {
        id: 'groups',
        title: 'Groups',
        yields: ['group'],
        async *pull(context) {
          for (let offset = 0; offset < GROUPS; offset += 2) {
            const observedAt = context.clock.now().toISOString();
            const { groups, total } = await page(context, offset);
            const records = groups.map((key) => ({
              kind: 'group' as const, key, name: key, description: null, extra: {},
            })); // prettier-ignore
            yield { records, observedAt, checkpoint: offset + 2, total };
          }
          return { isComplete: true };
        },
      },
    ],
    actions: [],
    unified: {
      traits: {
        userId: 'key', roles: [], unknownRoleStatus: 404, resourceTypes: [], resourcesArePolicies: false,
        describe: () => ({ organizations: [], credentials: { name: 'gate', authType: 'api_key' } }),
      },
      live: {
        accounts: async () => ({ records: [], next: null }),
        account: async () => [],
        groups: async () => [],
        resources: async () => [],
        check: async () => undefined,
      },
    },
  }); // prettier-ignore
}
