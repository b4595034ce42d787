import { afterAll, beforeAll, expect, test } from 'vitest';
import { freeze } from '../../store/instance.ts';
import { type TestApi, testApi } from '../testing/api.ts';

let api: TestApi;
beforeAll(async () => void (api = await testApi()));
afterAll(() => api.close());

test('an administrator, and nobody else, ends the standing still after a restore; all may see it', async () => {
  const since = '2026-11-22T06:00:00.000Z';
  expect((await api.get('/v1/instance')).json()).toMatchObject({ frozen_since: null });
  await freeze(api.database.pool, since);
  const operator = await api.tokenOf('operator');
  expect((await api.get('/v1/instance', { as: operator })).json()).toMatchObject({ frozen_since: since });
  expect((await api.call('POST', '/v1/thaw', { as: operator, body: {} })).statusCode).toBe(403);
  expect((await api.call('POST', '/v1/thaw', { body: {} })).json()).toEqual({ was_frozen_since: since });
  expect((await api.call('POST', '/v1/thaw', { body: {} })).json()).toEqual({ was_frozen_since: null });
  expect((await api.get('/v1/instance')).json()).toMatchObject({ frozen_since: null });
});
