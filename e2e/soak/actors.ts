// Who is at work in a storm: writers, a syncer, readers, people in the vendor's console, faults, and whoever kills.
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { runCli } from '../../src/cli/testing/run-cli.ts';
import { FAULTS } from '../../src/connector-kit/simulator-kit/faults.ts';
import type { Random } from '../../src/connector-kit/simulator-kit/random.ts';
import { peopleOf, type Person } from '../changes/company.ts';
import { ended, type Stage, start } from '../changes/stage.ts';
import { belongsToConsole, wishAnything } from './wishes.ts';

/** What all actors of a soak share. */
export interface World {
  readonly stage: Stage;
  /** Folded addresses that some wish is about. */
  readonly busy: Set<string>;
  /** How often what happened. */
  readonly counts: Map<string, number>;
  /** Told what must not happen, in one sentence. */
  readonly warn: (problem: string) => void;
  /** A number nobody else gets; names invented people and requests. */
  next(): number;
  /** Whether Usher itself may be killed, or its database alone. */
  readonly mayKillUsher: boolean;
}

/** Acts until `signal` is aborted; ends what it began. */
export type Actor = (world: World, random: Random, signal: AbortSignal) => Promise<void>;

/** Asks for changes, by plans or by calling actions, and now and then steers the run or takes it back. */
export const writer: Actor = async (world, random, signal) => {
  const { stage, busy } = world;
  while (!signal.aborted) {
    await pause(random, 300, signal);
    const number = world.next();
    const wish = wishAnything(await peopleNow(world), busy, random, number);
    if (wish === null) continue;
    const isCalled = wish.subjects.length === 1 && random.fraction() < 0.25;
    const verb = random.fraction() < 0.2 ? oneOf(['pause', 'cancel', 'retry', 'undo'], random) : null;
    if (isCalled) {
      const answer = await ask(world, 'POST', '/actions/rpc', { action: wish.action, body: wish.input });
      const refused = z.object({ code: z.string() }).safeParse(answer.body);
      count(world, `call ${answer.status}${refused.success ? ` ${refused.data.code}` : ''}`);
      continue; // whether there is a run nobody knows: its subjects stay busy until all is quiet
    }
    const run = await start(stage, { ...wish, wishes: [] }, `soak-${number}`).catch((error: unknown) => {
      count(
        world,
        `refused ${/: (\d{3}) .*"code":"(\w+)"/.exec(String(error))?.slice(1, 3).join(' ') ?? String(error)}`,
      );
      return null;
    });
    if (run === null) {
      for (const subject of wish.subjects) busy.delete(subject);
      continue;
    }
    count(world, 'plans');
    if (verb !== null) await steer(world, run, verb);
    else if (random.fraction() < 0.7) {
      await Promise.race([ended(stage, run).then(() => free(busy, wish.subjects)), aborted(signal)]);
    }
  }
};

/** Pauses and resumes, cancels, retries or undoes; what does not fit the run's state is refused, which is as it should be. */
async function steer(world: World, run: string, verb: string): Promise<void> {
  if (verb === 'undo' || verb === 'retry') await ended(world.stage, run);
  const answer = await ask(world, 'POST', `/v1/runs/${run}/${verb}`, {});
  count(world, `${verb} ${answer.status}`);
  if (verb === 'pause' && answer.status < 300) await ask(world, 'POST', `/v1/runs/${run}/resume`, {});
  const plan = z.object({ id: z.string(), state: z.string() }).safeParse(answer.body);
  if (verb === 'undo' && answer.status === 201 && plan.success) {
    await ask(world, 'POST', `/v1/plans/${plan.data.id}/${plan.data.state === 'waiting' ? 'approve' : 'apply'}`, {});
  }
}

/** Asks for syncs; now and then one is cancelled. */
export const syncer: Actor = async (world, random, signal) => {
  while (!signal.aborted) {
    await pause(random, 4000, signal);
    const answer = await ask(world, 'POST', '/v1/connections/lastpass/syncs', {});
    count(world, answer.status < 300 ? 'syncs' : `sync ${answer.status}`);
    const started = z.object({ run: z.object({ id: z.string() }) }).safeParse(answer.body);
    if (!started.success || random.fraction() > 0.15) continue;
    await pause(random, 200, signal);
    const cancelled = await ask(world, 'POST', `/v1/syncs/${started.data.run.id}/cancel`, {});
    count(world, `cancelled syncs ${cancelled.status}`);
  }
};

const READS = [
  '/v1/accounts?page_size=200', '/v1/accounts?status=disabled', '/v1/grants?page_size=200', '/v1/groups', '/v1/resources',
  '/v1/figures', '/v1/connections', '/v1/connections/lastpass/syncs', '/v1/connections/lastpass/drift', '/v1/connections/lastpass/credentials', '/v1/plans', '/v1/runs',
  '/v1/events?page_size=100', '/v1/events?after=999999999&wait=1', '/v1/principals', '/v1/tokens', '/v1/policy', '/v1/handoffs',
  '/v1/connections/lastpass/marks', '/v1/me', '/unified/iam/users?page_size=50', '/unified/iam/groups', '/unified/iam/roles',
  '/unified/iam/policies', '/unified/iam/users?page_size=25&fresh=true', '/actions?page_size=20', '/accounts', '/metrics', '/openapi.json', '/readyz',
  '/',
]; // prettier-ignore
const COMMANDS = [
  ['accounts', 'list', '--json'],
  ['runs', 'list'],
  ['plan', 'list', '--json'],
  ['connections', 'list'],
  ['doctor', '--json'],
];

