// OpenAPI 3.1 to TypeScript types, as much of it as our own description uses: what it does not know, it refuses.
import { z } from 'zod';

const schemaSchema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  description: z.string().optional(),
  pattern: z.string().optional(),
  required: z.array(z.string()).default([]),
  get anyOf() {
    return z.array(schemaSchema).optional();
  },
  get oneOf() {
    return z.array(schemaSchema).optional();
  },
  get allOf() {
    return z.array(schemaSchema).optional();
  },
  get items() {
    return schemaSchema.optional();
  },
  get properties() {
    return z.record(z.string(), schemaSchema).optional();
  },
  get additionalProperties() {
    return z.union([z.boolean(), schemaSchema]).optional();
  },
});
type Schema = z.output<typeof schemaSchema>;

const contentSchema = z.record(z.string(), z.looseObject({ schema: schemaSchema.optional() })).optional();
const operationSchema = z.looseObject({
  summary: z.string(),
  parameters: z
    .array(z.looseObject({ name: z.string(), in: z.string(), required: z.boolean().optional(), schema: schemaSchema }))
    .default([]),
  requestBody: z.looseObject({ required: z.boolean().optional(), content: contentSchema }).optional(),
  responses: z.record(z.string(), z.looseObject({ content: contentSchema })),
});
type Operation = z.output<typeof operationSchema>;

const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), schemaSchema) }),
});

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/**
 * The types of the paths that begin with one of `prefixes`, and of the schemas they refer to. Throws on what it does
 * not know.
 */
export function renderClientTypes(description: unknown, prefixes: readonly string[]): string {
  const { paths, components } = documentSchema.parse(description);
  const shown = Object.entries(paths).filter(([path]) => prefixes.some((prefix) => path.startsWith(prefix)));
  const pathTypes = shown.sort(byName).map(([path, operations]) => `${quoted(path)}: ${pathType(operations)};`);
  const names = referredTo(pathTypes.join('\n'), components.schemas);
  const schemaTypes = names.map((name) => `${quoted(name)}: ${typeOf(components.schemas[name] ?? unknown(name))};`);
  return [
    '// Made by scripts/generate-client.ts from the OpenAPI document; run it again after a change of the API.',
    '',
    `export interface paths ${block(pathTypes)}`,
    '',
    `export interface components ${block([`schemas: ${block(schemaTypes)};`])}`,
    '',
  ].join('\n');
}

function pathType(operations: Readonly<Record<string, Operation>>): string {
  const unknownMethods = Object.keys(operations).filter((method) => METHODS.every((known) => known !== method));
  if (unknownMethods.length > 0)
    throw new Error(`Methods that the client does not know: ${unknownMethods.join(', ')}.`);
  return block(
    METHODS.flatMap((method) => {
      const operation = operations[method];
      return operation === undefined ? [] : [comment(operation.summary), operationType(method, operation)];
    }),
  );
}

function operationType(method: string, { parameters, requestBody, responses }: Operation): string {
  const places = ['query', 'header', 'path'].map((place) => {
    const fields = parameters.filter((parameter) => parameter.in === place);
    if (fields.length === 0) return `${place}?: never;`;
    const isOptional = fields.every(({ required }) => required !== true);
    const types = fields.map(({ name, required, schema }) => field(name, required === true, parameterType(schema)));
    return `${place}${isOptional ? '?' : ''}: ${block(types)};`;
  });
  const body =
    requestBody === undefined
      ? 'requestBody?: never;'
      : `requestBody${requestBody.required === true ? '' : '?'}: ${contentType(requestBody.content)};`;
  const answers = Object.entries(responses).map(([status, { content }]) => {
    return `${/^\d+$/u.test(status) ? status : quoted(status)}: ${contentType(content)};`;
  });
  return `${method}: ${block([`parameters: ${block(places)};`, body, `responses: ${block(answers)};`])};`;
}

/** Numbers and flags in a query are text in its schema (`"25"`, `"true"`), but need not be written so in code. */
function parameterType(schema: Schema): string {
  const type = typeOf(schema);
  if (type === "'true' | 'false'") return 'boolean';
  return schema.pattern?.startsWith(String.raw`^\d`) === true ? 'number | string' : type;
}

function contentType(content: z.output<typeof contentSchema>): string {
  if (content === undefined) return '{ content?: never }';
  const types = Object.entries(content).map(([media, { schema }]) => {
    return `${quoted(media)}: ${schema === undefined ? 'unknown' : typeOf(schema)};`;
  });
  return block([`content: ${block(types)};`]);
}

function typeOf(schema: Schema): string {
  const { $ref, anyOf, oneOf, allOf, type } = schema;
  if ($ref !== undefined) return `components['schemas'][${quoted(nameOf($ref))}]`;
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map(literal));
  const choices = anyOf ?? oneOf;
  if (choices !== undefined) return union(choices.map(typeOf));
  if (allOf !== undefined) return allOf.map((each) => grouped(typeOf(each))).join(' & ');
  if (Array.isArray(type)) return union(type.map((each) => typeOf({ ...schema, type: each })));
  return ofType(schema, type);
}

function ofType(schema: Schema, type: string | undefined): string {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array':
      return `${grouped(schema.items === undefined ? 'unknown' : typeOf(schema.items))}[]`;
    case 'object':
      return objectType(schema);
    case undefined:
      return 'unknown';
    default:
      throw new Error(`A type that the client does not know: ${type}.`);
  }
}

function objectType({ properties, required, additionalProperties: rest }: Schema): string {
  if (properties === undefined) {
    return `Record<string, ${typeof rest === 'object' ? typeOf(rest) : 'unknown'}>`;
  }
  return block(
    Object.entries(properties).flatMap(([name, schema]) => {
      const type = field(name, required.includes(name), typeOf(schema));
      return schema.description === undefined ? [type] : [comment(schema.description), type];
    }),
  );
}

function field(name: string, isRequired: boolean, type: string): string {
  return `${/^[a-z_]\w*$/iu.test(name) ? name : quoted(name)}${isRequired ? '' : '?'}: ${type};`;
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ');
}

function grouped(type: string): string {
  return /[|&]/u.test(type) ? `(${type})` : type;
}

function literal(value: unknown): string {
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/gu, String.raw`\$&`)}'`;
}

function comment(text: string): string {
  return `/** ${text.replaceAll('*/', '* /').replaceAll(/\s+/gu, ' ')} */`;
}

function block(lines: readonly string[]): string {
  return lines.length === 0 ? 'Record<string, never>' : `{\n${lines.map(indented).join('\n')}\n}`;
}

function indented(lines: string): string {
  return lines.replaceAll(/^(?=.)/gmu, '  ');
}

function nameOf(reference: string): string {
  return reference.split('/').at(-1) ?? reference;
}

/** The names that a text of types refers to, and those that the schemas of those refer to, sorted. */
function referredTo(text: string, schemas: Readonly<Record<string, Schema>>): string[] {
  const found = new Set<string>();
  const waiting = [text];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const [, name = ''] of next.matchAll(/components\['schemas'\]\['([^']+)'\]/gu)) {
      if (found.has(name)) continue;
      found.add(name);
      waiting.push(typeOf(schemas[name] ?? unknown(name)));
    }
  }
  return [...found].sort();
}

function unknown(name: string): never {
  throw new Error(`The description refers to ${name}, which it does not have.`);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
