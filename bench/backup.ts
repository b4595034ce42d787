import { spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { startSimulator, startUsher, temporaryDirectory } from '../e2e/processes.ts';
import { exportDatabase } from '../src/store/backup/export.ts';
import { silentLog } from '../src/store/log.ts';
import { openDatabase } from '../src/store/open.ts';
import { against, atMost, figure, type Report } from './report.ts';

const BENCH = 'backup';
const USHER = join(import.meta.dirname, '..', 'bin', 'usher.js');
const MOST_MEMORY_MB = 300;
const PASSPHRASE = 'four words will do';

const summarySchema = z.object({
  rows: z.number(),
  tables: z.array(z.object({ name: z.string(), rows: z.number(), sha256: z.string() })),
});

/**
 * `bench backup --people 100000`: a company is synced, backed up (plain and encrypted, against reading the same tables),
 * restored into an empty data directory, and backed up there: every table has the same rows with the same SHA-256.
 */
export async function run(args: readonly string[], report: Report): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { people: { type: 'string', default: '100000' } } });
  const directory = await temporaryDirectory();
  await chmod(directory.path, 0o755);
  const [first, second] = [join(directory.path, 'first'), join(directory.path, 'second')];
  const file = join(directory.path, 'one.usher');
  const name = (what: string): string => `${what}, ${values.people} people`;
  try {
    await syncCompany(first, Number(values.people));
    const floor = await readingSeconds(first);
    const plain = await command(first, ['backup', `${file}.plain`]);
    report(against(BENCH, name('backup, against reading'), 's', plain.seconds, floor, null));
    const backup = await command(first, ['backup', file], PASSPHRASE);
    report(against(BENCH, name('encrypted backup, against reading'), 's', backup.seconds, floor, null));
    report(atMost(BENCH, name('peak memory of a backup'), 'MB', backup.memoryMb, MOST_MEMORY_MB));
    report(figure(BENCH, name('size'), 'MB', (await readFile(file)).length / 1e6));
    await mkdir(second, { mode: 0o755 });
    await copyFile(join(first, 'master.key'), join(second, 'master.key'));
    const restored = await command(second, ['restore', file], PASSPHRASE);
    report(against(BENCH, name('restore, against reading'), 's', restored.seconds, floor, null));
    report(atMost(BENCH, name('peak memory of a restore'), 'MB', restored.memoryMb, MOST_MEMORY_MB));
    const again = await command(second, ['backup', `${file}.again`]);
    // That it was restored and backed up again is told in these two.
    const differing = again.tables.filter(
      (table, index) =>
        !['audit_inbox', 'instance'].includes(table.name) && table.sha256 !== backup.tables[index]?.sha256,
    );
    report(figure(BENCH, name('rows'), 'rows', backup.rows));
    report(atMost(BENCH, name('tables that differ after the round trip'), 'tables', differing.length, 0));
  } finally {
    await directory.remove();
  }
}

async function syncCompany(dataDir: string, people: number): Promise<void> {
  const simulator = await startSimulator('lastpass', ['--people', String(people)]);
  const usher = await startUsher({ allow: [new URL(simulator.url).host], dataDir });
  try {
    const { company_id, provisioning_hash } = simulator.credentials;
    await usher.call('POST', '/v1/connections', {
      id: 'lastpass',
      connector: 'lastpass',
      settings: { company_id, region: 'custom', base_url: simulator.url, requests_per_second: 1000 },
      secrets: { provisioning_hash },
      schedule_seconds: null,
    });
    await usher.call('POST', '/v1/connections/lastpass/syncs', {});
    const latest = z.object({ data: z.array(z.object({ state: z.string() })) });
    for (let state = 'queued'; state !== 'succeeded';) {
      if (state === 'failed') throw new Error('the sync failed');
      await wait(500);
      state = latest.parse(await usher.call('GET', '/v1/connections/lastpass/syncs')).data[0]?.state ?? 'failed';
    }
  } finally {
    await usher.end('SIGTERM');
    await simulator.stop();
  }
}

/** The floor: all rows as COPY gives them, and dropped. */
async function readingSeconds(dataDir: string): Promise<number> {
  const database = await openDatabase({ dataDir, log: silentLog, keepsSchema: true });
  try {
    const startMs = performance.now();
    await exportDatabase(database.pool, async (data) => {
      for (const table of data.tables) {
        for await (const piece of data.rows(table)) void piece;
      }
    });
    return (performance.now() - startMs) / 1000;
  } finally {
    await database.close();
  }
}

async function command(dataDir: string, args: readonly string[], passphrase = '') {
  const env = { ...process.env, USHER_DATA_DIR: dataDir, DATABASE_URL: '', USHER_BACKUP_PASSPHRASE: passphrase };
  const startMs = performance.now();
  const child = spawn(process.execPath, [USHER, ...args, '--json'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  let [output, memoryMb] = ['', 0];
  const watch = setInterval(() => {
    void readFile(`/proc/${child.pid}/status`, 'utf8').then(
      (status) => (memoryMb = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024),
      () => 0,
    );
  }, 50);
  for await (const chunk of child.stdout) output += String(chunk);
  clearInterval(watch);
  if ((await ended) !== 0) throw new Error(`usher ${args.join(' ')} failed`);
  return { ...summarySchema.parse(JSON.parse(output)), memoryMb, seconds: (performance.now() - startMs) / 1000 };
}
