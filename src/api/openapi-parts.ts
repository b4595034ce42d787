import { z } from 'zod';
import { isCompatiblePath } from './http/paths.ts';

/** The two halves of the description: what is our own, and what StackOne's clients call. */
export const PARTS = ['v1', 'unified'] as const;
export type Part = (typeof PARTS)[number];
export const partSchema = z.enum(PARTS);

/** What the halves are called, for people. */
export const PART_TITLES: Readonly<Record<Part, string>> = {
  v1: "Usher's own API",
  unified: 'StackOne-compatible API',
};

const ABOUT: Readonly<Record<Part, string>> = {
  v1:
    'Connections, syncs, accounts, grants, history, events and who may call: `/v1`. Errors are problem details (RFC ' +
    '9457).',
  unified:
    "The IAM API of StackOne (`/unified`), its catalogue and calls of actions (`/actions`), `/accounts` and `/connectors`, as StackOne's clients call them. " +
    "`x-account-id` names a connection. Errors are in StackOne's frame.",
};

const parameterSchema = z.looseObject({
  name: z.string(),
  in: z.string(),
  schema: z.looseObject({ type: z.unknown().optional() }).optional(),
});
const operationSchema = z.looseObject({
  tags: z.array(z.string()).default([]),
  parameters: z.array(parameterSchema).optional(),
  requestBody: z.looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.unknown() })) }).optional(),
});
const documentSchema = z.looseObject({
  info: z.looseObject({ title: z.string() }),
  tags: z.array(z.looseObject({ name: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});
export type Description = z.output<typeof documentSchema>;

/**
 * The OpenAPI document as it is shown: whole, or one half of it that is a valid document by itself (the halves together
 * have every path once). Parameters that are objects are said to be written in brackets (`filter[email]`), bodies that may
 * be null need not be sent, and schemas that nothing refers to are left out.
 */
export function descriptionOf(generated: object, part: Part | null): Description {
  const whole = documentSchema.parse(generated);
  const paths = Object.fromEntries(
    Object.entries(whole.paths)
      .filter(([path]) => part === null || isCompatiblePath(path) === (part === 'unified'))
      .map(([path, operations]) => [path, corrected(operations)]),
  );
  const used = new Set(Object.values(paths).flatMap((item) => Object.values(item).flatMap(({ tags }) => tags)));
  const names = referredTo(paths, whole.components.schemas);
  const schemas = Object.entries(whole.components.schemas).filter(([name]) => names.has(name));
  return {
    ...whole,
    info: part === null ? whole.info : { ...whole.info, title: PART_TITLES[part], description: ABOUT[part] },
    tags: whole.tags.filter(({ name }) => used.has(name)),
    paths,
    components: { ...whole.components, schemas: Object.fromEntries(schemas) },
  };
}

type Operations = Description['paths'][string];

type Operation = Operations[string];

/** What the generator cannot know. */
function corrected(operations: Operations): Operations {
  return Object.fromEntries(
    Object.entries(operations).map(([method, operation]) => [method, withOptionalBody(bracketed(operation))]),
  );
}

function bracketed(operation: Operation): Operation {
  const parameters = operation.parameters?.map((parameter) => {
    const isObject = parameter.in === 'query' && parameter.schema?.type === 'object';
    return isObject ? { ...parameter, style: 'deepObject', explode: true } : parameter;
  });
  return parameters === undefined ? operation : { ...operation, parameters };
}

const nullable = z.looseObject({ anyOf: z.array(z.looseObject({ type: z.unknown() })) });

function withOptionalBody(operation: Operation): Operation {
  const { requestBody } = operation;
  if (requestBody === undefined) return operation;
  const isOptional = Object.values(requestBody.content).every(({ schema }) => {
    return nullable.safeParse(schema).data?.anyOf.some(({ type }) => type === 'null') === true;
  });
  return isOptional ? { ...operation, requestBody: { ...requestBody, required: false } } : operation;
}

/** The names of the schemas that something refers to, directly or by way of others. */
function referredTo(value: unknown, schemas: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting: unknown[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const [, name = ''] of JSON.stringify(next).matchAll(/"#\/components\/schemas\/([^"]+)"/gu)) {
      if (found.has(name)) continue;
      found.add(name);
      waiting.push(schemas[name]);
    }
  }
  return found;
}
