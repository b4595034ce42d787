// The guide's scenarios through the whole door of changes, by a process that dies anywhere on the way.
import { afterAll, describe, expect, test } from 'vitest';
import { openDoor } from './testing/door.ts';

/** Every statement is a place to die: all of them with `EVERY_STATEMENT=1`. */
const STRIDE = process.env['EVERY_STATEMENT'] === '1' ? 1 : 15;

const PATIENCE_MS = STRIDE === 1 ? 900_000 : 120_000;

const LATE = Array.from({ length: STRIDE === 1 ? 400 : 40 }, (_, at) => `late.comer${at}@northwind.example`);

const door = await openDoor({
  prepare: LATE.flatMap((email) =>
    ['NORTHWIND-EU', 'NORTHWIND-LAB'].map((account) => ({
      op: 'add-user' as const, account, email, name: 'Late Comer',
    })),
  ), // prettier-ignore
  apply: { settleMs: 5, readDelaysMs: [0, 1], leaseSeconds: 1 },
});
const { ada, changes, life, simulator } = door;
afterAll(() => door.close());

interface Tried {
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Has a plan carried out by a process that dies right before a statement, and then by one that goes on from there. */
async function diesAt(statement: number, { action, input }: Tried): Promise<{ readonly hasDied: boolean }> {
  const { id } = await door.planned(action, input);
  life.dieAt(statement);
  await changes.approve(id, null, ada).catch(() => changes.apply(id, ada).catch(() => undefined));
  await door.idle().catch(() => undefined);
  const hasDied = life.isDead();
  life.revive();
  const { state } = await changes.getPlan(id, ada);
  if (state === 'waiting') await changes.approve(id, null, ada);
  if (state === 'ready') await changes.apply(id, ada);
  await door.room.resumeUnfinished();
  await door.idle();
  const run = await changes.getRun(id, ada);
  expect(`${run.state} ${run.reason ?? ''}`, `died at ${statement}`).toBe('succeeded ');
  return { hasDied };
}

/** Dies everywhere, and looks each time what the app did in all. */
async function diesEverywhere(
  tried: (round: number) => Tried,
  looks: (effects: readonly string[], round: number) => void | Promise<void>,
): Promise<void> {
  let round = 0;
  for (; ; round += 1) {
    door.effects();
    const { hasDied } = await diesAt(round * STRIDE, tried(round));
    await looks(door.effects(), round);
    if (!hasDied) break;
  }
  expect(round).toBeGreaterThan(4);
}

describe('a process that dies anywhere', () => {
  test(
    'leaves one new key in the place of the old one, whether disabling it kills its tokens or not',
    async () => {
      let old = await door.keyInUse();
      const keys = simulator.state().api_keys;
      await diesEverywhere(
        (round) => {
          simulator.setSwitches({ disableKillsTokens: round % 2 === 0 ? 'on' : 'off' });
          return { action: 'lacework_rotate_api_key', input: { wait_hours: 0 } };
        },
        async (effects) => {
          const now = await door.keyInUse();
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
          await expect(door.connections.test('lacework')).resolves.toBeDefined();
          expect((await door.database.pool.query(`select from secret where owner like 'plan:%'`)).rowCount).toBe(0);
          old = now;
        },
      );
    },
    PATIENCE_MS,
  );

  test(
    'onboards a person once, with one mail for each time it was made',
    async () => {
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
    },
    PATIENCE_MS,
  );

  test(
    'invites again once, and never deletes who was made anew',
    async () => {
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
    },
    PATIENCE_MS,
  );
});
