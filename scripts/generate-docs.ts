// Writes what the documentation says of connectors and roles, from their definitions: `npm run docs`. Whole pages under
// docs/connectors/, and the parts of other pages between `<!-- NAME:begin -->` and `<!-- NAME:end -->`. A test compares
// them with what this makes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { configFields } from '../src/connector-kit/config-fields.ts';
import type { ActionInfo, Connector } from '../src/connector-kit/connector.ts';
import { externalName } from '../src/connector-kit/field-names.ts';
import { CONNECTORS } from '../src/main.ts';
import { PERMISSIONS, type Permission, ROLE_PERMISSIONS, ROLES } from '../src/model/access.ts';

const ROOT = join(import.meta.dirname, '..');

/** A file of the documentation as it should be. */
export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Every file that is made, or made in part, with the text it should have. Throws where a page lacks its markers. */
export function generatedDocs(connectors: readonly Connector[] = CONNECTORS): GeneratedFile[] {
  return [
    filled('README.md', 'connectors', connectorTable(connectors, 'docs/connectors/')),
    filled('docs/guide/getting-started.md', 'roles', roleTable()),
    { path: 'docs/connectors/README.md', text: connectorIndex(connectors) },
    ...connectors.map((connector) => ({
      path: `docs/connectors/${connector.id}.md`,
      text: connectorPage(connector),
    })),
  ];
}

/** Puts `content` between the markers `name` of `text`. Throws where they are not there exactly once, in order. */
export function between(text: string, name: string, content: string): string {
  const begin = `<!-- ${name}:begin -->`;
  const end = `<!-- ${name}:end -->`;
  const [before, rest, ...moreBegins] = text.split(begin);
  const [, after, ...moreEnds] = (rest ?? '').split(end);
  if (before === undefined || after === undefined || moreBegins.length > 0 || moreEnds.length > 0) {
    throw new Error(`There must be one ${begin} and one ${end} after it.`);
  }
  return `${before}${begin}\n${content}\n${end}${after}`;
}

/** One connector's page: what it needs, pulls, answers and shows. */
export function connectorPage(connector: Connector): string {
  const native = readingOf(connector).filter(({ schemaType }) => schemaType === 'native');
  const unified = readingOf(connector).filter(({ schemaType }) => schemaType === 'unified');
  return `${[
    '<!-- Made by scripts/generate-docs.ts (npm run docs) from the connector itself. -->',
    `# ${connector.title}`,
    connector.description,
    `Connect it with \`usher connect ${connector.id}\`: see [Getting started](../guide/getting-started.md). What the app's ` +
      `API can and cannot do, its quirks, and the source of each fact are in the ` +
      `[connector's README](../../src/connectors/${connector.id}/README.md).`,
    '## Settings',
    `A flag of \`usher connect ${connector.id}\` each; \`GET /v1/connectors\` lists them for programs. ` +
      'Secrets are never flags: they are asked for without echo, or piped in with `--secret-stdin`.',
    settingsTable(connector),
    '## What is pulled',
    collectionTable(connector),
    connector.hasAuditEvents
      ? "The app's own audit log is polled besides, and stands in the feed as events of source `app`."
      : 'The app has no audit log that is polled.',
    '## What the unified IAM API shows',
    'From the snapshot under `/unified/iam`; live through the unified actions, or with `fresh=true`.',
    unifiedTable(connector),
    '## Reading actions',
    `Each goes to the app live: \`usher call ACTION --connection ${connector.id}\`, or \`POST /actions/rpc\`. ` +
      '`--dry-run` shows the request, secrets masked, and sends nothing.',
    actionTable(native),
    ...native.filter(hasInput).flatMap(actionSection),
    '### Unified',
    'The same for every connector, made from its mapping.',
    takingTable(unified),
    fieldTable(unionOf(unified.map(inputOf))),
    '## Changes',
    ...changeSections(connector),
  ].join('\n\n')}\n`;
}

function connectorIndex(connectors: readonly Connector[]): string {
  return `${[
    '<!-- Made by scripts/generate-docs.ts (npm run docs) from the connectors themselves. -->',
    '# Connectors',
    connectorTable(connectors, ''),
    '`usher simulate CONNECTOR` starts a stand-in for the API of each, with an invented company in it.',
  ].join('\n\n')}\n`;
}

function connectorTable(connectors: readonly Connector[], folder: string): string {
  return table(
    ['connector', 'pulled and kept', "the app's own log", 'reading actions', 'changes'],
    connectors.map((connector) => [
      `[${connector.title}](${folder}${connector.id}.md)`,
      connector.collections.map(({ title }) => title.toLowerCase()).join('; '),
      connector.hasAuditEvents ? 'polled into the feed' : 'no',
      countOf(readingOf(connector)),
      changesOf(connector),
    ]),
  );
}

function readingOf({ actions }: Connector): readonly ActionInfo[] {
  return actions.filter(({ effect }) => effect === 'read');
}

function writingOf({ actions }: Connector): readonly ActionInfo[] {
  return actions.filter(({ effect }) => effect !== 'read');
}

function changesOf(connector: Connector): string {
  const count = writingOf(connector).length;
  return count === 0 ? 'none: it reads only' : `${count} actions`;
}

/** The writing actions of a connector, or that there are none. */
function changeSections(connector: Connector): string[] {
  const writing = writingOf(connector);
  if (writing.length === 0) return ['None: the connector reads only.'];
  return [
    'Each becomes a plan: what would be changed, whether it can be taken back, and the very request, secrets masked. ' +
      'Nothing is sent before the plan is applied, and where it needs an approval, approved.',
    table(
      ['action', 'what it does', 'at worst'],
      writing.map(({ id, description, effect }) => [`\`${id}\``, description, effect]),
    ),
    ...writing.flatMap(actionSection),
  ];
}

