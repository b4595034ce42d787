import { z } from 'zod';
import type { Context } from './context.ts';
import { type Failure, usage } from './failure.ts';
import { assertNoSecret, secretPaths } from './changes/secret-inputs.ts';
import { kebab } from './text.ts';

/** A flag that a field of an action's input makes. */
export interface ActionFlag {
  readonly flag: string;
  readonly name: string;
  readonly kind: 'text' | 'number' | 'boolean' | 'list' | 'json';
  readonly description: string;
  readonly choices: readonly string[];
  readonly isRequired: boolean;
  /** Never taken from the command line. */
  readonly isSecret: boolean;
}

interface PropertySchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly PropertySchema[];
  readonly items?: PropertySchema;
  readonly properties?: Readonly<Record<string, PropertySchema>>;
  readonly required?: readonly string[];
}

const propertySchema: z.ZodType<PropertySchema> = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  get anyOf() {
    return z.array(propertySchema).optional();
  },
  get items() {
    return propertySchema.optional();
  },
  get properties() {
    return z.record(z.string(), propertySchema).optional();
  },
  required: z.array(z.string()).optional(),
});

const inputSchema = z.looseObject({
  properties: z.record(z.string(), propertySchema).default({}),
  required: z.array(z.string()).default([]),
});

/** The flags of an action, from the JSON Schema of its input; none where it takes nothing. */
export function flagsOf(schema: unknown): ActionFlag[] {
  const parsed = inputSchema.safeParse(schema);
  if (!parsed.success) return [];
  const { properties, required } = parsed.data;
  const secrets = new Set(secretPaths(schema));
  return Object.entries(properties).map(([name, property]) => ({
    flag: `--${kebab(name)}`,
    name,
    kind: kindOf(property),
    description: [property.description ?? '', partsOf(property)].filter((each) => each !== '').join('; '),
    choices: (property.enum ?? property.anyOf?.find((each) => each.enum)?.enum ?? []).map(String),
    isRequired: required.includes(name),
    isSecret: secrets.has(name),
  }));
}

/** What an object, or each object of a list, is made of: `each JSON with username (required), groups`. */
function partsOf({ items, properties, required = [] }: PropertySchema): string {
  if (items !== undefined) {
    const each = partsOf(items);
    return each === '' ? '' : `each ${each}`;
  }
  const names = Object.keys(properties ?? {});
  if (names.length === 0) return '';
  return `JSON with ${names.map((name) => (required.includes(name) ? `${name} (required)` : name)).join(', ')}`;
}

/**
 * The input of an action from its flags, over `base`. A list takes its flag again and again, an object each as JSON; a
 * boolean needs no value (`--disabled`, `--disabled=false`, `--no-disabled`). Throws a usage Failure naming the flag.
 */
export function parseActionInput(
  words: readonly string[],
  flags: readonly ActionFlag[],
  base: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const input = { ...base };
  const byFlag = new Map(flags.map((flag) => [flag.flag, flag]));
  const given = new Set<string>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const at = word.indexOf('=');
    const [name, inline] = at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
    const field = byFlag.get(name);
    const denied = byFlag.get(name.replace(/^--no-/, '--'));
    if (field === undefined && denied?.kind === 'boolean') {
      input[denied.name] = false;
    } else if (field === undefined) {
      throw notAField(word, flags);
    } else if (field.kind === 'boolean') {
      input[field.name] = booleanOf(field, inline);
    } else {
      const value = inline ?? words[(index += 1)];
      if (value === undefined) throw usage(`${name} needs a value.`);
      // The last one would win, and the others be left out of a change without a word.
      if (field.kind !== 'list' && given.has(name)) throw givenTwice(field, byFlag);
      given.add(name);
      put(input, field, value);
    }
  }
  return input;
}

/**
 * The whole input of a call: what `--input` gives (`-`: standard input), the flags over it, and required secrets asked for
 * where somebody is there. A secret on the command line is refused, so is an input that lacks what is required.
 */
