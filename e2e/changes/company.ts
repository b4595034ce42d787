// The simulated company as its own API and log show it: what the truth of a whole-product test is taken from.
import { z } from 'zod';
import { FAULTS, parseFault } from '../../src/connector-kit/simulator-kit/faults.ts';
import { fold } from '../../src/model/ids.ts';
import type { SimulatorProcess } from '../processes.ts';

export interface Person {
  readonly email: string;
  readonly status: 'active' | 'pending' | 'disabled' | 'invited';
  readonly isAdmin: boolean;
  readonly groups: ReadonlySet<string>;
}

/** A writing request that the app carried out on one subject. */
export interface CarriedOut {
  readonly request: number;
  readonly operation: string;
  /** Folded address. */
  readonly subject: string;
}

export interface Effect {
  readonly number: number;
  readonly request: number | null;
  readonly kind: string;
  /** Folded address. */
  readonly subject: string;
}

export interface CompanyLog {
  readonly carriedOut: readonly CarriedOut[];
  readonly effects: readonly Effect[];
}

const READS = new Set(['getuserdata', 'getsfdata', 'getdetailedsfdata', 'reporting']);

const foldersSchema = z.record(
  z.string(),
  z.object({ deleted: z.boolean().optional(), users: z.array(z.object({ username: z.string() })) }),
);

/** Who is named by which shared folder that is not deleted, `<folder id> <folded address>` each, sorted. */
export async function folderSharesOf(simulator: SimulatorProcess): Promise<readonly string[]> {
  const folders = foldersSchema.parse(await answerTo(simulator, 'getsfdata'));
  const shares = Object.entries(folders).flatMap(([id, { deleted = false, users }]) =>
    deleted ? [] : users.filter(({ username }) => username.includes('@')).map(({ username }) => `${id} ${fold(username)}`),
  ); // prettier-ignore
  return [...new Set(shares)].sort();
}

async function answerTo({ url, credentials }: SimulatorProcess, cmd: string): Promise<unknown> {
  const response = await fetch(new URL('/enterpriseapi.php', url), {
    method: 'POST',
    body: JSON.stringify({ cid: credentials['company_id'], provhash: credentials['provisioning_hash'], cmd }),
  });
  return response.json();
}

const answerSchema = z.object({
  Users: z.record(
    z.string(),
    z.object({ username: z.string(), disabled: z.boolean(), admin: z.boolean(), neverloggedin: z.boolean() }),
  ),
  Groups: z.union([z.record(z.string(), z.array(z.string())), z.array(z.never())]).optional(),
  invited: z.array(z.string()).default([]),
});

/** Everybody, by folded address, asked of the vendor's API itself. */
export async function peopleOf(simulator: SimulatorProcess): Promise<ReadonlyMap<string, Person>> {
  const { Users, Groups = {}, invited } = answerSchema.parse(await answerTo(simulator, 'getuserdata'));
  const groups = new Map<string, Set<string>>();
  for (const [name, members] of Object.entries(Groups)) {
    for (const member of members) groups.set(fold(member), (groups.get(fold(member)) ?? new Set()).add(name));
  }
  const people = new Map<string, Person>();
  for (const email of invited) {
    people.set(fold(email), { email, status: 'invited', isAdmin: false, groups: new Set() });
  }
  for (const { username, disabled, admin, neverloggedin } of Object.values(Users)) {
    const active = neverloggedin ? 'pending' : 'active';
    people.set(fold(username), {
      email: username,
      status: disabled ? 'disabled' : active,
      isAdmin: admin,
      groups: groups.get(fold(username)) ?? new Set(),
    });
  }
  return people;
}

const requestSchema = z.object({
  number: z.number(),
  operation: z.string(),
  fault: z.string().nullable(),
  body: z.unknown(),
});
const effectSchema = z.object({
  number: z.number(),
  request: z.number().nullable(),
  kind: z.string(),
  subject: z.string(),
});
const bodySchema = z.object({ data: z.unknown() });

/** Follows the simulator's log, which forgets its oldest entries: what it held is kept here. */
export function followLog(simulator: SimulatorProcess): { read(): Promise<CompanyLog> } {
  const carriedOut: CarriedOut[] = [];
  const effects: Effect[] = [];
  let [request, effect] = [0, 0];
  return {
    async read() {
      for (const entry of z.array(requestSchema).parse(await simulator.inspect('GET', `requests?after=${request}`))) {
        request = entry.number;
        if (READS.has(entry.operation) || entry.operation === '' || wasStopped(entry.fault)) continue;
        for (const subject of subjectsOf(entry.body)) {
          carriedOut.push({ request: entry.number, operation: entry.operation, subject });
        }
      }
      for (const entry of z.array(effectSchema).parse(await simulator.inspect('GET', `effects?after=${effect}`))) {
        effect = entry.number;
        effects.push({ ...entry, subject: fold(entry.subject) });
      }
      return { carriedOut: [...carriedOut], effects: [...effects] };
    },
  };
}

/** Whether the fault a request met struck before anything was done. */
function wasStopped(fault: string | null): boolean {
  return fault !== null && FAULTS[parseFault(fault).kind].isBefore;
}

function subjectsOf(body: unknown): readonly string[] {
  const { data } = bodySchema.parse(body);
  const named = z.object({ username: z.string() });
  const entries = z.array(z.union([z.string(), named])).safeParse(Array.isArray(data) ? data : [data]);
  return entries.success ? entries.data.map((entry) => fold(typeof entry === 'string' ? entry : entry.username)) : [];
}
