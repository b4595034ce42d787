import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConnector, type OpenedConnector } from '../../connector-kit/testkit/index.ts';
import type { JsonValue } from '../../model/records.ts';
import { lastpass } from './index.ts';
import { type LastPassSimulator, startLastPassSimulator } from './simulator.ts';

const NOW = new Date('2026-03-02T15:00:00Z');
const ADA = 'ada.okonkwo@northwind.example';
let simulator: LastPassSimulator;
let connector: OpenedConnector;

beforeAll(async () => {
  simulator = await startLastPassSimulator({
    people: 60,
    today: NOW,
    clock: { now: () => NOW },
    switches: { newerFolderKeys: 'on' },
  });
  connector = openConnector({
    connector: lastpass,
    settings: {
      companyId: simulator.credentials.companyId,
      region: 'custom',
      baseUrl: simulator.url,
      requestsPerSecond: 100_000,
    },
    secrets: { provisioningHash: simulator.credentials.provisioningHash },
    clock: simulator.clock,
  });
});
afterAll(async () => {
  await connector[Symbol.asyncDispose]();
  await simulator.close();
});

type Row = Readonly<Record<string, JsonValue>>;

async function rows(action: string, input: JsonValue = {}): Promise<{ data: readonly Row[]; next: string | null }> {
  const { data, next } = await connector.call(action, input);
  if (!Array.isArray(data)) throw new Error('a list was expected');
  return { data, next: next ?? null };
}

