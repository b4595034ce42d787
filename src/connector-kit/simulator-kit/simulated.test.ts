import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { UsherError } from '../../model/errors.ts';
import { type SavedRun, type SimulatedState, type SimulatorOptions, startSimulated } from './simulated.ts';
import { readSwitches } from './switches.ts';

const TODAY = new Date('2026-11-20T10:00:00Z');

describe('a simulated app', () => {
  it('goes on where it was saved: its state, its day, its switches, the numbers of its logs', async () => {
    const first = await start({ seed: 'doors', people: 7, switches: { sign: 'ajar' } });
    await fetch(`${first.url}/open`);
    first.mutate({ op: 'add', doors: 2 });
    const later = await start({ savedState: first.save(), seed: 'another', people: 9, today: new Date(0) });
    expect(later.state()).toEqual({ doors: 10, requests: 1, effects: 2 });
    expect(later.save()).toEqual(first.save());
    await fetch(`${later.url}/open`);
    expect(later.requests().map(({ number }) => number)).toEqual([2]);
    expect(later.effects(2)).toMatchObject([{ number: 3, kind: 'door.added', request: 2 }]);
  });

  it('takes a switch that is given over one that was saved', async () => {
    const saved = (await start({ switches: { sign: 'ajar' } })).save();
    expect((await start({ savedState: saved, switches: { sign: 'shut' } })).switches()).toEqual({ sign: 'shut' });
  });

  it('tells after every answer and every change by inspection that there is something to save', async () => {
    const onChange = vi.fn<(save: () => Saved) => void>();
    const simulator = await start({ onChange });
    await fetch(`${simulator.url}/open`);
    simulator.mutate({ op: 'add' });
    simulator.setSwitches({ sign: 'ajar' });
    expect(onChange).toHaveBeenCalledTimes(3);
    expect(onChange.mock.lastCall?.[0]()).toMatchObject({ doors: 252, switches: { sign: 'ajar' } });
    await fetch(`${simulator.url}/_simulator/state`);
    expect(onChange).toHaveBeenCalledTimes(3);
  });

  it('refuses by name what it cannot take', async () => {
    const simulator = await start({});
    expect(fieldOf(() => simulator.setSwitches({ sign: 'wide' }))).toBe('switch.sign');
    const answer = await fetch(`${simulator.url}/_simulator/mutate`, { method: 'POST', body: '{"op":"burn"}' });
    expect([answer.status, simulator.state().doors]).toEqual([400, 250]);
    const { doors: _, ...incomplete } = simulator.save();
    await expect(start({ savedState: incomplete })).rejects.toThrow(/saved state of the Doors simulator/);
    await expect(start({ savedState: { ...simulator.save(), version: 2 } })).rejects.toThrow(/version/);
  });
});

type Saved = SavedRun & { doors: number };
type Switches = { readonly sign: 'shut' | 'ajar' };

interface Doors extends SimulatedState<Switches> {
  doors: number;
}

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
});

async function start(options: SimulatorOptions<Saved>) {
  const { simulator } = await startSimulated(
    {
      name: 'Doors',
      savedSchema: z.object({ doors: z.number() }),
      parseSwitches: (values) =>
        readSwitches(z.strictObject({ sign: z.enum(['shut', 'ajar']).default('shut') }), values),
      open: ({ saved, people, clock, effects, switches }): Doors => ({
        doors: saved?.doors ?? people,
        clock,
        effects,
        switches,
      }),
      save: ({ doors }) => ({ doors }),
      figures: ({ doors }) => ({ doors }),
      mutationSchema: z.strictObject({ op: z.literal('add'), doors: z.number().default(1) }),
      mutate(state, { doors }, effect) {
        state.doors += doors;
        effect('door.added', 'hall', { doors });
        return { doors: state.doors };
      },
      vendor: (state) => ({
        describe: () => ({ operation: 'open', body: null }),
        answer({ number }) {
          state.doors += 1;
          const at = state.clock.now().toISOString();
          state.effects.add({ at, request: number, kind: 'door.added', subject: 'hall', detail: null });
          return { status: 200, headers: {}, body: 'open' };
        },
      }),
    },
    { clock: { now: () => TODAY }, ...options },
  );
  running.push(simulator);
  return simulator;
}

function fieldOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error instanceof UsherError ? error.details.field : error;
  }
  return undefined;
}
