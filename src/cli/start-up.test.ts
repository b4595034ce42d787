import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkEnvironment, dataDirectoryFailure, hostFailure, prepareDataDirectory } from './start-up.ts';
import { runCli } from './testing/run-cli.ts';

const withCode = (code: string, message = code): Error => Object.assign(new Error(message), { code });

it('a server is not started with a level of the log that there is not', async () => {
  const ended = await runCli(['serve'], { env: { USHER_LOG: 'loud' } });
  expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
  expect(ended.stderr).toBe(
    'usher: USHER_LOG is "loud", which is no level of the log.\n  Set it to one of trace, debug, info, warn, error, fatal, silent.\n',
  );
});

it('a database that is no address is not repeated, since it may be a password', () => {
  expect(() => checkEnvironment({ DATABASE_URL: 'hunter2' })).toThrow(
    /^DATABASE_URL is no address of a Postgres server\.$/,
  );
  for (const url of ['postgres://u:p@h/db', 'postgresql:///db', '/var/run/postgresql usher', '']) {
    expect(() => checkEnvironment({ DATABASE_URL: url })).not.toThrow();
  }
});

it('a data directory that is a file, or below one, is said to be', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'usher-start-'));
  try {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'below')]) {
      await expect(prepareDataDirectory(path)).rejects.toMatchObject({
        message: `The data directory ${path} is not a directory, or is below a file.`,
        details: { exitCode: 2, next: expect.stringContaining('--data-dir') },
      });
    }
    await prepareDataDirectory(join(directory, 'made', 'anew'));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

it.each([
  ['EACCES', /belongs to another user/],
  ['EROFS', /read-only/],
  ['ENOSPC', /full/],
])('a data directory that answers %s is explained', (code, sentence) => {
  expect(dataDirectoryFailure(withCode(code), '/data')?.message).toMatch(sentence);
  expect(dataDirectoryFailure(withCode('EOTHER'), '/data')).toBeNull();
});

it('an address that is not of this machine is told from other errors of the network', () => {
  const wrong = hostFailure(
    withCode('EADDRNOTAVAIL', 'listen EADDRNOTAVAIL: address not available 203.0.113.9:1'),
    '203.0.113.9',
  );
  expect(wrong?.message).toBe('Usher cannot listen on 203.0.113.9: it is no address of this machine.');
  expect(hostFailure(withCode('ENOTFOUND', 'getaddrinfo ENOTFOUND db.example'), '127.0.0.1')).toBeNull();
});
