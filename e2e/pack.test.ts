import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type SimulatorProcess,
  startSimulator,
  startUsher,
  temporaryDirectory,
  type UsherProcess,
} from './processes.ts';

const CLONE = join(import.meta.dirname, '..');

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let installed: string;
let usher: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  // Postgres runs as another user where Usher runs as root, and has to get here.
  await chmod(directory.path, 0o755);
  await npm(CLONE, 'pack', '--pack-destination', directory.path);
  const [tarball = ''] = (await readdir(directory.path)).filter((name) => name.endsWith('.tgz'));
  const folder = join(directory.path, 'empty');
  await mkdir(folder);
  await npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', join(directory.path, tarball));
  installed = join(folder, 'node_modules', 'usher');
  usher = join(folder, 'node_modules', '.bin', 'usher');
}, 300_000);

afterAll(() => directory?.remove());

it('the package holds what runs and what operators read, and neither source nor tests', async () => {
  const files = (await readdir(installed, { recursive: true })).map((path) => path.replaceAll('\\', '/'));
  expect(files).toEqual(
    expect.arrayContaining([
      'bin/usher.js',
      'dist/main.js',
      'dist/api/page/index.html',
      'docs/guide/cli.md',
      'deploy/usher.service',
      'LICENSE',
      'CHANGELOG.md',
    ]),
  );
  expect(files.filter((path) => /\.ts$|\.test\.|^src|\/(testing|testkit)(\/|$)|^node_modules/.test(path))).toEqual([]);
});

it('the installed command says the version of the package', async () => {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(CLONE, 'package.json'), 'utf8')));
  expect(await run(usher, ['--version'])).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
});

const analyze = 'systemd-analyze';
const canVerify = spawnSync(analyze, ['--version']).status === 0;
it.skipIf(!canVerify)(
  'its systemd unit is one that systemd understands, and starts the command that is there',
  async () => {
    const unit = await readFile(join(installed, 'deploy', 'usher.service'), 'utf8');
    expect(unit).toContain('/opt/usher/node_modules/.bin/usher serve');
    const file = join(directory.path, 'usher.service');
    await writeFile(file, unit.replaceAll('/opt/usher', join(directory.path, 'empty')));
    expect(await run(analyze, ['verify', '--man=no', file])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  },
);

describe('installed into an empty folder', () => {
  let simulator: SimulatorProcess;
  let server: UsherProcess;

  beforeAll(async () => {
    simulator = await startSimulator('lastpass', ['--people', '40'], usher);
    const allow = [new URL(simulator.url).host];
    server = await startUsher({ program: usher, dataDir: join(directory.path, 'data'), allow });
  });

  afterAll(async () => {
    await server?.end('SIGTERM');
    await simulator?.stop();
  });

  it('serves the page', async () => {
    const page = await fetch(server.url);
    expect([page.status, await page.text()]).toEqual([200, expect.stringMatching(/<!doctype html>/iu)]);
  });

  it('connects a simulator and syncs it by its command', async () => {
    const { company_id: companyId = '', provisioning_hash: hash = '' } = simulator.credentials;
    const settings = ['--company-id', companyId, '--region', 'custom', '--base-url', simulator.url];
    await cli(['connect', 'lastpass', ...settings, '--secret-stdin', '--no-sync'], hash);
    await cli(['sync', 'lastpass']);
    const { data } = z.object({ data: z.array(z.unknown()) }).parse(JSON.parse(await cli(['accounts', '--json'])));
    expect(data.length).toBeGreaterThanOrEqual(40);
  });

  /** What a command prints; throws what it says when it fails. */
  async function cli(args: readonly string[], stdin = ''): Promise<string> {
    const ended = await run(usher, args, { environment: { USHER_DATA_DIR: server.dataDir }, stdin });
    if (ended.exitCode !== 0) throw new Error(`usher ${args[0]} ended with ${ended.exitCode}: ${ended.stderr}`);
    return ended.stdout;
  }
});

interface Running {
  readonly cwd?: string;
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a program to its end; the clone's Node is before all others on its PATH. */
async function run(
  command: string,
  args: readonly string[],
  { cwd, stdin = '', environment }: Running = {},
): Promise<{
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}> {
  const PATH = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  const child = spawn(command, args, {
    cwd: cwd ?? directory.path,
    env: { ...surroundings(), PATH, ...environment },
    shell: process.platform === 'win32',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exitCode: child.exitCode, stdout, stderr };
}

/** The environment without what the npm that runs the tests says about the clone. */
function surroundings(): Record<string, string | undefined> {
  const aboutClone = /^npm_(package|lifecycle)_|^npm_config_(local|global)_prefix$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !aboutClone.test(name)));
}

async function npm(cwd: string, ...args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await run('npm', args, { cwd });
  if (exitCode !== 0) throw new Error(`npm ${args[0]} ended with ${exitCode}: ${stdout}${stderr}`);
}
