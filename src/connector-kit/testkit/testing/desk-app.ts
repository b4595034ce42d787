import { z } from 'zod';
import { simulatorClock } from '../../simulator-kit/clock.ts';
import { faultKnobs } from '../../simulator-kit/faults.ts';
import { boundedLog, type LoggedEffect, type LoggedRequest } from '../../simulator-kit/logs.ts';
import { seededRandom } from '../../simulator-kit/random.ts';
import { type SimulatorAnswer, type SimulatorRequest, startSimulatorServer } from '../../simulator-kit/server.ts';
import type { WriteTarget } from '../write-options.ts';

/** Somebody at the invented desk. */
export interface DeskPerson {
  readonly id: string;
  email: string;
  name: string;
  state: 'invited' | 'on' | 'off';
  isOwner: boolean;
  teams: string[];
}

const TEAMS = ['t-blue', 't-red'];
const NAMES = ['ada', 'bob', 'cleo', 'dan', 'eve', 'finn', 'gus', 'ivy'];
const bodySchema = z.object({
  ids: z.array(z.string()).default([]),
  email: z.string().default(''),
  name: z.string().default(''),
  add: z.array(z.string()).default([]),
  remove: z.array(z.string()).default([]),
});
type Body = z.output<typeof bodySchema>;

/**
 * A small app to try the writing suite on: people who are on, off or invited, in two teams, with a log. One call turns
 * many on or off; reminding somebody sends a mail and leaves no other trace than an entry of the log.
 */
export async function startDesk(): Promise<WriteTarget> {
  const clock = simulatorClock();
  clock.set(new Date('2026-03-02T15:00:00Z'));
  const faults = faultKnobs(seededRandom('desk'));
  const requests = boundedLog<LoggedRequest>(10_000, (entry, number) => ({ ...entry, number }));
  const effects = boundedLog<LoggedEffect>(10_000, (entry, number) => ({ ...entry, number }));
  const entries: { at: string; what: string; email: string }[] = [];
  const secret = 'desk_4f81c09d77';
  let logDelayMs = 0;
  let people = NAMES.map((name, at) => personAt(name, at));
  let made = people.length;

  const happens = (kind: string, subject: string): void => {
    effects.add({ at: clock.now().toISOString(), request: requests.count + 1, kind, subject, detail: null });
  };

  function answer({ method, path, query, body, headers }: SimulatorRequest): SimulatorAnswer {
    if (headers.authorization !== `Bearer ${secret}`) return send(401, {});
    const [, , id = '', verb = ''] = path.split('/');
    if (path === '/teams') return send(200, { teams: TEAMS });
    if (path === '/log') return send(200, logSince(query.get('since') ?? ''));
    if (method === 'GET') return read(id, query);
    const given = bodySchema.parse(body === '' ? {} : JSON.parse(body));
    if (path === '/people') return create(given);
    if (id === 'on' || id === 'off') return turn(id, given.ids);
    const person = people.find((each) => each.id === id);
    return person === undefined ? send(404, {}) : change(person, method, verb, given);
  }

  function read(id: string, query: URLSearchParams): SimulatorAnswer {
    const email = query.get('email');
    if (id !== '') {
      const found = people.filter((person) => person.id === id);
      return found.length === 0 ? send(404, {}) : send(200, { people: found, total: 1 });
    }
    const found = people.filter((person) => email === null || person.email === email.toLowerCase());
    const offset = Number(query.get('offset') ?? 0);
    return send(200, { people: found.slice(offset, offset + 4), total: found.length });
  }

  function create({ email, name }: Body): SimulatorAnswer {
    if (people.some((person) => person.email === email)) return send(409, {});
    people.push({ id: `p${(made += 1)}`, email, name, state: 'invited', isOwner: false, teams: [] });
    happens('person.created', email);
    happens('mail.invitation', email);
    return send(201, { ok: true });
  }

  function turn(state: 'on' | 'off', ids: readonly string[]): SimulatorAnswer {
    const found = people.filter(({ id }) => ids.includes(id));
    for (const person of found) {
      if (person.state === state) continue;
      person.state = state;
      happens(`person.${state}`, person.email);
    }
    return send(200, { done: found.map(({ id }) => id) });
  }

  function change(person: DeskPerson, method: string, verb: string, { add, remove }: Body): SimulatorAnswer {
    if (method === 'DELETE') {
      people = people.filter((each) => each !== person);
      happens('person.deleted', person.email);
    } else if (verb === 'teams') {
      const teams = TEAMS.filter(
        (team) => !remove.includes(team) && (person.teams.includes(team) || add.includes(team)),
      );
      if (teams.join() !== person.teams.join()) happens('person.teams', person.email);
      person.teams = teams;
    } else if (verb === 'remind') {
      happens('mail.reminder', person.email);
      entries.push({ at: clock.now().toISOString(), what: 'Reminded', email: person.email });
    } else if (verb === 'phrase') happens('person.phrase', person.email);
    return send(200, { ok: true });
  }

  function logSince(since: string): object {
    const until = new Date(clock.now().getTime() - logDelayMs).toISOString();
    return { entries: entries.filter(({ at }) => at >= since && at <= until), complete_to: until };
  }

  const named = (email: string): DeskPerson | undefined => people.find((person) => person.email === email);
  const server = await startSimulatorServer({
    faults, requests, clock,
    vendor: { answer, describe: ({ path }) => ({ operation: path.split('/')[1] ?? '', body: null }), inspect: () => null },
  }); // prettier-ignore
  return {
    settings: { url: server.url },
    secrets: { token: secret },
    clock,
    setFaults: (texts) => faults.set(texts),
    requestCount: () => requests.count,
    effects: () => effects.list(),
    letPass: (milliseconds) => clock.advance(milliseconds),
    removeAccount: (email) => {
      people = people.filter((person) => person.email !== email);
    },
    changeAddress: (email, to) => {
      const person = named(email);
      if (person !== undefined) person.email = to;
    },
    delayLog: (milliseconds) => {
      logDelayMs = milliseconds;
    },
    close: () => server.close(),
  };
}

function personAt(name: string, at: number): DeskPerson {
  return {
    id: `p${at + 1}`,
    email: `${name}@desk.example`,
    name,
    state: name === 'gus' ? 'invited' : name === 'finn' || name === 'ivy' ? 'off' : 'on',
    isOwner: at < 2 || name === 'finn',
    teams: TEAMS.slice(0, at % 3),
  };
}

function send(status: number, body: object): SimulatorAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
