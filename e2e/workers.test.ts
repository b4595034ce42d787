import { expect, it } from 'vitest';
import { changeWithWorkers } from './changes/workers.ts';
import { installedPostgres } from './postgres-server.ts';

// The short form of `npm run e2e -- workers`, which also kills and stops workers and waits for their leases to expire.
const CHANGES = 60;

it.skipIf(installedPostgres() === null)(
  'two workers and a server without one make every change once, though one ends and connections are cut',
  { timeout: 120_000 },
  async () => {
    const { problems, ends, strikes } = await changeWithWorkers({
      changes: CHANGES, people: 160, seed: 'short', callMs: 25, strikes: 'gentle',
    }); // prettier-ignore
    expect(problems).toEqual([]);
    expect(Object.keys(ends)).toEqual(['done']);
    expect(strikes.map(({ strike }) => strike)).toEqual(['worker ended', 'connections cut']);
  },
);

it.skipIf(installedPostgres() === null)(
  'a worker of the next version takes over, with a schema of its own, while one of this version works, and nothing is done twice',
  { timeout: 120_000 },
  async () => {
    const { problems, ends, strikes } = await changeWithWorkers({
      changes: CHANGES, people: 160, seed: 'short', callMs: 25, strikes: 'gentle upgrade', workers: 1,
    }); // prettier-ignore
    expect(problems).toEqual([]);
    expect(Object.keys(ends)).toEqual(['done']);
    expect(strikes.map(({ strike }) => strike)).toEqual(['next version came', 'worker ended']);
  },
);
