// Values made from the schemas of our own OpenAPI document: such as fit, and such as nobody should send.
import fc from 'fast-check';

/** A JSON schema as far as it is looked into. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

export type Schemas = Readonly<Record<string, JsonSchema>>;

const ODD_TEXTS = [
  '', ' ', '\0', 'a\0b', '\u0001\u001f\u007f', '\ud800', 'x\udfffy', '\u202eevil', '\ufeff', 'é\u0301', '💩'.repeat(50),
  "';drop table account;--", '%00', '%', '../../../etc/passwd', '__proto__', 'constructor', 'toString', '-1', '1e999', 'NaN',
  'null', '[]', '{}', '*', 'invited:', 'email:', 'a@', '@', 'a'.repeat(5000), '9'.repeat(400), '2026-13-45T99:99:99Z',
  '+275760-09-13T00:00:00.001Z', '0000-00-00T00:00:00Z', 'lastpass ', 'LASTPASS',
] as const; // prettier-ignore

const ODD_NUMBERS = [-1, -0, 0.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e21, Number.MAX_VALUE, -Number.MAX_VALUE] as const;

/** Text that nobody should send. */
export const oddText = fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ unit: 'binary', maxLength: 40 }));

/** JSON that nobody should send there. */
const oddJson: fc.Arbitrary<unknown> = fc.oneof(
  oddText,
  fc.constantFrom(...ODD_NUMBERS),
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    [],
    {},
    [[[[]]]],
    [null],
    { a: { b: {} } },
    { toString: 1 },
    { length: 1e9 },
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values of a schema: mostly such as fit; now and then one place of them does not. */
export function valuesFor(schema: JsonSchema, schemas: Schemas, depth = 0): fc.Arbitrary<unknown> {
  const fitting = fittingValues(schema, schemas, depth);
  return fc.oneof({ weight: 5, arbitrary: fitting }, { weight: 1, arbitrary: oddJson });
}

function fittingValues(schema: JsonSchema, schemas: Schemas, depth: number): fc.Arbitrary<unknown> {
  const target = schema.$ref === undefined ? undefined : schemas[schema.$ref.split('/').at(-1) ?? ''];
  if (target !== undefined) return depth > 6 ? fc.constant(null) : fittingValues(target, schemas, depth + 1);
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => valuesFor(choice, schemas, depth + 1)));
  if (schema.allOf?.[0] !== undefined) return fittingValues(schema.allOf[0], schemas, depth + 1);
  const types = [schema.type ?? []].flat();
  return types.length === 0 ? oddJson : fc.oneof(...types.map((type) => ofType(type, schema, schemas, depth)));
}

function ofType(type: string, schema: JsonSchema, schemas: Schemas, depth: number): fc.Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.oneof(
        fc.integer({ min: Math.ceil(schema.minimum ?? -10), max: Math.min(schema.maximum ?? 1e9, 1e9) }),
        fc.constantFrom(schema.minimum ?? 0, schema.maximum ?? 2 ** 31 - 1),
      );
    case 'string':
      if (schema.format === 'date-time') return fc.constantFrom('2026-03-02T10:00:00Z', '1970-01-01T00:00:00.000Z');
      return fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('lastpass', 'Engineering', 'ada.okonkwo@northwind.example'));
    case 'array':
      return fc.array(valuesFor(schema.items ?? {}, schemas, depth + 1), { maxLength: 3 });
    default:
      return objectValues(schema, schemas, depth);
  }
} // prettier-ignore

function objectValues(schema: JsonSchema, schemas: Schemas, depth: number): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, field]) => [name, valuesFor(field, schemas, depth + 1)]),
  );
  const whole = fc.record(fields, { requiredKeys: (schema.required ?? []).filter((name) => name in fields) });
  const spoilt = fc.tuple(fc.record(fields, { requiredKeys: [] }), oddText, oddJson).map(([value, name, odd]) => {
    return { ...value, [name]: odd };
  });
  return fc.oneof({ weight: 6, arbitrary: whole }, { weight: 1, arbitrary: spoilt });
}
