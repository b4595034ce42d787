import { describe, expect, it, vi } from 'vitest';
import { parseSimulatorArguments, type RunningSimulator, runSimulator, type SimulatorCommand } from './command.ts';

describe('the arguments of usher simulate', () => {
  it('have defaults for everything', () => {
    expect(parseSimulatorArguments([])).toEqual({
      port: 0,
      host: '127.0.0.1',
      seed: 'northwind',
      people: 250,
      faults: [],
      switches: {},
      sizes: {},
      toggles: {},
      isJson: false,
      isHelp: false,
    });
  });

  it('take faults and switches as often as wanted', () => {
    const argv = ['--fault', '429:0.1', '--fault', 'reset@2', '--switch', 'a=1', '--switch', 'b=x=y', '--port=8421'];
    expect(parseSimulatorArguments(argv)).toMatchObject({
      port: 8421,
      faults: [{ kind: '429' }, { kind: 'reset' }],
      switches: { a: '1', b: 'x=y' },
    });
  });

  it("may have flags for sizes of the simulator's own, told where they were given", () => {
    const flags = { sites: 'sites', scans: 'scans' };
    expect(parseSimulatorArguments(['--sites', '500'], flags).sizes).toEqual({ sites: 500 });
    expect(fieldOf(() => parseSimulatorArguments(['--sites', 'many'], flags))).toBe('sites');
    expect(fieldOf(() => parseSimulatorArguments(['--sites', '5']))).toBe('arguments');
  });

  it("may have flags of the simulator's own that take no value", () => {
    const parse = (...argv: string[]) => parseSimulatorArguments(argv, {}, { tls: 'HTTPS' });
    expect(parse('--tls').toggles).toEqual({ tls: true });
    expect(parse().toggles).toEqual({ tls: false });
    expect(fieldOf(() => parse('--tls=yes'))).toBe('arguments');
  });

  it('are refused by name', () => {
    const wrong = [
      ['port', ['--port', '70000']],
      ['people', ['--people', '-1']],
      ['people', ['--people=1.5']],
      ['switch', ['--switch', 'novalue']],
      ['fault', ['--fault', '429:7']],
    ] as const;
    for (const [field, argv] of wrong) {
      expect(fieldOf(() => parseSimulatorArguments(argv))).toMatch(new RegExp(`^(${field}|arguments)$`));
    }
  });

  it('show help for people without starting anything', async () => {
    const print = vi.fn<(line: string) => void>();
    const start = vi.fn<SimulatorCommand<RunningSimulator>['start']>();
    const command = {
      connector: 'app',
      title: 'An app',
      switchesHelp: ['colour=red | blue  which'],
      start,
      credentials: () => ({}),
    };
    await runSimulator(command, ['--help'], { print, stopped: () => Promise.resolve() });
    expect(print.mock.calls.flat().join('\n')).toContain('colour=red | blue  which');
    expect(start).not.toHaveBeenCalled();
  });
});

function fieldOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return (error as { details?: { field?: string } }).details?.field;
  }
  return undefined;
}
