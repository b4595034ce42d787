import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../program.ts';
import { plan } from '../testing/plans.ts';
import { clientOf, runCli, USHER } from '../testing/run-cli.ts';
import { startStubApi, type StubApi } from '../testing/stub-api.ts';
import { complete } from './complete.ts';
import { completionScript, SHELLS } from './scripts.ts';

const program = createProgram(() => Promise.resolve());
const at = (...words: readonly string[]) => complete(program, words);
const values = (...words: readonly string[]) => at(...words).candidates.map(({ value }) => value);

describe('what fits', () => {
  it('is every command that help shows, and none that it hides', () => {
    const shown = program
      .createHelp()
      .visibleCommands(program)
      .map((command) => command.name());
    expect(values('')).toEqual(shown);
    expect(shown).not.toContain('__complete');
    expect(values('conn')).toEqual(['connect', 'connections']);
  });

  it('is every flag of every command', () => {
    for (const command of program.commands.filter(({ commands }) => commands.length === 0)) {
      if (command.name() === '__complete') continue;
      const flags = command
        .createHelp()
        .visibleOptions(command)
        .map(({ long }) => long);
      expect(values(command.name(), '-')).toEqual(flags);
    }
  });

  it('is the commands of a group, and the flags of the one it runs by itself', () => {
    expect(values('accounts', '')).toEqual(['list', 'show', 'mark', 'help']);
    expect(values('accounts', '--sea')).toEqual(['--search']);
    expect(values('accounts', 'show', '--sea')).toEqual([]);
  });

  it('is what a flag can be, in a word of its own or after =', () => {
    expect(values('principals', 'create', 'x', '--kind', '')).toEqual(['person', 'service', 'agent']);
    expect(at('events', '--source=s')).toMatchObject({ candidates: [{ value: 'sync' }], before: '--source=' });
    expect(values('events', '--limit', '')).toEqual([]);
  });

  it('goes on behind a flag and its value, and behind a switch', () => {
    expect(values('connections', 'remove', '--yes', 'x', '--j')).toEqual(['--json']);
    expect(at('sync', '--no-wait', '').source).toEqual({ of: 'connections' });
    expect(at('accounts', '--status', 'active', '--connection', '').source).toEqual({ of: 'connections' });
  });

  it('comes from the server where only it knows', () => {
    expect(at('sync', 'confirm', '').source).toEqual({ of: 'connections' });
    expect(at('connect', '').source).toEqual({ of: 'connectors' });
    expect(at('call', 'last').source).toEqual({ of: 'actions' });
    expect(at('principals', 'disable', '').source).toEqual({ of: 'principals' });
    expect(at('plan', 'approve', '').source).toEqual({ of: 'plans', states: 'waiting' });
    expect(at('runs', 'show', '').source).toEqual({ of: 'runs', states: null });
    expect(at('secret', 'take', '').source).toEqual({ of: 'handoffs' });
    expect(at('token', 'revoke', '').source).toEqual({ of: 'tokens' });
    expect(at('connections', 'show', 'lastpass', '').source).toBeNull();
    const made = { of: 'flags', madeBy: 'connector', id: 'lastpass' };
    expect(at('connect', 'lastpass', '').source).toEqual({ ...made, valuesOf: null });
    expect(at('connect', 'lastpass', '--region', '').source).toEqual({ ...made, valuesOf: '--region' });
    expect(at('connect', 'lastpass', '--region=e')).toMatchObject({
      source: { ...made, valuesOf: '--region' },
      typed: 'e',
    });
  });
});

