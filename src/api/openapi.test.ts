import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collectRoutes } from './http/route-table.ts';
import { testApi } from './testing/api.ts';
import type { TestApi } from './testing/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => api.close());

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly responses: Readonly<Record<string, unknown>>;
}

test('the description is valid OpenAPI 3.1 with examples', async () => {
  const answer = await api.get('/openapi.json', { as: null });
  const description = answer.json();
  expect(description.openapi).toMatch(/^3\.1/u);
  const result = await new Validator().validate(description);
  expect(result.errors ?? []).toEqual([]);
  expect(result.valid).toBe(true);
  expect(description.components.schemas.Connection.examples).toHaveLength(1);
  expect(description.components.schemas.Problem.examples).toHaveLength(1);
});

test('every route is described, with a name of its own and what failing looks like', async () => {
  const { paths } = (await api.get('/openapi.json')).json();
  const operations: Operation[] = Object.values<Record<string, Operation>>(paths).flatMap((path) =>
    Object.values(path),
  );
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id) => id !== undefined)).toBe(true);
  const described = new Set(Object.keys(paths));
  const hidden = new Set(['/', '/page.css', '/page.js', '/openapi.json']);
  const urls = collectRoutes(api.app).map(({ url }) => url);
  const shown = urls.filter((url) => !url.startsWith('/docs') && !hidden.has(url));
  expect(shown.filter((url) => !described.has(url.replaceAll(/:(\w+)/gu, '{$1}')))).toEqual([]);
  const silent = operations.filter(({ responses }) => !Object.keys(responses).includes('4XX'));
  expect(silent.map(({ operationId }) => operationId)).toEqual(['getHealth', 'getReadiness']);
});

test('no schema has a required parameter that has a default', async () => {
  const { paths } = (await api.get('/openapi.json')).json();
  for (const [path, operations] of Object.entries<
    Record<string, { parameters?: { name: string; required?: boolean; schema: { default?: unknown } }[] }>
  >(paths)) {
    for (const { parameters = [] } of Object.values(operations)) {
      const wrong = parameters.filter(({ required, schema }) => required === true && schema.default !== undefined);
      expect(wrong, path).toEqual([]);
    }
  }
});
