import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CLIENT_TYPES, clientTypes } from './generate-client.ts';
import { renderClientTypes } from './openapi-types.ts';

const answer = (schema: object) => ({
  summary: 'Read',
  responses: { 200: { content: { 'application/json': { schema } } } },
});
const render = (schema: object, schemas: object = {}) => {
  return renderClientTypes({ paths: { '/v1/x': { get: answer(schema) } }, components: { schemas } }, ['/v1/']);
};

describe('the types of the client', () => {
  it('are those that the description of the API makes: run node scripts/generate-client.ts', async () => {
    expect(readFileSync(CLIENT_TYPES, 'utf8')).toBe(await clientTypes());
  });

  it('say what may be null, absent, one of some words, or anything', () => {
    const text = render({
      type: 'object',
      required: ['a', 'b', 'c-d'],
      properties: {
        a: { type: ['string', 'null'] },
        b: { enum: ['x', "it's", 3] },
        'c-d': { type: 'array', items: { anyOf: [{ type: 'integer' }, { type: 'null' }] } },
        e: { type: 'object', additionalProperties: { type: 'boolean' } },
        f: {},
      },
    });
    for (const line of [
      'a: string | null;',
      String.raw`b: 'x' | 'it\'s' | 3;`,
      "'c-d': (number | null)[];",
      'e?: Record<string, boolean>;',
      'f?: unknown;',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('have the schemas that are referred to, also by way of others, and no more', () => {
    const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });
    const text = render(reference('A'), {
      A: { type: 'object', properties: { b: reference('B') } },
      B: { type: 'string' },
      C: { type: 'string' },
    });
    expect(text).toContain("'B': string;");
    expect(text).not.toContain("'C'");
    expect(() => render(reference('Z'))).toThrow('refers to Z');
  });

  it('refuse what they would not understand', () => {
    expect(() => render({ type: 'tuple' })).toThrow('tuple');
    const trace = { paths: { '/v1/x': { trace: answer({}) } }, components: { schemas: {} } };
    expect(() => renderClientTypes(trace, ['/v1/'])).toThrow('trace');
  });
});
