import { onTestFinished } from 'vitest';
import { type LastPassSimulator, type LastPassSimulatorOptions, startLastPassSimulator } from '../../simulator.ts';

/** The day all tests of the simulator happen on. */
export const TODAY = new Date('2026-11-21T17:00:00Z');

/** An answer as a client sees it. */
export interface Heard {
  readonly status: number;
  readonly contentType: string | null;
  readonly retryAfter: string | null;
  readonly text: string;
  /** The body parsed; whatever a test expects it to be. */
  readonly json: any;
}

export interface Caller extends LastPassSimulator {
  /** Sends a command with good credentials. */
  call(cmd: string, data?: unknown, extra?: Readonly<Record<string, unknown>>): Promise<Heard>;
  /** Sends any body. */
  post(body: string, headers?: Readonly<Record<string, string>>): Promise<Heard>;
  /** The user of this address as `getuserdata` shows it now, or undefined. */
  user(username: string): Promise<any>;
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

function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
