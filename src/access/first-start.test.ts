import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../store/log.ts';
import { testDatabase, type TestDatabase } from '../store/testing/index.ts';
import { type Access, createAccess } from './access.ts';
import { readCredential } from './credential-file.ts';
import { createLocalToken, prepareFirstStart } from './first-start.ts';

const url = 'http://127.0.0.1:8420';
let database: TestDatabase;
let dataDir: string;
let access: Access;

beforeEach(async () => {
  database = await testDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'usher-first-'));
  access = createAccess({ database, clock: { now: () => new Date() }, random: randomBytes });
});
afterEach(async () => {
  await database.close();
  await rm(dataDir, { recursive: true });
});

const start = (options: { adminToken?: string; url?: string } = {}) =>
  prepareFirstStart({ access, database, dataDir, url, ...options });

describe('the first start', () => {
  test('makes a person who may administer, and lets the CLI of the machine in', async () => {
    expect(await start()).toEqual({ isFirst: true, credentialFile: join(dataDir, 'cli.json') });
    expect(await access.listPrincipals()).toMatchObject([{ kind: 'person', role: 'admin' }]);
    const credential = await readCredential(dataDir);
    expect(credential?.url).toBe(url);
    expect(await access.authenticate(credential?.token ?? '')).toMatchObject({
      role: 'admin',
      principalKind: 'person',
    });
    expect((await stat(join(dataDir, 'cli.json'))).mode & 0o777).toBe(0o600);
  });

  test('takes USHER_ADMIN_TOKEN for the administrator, and does not write it down', async () => {
    const adminToken = 'chosen-by-the-operator-1';
    await start({ adminToken });
    await expect(access.authenticate(adminToken)).resolves.toMatchObject({ role: 'admin' });
    expect(await readFile(join(dataDir, 'cli.json'), 'utf8')).not.toContain(adminToken);
  });

  test('is still the first when a bad USHER_ADMIN_TOKEN was mended', async () => {
    await expect(start({ adminToken: 'short' })).rejects.toMatchObject({ kind: 'invalidInput' });
    await start({ adminToken: 'chosen-by-the-operator-1' });
    await expect(access.authenticate('chosen-by-the-operator-1')).resolves.toMatchObject({ role: 'admin' });
  });
});

describe('a later start', () => {
  test('leaves everything as it is', async () => {
    await start();
    const before = await readFile(join(dataDir, 'cli.json'), 'utf8');
    expect(await start({ adminToken: 'chosen-by-the-operator-2' })).toMatchObject({ isFirst: false });
    expect(await readFile(join(dataDir, 'cli.json'), 'utf8')).toBe(before);
    expect(await access.listTokens(null)).toHaveLength(1);
    await expect(access.authenticate('chosen-by-the-operator-2')).rejects.toMatchObject({ kind: 'auth' });
  });

  test('keeps the token when the server has another address', async () => {
    await start();
    const before = await readCredential(dataDir);
    await start({ url: 'http://127.0.0.1:9999' });
    expect(await readCredential(dataDir)).toMatchObject({ token: before?.token, url: 'http://127.0.0.1:9999' });
  });

  test.each([
    ['is missing', () => rm(join(dataDir, 'cli.json'))],
    ['is damaged', () => writeFile(join(dataDir, 'cli.json'), '{"url":')],
    [
      'holds a token that was revoked',
      async () => {
        for (const { id } of await access.listTokens(null)) await access.revokeToken(id);
      },
    ],
  ])('writes the credential file anew when it %s', async (_what, harm) => {
    await start();
    await harm();
    await start();
    const credential = await readCredential(dataDir);
    await expect(access.authenticate(credential?.token ?? '')).resolves.toMatchObject({ role: 'admin' });
  });
});

describe('a local token', () => {
  const make = (options: { principal?: string } = {}) =>
    createLocalToken({ dataDir, databaseUrl: database.url, log: silentLog, name: 'local', ...options });

  test('is the first administrator’s unless another principal is named', async () => {
    await start();
    const { secret } = await make();
    await expect(access.authenticate(secret)).resolves.toMatchObject({ role: 'admin' });
    const service = await access.createPrincipal({ name: 'CI', email: null, kind: 'service', role: 'viewer' });
    await expect(access.authenticate((await make({ principal: 'CI' })).secret)).resolves.toMatchObject({
      principalId: service.id,
      role: 'viewer',
    });
  });

  test('needs a principal that is there, and one alone', async () => {
    await expect(make()).rejects.toMatchObject({ kind: 'notFound' });
    await start();
    await expect(make({ principal: 'Nobody' })).rejects.toMatchObject({ details: { field: 'principal' } });
    for (const _ of [1, 2]) await access.createPrincipal({ name: 'Twin', email: null, kind: 'person', role: 'viewer' });
    await expect(make({ principal: 'Twin' })).rejects.toThrow('2 principals are called "Twin"');
  });
});
