import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Schema {
  readonly $ref?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly definitions: Readonly<Record<string, Schema>>;
}

/** Rapid7's own description of the API, pruned to users and access (MIT; the notice is in the file). */
const document: Document = JSON.parse(
  readFileSync(join(import.meta.dirname, 'insightvm-v3-users.openapi.json'), 'utf8'),
);

/** The operations of the document: method, path, id. */
export const operations: readonly { readonly method: string; readonly path: string; readonly operationId: string }[] =
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({ method: method.toUpperCase(), path, operationId })),
  );

/** Which operation a request is; null: none of the document's. */
export function operationIdOf(method: string, path: string): string | null {
  return operationFor(method, path)?.operationId ?? null;
}

/**
 * What is wrong with an answer by the document: [] for nothing. Fields the document does not have are wrong too. Statuses
 * that it does not list have to be one of those its overview or other clients know, with the shape that goes with them.
 */
export function problemsWith(method: string, path: string, status: number, body: unknown): readonly string[] {
  const operation = operationFor(method, path);
  const isCreate = operation?.operationId === 'createUser';
  const schema = operation?.responses[String(status === 201 && isCreate ? 200 : status)]?.schema;
  if (schema) return check(schema, status < 400 ? body : withTextStatus(body), '');
  if (status === 204) return method === 'DELETE' && body === undefined ? [] : ['204 with a body'];
  if (status < 400) return operation ? [`${operation.operationId} does not answer ${status}`] : [];
  if (![400, 401, 403, 404, 405, 415, 503].includes(status)) return [`no client knows ${status}`];
  return check(ERROR, body, '');
}

const ERROR: Schema = {
  type: 'object',
  required: ['status', 'message', 'links'],
  properties: {
    status: { type: 'integer' },
    message: { type: 'string' },
    links: { type: 'array', items: { $ref: '#/definitions/Link' } },
  },
};

function operationFor(method: string, path: string): Operation | null {
  const given = path.split('/');
  for (const [template, methods] of Object.entries(document.paths)) {
    const parts = template.split('/');
    const fits = parts.length === given.length && parts.every((part, at) => part.startsWith('{') || part === given[at]);
    if (fits) return methods[method.toLowerCase()] ?? null;
  }
  return null;
}

/** The document calls it a text; on the wire it is a number. */
function withTextStatus(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'status' in body
    ? { ...body, status: String(body.status) }
    : body;
}

function check(schema: Schema, value: unknown, path: string): readonly string[] {
  if (schema.$ref !== undefined) {
    const name = decodeURIComponent(schema.$ref.slice('#/definitions/'.length));
    const referred = document.definitions[name];
    return referred ? check(referred, value, path) : [`no definition ${name}`];
  }
  if (!isOfType(schema.type, value)) return [`${path || 'body'} is not ${schema.type}: ${JSON.stringify(value)}`];
  if (schema.enum && !schema.enum.includes(String(value))) return [`${path} is none of the enum: ${String(value)}`];
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.flatMap((item: unknown, at) => check(items, item, `${path}[${at}]`)) : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const fields = new Map(Object.entries(value));
  const missing = (schema.required ?? [])
    .filter((name) => !fields.has(name))
    .map((name) => `${path}.${name} is missing`);
  const wrong = [...fields].flatMap(([name, field]) => {
    const known = schema.properties?.[name];
    return known ? check(known, field, `${path}.${name}`) : [`${path}.${name} is not in the document`];
  });
  return [...missing, ...wrong];
}

function isOfType(type: Schema['type'], value: unknown): boolean {
  switch (type) {
    case undefined:
      return true;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
