import { afterAll, describe, expect, test } from 'vitest';
import { type Role, ROLE_PERMISSIONS } from '../model/access.ts';
import { expireHandoffs, handoffSecretOwner, insertHandoff } from '../store/lifecycle/handoffs.ts';
import { replaceSecrets } from '../store/secrets.ts';
import { openDesk } from './testing/desk.ts';

const desk = await openDesk();
const { database, records, clock, vault } = desk;
afterAll(() => desk.close());
const ada = await desk.caller('Ada', 'person', 'admin');
const ben = await desk.caller('Ben', 'person', 'admin');
const HOUR_MS = 3_600_000;
let made = 0;

/** A secret for Ada, as the end of a change leaves it. */
async function handOver(secret: string): Promise<string> {
  const id = `handoff_${(made += 1)}`;
  const owner = handoffSecretOwner(id);
  await database.transaction(async (client) => {
    await insertHandoff(client, {
      id, connectionId: 'lastpass', principalId: ada.principalId, label: 'Master password of jane@northwind.example',
      createdAt: clock.now().toISOString(), expiresAt: new Date(clock.now().getTime() + 24 * HOUR_MS).toISOString(),
      takenAt: null,
    }); // prettier-ignore
    const sealed = vault.encrypt(secret, { table: 'secret', row: owner, column: 'secret' });
    await replaceSecrets(client, owner, [{ name: 'secret', sealed }]);
  });
  return id;
}
const secrets = (id: string) => desk.count('select from secret where owner = $1', handoffSecretOwner(id));
const notFound = { kind: 'notFound' };

describe('a hand-off', () => {
  test('shows its secret to the one it is for, and it is gone from the database then', async () => {
    const id = await handOver('correct horse');
    expect(await records.listHandoffs(ada)).toEqual([
      {
        id, connectionId: 'lastpass', label: 'Master password of jane@northwind.example',
        createdAt: clock.now().toISOString(), expiresAt: new Date(clock.now().getTime() + 24 * HOUR_MS).toISOString(),
      },
    ]); // prettier-ignore
    expect(await records.takeHandoff(id, ada)).toMatchObject({ handoff: { id }, secret: 'correct horse' });
    expect(await secrets(id)).toBe(0);
    expect(await records.listHandoffs(ada)).toEqual([]);
  });

  test('taken twice is not found the second time, also when both ask at once', async () => {
    const id = await handOver('battery staple');
    const take = () => records.takeHandoff(id, ada);
    const both = await desk.atOnce(`select from handoff where id = '${id}' for update`, [take, take]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(records.takeHandoff(id, ada)).rejects.toMatchObject(notFound);
  });

  test('is not found by another, be it an administrator, and stays for the one it is for', async () => {
    const id = await handOver('tr0ub4dor');
    expect(await records.listHandoffs(ben)).toEqual([]);
    const refused = await records.takeHandoff(id, ben).catch((error: unknown) => error);
    const unknown = await records.takeHandoff('handoff_none', ben).catch((error: unknown) => error);
    expect(refused).toMatchObject(notFound);
    expect(String(refused).replace(id, '')).toBe(String(unknown).replace('handoff_none', ''));
    expect(await records.takeHandoff(id, ada)).toMatchObject({ secret: 'tr0ub4dor' });
  });

  test('is taken by an approver who may ask for nothing, and not by a token that only reads', async () => {
    const id = await handOver('for the approver');
    const holding = (role: Role) => ({ ...ada, role, permissions: ROLE_PERMISSIONS[role] });
    await expect(records.takeHandoff(id, holding('viewer'))).rejects.toMatchObject({ kind: 'permission' });
    expect(await records.takeHandoff(id, holding('approver'))).toMatchObject({ secret: 'for the approver' });
  });

  test('is not found by a token of other connections', async () => {
    const id = await handOver('x');
    const elsewhere = { ...ada, connections: ['other'] };
    expect(await records.listHandoffs(elsewhere)).toEqual([]);
    await expect(records.takeHandoff(id, elsewhere)).rejects.toMatchObject(notFound);
    await records.takeHandoff(id, ada);
  });

  test('is not found after its end, and its secret is deleted by the next sweep', async () => {
    const late = await handOver('late');
    clock.pass(23 * HOUR_MS);
    const young = await handOver('young');
    clock.pass(HOUR_MS);
    await expect(records.takeHandoff(late, ada)).rejects.toMatchObject(notFound);
    expect((await records.listHandoffs(ada)).map(({ id }) => id)).toEqual([young]);
    await expireHandoffs(database.pool, clock.now().toISOString());
    expect(await secrets(late)).toBe(0);
    expect(await desk.count('select from handoff where id = $1', late)).toBe(0);
    expect(await records.takeHandoff(young, ada)).toMatchObject({ secret: 'young' });
  });

  test('whose secret was moved to it from another place is not shown, and not lost', async () => {
    const mine = await handOver('mine');
    const other = await handOver('other');
    await database.pool.query(
      'update secret set sealed = (select sealed from secret where owner = $2) where owner = $1',
      [handoffSecretOwner(mine), handoffSecretOwner(other)],
    );
    await expect(records.takeHandoff(mine, ada)).rejects.toMatchObject({ details: { code: 'secretDamaged' } });
    expect(await secrets(mine)).toBe(1);
  });
});
