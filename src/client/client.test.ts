import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testApi } from '../api/testing/api.ts';
import type { TestApi } from '../api/testing/api.ts';
import { createUsherClient } from './index.ts';

let api: TestApi;
let url: string;
beforeAll(async () => {
  api = await testApi();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => api.close());

test('the client reads lists and objects, with parameters in path and query', async () => {
  const usher = createUsherClient({ url, token: api.token });
  const list = await usher.GET('/v1/accounts', { params: { query: { status: 'disabled', page_size: 5 } } });
  expect(list.data?.data.map(({ key }) => key)).toEqual(['103']);
  const path = { connection: 'paper', key: 'lena+x@northwind.example' };
  const one = await usher.GET('/v1/accounts/{connection}/{key}', { params: { path } });
  expect(one.data?.display_name).toBe('Lena Fischer');
  const filter = { account_ids: 'paper' };
  const actions = await usher.GET('/actions', { params: { query: { filter } } });
  expect(actions.data?.data[0]?.account_id).toBe('paper');
});

test('the client calls actions, and is told what is refused as an answer', async () => {
  const usher = createUsherClient({ url, token: api.token });
  const found = await usher.POST('/actions/search', { body: { query: 'lst usrs' } });
  expect(found.data?.results[0]?.action_name).toBe('paper_unified_list_users');
  const refused = await usher.GET('/v1/connections/{connection}', { params: { path: { connection: 'nowhere' } } });
  expect(refused.response.status).toBe(404);
  expect(refused.error).toMatchObject({ code: 'notFound' });
  const stranger = createUsherClient({ url, token: 'ush_wrong' });
  expect((await stranger.GET('/v1/me')).response.status).toBe(401);
});

test('the token goes nowhere else: a redirect is not followed', async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const usher = createUsherClient({ url: `http://127.0.0.1:${port}`, token: api.token });
  await expect(usher.GET('/v1/me')).rejects.toThrow('fetch failed');
  expect(asked).toEqual(['/v1/me']);
  await new Promise((resolve) => server.close(resolve));
});
