import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openVault, type KeyCheckStore } from './master-key.ts';

const place = { table: 'secret', row: 'connection:a', column: 'hash' };
let dataDir: string;
let check: string | null;
const keyCheck: KeyCheckStore = {
  load: async () => check,
  saveFirst: async (text) => (check ??= text),
  history: async () => ({ retired: [], isRotating: false }),
};
const open = (masterKey?: string) => openVault({ dataDir, masterKey, keyCheck });

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'usher-key-'));
  check = null;
});
afterEach(() => rm(dataDir, { recursive: true }));

describe('the master key', () => {
  test('is made at the first start, for its owner alone, and used ever after', async () => {
    const sealed = (await open()).encrypt('hash', place);
    expect((await stat(join(dataDir, 'master.key'))).mode & 0o777).toBe(0o600);
    expect((await open()).decrypt(sealed, place)).toBe('hash');
  });

  test('is one when two processes make it at once', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    expect(one.keyId).toBe(other.keyId);
  });

  test('comes from the environment where it is set, and no file is made', async () => {
    const key = Buffer.alloc(32, 1).toString('base64');
    const sealed = (await open(key)).encrypt('hash', place);
    await expect(stat(join(dataDir, 'master.key'))).rejects.toThrow('ENOENT');
    expect((await open(`${key}\n`)).decrypt(sealed, place)).toBe('hash');
  });

  test('that is lost is told, and no new one is made in its place', async () => {
    await open();
    await rm(join(dataDir, 'master.key'));
    await expect(open()).rejects.toMatchObject({ kind: 'conflict', details: { code: 'masterKeyMissing' } });
    await expect(stat(join(dataDir, 'master.key'))).rejects.toThrow('ENOENT');
  });

  test('that is another one is told', async () => {
    await open();
    const wrong = { kind: 'conflict', details: { code: 'wrongMasterKey' } };
    await expect(open(Buffer.alloc(32, 2).toString('base64'))).rejects.toMatchObject(wrong);
    await writeFile(join(dataDir, 'master.key'), Buffer.alloc(32, 3).toString('base64'));
    await expect(open()).rejects.toMatchObject(wrong);
  });

  test('that is no key is told without showing it', async () => {
    for (const text of ['canary', Buffer.alloc(31, 1).toString('base64'), `${'!'.repeat(43)}=`]) {
      const error: unknown = await open(text).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ kind: 'invalidInput', details: { field: 'USHER_MASTER_KEY' } });
      expect(String(error)).not.toContain(text);
    }
  });

  test('in a file that others can read is refused', async () => {
    await open();
    await chmod(join(dataDir, 'master.key'), 0o644);
    await expect(open()).rejects.toThrow('can be read by others');
  });

  test('is nowhere in what the database keeps', async () => {
    await open();
    const key = (await readFile(join(dataDir, 'master.key'), 'utf8')).trim();
    expect(check).not.toContain(key);
    expect(check).not.toContain(Buffer.from(key, 'base64').toString('base64url'));
  });
});
