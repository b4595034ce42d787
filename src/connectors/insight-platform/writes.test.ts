import { describe, expect, it } from 'vitest';
import type { ChangeParams, UnifiedWrites } from '../../connector-kit/changes.ts';
import { UsherError } from '../../model/errors.ts';
import { connector } from './testing/platform.ts';
import { writingDesk } from './testing/writing.ts';

const ADA = 'ada.okonkwo@northwind.example';
const YUKI = 'yuki.tanaka@northwind.example';
const NOOR = 'noor.bakker@northwind.example';
const JONAS = 'jonas.lind@northwind.example';

/** What the unified API would say of a write. */
function unified(): UnifiedWrites {
  if (connector.writes === null) throw new Error('It has no writing half.');
  return connector.writes.unified;
}

function refusal(say: () => unknown): Record<string, unknown> {
  try {
    say();
  } catch (thrown) {
    if (!(thrown instanceof UsherError)) throw thrown;
    return { kind: thrown.kind, message: thrown.message, next: thrown.details.next };
  }
  throw new Error('It was not refused.');
}

describe('There is no disable, and nothing pretends to one:', () => {
  const next =
    'Delete the user by insight_platform_delete_user (mode delete): sessions end, the API keys they own stop working at once, and to come back they need a new invitation.';

  it('the unified disable says what to do instead', () => {
    const message = 'The Insight Platform has no call to disable a user: access ends by deleting.';
    expect(refusal(() => unified().disable?.(YUKI))).toEqual({ kind: 'unsupported', message, next });
    expect(refusal(() => unified().end?.(YUKI, 'disable'))).toEqual({ kind: 'unsupported', message, next });
    expect(refusal(() => unified().end?.(YUKI, 'remove'))).toEqual({
      kind: 'unsupported',
      message: 'The Insight Platform cannot remove a user: it can only delete.',
      next,
    });
    expect(unified().end?.(YUKI, null)).toEqual({ action: 'insight_platform_delete_user', input: { user: YUKI } });
  });

  it('a plan to delete spells out what goes with the user', async () => {
    const desk = await writingDesk();
    expect(await desk.summaries('insight_platform_delete_user', { user: JONAS })).toEqual([
      `Delete ${JONAS} from the Insight Platform, which cannot disable: sessions end, every API key they own stops working at once, and to come back they need a new invitation, products and groups`,
    ]);
    await desk.carryOut('insight_platform_delete_user', { user: JONAS });
    expect(desk.simulator.effects().map(({ kind }) => kind)).toEqual(['user.deleted', 'api-key.revoked']);
  });

  it('who was deleted and is invited again is another user, and is not taken for the one before', async () => {
    const desk = await writingDesk();
    const before = (await desk.pull()).accounts.find(({ subject }) => subject.email === JONAS);
    await desk.carryOut('insight_platform_delete_user', { user: JONAS });
    await desk.carryOut('insight_platform_create_user', { email: JONAS, first_name: 'Jonas', last_name: 'Lind' });
    const { subject } = before ?? {};
    if (subject === undefined) throw new Error('Jonas was not there.');
    expect((await desk.writes.read([subject], 'before')).get(subject.key)?.account).toBeNull();
  });

  it('the owner of the key is told to the guard, as the key would die with them', async () => {
    const desk = await writingDesk({ settings: { keyOwner: ADA } });
    expect(await desk.writes.ownAccount()).toBe(ADA);
    expect(await (await writingDesk()).writes.ownAccount()).toBeNull();
  });
});