function countOf(actions: readonly ActionInfo[]): string {
  const unified = actions.filter(({ schemaType }) => schemaType === 'unified').length;
  return `${actions.length - unified} native, ${unified} unified`;
}

function settingsTable(connector: Connector): string {
  return table(
    ['setting', 'flag', 'what it is', 'value'],
    configFields(connector).map((field) => [
      field.title,
      field.kind === 'secret' ? 'secret' : `\`--${externalName(field.name).replaceAll('_', '-')}\``,
      field.description,
      [
        field.required ? 'required' : null,
        field.choices?.map((choice) => `\`${choice}\``).join(', ') ?? (field.kind === 'number' ? 'a number' : null),
        field.default === undefined ? null : `default \`${field.default}\``,
      ]
        .filter((fact) => fact !== null)
        .join('; '),
    ]),
  );
}

function collectionTable({ collections }: Connector): string {
  return table(
    ['collection', 'what it is', 'gives', 'after'],
    collections.map(({ id, title, yields, dependsOn = [] }) => [
      `\`${id}\``,
      title,
      yields.map((kind) => `${kind}s`).join(', '),
      dependsOn.map((other) => `\`${other}\``).join(', '),
    ]),
  );
}

function unifiedTable({ unified }: Connector): string {
  const types = unified.resourceTypes.map((type) => `\`${type}\``).join(', ');
  const roles =
    unified.roles === 'collected'
      ? 'those of the app'
      : `the app has none; made from what it tells: ${unified.roles.map(({ key, description }) => `\`${key}\` (${lowered(description ?? '')})`).join(', ')}`;
  const userId =
    unified.userId === 'email'
      ? "the e-mail address in lower case; the app's own id is in `unified_custom_fields.account_id`"
      : "the app's own id";
  return table(
    ['object', 'here'],
    [
      ['`users`', `accounts and invitations. Their id: ${userId}`],
      ['`groups`', 'groups, with their members by `expand=users`'],
      ['`roles`', `${roles}. An unknown one is answered with ${unified.unknownRoleStatus}`],
      [
        '`policies`',
        unified.resourcesArePolicies ? 'one for each resource; who holds what on it is in `resource_users`' : 'none',
      ],
      ['`resource_users`', `who holds what on resources of type ${types}: users and groups`],
      ['`resource_types`', types],
      ['`organizations`', 'the company, or the parts of it, that the connection speaks for'],
      ['`me`', 'the kind of credentials in use'],
    ],
  );
}

function actionTable(actions: readonly ActionInfo[]): string {
  return table(
    ['action', 'what it does'],
    actions.map((action) => [`\`${action.id}\``, action.description]),
  );
}

/** As `actionTable`, with the names of the fields that each takes. */
function takingTable(actions: readonly ActionInfo[]): string {
  return table(
    ['action', 'what it does', 'takes'],
    actions.map((action) => [
      `\`${action.id}\``,
      action.description,
      inputOf(action)
        .map(({ name, isRequired }) => `\`${name}\`${isRequired ? ' (required)' : ''}`)
        .join(', '),
    ]),
  );
}

