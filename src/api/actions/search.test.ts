import { StackOne } from '@stackone/stackone-client-ts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testApi } from '../testing/api.ts';
import type { TestApi } from '../testing/api.ts';
import { paperConnector } from '../testing/paper.ts';
import { createActionSearch } from './search.ts';

const search = createActionSearch([paperConnector([])]);
const options = { connector: null, limit: 10, minSimilarity: 0 };
const found = (query: string) => search.find(query, options).map(({ action }) => action.id);

describe('a search for actions', () => {
  it('has what is meant first, whatever the words are', () => {
    expect(found('list users')[0]).toBe('paper_unified_list_users');
    expect(found('Who has access to the folder?')[0]).toBe('paper_unified_list_resource_users');
    expect(found('paper_unified_get_group')[0]).toBe('paper_unified_get_group');
  });

  it('forgives typing errors, half-typed words and another order', () => {
    for (const query of ['lst usrs', 'usres list', 'list use', 'LIST USERS']) {
      expect(found(query)[0], query).toBe('paper_unified_list_users');
    }
  });

  it('knows what people also say for what an action does, so that nobody is led to something else', () => {
    for (const query of ['suspend user', 'deactivate somebody', 'block a user', 'turn off a user']) {
      expect(found(query)[0], query).toBe('paper_disable_user');
    }
  });

  it('finds nothing where nothing fits', () => {
    expect(found('xyzzy')).toEqual([]);
    expect(found('…!?')).toEqual([]);
  });

  it('is ranked: similarity falls from at most 1, and the limits hold', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (query, limit, minSimilarity) => {
          const similarities = search
            .find(`list ${query}`, { connector: null, limit, minSimilarity })
            .map((each) => each.similarity);
          expect(similarities).toEqual([...similarities].sort((a, b) => b - a));
          expect(similarities.length).toBeLessThanOrEqual(limit);
          expect(similarities.every((each) => each > 0 && each <= 1 && each >= minSimilarity)).toBe(true);
        },
      ),
      { seed: 3, numRuns: 200 },
    );
  });
});

describe('an id that no action has', () => {
  const near = (id: string, connector: string | null = null) =>
    search.near(id, connector).map(({ action }) => action.id);

  it('is near to those that are spelled nearly so, and to nothing else then', () => {
    for (const id of [
      'paper_disabel_user', 'paper_disableuser', 'paper_disable_users', 'PAPER-disable-user', 'paperDisableUser', 'papr_disable_user',
    ]) expect(near(id), id).toEqual(['paper_disable_user']); // prettier-ignore
  });

  it('is near to the one whose words say clearly best the same, or to a few that do so alike', () => {
    expect(near('paper_suspend_user')).toEqual(['paper_disable_user']);
    expect(near('disable_user')).toEqual(['paper_disable_user']);
    expect(near('unified_users_list')).toEqual(['paper_unified_list_users']);
    expect(found('list').length).toBeGreaterThan(3);
    expect(near('list')).toHaveLength(3);
  });

  it('is near to nothing where only the name of a connector fits, or the action is of another one', () => {
    expect(near('paper_frobnicate')).toEqual([]);
    expect(near('paper')).toEqual([]);
    expect(near('paper_disabel_user', 'moon')).toEqual([]);
  });
});

describe('POST /actions/search', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await testApi();
  });
  afterAll(async () => api.close());
  const post = (url: string, body: object) => api.call('POST', url, { body });

  it('answers with the keys of both generations of clients', async () => {
    const answer = await post('/actions/search', {
      query: 'lst usrs',
      connector: 'paper',
      top_k: 1,
      project_id: 'mine',
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      results: [
        {
          id: 'paper_1.0.0_paper_unified_list_users_global',
          action_name: 'paper_unified_list_users',
          connector_key: 'paper',
          label: expect.any(String),
          description: expect.any(String),
          project_id: 'global',
          similarity_score: 1,
          schema_type: 'unified',
          effect: 'read',
        },
      ],
      total_count: 1,
      query: 'lst usrs',
      connector_filter: 'paper',
      project_filter: 'mine',
    });
  });

  it('names an action that can be called', async () => {
    const [first] = (await post('/actions/search', { query: 'get one user' })).json().results;
    const serverURL = await api.app.listen({ host: '127.0.0.1', port: 0 });
    const sdk = new StackOne({ serverURL, security: { username: api.token, password: '' } });
    const called = await sdk.actions.rpcAction({
      action: first.action_name,
      path: { id: '101' },
      headers: { 'x-account-id': 'paper' },
    });
    expect(called.statusCode).toBe(200);
  });

  it('leaves weak results out where asked, and names what is wrong', async () => {
    const all = (await post('/actions/search', { query: 'list users' })).json().total_count;
    const strong = (await post('/actions/search', { query: 'list users', min_similarity: 0.9 })).json().total_count;
    expect(strong).toBeLessThan(all);
    const status = async (body: object) => (await post('/actions/search', body)).json();
    expect(await status({})).toMatchObject({ statusCode: 400, field: 'query' });
    expect(await status({ query: 'x', top_k: 0 })).toMatchObject({ statusCode: 400, field: 'top_k' });
    expect(await status({ query: 'x', min_similarity: 2 })).toMatchObject({ statusCode: 400, field: 'min_similarity' });
    expect(await status({ query: 'x', connector: 'moon' })).toMatchObject({ statusCode: 400, field: 'connector' });
  });

  it('has nothing to build, and says so', async () => {
    const answer = await post('/actions/build', { connector_key: 'paper', force_refresh: true });
    expect(answer.json()).toMatchObject({ status: 'success', actions_indexed: 12 });
    expect((await post('/actions/build', { connector_key: 'moon' })).statusCode).toBe(400);
  });
});