describe('usher __complete', () => {
  let api: StubApi;
  beforeAll(async () => {
    const connection = (id: string) => ({
      id,
      connector: 'lastpass',
      state: 'active',
      tenant: { id: '1', name: 'Northwind' },
    });
    const fields = [
      { name: 'company_id', title: 'Company ID', kind: 'text', required: true },
      { name: 'region', title: 'Region', kind: 'choice', choices: ['us', 'eu'], required: false },
      { name: 'provisioning_hash', title: 'Provisioning hash', kind: 'secret', required: true },
    ];
    const actions = [{ id: 'lastpass_list_users', label: 'List users' }];
    const input_schema = { properties: { page_size: { type: 'integer' }, is_admin: { type: 'boolean' } } };
    api = await startStubApi({
      'GET /v1/connections': [200, { data: ['lastpass', 'lastpass-eu', '$(reboot)'].map(connection), next: null }],
      'GET /v1/connections/lastpass-eu': [200, connection('lastpass-eu')],
      'GET /v1/connectors': [200, { data: [{ id: 'lastpass', title: 'LastPass', fields }], next: null }],
      'GET /actions': [200, { data: [{ key: 'lastpass', actions }], next: null }],
      'GET /v1/plans': ({ query }) => [
        200,
        { data: query.get('state') === 'waiting' ? [plan({ state: 'waiting' })] : [], next: null },
      ],
      'GET /v1/handoffs': [
        200,
        {
          data: [
            { id: 'handoff-1', connection: 'lastpass', label: 'Password of Jane', created_at: '', expires_at: '' },
          ],
        },
      ],
      'GET /actions/lastpass_list_users': [200, { id: 'lastpass_list_users', input_schema }],
    });
  });
  afterAll(() => api.close());

  const ask = async (...words: readonly string[]) => {
    const { stdout, stderr, exitCode } = await runCli(['__complete', ...words], { env: clientOf(api) });
    expect([exitCode, stderr]).toEqual([0, '']);
    return stdout;
  };

  it('names connections and actions, and says what they are', async () => {
    expect(await ask('--', 'connections', 'show', 'lastpass-')).toBe('lastpass-eu\tNorthwind\n');
    expect(await ask('--', 'call', 'lastpass_')).toBe('lastpass_list_users\tList users\n');
  });

  it('names the plans that wait for what the command does, and secrets that wait to be taken', async () => {
    expect(await ask('--', 'plan', 'approve', '')).toBe('plan-1\twaiting: Disable a user, 1 change\n');
    expect(await ask('--', 'secret', 'take', '')).toBe('handoff-1\tPassword of Jane\n');
  });

  it('never offers what a shell could run', async () => {
    expect(await ask('--', 'sync', '')).not.toContain('reboot');
  });

  it('knows the flags that connectors and actions make, and their values; secrets have none', async () => {
    expect(await ask('--', 'connect', 'lastpass', '--c')).toBe('--company-id\tCompany ID\n');
    expect(await ask('--', 'connect', 'lastpass', '--p')).toBe('');
    expect(await ask('--', 'connections', 'edit', 'lastpass-eu', '--region', '')).toBe('us\neu\n');
    expect(await ask('--', 'connect', 'lastpass', '--region=e')).toBe('--region=eu\n');
    expect(await ask('--split', '--', 'connect', 'lastpass', '--region', '=', 'e')).toBe('eu\n');
    expect(await ask('--', 'call', 'lastpass_list_users', '--pa')).toBe('--page-size\n');
    expect(await ask('--', 'call', 'lastpass_list_users', '--is-admin', '--pa')).toBe('--page-size\n');
  });

  it('is silent about a server that does not answer', async () => {
    const env = { USHER_URL: 'http://127.0.0.1:1', USHER_TOKEN: 'x' };
    expect(await runCli(['__complete', '--', 'sync', 'c'], { env })).toEqual({
      exitCode: 0,
      stdout: 'confirm\tsay that what a paused sync found is true\n',
      stderr: '',
    });
  });
});

describe('the script of', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'usher-completion-'));
    mkdirSync(join(folder, 'deep down'));
    for (const shell of SHELLS) writeFileSync(join(folder, shell), completionScript(shell, USHER));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What a shell prints, with no `usher` on its PATH. */
  function run(shell: string, ...args: readonly string[]): string {
    const PATH = [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
    const { stdout, stderr } = spawnSync(shell, args, { env: { PATH, HOME: folder }, cwd: folder, encoding: 'utf8' });
    return stdout + stderr;
  }
  const isMissing = (shell: string) => spawnSync(shell, ['-c', '']).status !== 0;

  it.skipIf(isMissing('bash'))('bash completes, also behind = and with folders', () => {
    const press = (...words: readonly string[]) =>
      run(
        'bash',
        '-c',
        'source ./bash; COMP_WORDS=(usher "$@"); COMP_CWORD=$#; _usher; echo "${COMPREPLY[@]}"',
        '-',
        ...words,
      );
    expect(press('accounts', '--sea')).toBe('--search\n');
    expect(press('events', '--source', '=', 's')).toBe('sync\n');
    expect(press('serve', '--data-dir', 'dee')).toBe('deep down\n');
    expect(press('call', '$(touch made)')).toBe('\n');
    expect(run('ls')).not.toContain('made');
  });

  it.skipIf(isMissing('zsh'))('zsh completes, and says what each is', () => {
    const press = (...words: readonly string[]) =>
      run(
        'zsh',
        '-fc',
        'compdef() {}; _describe() { print -rl -- ${(P)4} }; source ./zsh; words=(usher "$@"); CURRENT=$#words; PREFIX=$words[-1]; _usher',
        '-',
        ...words,
      );
    expect(press('accounts', '--sea')).toBe('--search:with this text in name or address\n');
    expect(press('events', '--source=s')).toBe('--source=sync:--source=sync\n');
  });

  it.skipIf(isMissing('fish'))('fish completes, and says what each is', () => {
    const press = (line: string) => run('fish', '-c', `source ./fish; complete -C '${line}'`);
    expect(press('usher accounts --sea')).toBe('--search\twith this text in name or address\n');
    expect(press('usher serve --data-dir dee')).toBe('deep down/\tDirectory\n');
  });

  it('any shell finds a program whose path has a quote in it', () => {
    expect(completionScript('bash', "/it's/usher.js")).toContain(String.raw`'/it'\''s/usher.js'`);
    expect(completionScript('fish', "/it's/usher.js")).toContain(String.raw`'/it\'s/usher.js'`);
  });
});

it('usher completion prints the script, and names the shells where it has none', async () => {
  const { stdout } = await runCli(['completion', 'fish']);
  expect(stdout).toBe(completionScript('fish', USHER));
  const refused = await runCli(['completion', 'tcsh']);
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('bash, zsh, fish') });
});