/** Reads every surface. Usher may be away, and says so; it must never say that something went wrong in itself. */
export const reader: Actor = async (world, random, signal) => {
  while (!signal.aborted) {
    await pause(random, 200, signal);
    if (random.fraction() < 0.02) {
      const { url, token, dataDir } = world.stage.usher();
      const command = oneOf(COMMANDS, random);
      const { exitCode } = await runCli(command, {
        env: { USHER_URL: url, USHER_TOKEN: token, USHER_DATA_DIR: dataDir },
      });
      count(world, `usher ${command.slice(0, 2).join(' ')} ${exitCode}`);
    } else {
      const answer = await ask(world, 'GET', oneOf(READS, random));
      count(world, `read ${answer.status}`);
    }
  }
};

/** What people do in the vendor's console meanwhile, to those that Usher is not asked to change. */
export const consoleUser: Actor = async (world, random, signal) => {
  const { stage } = world;
  while (!signal.aborted) {
    await pause(random, 700, signal);
    const people = [...(await peopleNow(world)).values()].filter(
      ({ email, isAdmin, status }) => belongsToConsole(email) && !isAdmin && status !== 'invited',
    );
    const username = oneOf(people, random).email;
    const address = `console.${world.next()}@northwind.example`;
    const change = oneOf(
      [
        { op: 'set-user', username, fields: { fullname: `Renamed ${address}` } },
        { op: 'set-user', username, fields: { disabled: random.fraction() < 0.5 } },
        { op: 'sign-in', username },
        ...(belongsToConsole(address) ? [{ op: 'add-user', username: address }, { op: 'invite', username: address }] : []),
        ...(random.fraction() < 0.2 ? [{ op: 'delete-user', username }] : []),
        ...(belongsToConsole(address) ? [{ op: 'rename-user', username, to: address }] : []),
      ],
      random,
    ); // prettier-ignore
    await stage.simulator.inspect('POST', 'mutate', change);
    count(world, 'console');
  }
};

/** Lets the app misbehave for a while, in one way or all, then be well for a while. */
export const troublemaker: Actor = async (world, random, signal) => {
  const kinds = Object.keys(FAULTS);
  while (!signal.aborted) {
    await pause(random, 6000, signal);
    const chosen = random.fraction() < 0.5 ? kinds : [oneOf(kinds, random)];
    const rate = ((0.1 + random.fraction() * 0.3) / chosen.length).toFixed(4);
    const faults = chosen.map((kind) => `${kind}${kind === 'slow' ? '=300' : ''}:${rate}`);
    await world.stage.simulator.inspect('PUT', 'faults', faults);
    count(world, 'bouts of faults');
    await pause(random, 6000, signal);
    await world.stage.simulator.inspect('DELETE', 'faults');
  }
};

/** Kills, stops in order or freezes, every few seconds. */
export const killer: Actor = async (world, random, signal) => {
  const { stage, mayKillUsher } = world;
  while (!signal.aborted) {
    await pause(random, 20_000, signal);
    if (signal.aborted) return;
    const how = mayKillUsher ? oneOf(['usher', 'postgres', 'both', 'stop'] as const, random) : 'postgres';
    count(world, `kill ${how}`);
    if (how !== 'stop') await stage.kill(how);
    else {
      const { code } = await stage.restart();
      if (code !== 0) world.warn(`Usher ended with ${code} when it was asked to stop`);
    }
  }
};

/** Who there is; faults that meet this question are none of Usher's. */
async function peopleNow({ stage }: World): Promise<ReadonlyMap<string, Person>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await peopleOf(stage.simulator);
    } catch (error) {
      if (attempt === 50) throw error;
    }
  }
}

/** One attempt. An answer that blames Usher itself is a problem; status 0: nobody answered. */
export async function ask(
  world: World,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const { url, token } = world.stage.usher();
  try {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'x-account-id': 'lastpass',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status === 500) world.warn(`${method} ${path}: 500 ${text}`);
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: isJson && text !== '' ? JSON.parse(text) : text };
  } catch {
    return { status: 0, body: null };
  }
}

export function count({ counts }: Pick<World, 'counts'>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

function free(busy: Set<string>, subjects: readonly string[]): void {
  for (const subject of subjects) busy.delete(subject);
}

async function pause(random: Random, mostMs: number, signal: AbortSignal): Promise<void> {
  await wait(random.integer(mostMs), undefined, { signal }).catch(() => undefined);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function oneOf<Item>(items: readonly Item[], random: Random): Item {
  const item = items[random.integer(items.length)];
  if (item === undefined) throw new Error('There is nothing to choose from.');
  return item;
}