describe('The verb of an update, which nobody has published,', () => {
  it('is PATCH with the names alone, which cannot touch anything else', async () => {
    const desk = await writingDesk();
    await desk.carryOut('insight_platform_update_user', { user: YUKI, last_name: 'Tanaka-Ito' });
    expect(desk.sent()).toEqual([{ method: 'PATCH', operation: 'updateUser', body: { last_name: 'Tanaka-Ito' } }]);
  });

  it('becomes PUT with all that is known of the user where PATCH is not there', async () => {
    const desk = await writingDesk({ switches: { updateVerb: 'PUT', putReplaces: 'on' } });
    desk.simulator.mutate({ op: 'set-user', email: ADA, fields: { timezone: 'Africa/Lagos' } });
    expect(await desk.carryOut('insight_platform_update_user', { user: ADA, last_name: 'Eze' })).toEqual([
      { kind: 'taken' },
    ]);
    expect(desk.sent().map(({ method }) => method)).toEqual(['PATCH', 'PUT']);
    expect(desk.sent().at(-1)?.body).toEqual({
      email: ADA, first_name: 'Ada', last_name: 'Eze', platform_admin: true, timezone: 'Africa/Lagos',
    }); // prettier-ignore
    const after = (await desk.pull()).accounts.find(({ subject }) => subject.email === ADA);
    expect(after?.state.account).toMatchObject({
      displayName: 'Ada Eze', roles: ['platform_admin'], extra: { timezone: 'Africa/Lagos' },
    }); // prettier-ignore
  });

  it('is told as failed where it changed more than the names', async () => {
    const desk = await writingDesk();
    const account = (await desk.pull()).accounts.find(({ subject }) => subject.email === ADA)?.state.account;
    if (account === null || account === undefined) throw new Error('Ada was not there.');
    const after = { ...account, familyName: 'Eze', roles: [], extra: { ...account.extra, timezone: 'Asia/Tokyo' } };
    const besides = (params: ChangeParams): readonly string[] | undefined =>
      connector.writes?.change('update_names').besides({ account, grants: [] }, { account: after, grants: [] }, params);
    expect(besides({ lastName: 'Eze' })).toEqual([
      'the time zone went from "UTC" to "Asia/Tokyo"',
      'Platform Admin went from "yes" to "no"',
    ]);
    expect(besides({ firstName: 'Ada' })).toContain('the last name went from "Okonkwo" to "Eze"');
  });

  it('is tried no other way where the settings name one', async () => {
    const desk = await writingDesk({ switches: { updateVerb: 'PUT' }, settings: { updateVerb: 'PATCH' } });
    const [result] = await desk.carryOut('insight_platform_update_user', { user: YUKI, last_name: 'X' });
    expect(result).toMatchObject({ kind: 'refused', error: { kind: 'unsupported' } });
    expect(desk.sent().map(({ method }) => method)).toEqual(['PATCH']);
  });
});

describe('What is not there under any verb', () => {
  it.each([
    [
      { updateVerb: 'none' },
      'insight_platform_update_user',
      { user: YUKI, last_name: 'X' },
      'updateUser with 405: Method Not Allowed',
    ],
    [
      { groupMembership: 'off' },
      'insight_platform_add_group_member',
      { user: YUKI, group: 'Security' },
      'changeMember with 404: no Route matched',
    ],
    [
      { productRemoval: 'off' },
      'insight_platform_revoke_product',
      { user: YUKI, product: 'AS' },
      'removeProduct with 405: Method Not Allowed',
    ],
  ])('is refused, changes nothing and sends to the browser: %o', async (switches, action, input, says) => {
    const desk = await writingDesk({ switches });
    const [result] = await desk.carryOut(action, input);
    expect(result).toMatchObject({
      kind: 'refused',
      error: {
        kind: 'unsupported',
        message: expect.stringContaining(says),
        details: { next: 'This call is not published by Rapid7, and here it does not exist: do it in the browser.' },
      },
    });
    expect(desk.simulator.effects()).toEqual([]);
  });

  it('is a change of the list of the guide: its numbers are known to no other call', async () => {
    const desk = await writingDesk({ settings: { userList: 'vm_v4' } });
    await expect(desk.summaries('insight_platform_delete_user', { user: YUKI })).rejects.toMatchObject({
      kind: 'unsupported',
      message: 'Users are read from GET /vm/v4/users, whose numbers no other call knows.',
    });
  });
});

