import { onTestFinished } from 'vitest';
import { type LastPassSimulator, type LastPassSimulatorOptions, startLastPassSimulator } from '../../simulator.ts';

/** The day all tests of the simulator happen on. */
export const TODAY = new Date('2026-11-21T17:00:00Z');

/** The fields of a user that tests look at; others as they come. */
export interface WireUser {
  readonly [field: string]: unknown;
  readonly username: string;
  readonly groups: readonly string[];
  readonly attribs?: Readonly<Record<string, string>>;
}

export interface WireEvent {
  readonly Time: string;
  readonly Username: string;
  readonly Action: string;
  readonly Data: string;
}

export interface WireFolder {
  readonly sharedfoldername: string;
  readonly deleted?: boolean;
  readonly users: readonly {
    readonly username: string;
    readonly group_name?: string;
    readonly superadmin?: boolean;
    readonly readonly: unknown;
    readonly give: unknown;
    readonly can_administer: unknown;
    readonly sites?: readonly string[];
  }[];
}

/** All that any answer has, seen through one type: a test reads what its command answers. */
export interface WireAnswer {
  readonly total: number;
  readonly count: number;
  readonly Users: Readonly<Record<string, WireUser>>;
  readonly Groups: Readonly<Record<string, readonly string[]>>;
  readonly invited: readonly string[];
  readonly Invited: readonly string[];
  readonly status: string;
  readonly error: string | readonly string[];
  readonly errors: readonly string[];
  readonly unchanged_users: readonly string[];
  readonly next: number | string | null;
  readonly data: Readonly<Record<string, WireEvent>>;
  readonly events: readonly WireEvent[];
  readonly continuation: { readonly token: string };
  readonly items: readonly { readonly user_id: number; readonly user_name: string }[];
}

/** An answer as a client sees it. */
export interface Heard {
  readonly status: number;
  readonly contentType: string | null;
  readonly retryAfter: string | null;
  readonly text: string;
  /** The body parsed; undefined where it is no JSON. */
  readonly json: WireAnswer;
  /** The body as shared folders, in order. */
  readonly folders: readonly WireFolder[];
}

export interface Caller extends LastPassSimulator {
  /** Sends a command with good credentials. */
  readonly call: (cmd: string, data?: unknown, extra?: Readonly<Record<string, unknown>>) => Promise<Heard>;
  /** Sends any body. */
  readonly post: (body: string, headers?: Readonly<Record<string, string>>) => Promise<Heard>;
  /** The user of this address as `getuserdata` shows it now, or undefined. */
  readonly user: (username: string) => Promise<WireUser | undefined>;
}

/** A simulator on a stopped clock, closed when the test ends. */
export async function simulate(options: LastPassSimulatorOptions = {}): Promise<Caller> {
  const simulator = await startLastPassSimulator({ today: TODAY, clock: { now: () => TODAY }, ...options });
  onTestFinished(() => simulator.close());
  const post: Caller['post'] = async (body, headers = {}) => {
    const response = await fetch(`${simulator.url}/enterpriseapi.php`, { method: 'POST', body, headers });
    const text = await response.text();
    return {
      status: response.status,
      contentType: response.headers.get('content-type'),
      retryAfter: response.headers.get('retry-after'),
      text,
      json: parse(text),
      folders: Object.values(parse(text) ?? {}),
    };
  };
  const call: Caller['call'] = (cmd, data, extra = {}) => {
    const { companyId, provisioningHash } = simulator.credentials;
    return post(JSON.stringify({ cid: Number(companyId), provhash: provisioningHash, cmd, data, ...extra }));
  };
  const user: Caller['user'] = async (username) => {
    const { json } = await call('getuserdata', { username });
    return Object.values(json.Users)[0];
  };
  return Object.assign(Object.create(simulator), { call, post, user });
}

function parse(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
