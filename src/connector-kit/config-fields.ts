import { z } from 'zod';
import type { Connector } from './connector.ts';
import { externalName } from './field-names.ts';

/** One field of a connect form, a CLI flag, a row in the docs. */
export interface ConfigField {
  /** As it is known outside (`company_id`). */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly kind: 'text' | 'secret' | 'choice' | 'number';
  readonly choices?: readonly string[];
  readonly default?: string | number;
  readonly required: boolean;
}

/**
 * Describes what a person must fill in to connect, settings first, then secrets, each in the order of its schema. Title
 * and description are those of the field's `.meta()`; the title falls back to the name.
 */
export function configFields(connector: Pick<Connector, 'config'>): ConfigField[] {
  return [
    ...Object.entries<z.core.$ZodType>(connector.config.settings.shape).map(([name, schema]) =>
      describeField(name, schema, false),
    ),
    ...Object.entries<z.core.$ZodType>(connector.config.secrets.shape).map(([name, schema]) =>
      describeField(name, schema, true),
    ),
  ];
}

function describeField(name: string, schema: z.core.$ZodType, isSecret: boolean): ConfigField {
  const { inner, fallback, isOptional } = unwrap(schema);
  const meta = { ...z.globalRegistry.get(inner), ...z.globalRegistry.get(schema) };
  const choices = inner instanceof z.ZodEnum ? inner.options.map(String) : null;
  const base = {
    name: externalName(name),
    title: meta.title ?? name,
    description: meta.description ?? '',
    required: !isOptional,
    ...(typeof fallback === 'string' || typeof fallback === 'number' ? { default: fallback } : {}),
  };
  if (isSecret) return { ...base, kind: 'secret' };
  if (choices !== null) return { ...base, kind: 'choice', choices };
  return { ...base, kind: inner instanceof z.ZodNumber ? 'number' : 'text' };
}

interface Unwrapped {
  readonly inner: z.core.$ZodType;
  readonly fallback: unknown;
  readonly isOptional: boolean;
}

/** Looks through optional, default and transforming wrappers to the type a person fills in. */
function unwrap(schema: z.core.$ZodType): Unwrapped {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    const under = unwrap(schema.def.innerType);
    return { inner: under.inner, fallback: schema.def.defaultValue, isOptional: true };
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return { ...unwrap(schema.def.innerType), isOptional: true };
  }
  if (schema instanceof z.ZodPipe) return unwrap(schema.def.in);
  return { inner: schema, fallback: undefined, isOptional: false };
}
