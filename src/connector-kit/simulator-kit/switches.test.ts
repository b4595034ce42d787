import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { helpOfSwitches, readSwitches } from './switches.ts';

const schema = z.strictObject({
  edge: z.enum(['off', '403', '503']).default('off').describe('a page instead of every answer'),
  most: z.coerce.number().int().default(20).describe('entries at most'),
});

describe('the switches of a simulator', () => {
  it('are those given, as texts or as themselves, and defaults for the others', () => {
    expect(readSwitches(schema)).toEqual({ edge: 'off', most: 20 });
    expect(readSwitches(schema, { most: '5' })).toEqual({ edge: 'off', most: 5 });
  });

  it('are refused by name', () => {
    const field = (values: Record<string, unknown>) => {
      try {
        return readSwitches(schema, values);
      } catch (error) {
        return error;
      }
    };
    expect(field({ edge: '404' })).toMatchObject({ kind: 'invalidInput', details: { field: 'switch.edge' } });
    expect(field({ colour: 'red' })).toMatchObject({ details: { field: 'switch.colour' } });
  });

  it('have a line of help each, the default first', () => {
    expect(helpOfSwitches(schema)).toEqual([
      'edge=off | 403 | 503  a page instead of every answer',
      'most=20  entries at most',
    ]);
  });
});
