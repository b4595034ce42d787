// The guide's scenarios through the whole door of changes, by a process that dies anywhere on the way.
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { mortal } from '../../lifecycle/testing/mortal.ts';
import { stageApp } from '../../lifecycle/testing/stage.ts';
import { testDatabase } from '../../store/testing/index.ts';
import { createLacework } from './index.ts';
import { startLaceworkSimulator } from './simulator.ts';

const LATE = Array.from({ length: 40 }, (_, at) => `late.comer${at}@northwind.example`);

const database = await testDatabase();
const { pool } = database;
const simulator = await startLaceworkSimulator({ people: 30, switches: { rateLimitPerHour: 'off' } });
for (const email of LATE) simulator.mutate({ op: 'add-user', account: 'NORTHWIND-EU', email, name: 'Late Comer' });
for (const email of LATE) simulator.mutate({ op: 'add-user', account: 'NORTHWIND-LAB', email, name: 'Late Comer' });
const life = mortal(database);
const { account, keyId, secret } = simulator.credentials;
const stage = await stageApp(
  database,
  {
    connector: createLacework(),
    settings: { account, organization: 'yes', key_id: keyId, base_url: simulator.url, requests_per_hour: 1_000_000 },
    secrets: { secret },
    url: simulator.url,
  },
  { settleMs: 5, readDelaysMs: [0, 1], leaseSeconds: 1 },
  life.database,
);
const ada = await stage.caller({ name: 'Ada', role: 'admin' });
await stage.changes.setPolicy('lacework', { stopAbovePercent: 100, approvalAboveSubjects: 1_000_000 }, ada);
afterAll(async () => {
  await stage.close();
  await simulator.close();
  await database.close();
});

/** Every statement is a place to die: all of them with `EVERY_STATEMENT=1`. */
const STRIDE = process.env['EVERY_STATEMENT'] === '1' ? 1 : 15;

interface Tried {
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Has a plan carried out by a process that dies right before a statement, and then by one that goes on from there. */
async function diesAt(statement: number, { action, input }: Tried): Promise<{ readonly hasDied: boolean }> {
  const { id } = await stage.changes.plan({ connectionId: 'lacework', action, input }, ada);
  life.dieAt(statement);
  await stage.changes.approve(id, null, ada).catch(() => stage.changes.apply(id, ada).catch(() => undefined));
  await stage.idle().catch(() => undefined);
  const hasDied = life.isDead();
  life.revive();
  const { state } = await stage.changes.getPlan(id, ada);
  if (state === 'waiting') await stage.changes.approve(id, null, ada);
  if (state === 'ready') await stage.changes.apply(id, ada);
  await stage.room.resumeUnfinished();
  await stage.idle();
  const run = await stage.changes.getRun(id, ada);
  expect(`${run.state} ${run.reason ?? ''}`, `died at ${statement}`).toBe('succeeded ');
  return { hasDied };
}

/** Dies everywhere, and looks each time what the app did in all. */
async function diesEverywhere(
  tried: (round: number) => Tried,
  looks: (effects: readonly string[], round: number) => void | Promise<void>,
): Promise<void> {
  for (let round = 0; ; round += 1) {
    const before = simulator.effects().at(-1)?.number ?? 0;
    const { hasDied } = await diesAt(round * STRIDE, tried(round));
    const effects = simulator.effects(before).filter(({ request }) => request !== null);
    await looks(
      effects.map(({ kind, subject }) => `${kind} ${subject}`),
      round,
    );
    if (!hasDied) {
      expect(round).toBeGreaterThan(4);
      return;
    }
  }
}

async function keyInUse(): Promise<string> {
  const { settings } = await stage.connections.get('lacework');
  return z.object({ key_id: z.string() }).parse(settings).key_id;
}

describe('a process that dies anywhere', () => {
  test('leaves one new key in the place of the old one, whether disabling it kills its tokens or not', async () => {
    let old = await keyInUse();
    const keys = simulator.state().api_keys;
    await diesEverywhere(
      (round) => {
        simulator.setSwitches({ disableKillsTokens: round % 2 === 0 ? 'on' : 'off' });
        return { action: 'lacework_rotate_api_key', input: { wait_hours: 0 } };
      },
      async (effects) => {
        const now = await keyInUse();
        const made = effects.flatMap((effect) => (effect.startsWith('key.created ') ? [effect.slice(12)] : []));
        const orphans = made.filter((key) => key !== now);
        expect(now).not.toBe(old);
        expect(simulator.state().api_keys).toBe(keys);
        expect(effects.toSorted()).toEqual(
          [
            ...made.map((key) => `key.created ${key}`),
            ...orphans.map((key) => `key.deleted ${key}`),
            `key.disabled ${old}`,
            `key.deleted ${old}`,
          ].sort(),
        );
        await expect(stage.connections.test('lacework')).resolves.toBeDefined();
        expect((await pool.query(`select from secret where owner like 'plan:%'`)).rowCount).toBe(0);
        old = now;
      },
    );
  }, 120_000);

  test('onboards a person once, with one mail for each time it was made', async () => {
    await diesEverywhere(
      (round) => ({
        action: 'lacework_onboard_user',
        input: {
          email: `joiner${round}@northwind.example`,
          given_name: 'New',
          family_name: 'Joiner',
          sub_accounts: [
            { name: 'northwind-eu', role: 'admin' },
            { name: 'northwind-lab', role: 'power_user' },
          ],
        },
      }),
      (effects, round) => {
        const email = `joiner${round}@northwind.example`;
        expect(effects.toSorted()).toEqual(
          [
            `group.added ${email}`,
            `mail.invitation ${email}`,
            `mail.invitation ${email}`,
            `user.created ${email}`,
            `user.created ${email}`,
          ].sort(),
        );
      },
    );
  }, 120_000);

  test('invites again once, and never deletes who was made anew', async () => {
    await diesEverywhere(
      (round) => ({ action: 'lacework_resend_invitation', input: { user: LATE[round] } }),
      (effects, round) => {
        const email = LATE[round] ?? '';
        expect(effects.toSorted()).toEqual(
          [
            `group.added ${email}`,
            `mail.invitation ${email}`,
            `mail.invitation ${email}`,
            `user.created ${email}`,
            `user.created ${email}`,
            `user.deleted ${email}`,
            `user.deleted ${email}`,
          ].sort(),
        );
      },
    );
  }, 120_000);
});