/** All pages of a list, one after the other. */
async function all(action: string, input: Row = {}): Promise<readonly Row[]> {
  const found: Row[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof rows>> = await rows(
      action,
      cursor === null ? input : { ...input, next: cursor },
    );
    found.push(...page.data);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
const ids = (list: readonly Row[]): string[] => list.map(({ id }) => text(id)).sort();

describe('lastpass_list_users', () => {
  it('gives the same users page by page as at once', async () => {
    const paged = await all('lastpass_list_users', { page_size: 7 });
    expect(paged).toHaveLength(simulator.state().users);
    expect(ids(paged)).toEqual(ids(await all('lastpass_list_users')));
  });

  it('shows real booleans, UTC times and groups, and filters by address, administrators and disabled users', async () => {
    const { data: one } = await rows('lastpass_list_users', { username: ADA.toUpperCase() });
    expect(one).toMatchObject([
      { username: ADA, admin: true, disabled: false, groups: expect.arrayContaining(['IT']) },
    ]);
    expect(text(one[0]?.['created'])).toMatch(/Z$/);
    const admins = await all('lastpass_list_users', { admin: true });
    expect(admins.length).toBe(simulator.state().administrators);
    expect(admins.every(({ admin }) => admin === true)).toBe(true);
    const disabled = await all('lastpass_list_users', { disabled: true });
    expect(disabled).toHaveLength(simulator.state().disabled);
    expect((await rows('lastpass_list_users', { username: 'nobody@northwind.example' })).data).toEqual([]);
  });

  it('refuses a page size the app does not have and a cursor of another list', async () => {
    await expect(connector.call('lastpass_list_users', { page_size: 2001 })).rejects.toMatchObject({
      details: { field: 'page_size' },
    });
    const { next } = await rows('lastpass_list_users', { page_size: 7 });
    await expect(connector.call('lastpass_list_users', { page_size: 8, next })).rejects.toMatchObject({
      details: { field: 'next' },
    });
    await expect(connector.call('lastpass_list_users', { next: 'garbage' })).rejects.toMatchObject({
      details: { field: 'next' },
    });
  });
});

describe('groups', () => {
  it('are listed whole, merged over pages, and found by exact name', async () => {
    const { data: groups } = await rows('lastpass_list_groups');
    expect(groups).toHaveLength(simulator.state().groups);
    const [first] = groups;
    const { data: one } = await connector.call('lastpass_get_group', { name: text(first?.['name']) });
    expect(one).toEqual(first);
    await expect(connector.call('lastpass_get_group', { name: 'No such group' })).rejects.toMatchObject({
      kind: 'notFound',
    });
  });
});

describe('shared folders', () => {
  it('show as folders, policies, roles and details of the same ids', async () => {
    const [folders, policies, roles, details] = await Promise.all([
      all('lastpass_list_shared_folders'),
      all('lastpass_list_policies'),
      all('lastpass_list_roles'),
      all('lastpass_list_shared_folder_details', { page_size: 10 }),
    ]);
    expect(folders).toHaveLength(simulator.state().shared_folders);
    for (const view of [policies, roles, details]) expect(ids(view)).toEqual(ids(folders));
    expect(details.some(({ permissions }) => JSON.stringify(permissions).includes('"sites":["'))).toBe(true);
  });

  it('are found by id, and an id that is not there is not found', async () => {
    const [folder] = await all('lastpass_list_shared_folders');
    const id = text(folder?.['id']);
    expect((await connector.call('lastpass_get_policy', { id })).data).toMatchObject({
      id,
      permissions: expect.any(Array),
    });
    expect((await connector.call('lastpass_get_role', { id })).data).toMatchObject({ id, roles: expect.any(Array) });
    for (const action of ['lastpass_get_policy', 'lastpass_get_role']) {
      await expect(connector.call(action, { id: '1' })).rejects.toMatchObject({ kind: 'notFound' });
      await expect(connector.call(action, { id: 'x' })).rejects.toMatchObject({
        kind: 'invalidInput',
        details: { field: 'id' },
      });
    }
  });

  it('that were deleted softly are shown only when asked for', async () => {
    simulator.mutate({ op: 'delete-folder', folder: 'Finance/Tax' });
    const isThere = (list: readonly Row[]): boolean => list.some(({ name }) => name === 'Finance/Tax');
    expect(isThere(await all('lastpass_list_shared_folders'))).toBe(false);
    expect(isThere(await all('lastpass_list_shared_folders', { include_deleted: true }))).toBe(true);
    expect(isThere(await all('lastpass_list_shared_folder_details', { include_deleted: true }))).toBe(true);
  });
});

describe('lastpass_list_audit_events', () => {
  it('gives the same events in pages of whole seconds as at once, newest first', async () => {
    const window = { from: '2026-02-20T00:00:00Z', to: '2026-03-02T14:00:00Z' };
    const whole = await all('lastpass_list_audit_events', window);
    expect(whole.length).toBeGreaterThan(20);
    simulator.setSwitches({ reportingCap: 9 });
    const paged = await all('lastpass_list_audit_events', window);
    simulator.setSwitches({ reportingCap: 10_000 });
    expect(paged.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
    const times = paged.map(({ time }) => text(time));
    expect(times).toEqual([...times].sort().reverse());
    expect(times.every((time) => time >= window.from.replace('Z', '') && time <= '2026-03-02T14:00:00.000Z')).toBe(
      true,
    );
  });

  it('narrows to a user, and passes on that there is no such user', async () => {
    const window = { from: '2026-02-20T00:00:00Z' };
    const mine = await all('lastpass_list_audit_events', { ...window, user: ADA });
    expect(mine.every(({ username }) => username === ADA)).toBe(true);
    await expect(
      connector.call('lastpass_list_audit_events', { ...window, user: 'ghost@northwind.example' }),
    ).rejects.toMatchObject({
      kind: 'invalidInput',
      details: { field: 'user' },
    });
    await expect(
      connector.call('lastpass_list_audit_events', { from: '2026-03-02T00:00:00Z', to: '2026-03-01T00:00:00Z' }),
    ).rejects.toMatchObject({ details: { field: 'from' } });
  });
});

describe('live reads behind the unified actions', () => {
  it('find an account by address, by id and by invitation, each with its groups', async () => {
    const { data: byAddress } = await connector.call('lastpass_unified_get_user', { id: ADA });
    const [ada] = await all('lastpass_list_users', { username: ADA });
    const { data: byId } = await connector.call('lastpass_unified_get_user', { id: text(ada?.['id']) });
    expect(byAddress).toMatchObject({ id: ADA, unified_custom_fields: { account_id: ada?.['id'] } });
    expect(JSON.stringify(byAddress)).toContain('"IT"');
    expect(byId).toMatchObject({ id: ADA });
    const { data: invited } = await connector.call('lastpass_unified_get_user', {
      id: 'Priya.Raman@northwind.example',
    });
    expect(invited).toMatchObject({ status: { value: 'pending' } });
    await expect(connector.call('lastpass_unified_get_user', { id: 'ghost@northwind.example' })).rejects.toMatchObject({
      kind: 'notFound',
    });
  });

  it('list every user and invitation once over pages', async () => {
    const users = await all('lastpass_unified_list_users', { page_size: 10 });
    const { users: count, invited } = simulator.state();
    expect(users).toHaveLength(count + invited);
    expect(new Set(ids(users)).size).toBe(count + invited);
  });

  it('say that a role other than admin and basic is a wrong input', async () => {
    await expect(connector.call('lastpass_unified_get_role', { id: 'owner' })).rejects.toMatchObject({
      kind: 'invalidInput',
    });
  });
});
