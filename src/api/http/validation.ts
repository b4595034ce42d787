import type { FastifySchemaValidationError } from 'fastify';

/** Says what is wrong with a request, and with which field: as people write it (`filter[email]`, `settings.companyId`). */
export function validationProblem(
  issues: readonly FastifySchemaValidationError[],
  context: string | undefined,
): { readonly field: string; readonly message: string; readonly next?: string } {
  const [issue] = issues;
  const path = (issue?.instancePath ?? '').split('/').filter((step) => step !== '');
  const unknown = unknownKeys(issue);
  if (unknown.length > 0) {
    const names = unknown.map((key) => fieldName([...path, key], context));
    return {
      field: names[0] ?? '',
      message: `Unknown: ${names.join(', ')}.`,
      next: 'Leave it out; /docs lists what is known.',
    };
  }
  const field = fieldName(path, context) || (context === 'body' ? 'body' : 'request');
  return { field, message: `${field}: ${issue?.message ?? 'not valid'}.`.replace(/\.\.$/u, '.') };
}

/** The name of a field in a query string (`filter[email]`) or elsewhere (`settings.companyId`). */
function fieldName(path: readonly string[], context: string | undefined): string {
  const [first, ...rest] = path;
  if (first === undefined) return '';
  if (context === 'querystring') return first + rest.map((step) => `[${step}]`).join('');
  return path.join('.');
}

function unknownKeys(issue: FastifySchemaValidationError | undefined): readonly string[] {
  const keys = issue?.keyword === 'unrecognized_keys' ? issue.params['keys'] : [];
  return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
}
