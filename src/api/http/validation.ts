import type { FastifySchema, FastifySchemaValidationError } from 'fastify';
import { z } from 'zod';

/** Says what is wrong with a request, and with which field: as people write it (`filter[email]`, `settings.company_id`). */
export function validationProblem(
  issues: readonly FastifySchemaValidationError[],
  context: string | undefined,
  schema: FastifySchema | undefined,
): { readonly field: string; readonly message: string; readonly next?: string } {
  const [issue] = issues;
  const path = (issue?.instancePath ?? '').split('/').filter((step) => step !== '');
  const unknown = unknownKeys(issue);
  if (unknown.length > 0) {
    // A name may be empty: it is told in quotes then, as a field has to be named.
    const names = unknown.map((key) => fieldName([...path, key === '' ? '""' : key], context));
    const known = knownKeys(partOf(schema, context), path);
    return {
      field: names[0] ?? '',
      message: `Unknown: ${names.join(', ')}.`,
      next: known.length === 0 ? 'Nothing is expected there.' : `Known: ${known.join(', ')}.`,
    };
  }
  const field = fieldName(path, context) || (context === 'body' ? 'body' : 'request');
  return { field, message: `${field}: ${issue?.message ?? 'not valid'}.`.replace(/\.\.$/u, '.') };
}

/** The name of a field in a query string (`filter[email]`) or elsewhere (`settings.company_id`). */
function fieldName(path: readonly string[], context: string | undefined): string {
  const [first, ...rest] = path;
  if (first === undefined) return '';
  if (context === 'querystring') return first + rest.map((step) => `[${step}]`).join('');
  return path.join('.');
}

function partOf(schema: FastifySchema | undefined, context: string | undefined): unknown {
  const part = PARTS.find((name) => name === context);
  return part && schema?.[part];
}

const PARTS = ['body', 'querystring', 'params', 'headers'] as const;

/** The names an object of the schema may have at a path; none where that cannot be told. */
function knownKeys(schema: unknown, path: readonly string[]): readonly string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) {
    return knownKeys(schema.unwrap(), path);
  }
  if (!(schema instanceof z.ZodObject)) return [];
  const [first, ...rest] = path;
  return first === undefined ? Object.keys(schema.shape) : knownKeys(schema.shape[first], rest);
}

function unknownKeys(issue: FastifySchemaValidationError | undefined): readonly string[] {
  const keys = issue?.keyword === 'unrecognized_keys' ? issue.params['keys'] : [];
  return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
}
