import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createClient } from './client.ts';
import { events } from './commands/events.ts';
import { syncRunSchema } from './contract.ts';
import { dataDirectory } from './credentials.ts';
import { createOutput } from './output.ts';
import { elapsedSeconds, progressLine, progressText } from './progress.ts';
import { createPrompt } from './prompt.ts';

function terminal(): PassThrough & { isTTY: true; columns: number; shown(): string } {
  const stream = new PassThrough();
  let shown = '';
  stream.on('data', (chunk) => {
    shown += String(chunk);
  });
  return Object.assign(stream, { isTTY: true as const, columns: 80, setRawMode: () => stream, shown: () => shown });
}

describe('a prompt', () => {
  it('never shows a secret nor its length', async () => {
    const [input, output] = [terminal(), terminal()];
    const answer = createPrompt(input, output).secret('Hash ');
    input.write('s3cret\r');
    expect(await answer).toBe('s3cret');
    expect(output.shown()).toContain('Hash ');
    expect(output.shown()).toContain('****************\n');
    expect(output.shown()).not.toMatch(/s3cret|[s3cret]{2}/);
  });

  it('takes an empty answer as what it offered', async () => {
    const [input, output] = [terminal(), terminal()];
    const answer = createPrompt(input, output).line('Region   ', 'us');
    input.write('\r');
    expect(await answer).toBe('us');
    expect(output.shown()).toContain('[us]');
  });

  it('asks again for a yes or no of its own', async () => {
    const [input, output] = [terminal(), terminal()];
    const prompt = createPrompt(input, output);
    const first = prompt.confirm('Sure?', false);
    input.write('\r');
    expect(await first).toBe(false);
    const second = prompt.confirm('Sure?', false);
    input.write('y\r');
    expect(await second).toBe(true);
  });

  it('ends the command on Ctrl-C', async () => {
    const [input, output] = [terminal(), terminal()];
    const answer = createPrompt(input, output).line('Company ');
    input.write('\u0003');
    await expect(answer).rejects.toMatchObject({ details: { exitCode: 130 } });
  });

  it('says that nobody can answer on a pipe', async () => {
    const prompt = createPrompt(new PassThrough(), terminal());
    await expect(prompt.line('Company ')).rejects.toThrow('Nobody is there to answer "Company"');
  });
});

describe('output', () => {
  it('has colours on a terminal only, and not where NO_COLOR is set', () => {
    const paints = (stream: PassThrough, environment: Record<string, string>) =>
      createOutput(stream, stream, environment).paint('red', 'x') !== 'x';
    expect(paints(terminal(), {})).toBe(true);
    expect(paints(terminal(), { NO_COLOR: '1' })).toBe(false);
    expect(paints(terminal(), { TERM: 'dumb' })).toBe(false);
    expect(paints(new PassThrough(), {})).toBe(false);
  });

  it('clears the status line before anything else is written', () => {
    const screen = terminal();
    const out = createOutput(screen, screen, {});
    out.status('half way');
    out.line('done');
    out.status(null);
    expect(screen.shown()).toBe('half way\r\u001B[Kdone\n');
  });
});

describe('progress', () => {
  const run = (more: object) => syncRunSchema.parse({ id: 'r', connection: 'lastpass', state: 'running', ...more });

  it('is a bar where the total is known, with rate and remaining time', () => {
    const line = progressLine(
      run({ progress: { records: 2500, total: 10_000, rate_per_second: 1250, eta_seconds: 6 } }),
      2,
    );
    expect(line).toBe(`  ${'█'.repeat(7)}${'░'.repeat(21)}  2,500 of 10,000 records  1,250/s  2.0 s  6.0 s left`);
  });

  it('claims no share where the app does not tell the total', () => {
    expect(progressLine(run({ progress: { records: 1, total: null } }), null)).toBe(`  ${'·'.repeat(28)}  1 record`);
  });

  it('names each collection that is being pulled once, however many scopes it has', () => {
    const collections = ['people', 'groups', 'groups'].map((id, i) => ({ id, scope: String(i), state: 'pulling' }));
    expect(progressText(run({ progress: { records: 2 }, collections }), 1)).toBe(
      'lastpass  running  2 records  people, groups',
    );
  });

  it('is full when the run succeeded, and says what the connection holds', () => {
    const settled = run({
      state: 'succeeded',
      started_at: '2026-11-21T10:00:00.000Z',
      finished_at: '2026-11-21T10:00:01.400Z',
      counts: { account: 250, group: 18, role: 0, resource: 31, grant: 412 },
    });
    const seconds = elapsedSeconds(settled, new Date('2026-11-22T00:00:00Z'));
    expect(progressLine(settled, seconds)).toBe(
      `  ${'█'.repeat(28)}  250 accounts  18 groups  31 resources  412 grants  1.4 s  complete`,
    );
    expect(progressText(run({ progress: { records: 3 } }), 1)).toBe('lastpass  running  3 records');
  });
});

describe('events on a terminal', () => {
  it('are the newest ones, asked for once, in feed order', async () => {
    const screen = terminal();
    const asked: string[] = [];
    const answer = async (input: string | URL | Request) => {
      asked.push(new URL(input instanceof Request ? input.url : input).search);
      const event = { connection: 'lastpass', type: 'account.disabled', occurred_at: '2026-11-21T10:00:00.000Z' };
      return Response.json({
        data: [
          { ...event, position: 41 },
          { ...event, position: 42 },
        ],
        next: '42',
      });
    };
    const { signal } = new AbortController();
    const credentials = { url: 'http://usher.example', token: 'ush_x' };
    await events(
      {
        isJson: false,
        environment: {},
        out: createOutput(screen, screen, {}),
        prompt: createPrompt(terminal(), terminal()),
        now: () => new Date(0),
        wait: async () => {},
        signal,
        client: async () => createClient(credentials, signal, answer),
      },
      [],
      {},
    );
    expect(asked).toEqual(['?last=50']);
    expect(screen.shown()).toMatch(/41 [\s\S]*42 /);
  });
});

describe('the data directory', () => {
  const on = (platform: string, isRoot = false) => ({ platform, isRoot, home: '/h' });

  it('is the one named, else the place of the platform', () => {
    expect(dataDirectory({ USHER_DATA_DIR: '/data' }, on('linux', true))).toBe('/data');
    expect(dataDirectory({}, on('linux', true))).toBe('/var/lib/usher');
    expect(dataDirectory({}, on('linux'))).toBe('/h/.local/share/usher');
    expect(dataDirectory({ XDG_DATA_HOME: '/x' }, on('linux'))).toBe('/x/usher');
    expect(dataDirectory({}, on('darwin'))).toBe('/h/Library/Application Support/usher');
  });
});
