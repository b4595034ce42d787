import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { CliRun } from '../src/cli/testing/run-cli.ts';
import { runHere } from '../src/cli/testing/terminal-context.ts';
import { type Scene, setScene } from './scene.ts';

const JONAS = 'jonas.lind@northwind.example';
const PRIYA = 'priya.raman@northwind.example';

let scene: Scene;

beforeAll(async () => {
  scene = await setScene({ people: 60 });
  await scene.connect();
  await scene.sync();
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

const planSchema = z.object({ id: z.string(), state: z.string(), run_id: z.string().nullable() });
const endedSchema = z.object({
  plan: planSchema,
  run: z.object({ id: z.string(), state: z.string() }),
  changes: z.array(
    z.object({ outcome: z.object({ state: z.string(), receipt: z.object({ proof: z.string() }).nullable() }) }),
  ),
});

/** The CLI as the first administrator; in this process, since it is asked often. */
const usher = (args: readonly string[]): Promise<CliRun> => runHere(scene.usher, args);

/** Runs a command with `--json` and reads its one document. */
async function json<T>(schema: z.ZodType<T>, ...args: readonly string[]): Promise<T> {
  const { stdout, stderr, exitCode } = await usher([...args, '--json']);
  if (exitCode !== 0) throw new Error(`usher ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
  return schema.parse(JSON.parse(stdout));
}

async function statusOf(email: string): Promise<string> {
  return (await json(z.object({ status: z.string() }), 'accounts', 'show', email)).status;
}

/** The CLI as another principal. */
async function as(kind: string, role: string, name: string): Promise<(args: readonly string[]) => Promise<CliRun>> {
  const { id } = await json(z.object({ id: z.string() }), 'principals', 'create', name, '--kind', kind, '--role', role);
  const { secret } = await json(z.object({ secret: z.string() }), 'token', 'create', '--principal', id);
  return (args) => runHere({ url: scene.usher.url, token: secret }, args);
}

it('disables a person from plan to receipt, and takes it back', async () => {
  const dry = await usher(['call', 'lastpass_disable_user', '--user', JONAS, '--dry-run', '--show-calls']);
  expect(dry.stdout).toMatch(/~ Disable jonas\.lind[^]*"provhash":"••••","cmd":"disableuser"/);
  expect((await json(z.object({ data: z.array(planSchema) }), 'plan')).data).toEqual([]);
  const done = await scene.cli(['call', 'lastpass_disable_user', '--user', JONAS, '--yes', '--reason', 'HR-1042']);
  expect(done).toMatchObject({ exitCode: 0 });
  expect(done.stdout).toMatch(/done +jonas\.lind@northwind\.example.*\nDone: 1 done/);
  expect(await statusOf(JONAS)).toBe('disabled');
  const [plan] = (await json(z.object({ data: z.array(planSchema) }), 'plan', 'list')).data;
  const back = await json(endedSchema, 'runs', 'undo', plan?.run_id ?? '', '--yes', '--reason', 'The wrong Jonas');
  expect(back).toMatchObject({
    run: { state: 'succeeded' },
    changes: [{ outcome: { state: 'done', receipt: { proof: 'state' } } }],
  });
  expect(await statusOf(JONAS)).toBe('active');
});

it('a second call of the same kind finds it so already, and calls nothing', async () => {
  await usher(['call', 'lastpass_disable_user', '--user', JONAS, '--yes']);
  const again = await json(endedSchema, 'call', 'lastpass_disable_user', '--user', JONAS, '--yes');
  expect(again.changes.map(({ outcome }) => outcome.state)).toEqual(['skipped']);
});

it('a destructive change of one person waits for a second one, who approves it', async () => {
  const bo = await as('person', 'approver', 'Bo');
  const remove = ['call', 'lastpass_delete_user', '--user', PRIYA, '--mode', 'uninvite'];
  const held = await usher([...remove, '--yes', '--json']);
  expect(held).toMatchObject({ exitCode: 7, stdout: '' });
  const { error } = z
    .object({ error: z.object({ code: z.string(), plan: z.string(), next: z.string() }) })
    .parse(JSON.parse(held.stderr));
  expect(error).toMatchObject({
    code: 'needsApproval',
    next: expect.stringContaining(`usher plan approve ${error.plan}`),
  });
  expect((await bo(['plan', 'show', error.plan])).stdout).toContain('waits for approval');
  expect(await statusOf(PRIYA)).toBe('invited');
  const approved = await bo(['plan', 'approve', error.plan, '--yes', '--reason', 'Seen with HR']);
  expect(approved).toMatchObject({ exitCode: 0 });
  expect(approved.stdout).toMatch(/Approved plan_\w+\.\n[^]*Done: 1 done/);
  expect((await usher(['plan', 'show', error.plan])).stdout).toMatch(/Approved by Bo, .*: Seen with HR/);
});

it('an agent plans, and a person decides; a rejected plan changes nothing', async () => {
  const agent = await as('agent', 'agent', 'Onboarding');
  const held = await agent(['call', 'lastpass_enable_user', '--user', JONAS, '--yes']);
  expect(held).toMatchObject({ exitCode: 7 });
  const id = /usher plan approve (\S+)/.exec(held.stderr)?.[1] ?? '';
  expect(await agent(['plan', 'approve', id, '--yes'])).toMatchObject({ exitCode: 4 });
  expect(await usher(['plan', 'reject', id, '--reason', 'Not today'])).toMatchObject({ exitCode: 0 });
  expect(await usher(['plan', 'apply', id, '--yes'])).toMatchObject({ exitCode: 6 });
  expect(await statusOf(JONAS)).toBe('disabled');
});

it('a marked account is protected until an administrator says otherwise, with a reason', async () => {
  expect((await usher(['accounts', 'mark', 'lastpass', JONAS, '--protected'])).stdout).toContain('protected');
  const enable = ['call', 'lastpass_enable_user', '--user', JONAS, '--yes'];
  const stopped = await usher(enable);
  expect(stopped).toMatchObject({ exitCode: 7 });
  const overridden = await usher([...enable, '--override', 'protectedAccount', '--reason', 'The drill is over']);
  expect(overridden.stdout).toContain('Overridden: protectedAccount');
  expect(await usher(['accounts', 'mark', 'lastpass', JONAS, '--clear'])).toMatchObject({ exitCode: 0 });
});

it('thresholds are set for one connection, and hold', async () => {
  expect(await usher(['policy', 'set', 'lastpass', 'approval_above_subjects=0'])).toMatchObject({ exitCode: 0 });
  const planned = await usher(['call', 'lastpass_disable_user', '--user', JONAS, '--no-apply']);
  expect(planned.stderr).toContain('It waits for approval');
  expect((await usher(['policy', 'set', 'lastpass', 'approval_above_subjects=default'])).stdout).toMatch(
    /approval_above_subjects +10 +as for all/,
  );
});
