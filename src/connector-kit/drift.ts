/** One difference between what an app sent and what the schema knows. Never holds a value that could be secret. */
export interface Drift {
  /** Where: the vendor's operation (`getuserdata`). */
  readonly operation: string;
  /** Which field, as a path without ids (`Users.*.newfield`). */
  readonly path: string;
  readonly problem: 'unknown-field' | 'unexpected-type' | 'unknown-value' | 'missing-field';
  /** A redacted sample: the type, or the shape of the value (`string(12)`), never the value itself. */
  readonly sample: string;
}

/** Collects differences during a pull or call; the connections room stores them with first and last seen and a count. */
export interface DriftRecorder {
  record(drift: Drift): void;
}

/** What a JSON value can be. */
export type JsonType = 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object';

/** What is known of one field of a vendor's object. */
export interface FieldShape {
  readonly types: readonly JsonType[];
  /** The values known, where they are words of a list. */
  readonly values?: ReadonlySet<string>;
  /** Whether it is always there. */
  readonly isRequired?: boolean;
}

/** Compares objects of one kind with what is known of them. */
export interface ShapeWatcher {
  observe(value: Readonly<Record<string, unknown>>): void;
}

/**
 * Watches objects at one place of a vendor's answers (`operation`, `path`) and records unknown fields, unexpected
 * types, unknown words and missing fields: each difference once, however many rows have it. Costs a look-up a field;
 * nothing is copied and no value is kept.
 */
export function watchShape(
  recorder: DriftRecorder,
  place: { readonly operation: string; readonly path: string },
  fields: Readonly<Record<string, FieldShape>>,
): ShapeWatcher {
  const known = new Map(Object.entries(fields).map(([name, shape]) => [name, compile(shape)]));
  const required = Object.keys(fields).filter((name) => fields[name]?.isRequired === true);
  const reported = new Set<string>();
  const report = (name: string, problem: Drift['problem'], value: unknown): void => {
    const id = `${problem} ${name}`;
    if (reported.has(id)) return;
    reported.add(id);
    recorder.record({ operation: place.operation, path: `${place.path}.${name}`, problem, sample: sampleOf(value) });
  };
  return {
    observe(value) {
      for (const name in value) {
        const shape = known.get(name);
        if (shape === undefined) {
          // A field's name can be data itself (a map keyed by address): of such, only the shape is told.
          report(nameToShow(name), 'unknown-field', value[name]);
          continue;
        }
        const field = value[name];
        const type = typeOf(field);
        if ((shape.mask & TYPE_BIT[type]) === 0) report(name, 'unexpected-type', field);
        else if (shape.values !== null && typeof field === 'string' && !shape.values.has(field)) {
          report(name, 'unknown-value', field);
        }
      }
      for (const name of required) if (!(name in value)) report(name, 'missing-field', undefined);
    },
  };
}

/** A recorder that keeps what it is given, for tests and one-off calls. @internal */
export function memoryDrift(): DriftRecorder & { readonly drifts: readonly Drift[] } {
  const drifts: Drift[] = [];
  return { drifts, record: (drift) => void drifts.push(drift) };
}

const TYPE_BIT: Readonly<Record<JsonType, number>> = {
  string: 1,
  number: 2,
  boolean: 4,
  null: 8,
  array: 16,
  object: 32,
};

function compile(shape: FieldShape): { readonly mask: number; readonly values: ReadonlySet<string> | null } {
  return { mask: shape.types.reduce((mask, type) => mask | TYPE_BIT[type], 0), values: shape.values ?? null };
}

function typeOf(value: unknown): JsonType {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return Array.isArray(value) ? 'array' : 'object';
}

function sampleOf(value: unknown): string {
  if (value === undefined) return 'absent';
  if (typeof value === 'string') return `string(${value.length})`;
  if (Array.isArray(value)) return `array(${value.length})`;
  return typeOf(value);
}

function nameToShow(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(name) ? name : '*';
}
