import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { examineBinaries, examineDataDirectory, examineDisk, examineNode } from './machine.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'usher-doctor-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

it('a Node that is too old is a problem, and what to do is said', () => {
  expect(examineNode('22.3.0', 'linux')).toMatchObject({ state: 'problem', next: expect.stringContaining('newer') });
  expect(examineNode('24.0.0', 'linux')).toMatchObject({ state: 'ok', next: null });
});

it('the embedded programs are not missed where a server is named', () => {
  expect(examineBinaries('postgres://db.example/usher')).toMatchObject({ state: 'skipped' });
  expect(examineBinaries(null)).toMatchObject({ state: 'ok' });
});

it('a data directory that is missing is a warning; a file in its place or one that others may write is a problem', async () => {
  expect(await examineDataDirectory(join(folder, 'none'))).toMatchObject({ state: 'warning' });
  await writeFile(join(folder, 'file'), '');
  expect(await examineDataDirectory(join(folder, 'file'))).toMatchObject({ state: 'problem' });
  expect(await examineDataDirectory(join(folder, 'file', 'below'))).toMatchObject({ state: 'warning' });
  await chmod(folder, 0o770);
  expect(await examineDataDirectory(folder)).toMatchObject({ state: 'problem', next: `chmod go-w ${folder}` });
  await chmod(folder, 0o755);
  expect(await examineDataDirectory(folder)).toMatchObject({ state: 'ok' });
});

it.each([
  [100, 'problem'],
  [1024, 'warning'],
  [8192, 'ok'],
])('%d MB of free disk is: %s', async (megabytes, state) => {
  const measure = async () => ({ bavail: megabytes * 256, bsize: 4096 });
  expect(await examineDisk(folder, measure)).toMatchObject({ check: 'disk', state });
});
