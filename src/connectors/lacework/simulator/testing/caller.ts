import { onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  type KeyRole,
  type LaceworkCredentials,
  type LaceworkSimulator,
  type LaceworkSimulatorOptions,
  startLaceworkSimulator,
} from '../../simulator.ts';

/** The day all tests of the simulator happen on. */
export const TODAY = new Date('2026-11-21T17:00:00Z');

/** An object of an answer, of which a test reads what it knows to be there. */
export type Wire = Readonly<Record<string, unknown>>;

/** An answer as a client sees it. */
export interface Heard {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body parsed; undefined where it is no JSON. */
  readonly json: unknown;
  /** `data` of the body as a list, empty where there is none. */
  readonly rows: readonly Wire[];
  /** `data` of the body as one object. */
  readonly object: Wire;
  /** The message of a refusal, or ''. */
  readonly message: string;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whose key; default the organization administrator's. */
  readonly as?: KeyRole;
  /** Another token than that of a key; '' for none. */
  readonly token?: string;
}

export interface Caller extends LaceworkSimulator {
  /** Sends a request under `/api/v2/` with a token that is fetched once for each key. */
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Heard>;
  /** Fetches a token with these credentials, or those of a key. */
  readonly token: (from?: KeyRole | LaceworkCredentials, expiryTime?: unknown) => Promise<Heard>;
}

const tokenAnswer = z.object({ token: z.string() });

/** A simulator on a stopped clock, closed when the test ends. */
export async function simulate(options: LaceworkSimulatorOptions = {}): Promise<Caller> {
  const simulator = await startLaceworkSimulator({ today: TODAY, clock: { now: () => TODAY }, ...options });
  onTestFinished(() => simulator.close());
  const tokens = new Map<KeyRole, string>();

  const token: Caller['token'] = async (from = 'orgAdmin', expiryTime = 3_600) => {
    const { keyId, secret } = typeof from === 'string' ? simulator.credentialsOf(from) : from;
    const response = await fetch(`${simulator.url}/api/v2/access/tokens`, {
      method: 'POST',
      headers: { 'X-LW-UAKS': secret, 'Content-Type': 'application/json' },
      body: JSON.stringify({ keyId, expiryTime }),
    });
    return hear(response);
  };
  const tokenOf = async (role: KeyRole): Promise<string> => {
    const known = tokens.get(role);
    if (known !== undefined) return known;
    const made = tokenAnswer.parse((await token(role)).json).token;
    tokens.set(role, made);
    return made;
  };
  const call: Caller['call'] = async (method, path, { body, headers = {}, as = 'orgAdmin', token: given } = {}) => {
    const bearer = given ?? (await tokenOf(as));
    const response = await fetch(new URL(path, `${simulator.url}/api/v2/`), {
      method,
      headers: {
        ...(bearer !== '' && { Authorization: `Bearer ${bearer}` }),
        'Content-Type': 'application/json',
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return hear(response);
  };
  return Object.assign(Object.create(simulator), { call, token });
}

const bodySchema = z.object({ data: z.unknown(), message: z.string() }).partial();
const rowSchema = z.record(z.string(), z.unknown());

async function hear(response: Response): Promise<Heard> {
  const text = await response.text();
  const json = parse(text);
  const { data, message = '' } = bodySchema.safeParse(json).data ?? {};
  return {
    status: response.status,
    headers: response.headers,
    text,
    json,
    rows: z.array(rowSchema).safeParse(data).data ?? [],
    object: rowSchema.safeParse(data).data ?? {},
    message,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
