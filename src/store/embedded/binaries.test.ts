import { chmod, mkdir, mkdtemp, readFile, readlink, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareBinaries } from './binaries.ts';

const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };

let folder: string;
let native: string;
let copies: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'usher-binaries-')));
  await chmod(folder, 0o755);
  const root = join(folder, 'home/node_modules/postgres');
  native = join(root, 'native');
  copies = join(folder, 'data');
  await mkdir(copies);
  await mkdir(join(native, 'bin'), { recursive: true });
  await mkdir(join(native, 'lib'));
  await writeFile(join(root, 'package.json'), '{"version":"18.4.0"}');
  for (const name of ['initdb', 'postgres']) await writeFile(join(native, 'bin', name), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(join(native, 'lib/libpq.so.5.18'), 'library');
  await writeFile(
    join(native, 'pg-symlinks.json'),
    '[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]',
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the programs of the embedded Postgres', () => {
  test('get the library links that no install script made', async () => {
    const { postgres } = await prepareBinaries(null, copies, native);
    expect(postgres).toBe(join(native, 'bin/postgres'));
    expect(await readlink(join(native, 'lib/libpq.so.5'))).toBe('libpq.so.5.18');
    expect(await readFile(join(native, 'lib/libpq.so.5'), 'utf8')).toBe('library');
  });

  test('keep the links that are there', async () => {
    await symlink('libpq.so.5.18', join(native, 'lib/libpq.so.5'));
    await expect(prepareBinaries(null, copies, native)).resolves.toMatchObject({ initdb: join(native, 'bin/initdb') });
  });

  test.runIf(isRoot)('are copied for the user that cannot reach them, once', async () => {
    await chmod(join(folder, 'home'), 0o700);
    const { postgres } = await prepareBinaries(nobody, copies, native);
    expect(postgres).toBe(join(copies, 'postgres-18.4.0/native/bin/postgres'));
    expect(await stat(postgres)).toMatchObject(nobody);
    expect(await readFile(join(copies, 'postgres-18.4.0/native/lib/libpq.so.5'), 'utf8')).toBe('library');
    await writeFile(postgres, 'kept');
    await prepareBinaries(nobody, copies, native);
    expect(await readFile(postgres, 'utf8')).toBe('kept');
  });

  test.skipIf(isRoot)('are copied where the links cannot be written beside them', async () => {
    await chmod(join(native, 'lib'), 0o500);
    const { postgres } = await prepareBinaries(null, copies, native);
    expect(postgres).toBe(join(copies, 'postgres-18.4.0/native/bin/postgres'));
    expect(await readlink(join(copies, 'postgres-18.4.0/native/lib/libpq.so.5'))).toBe('libpq.so.5.18');
    await chmod(join(native, 'lib'), 0o700);
  });
});
