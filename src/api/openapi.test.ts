import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
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
  const hidden = new Set(['/', '/page.css', '/page.js', '/openapi.json', '/metrics']);
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

test('the halves are valid by themselves, and together have every path once', async () => {
  const whole = (await api.get('/openapi.json')).json();
  const own = (await api.get('/openapi.json?part=v1')).json();
  const compatible = (await api.get('/openapi.json?part=unified')).json();
  for (const half of [own, compatible]) {
    const result = await new Validator().validate(half);
    expect(result.errors ?? []).toEqual([]);
    const text = JSON.stringify(half);
    const unused = Object.keys(half.components.schemas).filter((name) => !text.includes(`/schemas/${name}"`));
    expect(unused).toEqual([]);
  }
  expect(Object.keys(own.paths).filter((path) => path.startsWith('/v1/')).length).toBeGreaterThan(15);
  expect(Object.keys(compatible.paths)).toContain('/unified/check_permissions');
  expect([...Object.keys(own.paths), ...Object.keys(compatible.paths)].sort()).toEqual(Object.keys(whole.paths).sort());
  expect(own.info.title).not.toBe(compatible.info.title);
  expect((await api.get('/openapi.json?part=moon')).json()).toMatchObject({ status: 400, field: 'part' });
});

test('the documentation page shows both halves', async () => {
  const script = (await api.get('/docs/static/swagger-initializer.js', { as: null })).body;
  expect(script).toContain('/openapi.json?part=v1');
  expect(script).toContain('/openapi.json?part=unified');
});

test('parameters that are objects are written in brackets', async () => {
  const { paths } = (await api.get('/openapi.json')).json();
  const filter = paths['/unified/iam/users'].get.parameters.find((each: { name: string }) => each.name === 'filter');
  expect(filter).toMatchObject({ in: 'query', style: 'deepObject', explode: true });
});

test('every example is one: it fits the schema it stands in', async () => {
  const { components, paths } = (await api.get('/openapi.json')).json();
  const examples: [name: string, schema: object, example: unknown][] = [];
  for (const [name, schema] of Object.entries<{ examples?: unknown[] }>(components.schemas)) {
    for (const example of schema.examples ?? []) examples.push([name, schema, example]);
  }
  for (const [path, operations] of Object.entries<Record<string, { requestBody?: Body }>>(paths)) {
    for (const { requestBody } of Object.values(operations)) {
      const json = requestBody?.content['application/json'];
      if (json?.example !== undefined) examples.push([path, json.schema, json.example]);
    }
  }
  expect(examples.length).toBeGreaterThan(20);
  for (const [name, schema, example] of examples) {
    const text = JSON.stringify({ ...schema, $defs: components.schemas }).replaceAll(
      '#/components/schemas/',
      '#/$defs/',
    );
    const result = z.fromJSONSchema(JSON.parse(text)).safeParse(example);
    expect(result.success ? [] : [name, result.error.issues]).toEqual([]);
  }
});

interface Body {
  readonly content: Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>>;
}
