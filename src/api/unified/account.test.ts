import { expect, test, vi } from 'vitest';
import { testApi } from '../testing/api.ts';

test('a connection is described once for all reads, and again when it was changed', async () => {
  const api = await testApi();
  try {
    const { connections } = api.services;
    const organizations = async () =>
      (await api.unified('users')).json().data.map((user: { organization_id: string }) => user.organization_id);
    const describing = vi.spyOn(connections, 'describe');
    expect(await organizations()).toContain('77');
    expect(await organizations()).not.toContain('78');
    expect(describing).toHaveBeenCalledTimes(1);

    const credentials = { name: 'Paper 78', authType: 'api_key' } as const;
    describing.mockResolvedValue({ organizations: [{ id: '78', name: 'Paper 78' }], credentials });
    const before = await connections.get('paper');
    vi.spyOn(connections, 'get').mockResolvedValue({ ...before, settings: { company: '78' } });
    expect(new Set(await organizations())).toEqual(new Set(['78']));
    expect(describing).toHaveBeenCalledTimes(2);
  } finally {
    await api.close();
  }
});
