import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { z } from 'zod';
import { startSimulator, startUsher, temporaryDirectory, type UsherProcess } from '../e2e/processes.ts';
import { silentLog } from '../src/store/log.ts';
import { openDatabase } from '../src/store/open.ts';
import { against, keepsUp, median, type Report } from './report.ts';
import { sync } from './sync.ts';

const BENCH = 'read';
const CONNECTION = 'bench';
const PAGE_SIZE = 100;
const LEAST_RATE = 0.5;
const MOST_P99 = 2;

/**
 * `bench read --people 100000`: the unified list (walking its pages) and get (of random people, by e-mail address) with
 * one token, against a bare Fastify route that makes the same queries on the same Postgres.
 */
export async function run(args: readonly string[], report: Report): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      people: { type: 'string', default: '100000' },
      connections: { type: 'string', default: '8' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
    },
  });
  const directory = await temporaryDirectory();
  try {
    const usher = await filledUsher(directory.path, values.people);
    try {
      const load = { connections: Number(values.connections), rounds: Number(values.rounds), ms: 1000 * Number(values.seconds) }; // prettier-ignore
      await measure(usher, load, (name) => `${name}, ${values.people} people`, report);
    } finally {
      await usher.end('SIGTERM');
    }
  } finally {
    await directory.remove();
  }
}

/** An Usher that has pulled so many invented people. The simulator that they came from has ended. */
async function filledUsher(dataDir: string, people: string): Promise<UsherProcess> {
  const simulator = await startSimulator('lastpass', ['--people', people]);
  const { company_id, provisioning_hash } = simulator.credentials;
  const environment = { USHER_TOKEN_RATE: '1000000' };
  const usher = await startUsher({ allow: [new URL(simulator.url).host], dataDir, environment });
  try {
    const settings = { company_id, region: 'custom', base_url: simulator.url, requests_per_second: 100_000 };
    const wanted = { id: CONNECTION, connector: 'lastpass', settings, secrets: { provisioning_hash } };
    await usher.call('POST', '/v1/connections', wanted);
    await sync(usher, CONNECTION);
    await usher.call('PATCH', `/v1/connections/${CONNECTION}`, { state: 'paused' });
    return usher;
  } catch (error) {
    await usher.end('SIGTERM');
    throw error;
  } finally {
    await simulator.stop();
  }
}

interface Load {
  readonly connections: number;
  readonly rounds: number;
  /** Of one round of one side. */
  readonly ms: number;
}

async function measure(usher: UsherProcess, load: Load, name: (text: string) => string, report: Report): Promise<void> {
  const emails = await emailsOf(usher.dataDir);
  const bare = await startBare(usher.dataDir);
  const headers = { authorization: `Bearer ${usher.token}`, 'x-account-id': CONNECTION };
  const sides = {
    usher: { pool: keptAlive(usher.url, load), headers, users: '/unified/iam/users' },
    bare: { pool: keptAlive(bare.url, load), headers: {}, users: '/users' },
  };
  try {
    for (const [what, asking] of [
      ['list', walking],
      ['get', picking(emails)],
    ] as const) {
      const askers = { usher: asking(sides.usher, load), bare: asking(sides.bare, load) };
      const seen = { usher: [] as Round[], bare: [] as Round[] };
      await askers.usher();
      await askers.bare();
      // The sides take turns, so that what the machine does meanwhile falls on both.
      for (let round = 0; round < load.rounds; round += 1) {
        seen.usher.push(await askers.usher());
        seen.bare.push(await askers.bare());
      }
      const middle = (side: 'usher' | 'bare', figure: keyof Round) => median(seen[side].map((round) => round[figure]));
      const title = name(`unified ${what} / bare route`);
      report(keepsUp(BENCH, title, 'requests/s', middle('usher', 'rate'), middle('bare', 'rate'), LEAST_RATE));
      report(against(BENCH, `${title}, p99`, 'ms', middle('usher', 'p99'), middle('bare', 'p99'), MOST_P99));
    }
  } finally {
    await Promise.all([sides.usher.pool.close(), sides.bare.pool.close()]);
    await bare.stop();
  }
}

interface Side {
  readonly pool: Pool;
  readonly headers: Readonly<Record<string, string>>;
  readonly users: string;
}

interface Round {
  /** Requests a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p99: number;
}

const pageSchema = z.object({ next: z.string().nullable() });

/** Each connection walks the pages, goes on in the next round, and starts again where it came to the end. */
function walking(side: Side, load: Load): () => Promise<Round> {
  const next = Array.from({ length: load.connections }, (): string | null => null);
  return () =>
    ask(load, async (asker) => {
      const from = next[asker] ?? null;
      const path = `${side.users}?page_size=${PAGE_SIZE}${from === null ? '' : `&next=${encodeURIComponent(from)}`}`;
      const text = await answer(side, path);
      // The cursor stands at the end of the bare answer and at that of ours: nothing else is read of a page.
      next[asker] = pageSchema.parse(JSON.parse(`{${text.slice(text.lastIndexOf('"next":'))}`)).next;
    });
}

/** Asks for people by address, the same ones in the same order of both sides. */
function picking(emails: readonly string[]): (side: Side, load: Load) => () => Promise<Round> {
  return (side, load) => {
    let count = 0;
    return () =>
      ask(load, async () => {
        count += 1;
        // A multiplicative hash: scattered over all people, and no chance in it.
        const email = emails[(Math.imul(count, 2_654_435_761) >>> 0) % emails.length] ?? '';
        await answer(side, `${side.users}/${encodeURIComponent(email)}`);
      });
  };
}

/** Asks on all connections at once, each the next thing as soon as it has the last, until the round is over. */
async function ask({ connections, ms }: Load, one: (asker: number) => Promise<void>): Promise<Round> {
  const times: number[] = [];
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async (_, asker) => {
      for (let now = performance.now(); now - startedMs < ms;) {
        await one(asker);
        const ended = performance.now();
        times.push(ended - now);
        now = ended;
      }
    }),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  const sorted = times.toSorted((a, b) => a - b);
  return { rate: times.length / seconds, p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN };
}

async function answer({ pool, headers }: Side, path: string): Promise<string> {
  const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`GET ${path}: ${statusCode} ${text.slice(0, 1000)}`);
  return text;
}

function keptAlive(url: string, { connections }: Load): Pool {
  return new Pool(url, { connections, pipelining: 1, keepAliveTimeout: 60_000 });
}

async function startBare(dataDir: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const input = JSON.stringify({ dataDir, connection: CONNECTION });
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-read.ts'), input], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const line = await Promise.race([
    firstLine(createInterface(child.stdout)),
    ended.then(([code]) => Promise.reject(new Error(`The bare server ended with ${String(code)}.`))),
  ]);
  const { url } = z.object({ url: z.string() }).parse(JSON.parse(line));
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function emailsOf(dataDir: string): Promise<readonly string[]> {
  const database = await openDatabase({ dataDir, log: silentLog, attach: true });
  try {
    const { rows } = await database.pool.query<{ email: string }>(
      `select email from account where connection_id = $1 and email is not null order by key`,
      [CONNECTION],
    );
    return rows.map(({ email }) => email);
  } finally {
    await database.close();
  }
}

async function firstLine(lines: Interface): Promise<string> {
  for await (const line of lines) return line;
  throw new Error('The bare server said nothing.');
}
