import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Whether a process runs. A zombie does not: in a container whose first process reaps nobody, a killed Postgres stays
 * in the process table for ever and still answers signal 0.
 */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const state = (await statFields(pid))?.[0];
  return state !== 'Z' && state !== 'X';
}

/**
 * Something that tells a process from a later one with the same number: when it started. null where it does not run;
 * '' on a system that does not tell (then only the number counts).
 */
export async function startOf(pid: number): Promise<string | null> {
  if (!(await isRunning(pid))) return null;
  if (process.platform === 'linux') {
    // Ticks since boot repeat after a reboot, and numbers in containers are small: the boot's id tells them apart.
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    const ticks = (await statFields(pid))?.[19];
    if (ticks !== undefined) return `${boot.trim()}:${ticks}`;
    return (await isRunning(pid)) ? '' : null; // it ended while we looked
  }
  if (process.platform === 'win32') return '';
  return run('ps', ['-o', 'lstart=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
}

/** The command line of a process, arguments separated by spaces; '' where it does not run or the system does not tell. */
export async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text.replaceAll('\0', ' ').trim();
  }
  if (process.platform === 'win32') return '';
  return run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
}

/** The fields of /proc/<pid>/stat after the name, which may hold anything: the first is the state, the 20th the start. */
async function statFields(pid: number): Promise<readonly string[] | null> {
  if (process.platform !== 'linux') return null;
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const afterName = text.slice(text.lastIndexOf(')') + 1).trim();
  return afterName === '' ? null : afterName.split(' ');
}
