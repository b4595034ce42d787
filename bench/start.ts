import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startUsher, temporaryDirectory } from '../e2e/processes.ts';
import { against, figure, median, type Report } from './report.ts';

const BENCH = 'start';
const USHER = join(import.meta.dirname, '..', 'bin', 'usher.js');
const HELP_MOST = 3;

/**
 * `bench start`: how long `usher --help` and `usher --version` take against a bare `node -e 0`, and how long the server
 * takes until it is ready, on an empty data directory and on one it knows.
 */
export async function run(args: readonly string[], report: Report): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string', default: '25' }, starts: { type: 'string', default: '3' } },
  });
  const commands = { floor: ['-e', '0'], help: [USHER, '--help'], version: [USHER, '--version'] };
  const times = { floor: [] as number[], help: [] as number[], version: [] as number[] };
  await commandMs(commands.help); // the compile cache is filled by the first use of a clone
  // Floor and commands take turns, so that what the machine does meanwhile falls on all of them.
  for (let round = 0; round < Number(values.rounds); round += 1) {
    times.floor.push(await commandMs(commands.floor));
    times.help.push(await commandMs(commands.help));
    times.version.push(await commandMs(commands.version));
  }
  const floor = median(times.floor);
  report(against(BENCH, 'usher --help, against node -e 0', 'ms', median(times.help), floor, HELP_MOST));
  report(against(BENCH, 'usher --version, against node -e 0', 'ms', median(times.version), floor, HELP_MOST));

  const starts = { first: [] as number[], second: [] as number[] };
  for (let round = 0; round < Number(values.starts); round += 1) {
    const directory = await temporaryDirectory();
    try {
      starts.first.push(await startMs(directory.path));
      starts.second.push(await startMs(directory.path));
    } finally {
      await directory.remove();
    }
  }
  report(figure(BENCH, 'first start of the server, until ready', 'ms', median(starts.first)));
  report(figure(BENCH, 'second start of the server, until ready', 'ms', median(starts.second)));
}

/** From the start of the process until it has ended well. */
async function commandMs(args: readonly string[]): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const code = await new Promise((resolve) => {
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${String(code)}.`);
  return performance.now() - startedMs;
}

async function startMs(dataDir: string): Promise<number> {
  const startedMs = performance.now();
  const usher = await startUsher({ allow: [], dataDir });
  const readyMs = performance.now();
  await usher.end('SIGTERM');
  return readyMs - startedMs;
}
