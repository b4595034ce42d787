import type { ConfigField, ConnectorInfo } from './contract.ts';
import type { Context } from './context.ts';
import { usage } from './failure.ts';
import { kebab, pad, printable, textWidth, wrap } from './text.ts';

/** Settings and secrets of a connection, by the fields' names. */
export interface ConfigValues {
  readonly settings: Readonly<Record<string, string | number>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Reads the flags that a connector's fields make (`company_id` is `--company-id VALUE` or `--company-id=VALUE`). A
 * secret is never taken from a flag: other users of the machine see those. Throws a usage Failure that names the flag.
 */
export function parseFieldFlags(words: readonly string[], connector: ConnectorInfo): ConfigValues['settings'] {
  const values: Record<string, string | number> = {};
  const fields = new Map(connector.fields.map((field) => [`--${kebab(field.name)}`, field]));
  for (let index = 0; index < words.length; index += 1) {
    const [flag, inline] = splitFlag(words[index] ?? '');
    const field = fields.get(flag);
    if (field === undefined) {
      throw usage(`${connector.title} has no setting ${flag}.`, `Its settings: ${[...fields.keys()].join(', ')}.`);
    }
    if (field.kind === 'secret') {
      throw usage(
        `${flag} is a secret, and a flag is seen by everybody on the machine.`,
        'Leave it out to be asked for it, or pipe it in with --secret-stdin.',
      );
    }
    const value = inline ?? words[(index += 1)];
    if (value === undefined) throw usage(`${flag} needs a value.`);
    values[field.name] = valueOf(field, value);
  }
  return values;
}

/**
 * The secrets from standard input: a JSON object by field names, or the whole of it where there is one, or one alone that
 * is required.
 */
export async function readSecrets(
  context: { readonly prompt: Pick<Context['prompt'], 'everything'> },
  fields: readonly ConfigField[],
): Promise<ConfigValues['secrets']> {
  const secrets = fields.filter(({ kind }) => kind === 'secret');
  const text = await context.prompt.everything();
  const [only] = secrets;
  if (only === undefined) return {};
  if (text === '')
    throw usage('Standard input holds no secret.', 'Pipe it in: usher connect … --secret-stdin < secret.txt');
  if (secrets.length === 1) return { [only.name]: text };
  const given = parseObject(text);
  const isByName = given !== null && secrets.some(({ name }) => typeof given[name] === 'string');
  if (!isByName) {
    const [required, ...others] = secrets.filter((field) => field.required);
    if (required !== undefined && others.length === 0) return { [required.name]: text };
    throw usage(
      `There are ${secrets.length} secrets: give them as a JSON object.`,
      `{${secrets.map(({ name }) => `"${name}": "…"`).join(', ')}}`,
    );
  }
  return Object.fromEntries(
    secrets.flatMap(({ name }) => (typeof given[name] === 'string' ? [[name, given[name]] as const] : [])),
  );
}

/**
 * Asks for what is not given yet: what is required, and what is chosen from a list. What has a default and is no choice
 * is left to its flag. After a refusal `previous` presets the answers and names what else to ask; secrets are always
 * asked anew.
 */
export async function askFields(
  context: Pick<Context, 'prompt' | 'out'>,
  connector: ConnectorInfo,
  given: ConfigValues,
  previous: ConfigValues['settings'],
): Promise<ConfigValues> {
  const settings: Record<string, string | number> = { ...given.settings };
  const secrets: Record<string, string> = { ...given.secrets };
  const asked = connector.fields.filter(
    (field) =>
      !(field.name in settings) &&
      !(field.name in secrets) &&
      (field.required || field.kind === 'choice' || field.name in previous),
  );
  const questions = questionsOf(asked);
  for (const [index, field] of asked.entries()) {
    const question = questions[index] ?? '';
    if (isLong(field))
      for (const line of wrap(printable(field.description ?? ''), (context.out.width ?? 100) - 2))
        context.out.note(`  ${line}`);
    if (field.kind === 'secret') {
      secrets[field.name] = await askUntilGiven(() => context.prompt.secret(question));
      continue;
    }
    const preset = String(previous[field.name] ?? field.default ?? '');
    const answer = await askUntilValid(context, field, () => context.prompt.line(question, preset));
    if (answer !== '') settings[field.name] = answer;
  }
  return { settings, secrets };
}

/** The flags whose fields are required and not given: what a script forgot. */
export function missingFlags(connector: ConnectorInfo, { settings, secrets }: ConfigValues): string[] {
  return connector.fields
    .filter(({ name, required }) => required && !(name in settings) && !(name in secrets))
    .map(({ name, kind }) => (kind === 'secret' ? `--secret-stdin (${name})` : `--${kebab(name)}`));
}

/** Help on a connector's flags, one a line. */
export function fieldHelp(connector: ConnectorInfo): string[] {
  const rows = connector.fields.map((field): [string, string] => [
    field.kind === 'secret' ? '--secret-stdin' : `--${kebab(field.name)} VALUE`,
    [
      field.title,
      field.description ? ` (${field.description})` : '',
      field.choices == null ? '' : `: ${field.choices.join(', ')}`,
      field.default == null ? '' : `; default ${String(field.default)}`,
      field.required && field.kind !== 'secret' ? '; required' : '',
      field.kind === 'secret' ? '; asked for without echo where it is not piped in' : '',
    ].join(''),
  ]);
  const width = Math.max(0, ...rows.map(([flag]) => flag.length));
  return rows.map(([flag, text]) => `  ${flag.padEnd(width)}  ${printable(text)}`);
}

/** A longer description stands in lines of its own above its question, so that no answer is pushed out of sight. */
const LONGEST_BESIDE = 48;

/** Titles and descriptions as two columns, so that the answers stand under one another. */
function questionsOf(fields: readonly ConfigField[]): string[] {
  const titles = fields.map(({ title }) => printable(title));
  const descriptions = fields.map((field) =>
    field.description && !isLong(field) ? `(${printable(field.description)})` : '',
  );
  const [titleWidth, descriptionWidth] = [titles, descriptions].map((texts) => Math.max(0, ...texts.map(textWidth)));
  return titles.map(
    (title, index) =>
      `${pad(title, titleWidth ?? 0, 'left')}  ${pad(descriptions[index] ?? '', descriptionWidth ?? 0, 'left')}   `,
  );
}

function isLong({ description }: ConfigField): boolean {
  return textWidth(printable(description ?? '')) > LONGEST_BESIDE;
}

function splitFlag(word: string): [string, string | undefined] {
  if (!word.startsWith('--')) throw usage(`"${word}" is not understood.`, 'Settings are given as --name VALUE.');
  const at = word.indexOf('=');
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function valueOf(field: ConfigField, text: string): string | number {
  if (field.kind === 'number') {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) throw usage(`${field.title} has to be a number, not "${text}".`);
    return value;
  }
  if (field.kind === 'choice' && field.choices != null && !field.choices.includes(text)) {
    throw usage(`${field.title} cannot be "${text}".`, `Choose one of: ${field.choices.join(', ')}.`);
  }
  return text;
}

async function askUntilGiven(ask: () => Promise<string>): Promise<string> {
  for (;;) {
    const answer = await ask();
    if (answer !== '') return answer;
  }
}

async function askUntilValid(
  context: Pick<Context, 'prompt' | 'out'>,
  field: ConfigField,
  ask: () => Promise<string>,
): Promise<string | number> {
  for (;;) {
    const answer = await ask();
    if (answer === '' && !field.required) return '';
    if (answer === '') continue;
    try {
      return valueOf(field, answer);
    } catch (error) {
      context.out.note(`  ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : null;
  } catch {
    return null;
  }
}