describe('Inviting', () => {
  it('makes a user who is pending, mails, and then gives groups and products', async () => {
    const desk = await writingDesk();
    const input = {
      email: 'new.joiner@northwind.example',
      first_name: 'New',
      last_name: 'Joiner',
      groups: ['IT'],
      products: ['IDR'],
    };
    expect(await desk.summaries('insight_platform_create_user', input)).toEqual([
      'Invite new.joiner@northwind.example: a mail goes out, and the user is pending until it is accepted',
      'Add new.joiner@northwind.example to the group IT',
      'Give new.joiner@northwind.example the product InsightIDR',
    ]);
    await desk.carryOut('insight_platform_create_user', input);
    expect(desk.simulator.effects().map(({ kind }) => kind)).toEqual([
      'user.created', 'mail.invitation', 'group.member-added', 'product.assigned',
    ]); // prettier-ignore
    const { accounts } = await desk.pull();
    const made = accounts.find(({ subject }) => subject.email === input.email);
    expect(made?.state.account?.status).toBe('invited');
  });

  it('says who refuses where single sign-on keeps users', async () => {
    const desk = await writingDesk({ switches: { sso: 'on' } });
    const [result] = await desk.carryOut('insight_platform_create_user', {
      email: 'new.joiner@northwind.example', first_name: 'New', last_name: 'Joiner',
    }); // prettier-ignore
    expect(result).toMatchObject({ kind: 'refused', error: { kind: 'permission' } });
  });

  it.each([
    ['Mary Ann van Dyke', 'Mary Ann van', 'Dyke'],
    ['Suharto', 'Suharto', 'Suharto'],
    [null, 'new', 'joiner'],
  ])('has two names for %s, as the platform wants them', (name, first_name, last_name) => {
    const email = 'new.joiner@northwind.example';
    expect(unified().create?.({ email, name, groups: [] })?.input).toMatchObject({ first_name, last_name });
  });

  it('can never be mended by another address', () => {
    expect(refusal(() => unified().update?.(YUKI, { email: 'yuki@northwind.example' }))).toMatchObject({
      kind: 'unsupported',
      message: 'The Insight Platform never changes the address of a user.',
    });
  });
});

describe('An address', () => {
  it.each(['folds', 'exact', 'ignored'])('is found in any letter case, where the filter %s', async (emailFilter) => {
    const { open } = await writingDesk({ switches: { emailFilter } });
    const { data } = await open.call('insight_platform_get_user', { user: 'viktor.HANSEN@northwind.example' });
    expect(data).toMatchObject({ email: 'Viktor.Hansen@Northwind.example' });
    await expect(open.call('insight_platform_get_user', { user: 'nobody@northwind.example' })).rejects.toMatchObject({
      kind: 'notFound',
      message: 'The Insight Platform has no user nobody@northwind.example.',
    });
  });
});

describe('Products', () => {
  it('are said to be unseen where the platform does not show who has them', async () => {
    const desk = await writingDesk();
    const { snapshot } = await desk.pull();
    const [draft] = await desk.writes.plan('insight_platform_grant_product', { user: NOOR, product: 'ivm' }, snapshot);
    const change = connector.writes?.change(draft?.change ?? '');
    expect(change?.proof).toEqual({
      by: 'answer',
      note: 'The platform took it; it does not show who has a product, so it could not be read back',
    });
    expect(change?.undo.isPossible).toBe(false);
  });

  it('are named by token or by code', async () => {
    const desk = await writingDesk();
    const { open } = desk;
    const { data } = await open.call('insight_platform_list_products', {});
    const token = JSON.stringify(data).match(/"product_token":"([^"]+)"/)?.[1] ?? '';
    for (const product of [token, 'IVM', 'ivm']) {
      expect(await desk.summaries('insight_platform_grant_product', { user: NOOR, product })).toEqual([
        `Give ${NOOR} the product InsightVM`,
      ]);
    }
  });
});
