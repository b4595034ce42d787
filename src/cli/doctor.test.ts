import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { runCli } from './testing/run-cli.ts';

const NOWHERE = join(tmpdir(), 'usher-doctor-that-is-not-there');

it('on a machine where Usher was never started the doctor says so, ends with 0 and makes nothing', async () => {
  const { exitCode, stdout } = await runCli(['doctor'], { env: { USHER_DATA_DIR: NOWHERE } });
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`warning  Data directory: There is no ${NOWHERE} yet`);
  expect(stdout).toMatch(/\n {9}-> .*USHER_DATA_DIR/);
  expect(stdout).toMatch(/\n0 problems, \d warnings\.\n$/);
});

it('a database that cannot be reached is a problem with an exit code of its own, and no password is shown', async () => {
  const DATABASE_URL = 'postgres://usher:pa55-w0rd@127.0.0.1:1/usher';
  const { exitCode, stdout, stderr } = await runCli(['doctor', '--json'], {
    env: { USHER_DATA_DIR: NOWHERE, DATABASE_URL },
  });
  expect(exitCode).toBe(12);
  const { healthy, findings } = JSON.parse(stdout);
  expect(healthy).toBe(false);
  expect(findings).toContainEqual({
    check: 'database',
    title: 'Database',
    state: 'problem',
    detail: expect.stringContaining('ECONNREFUSED'),
    next: expect.stringContaining('DATABASE_URL'),
  });
  expect(stdout + stderr).not.toContain('pa55-w0rd');
});
