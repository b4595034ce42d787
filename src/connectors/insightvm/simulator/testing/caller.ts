import { expect, onTestFinished } from 'vitest';
import {
  type InsightVmCredentials,
  type InsightVmSimulator,
  type InsightVmSimulatorOptions,
  startInsightVmSimulator,
} from '../../simulator.ts';
import { problemsWith } from './openapi.ts';

/** The day all tests of the simulator happen on. */
export const TODAY = new Date('2026-11-21T17:00:00Z');

export interface WireLink {
  readonly href: string;
  readonly rel: string;
}

/** A user as the wire has it; a test reads the fields it is about. */
export interface WireUser {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly email?: string;
  readonly enabled: boolean;
  readonly locked: boolean;
  readonly locale?: { readonly default: string; readonly reports: string };
  readonly authentication: { readonly id: number; readonly type: string; readonly links: readonly WireLink[] };
  readonly role: {
    readonly id: string;
    readonly name: string;
    readonly privileges: readonly string[];
    readonly allSites: boolean;
    readonly allAssetGroups: boolean;
    readonly superuser: boolean;
  };
  readonly links: readonly WireLink[];
}

/** All that any answer has, seen through one type. */
export interface WireAnswer extends WireUser {
  readonly resources: readonly WireUser[];
  readonly page: {
    readonly number: number;
    readonly size: number;
    readonly totalResources: number;
    readonly totalPages: number;
  };
  readonly status: number;
  readonly message: string;
  readonly key?: string;
  readonly privileges?: readonly string[];
}

/** An answer as a client sees it. */
export interface Heard {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body parsed; undefined where it is no JSON. */
  readonly json: WireAnswer;
  /** The resources where they are ids or names. */
  readonly list: readonly (number | string)[];
}

export interface Asked {
  readonly body?: unknown;
  /** As it is, instead of `body`. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whose request it is; default Ada's. */
  readonly as?: string | Pick<InsightVmCredentials, 'user' | 'password'> | null;
  /** Departs from the document on purpose. */
  readonly isOdd?: boolean;
}

export interface Caller extends InsightVmSimulator {
  /** Sends a request below `/api/3`; its answer has to be as the OpenAPI document says. */
  readonly ask: (method: string, path: string, asked?: Asked) => Promise<Heard>;
  readonly get: (path: string, asked?: Asked) => Promise<Heard>;
  /** The user of this login as the console lists it now. */
  readonly user: (login: string) => Promise<WireUser>;
  /** Kinds of the effects so far, with their subjects. */
  readonly done: () => readonly string[];
}

/** A simulator on a stopped clock, closed when the test ends. */
export async function simulate(options: InsightVmSimulatorOptions = {}): Promise<Caller> {
  const simulator = await startInsightVmSimulator({
    today: TODAY,
    clock: { now: () => TODAY },
    people: 60,
    ...options,
  });
  onTestFinished(() => simulator.close());
  const ask: Caller['ask'] = async (method, path, { body, raw, headers = {}, as, isOdd = false } = {}) => {
    const login = typeof as === 'string' ? simulator.credentialsOf(as) : as === undefined ? simulator.credentials : as;
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const request: RequestInit = {
      method,
      body: sent,
      headers: {
        ...(login && { authorization: basic(login) }),
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
    };
    const response = await fetch(`${simulator.url}/api/3${path}`, request);
    const text = await response.text();
    const json = parse(text);
    if (!isOdd) expect(problemsWith(method, `/api/3${path.split('?')[0]}`, response.status, json)).toEqual([]);
    return { status: response.status, headers: response.headers, text, json, list: json?.resources ?? [] };
  };
  const user: Caller['user'] = async (login) => {
    const { json } = await ask('GET', '/users?size=500');
    const found = json.resources.find((one) => one.login === login);
    if (!found) throw new Error(`The console lists no ${login}.`);
    return found;
  };
  return Object.assign(Object.create(simulator), {
    ask,
    get: (path: string, asked?: Asked) => ask('GET', path, asked),
    user,
    done: () => simulator.effects().map(({ kind, subject }) => `${kind} ${subject}`),
  });
}

/** The header of Basic authentication. */
export function basic({ user, password }: Pick<InsightVmCredentials, 'user' | 'password'>): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** The body of a PUT that would leave the user as it is: what may be sent of what was read. */
export function reduced({ login, name, email, enabled, locale, role, authentication }: WireUser) {
  const { id, allSites, allAssetGroups, superuser } = role;
  return {
    login,
    name,
    email,
    enabled,
    locale,
    role: { id, allSites, allAssetGroups, superuser },
    authentication: { type: authentication.type, id: authentication.id },
  };
}

function parse(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