export async function readActionInput(
  { prompt }: Pick<Context, 'prompt'>,
  words: readonly string[],
  schema: unknown,
  json: string | undefined,
): Promise<Record<string, unknown>> {
  const flags = flagsOf(schema);
  const isPiped = json === '-';
  const text = isPiped ? await prompt.everything() : json;
  const base = text === undefined ? {} : parseInput(text);
  const typed = parseActionInput(words, flags);
  assertNoSecret(isPiped ? typed : { ...base, ...typed }, secretPaths(schema));
  const input = parseActionInput(words, flags, base);
  for (const { name, flag, isSecret, isRequired } of flags) {
    if (!isSecret || !isRequired || name in input || isPiped || !prompt.isPossible) continue;
    input[name] = await prompt.secret(`${flag.slice(2)}: `);
  }
  const missing = flags.filter(({ name, isRequired }) => isRequired && !(name in input));
  if (missing.length > 0) throw usage(`This action needs ${missing.map(flagText).join(', ')}.`, choicesText(missing));
  return input;
}

function notAField(word: string, flags: readonly ActionFlag[]): Failure {
  const all = flags.map(({ flag }) => flag).join(', ') || 'none';
  const list = flags.find(({ kind }) => kind === 'list');
  if (word.startsWith('-') || list === undefined)
    return usage(`${word} is not a field of this action.`, `Its fields: ${all}.`);
  const again = `A list takes its flag again for each: ${list.flag} ONE ${list.flag} OTHER.`;
  return usage(`${word} stands there without a flag.`, `${again} The fields: ${all}.`);
}

function givenTwice({ flag }: ActionFlag, byFlag: ReadonlyMap<string, ActionFlag>): Failure {
  const many = byFlag.get(`${flag}s`);
  const next = many?.kind === 'list' ? `Many go into ${many.flag}: ${many.flag} ONE ${many.flag} OTHER` : undefined;
  return usage(`${flag} is given twice, and takes one value.`, next);
}

function flagText({ flag, isSecret, name }: ActionFlag): string {
  return isSecret ? `${name} (a secret: --input - takes it from standard input)` : flag;
}

/** What the fields that lack may be, where that is a choice. */
function choicesText(flags: readonly ActionFlag[]): string | undefined {
  const texts = flags
    .filter(({ choices }) => choices.length > 0)
    .map(({ flag, choices }) => `${flag} is one of: ${choices.join(', ')}.`);
  return texts.length === 0 ? undefined : texts.join(' ');
}

function put(input: Record<string, unknown>, field: ActionFlag, text: string): void {
  const { kind, name, flag, choices } = field;
  if (kind === 'number') {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) throw usage(`${flag} has to be a number, not "${text}".`);
    input[name] = value;
  } else if (kind === 'list') {
    const present: unknown = input[name];
    const more: readonly unknown[] = /^[[{]/.test(text) ? listOf(flag, text) : [text];
    input[name] = [...(Array.isArray(present) ? (present as readonly unknown[]) : []), ...more];
  } else if (kind === 'json') {
    input[name] = jsonOf(flag, text);
  } else {
    if (choices.length > 0 && !choices.includes(text)) {
      throw usage(`${flag} cannot be "${text}".`, `Choose one of: ${choices.join(', ')}.`);
    }
    input[name] = text;
  }
}

function kindOf({ type, anyOf }: PropertySchema): ActionFlag['kind'] {
  const types = [type ?? anyOf?.flatMap((each) => each.type ?? []) ?? []].flat().filter((each) => each !== 'null');
  const [first = 'string'] = types;
  if (first === 'integer' || first === 'number') return 'number';
  if (first === 'boolean') return 'boolean';
  if (first === 'array') return 'list';
  return first === 'object' ? 'json' : 'text';
}

function booleanOf({ flag }: ActionFlag, text: string | undefined): boolean {
  if (text === undefined || text === 'true') return true;
  if (text === 'false') return false;
  throw usage(`${flag} is true or false, not "${text}".`);
}

function parseInput(text: string): Record<string, unknown> {
  const value = jsonOf('--input', text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw usage('--input has to be a JSON object.');
  return Object.fromEntries(Object.entries(value));
}

function listOf(flag: string, text: string): readonly unknown[] {
  const value = jsonOf(flag, text);
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

function jsonOf(flag: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const fromFile = flag === '--input' ? ', or pipe a file in: --input - < input.json' : '';
    throw usage(`${flag} is not JSON.`, `Quote it for the shell: ${flag} '{"name": "value"}'${fromFile}`);
  }
}
