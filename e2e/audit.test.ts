import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { attachEmbedded } from '../src/store/embedded/server.ts';
import { createPool } from '../src/store/pool.ts';
import { type Scene, setScene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await setScene({ people: 60 });
});
afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

const entries = z.object({
  data: z.array(z.object({ kind: z.string(), action: z.string(), outcome: z.string(), actor: z.object({ name: z.string() }).nullable() })),
}); // prettier-ignore

async function query(statement: string): Promise<void> {
  const connection = await attachEmbedded(scene.dataDir);
  if (connection === null) throw new Error('The embedded Postgres does not run.');
  const pool = createPool(connection);
  await pool.query(statement);
  await pool.end();
}

it('tells who connected, synced and changed what, over kills, in one whole chain', async () => {
  await scene.connect();
  await scene.sync();
  await scene.restart('SIGKILL');
  const user = z
    .object({ data: z.array(z.object({ email: z.string(), roles: z.array(z.string()) })) })
    .parse(await scene.call('GET', '/v1/accounts?connection=lastpass&status=active&page_size=50'))
    .data.find(({ roles }) => !roles.includes('admin'))?.email;
  const disabled = await scene.cli(['call', 'lastpass_disable_user', '--user', user ?? '', '--yes']);
  expect(disabled.exitCode, disabled.stderr).toBe(0);
  await scene.restart('SIGKILL');
  await scene.restart('SIGTERM');
  const verified = await scene.cli(['audit', 'verify']);
  expect(verified.stdout).toMatch(/^The audit log is whole: \d+ entries/);
  expect(verified.exitCode).toBe(0);
  const told = entries.parse(JSON.parse((await scene.cli(['audit', '--json'])).stdout)).data;
  for (const action of [
    'connection.connected', 'sync.requested', 'sync.succeeded', 'plan.made', 'plan.applied', 'run.succeeded',
    'lastpass.disable_user', 'token.used',
  ]) expect(told.map((each) => each.action), action).toContain(action); // prettier-ignore
  expect(told.find(({ kind }) => kind === 'change')).toMatchObject({ outcome: 'ok' });
  expect(told.find(({ action }) => action === 'connection.connected')?.actor).not.toBeNull();
});

it('shows what somebody does to it in the database', async () => {
  await query('delete from audit_entry where seq = 3');
  const verified = await scene.cli(['audit', 'verify']);
  expect(verified.exitCode).toBe(6);
  expect(verified.stdout).toContain('Entry 3 is missing.');
});