/** What is needed of a field's JSON Schema. */
const fieldSchema = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  format: z.string().optional(),
  enum: z.array(z.string()).optional(),
  default: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  anyOf: z.array(z.looseObject({ type: z.string().optional() })).optional(),
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), fieldSchema).optional();
  },
  get items() {
    return fieldSchema.optional();
  },
});
type Field = z.infer<typeof fieldSchema>;
const inputSchema = z.looseObject({
  properties: z.record(z.string(), fieldSchema).optional(),
  required: z.array(z.string()).optional(),
});

/** One field of an action's input as the page shows it. */
interface InputField {
  readonly name: string;
  readonly field: Field;
  readonly isRequired: boolean;
}

function inputOf({ input }: ActionInfo): readonly InputField[] {
  const { properties = {}, required = [] } = inputSchema.parse(
    z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }),
  );
  return Object.entries(properties).flatMap(([name, field]) => withParts(name, field, required.includes(name)));
}

/** A field that is an object is shown by its own fields: `filter[email]`; one that is a list of objects by theirs, too. */
function withParts(name: string, field: Field, isRequired: boolean): readonly InputField[] {
  const { properties, required = [] } = field.items ?? {};
  if (properties !== undefined) {
    const parts = Object.entries(properties).flatMap(([part, inner]) =>
      withParts(`${name}[].${part}`, inner, required.includes(part)),
    );
    return [{ name, field, isRequired }, ...parts];
  }
  if (field.properties === undefined) return [{ name, field, isRequired }];
  return Object.entries(field.properties).flatMap(([part, inner]) => withParts(`${name}[${part}]`, inner, false));
}

/** Each field once, as the first input has it. */
function unionOf(inputs: readonly (readonly InputField[])[]): readonly InputField[] {
  const byName = new Map<string, InputField>();
  for (const each of inputs.flat()) if (!byName.has(each.name)) byName.set(each.name, { ...each, isRequired: false });
  return [...byName.values()];
}

function hasInput(action: ActionInfo): boolean {
  return inputOf(action).length > 0;
}

function actionSection(action: ActionInfo): string[] {
  return [`#### ${action.id}`, `${action.title}.`, fieldTable(inputOf(action))];
}

function fieldTable(fields: readonly InputField[]): string {
  return table(
    ['field', 'type', ''],
    fields.map(({ name, field, isRequired }) => [
      `\`${name}\``,
      typeOf(field),
      [
        isRequired ? 'required' : null,
        field.description?.replace(/\.$/, '') ?? null,
        field.default === undefined ? null : `default \`${JSON.stringify(field.default)}\``,
      ]
        .filter((fact) => fact !== null)
        .join('; '),
    ]),
  );
}

/** Values that arrive as text in a query count as what they stand for. */
function typeOf({ type, format, enum: values, minimum, maximum, anyOf = [] }: Field): string {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(', ');
  const main = type ?? anyOf.find((each) => each.type !== 'string')?.type ?? 'any';
  if (main === 'integer') {
    return minimum === undefined || maximum === undefined ? 'whole number' : `${minimum} to ${maximum}`;
  }
  if (main === 'string') return format === 'date-time' ? 'date and time with zone' : 'text';
  if (main === 'boolean') return 'true or false';
  return main === 'array' ? 'list' : main;
}

const PERMISSION_WORDS: Readonly<Record<Permission, string>> = {
  'snapshot:read': 'read the snapshot, history, events',
  'live:read': 'reading actions, live',
  'sync:run': 'start and confirm syncs',
  'plan:make': 'ask for changes, apply, pause and retry them',
  'plan:approve': 'approve and reject changes',
  'connection:manage': 'connect, edit, test, remove',
  'access:manage': 'principals and tokens of others',
  'mark:manage': 'mark accounts',
  'audit:read': 'read and verify the audit log',
  'guard:override': 'override guards, set their thresholds',
};

function roleTable(): string {
  return table(
    ['', ...ROLES],
    PERMISSIONS.map((permission) => [
      PERMISSION_WORDS[permission],
      ...ROLES.map((role) => (ROLE_PERMISSIONS[role].has(permission) ? 'yes' : '')),
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(inCell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

function inCell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll(/\s+/g, ' ');
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function filled(path: string, name: string, content: string): GeneratedFile {
  return { path, text: between(readFileSync(join(ROOT, path), 'utf8'), name, content) };
}

if (import.meta.main) {
  for (const { path, text } of generatedDocs()) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
}
