import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listAll } from './releases.ts';
import {
  type SimulatorProcess,
  startSimulator,
  startUsher,
  temporaryDirectory,
  type UsherProcess,
} from './processes.ts';

const USHER = join(import.meta.dirname, '..', 'bin', 'usher.js');
const PEOPLE = 60;
const backupSchema = z.object({ rows: z.number(), bytes: z.number(), key_id: z.string(), encrypted: z.boolean() });
const rotationSchema = z.object({ new: z.boolean(), from: z.string(), to: z.string(), secrets: z.number() });

describe('backup, restore and another master key, with the server at work', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let simulator: SimulatorProcess;
  let usher: UsherProcess;
  let restored: UsherProcess | undefined;
  let accountsBefore: unknown;
  let keyFile: string;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    await chmod(directory.path, 0o755); // under root Postgres is another user, and has to pass
    simulator = await startSimulator('lastpass', ['--people', String(PEOPLE)]);
    usher = await start('first');
    const { company_id, provisioning_hash } = simulator.credentials;
    await usher.call('POST', '/v1/connections', {
      id: 'lastpass',
      connector: 'lastpass',
      settings: { company_id, region: 'custom', base_url: simulator.url, requests_per_second: 1000 },
      secrets: { provisioning_hash },
      schedule_seconds: null,
    });
    await sync(usher);
    accountsBefore = await listAll(usher, '/v1/accounts?connection=lastpass');
    keyFile = join(dataDir('first'), 'master.key');
  });
  afterAll(async () => {
    await usher?.end('SIGTERM');
    await restored?.end('SIGTERM');
    await simulator?.stop();
    await directory?.remove();
  });

  it('backs up beside the running server, encrypted, without the master key', async () => {
    const made = backupSchema.parse(
      await run('first', ['backup', file('one'), '--json'], { passphrase: 'four words' }),
    );
    expect(made.encrypted).toBe(true);
    expect(made.rows).toBeGreaterThan(PEOPLE * 2);
    const bytes = await readFile(file('one'));
    expect(bytes).toHaveLength(made.bytes);
    const key = Buffer.from(await readFile(keyFile, 'utf8'), 'base64');
    expect(bytes.includes(key)).toBe(false);
    await expect(run('first', ['backup', file('one')])).rejects.toThrow('--force');
  });

  it('is restored into another data directory, shows the same, and stands still until it is thawed', async () => {
    await mkdir(dataDir('second'), { mode: 0o755 });
    await expect(run('second', ['restore', file('one')], { passphrase: 'four words' })).rejects.toThrow('master.key');
    await copyFile(keyFile, join(dataDir('second'), 'master.key'));
    await expect(run('second', ['restore', file('one')], { passphrase: 'five' })).rejects.toThrow('passphrase is not');
    await writeFile(file('passphrase'), 'four words\nand a second line\n');
    await run('second', ['restore', file('one'), '--passphrase-file', file('passphrase')]);

    restored = await start('second');
    expect(restored.output()).toContain('usher thaw');
    expect(await listAll(restored, '/v1/accounts?connection=lastpass')).toEqual(accountsBefore);
    await expect(restored.call('POST', '/v1/connections/lastpass/syncs', {})).rejects.toThrow('stands still');
    expect(JSON.stringify(await run('second', ['doctor', '--json']))).toContain('stands still');
    await run('second', ['thaw']);
    expect(await sync(restored)).toMatchObject({ state: 'succeeded', changes: { added: 0, updated: 0, removed: 0 } });
  });

  it('changes the master key under a running server, which goes on with the secrets it has', async () => {
    const before = await readFile(keyFile, 'utf8');
    const { from, ...rotated } = rotationSchema.parse(await run('first', ['key', 'rotate', '--json']));
    expect(rotated).toMatchObject({ new: true, secrets: 1 });
    expect(await readFile(keyFile, 'utf8')).not.toBe(before);
    expect(await sync(usher)).toMatchObject({ state: 'succeeded' });
    await usher.end('SIGTERM');
    await rm(join(dataDir('first'), `master.key.retired-${from}`));
    usher = await start('first');
    expect(await sync(usher)).toMatchObject({ state: 'succeeded' });
    const made = backupSchema.parse(await run('first', ['backup', file('two'), '--json']));
    expect(made.key_id).toBe(rotated.to);
  });

  it('says that a backup is cut off, and restores nothing of it', async () => {
    const whole = await readFile(file('two'));
    await writeFile(file('cut'), whole.subarray(0, whole.length - 100));
    await expect(run('third', ['restore', file('cut'), '--without-key'])).rejects.toThrow('ends too early');
    expect(await readdir(dataDir('third'))).not.toContain('master.key');
    expect(await run('third', ['restore', file('two'), '--without-key', '--json'])).toMatchObject({
      without_secrets: true,
    });
  });

  const dataDir = (name: string): string => join(directory.path, name);
  const file = (name: string): string => join(directory.path, `${name}.usher`);

  function start(name: string): Promise<UsherProcess> {
    return startUsher({ allow: [new URL(simulator.url).host], dataDir: dataDir(name) });
  }

  /** Runs a command on a data directory; answers its JSON, or its text; throws what it says where it fails. */
  async function run(name: string, args: readonly string[], { passphrase = '' } = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const env = {
        ...process.env,
        USHER_DATA_DIR: dataDir(name),
        DATABASE_URL: '',
        USHER_BACKUP_PASSPHRASE: passphrase,
      };
      execFile(process.execPath, [USHER, ...args], { env }, (error, stdout, stderr) => {
        if (error && args[0] !== 'doctor') reject(new Error(stderr));
        else resolve(args.includes('--json') ? JSON.parse(stdout) : stdout);
      });
    });
  }

  async function sync(on: UsherProcess): Promise<unknown> {
    const started = await on.call('POST', '/v1/connections/lastpass/syncs', {});
    const { id } = z.object({ run: z.object({ id: z.string() }) }).parse(started).run;
    for (;;) {
      const found = await on.call('GET', `/v1/syncs/${id}`);
      if (!['queued', 'running'].includes(z.object({ state: z.string() }).parse(found).state)) return found;
      await wait(50);
    }
  }
});
