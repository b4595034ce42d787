import { z } from 'zod';
import { externalFields, externalName, internalFields } from './field-names.ts';
import { invalidInput, UsherError } from '../model/errors.ts';
import type { JsonValue } from '../model/records.ts';
import type {
  ActionInfo,
  ActionResult,
  Collection,
  Connector,
  ConnectorConfig,
  ConnectorContext,
  ConnectorDefinition,
  ConnectorEnvironment,
  OpenConnector,
  ReadAction,
  SettingsOf,
} from './connector.ts';
import { asJson } from './json.ts';
import { closeWrites, openWrites } from './open-writes.ts';
import { unifiedActions } from './unified/actions.ts';

/**
 * Makes a connector of its definition: adds the unified actions, closes over the type of the settings, and parses at
 * every edge, so that the definition itself only ever sees settings, inputs and checkpoints that fit.
 *
 * @example
 * export const lastpass = defineConnector({ id: 'lastpass', title: 'LastPass Business', config, probe, collections, … });
 */
export function defineConnector<SettingsSchema extends z.ZodObject, SecretsSchema extends z.ZodObject>(
  definition: ConnectorDefinition<SettingsSchema, SecretsSchema>,
): Connector {
  const actions = [
    ...definition.actions,
    ...unifiedActions<SettingsOf<SettingsSchema, SecretsSchema>>(definition.id, definition.unified),
  ];
  const { writes } = definition;
  const writing = (writes?.actions ?? []).map((action) => ({ ...action, output: planSchema }));
  const catalogue = [...actions, ...writing];
  refuseDuplicates(definition.id, 'action', catalogue);
  refuseDuplicates(definition.id, 'change', writes?.changes ?? []);
  refuseDuplicates(definition.id, 'collection', definition.collections);
  const { describe: _describe, ...traits } = definition.unified.traits;
  return {
    id: definition.id,
    title: definition.title,
    description: definition.description,
    config: definition.config,
    mappingVersion: definition.mappingVersion,
    collections: definition.collections.map(({ id, title, yields, dependsOn, maxCheckpointAgeMs }) => ({
      id, title, yields, dependsOn, maxCheckpointAgeMs,
    })), // prettier-ignore
    actions: catalogue.map((action): ActionInfo => {
      const { id, title, description, effect, schemaType, input, output } = action;
      const secretInputs = 'secretInputs' in action ? action.secretInputs : undefined;
      return { id, title, description, effect, schemaType, input, output, ...(secretInputs && { secretInputs }) };
    }),
    unified: traits,
    hasAuditEvents: definition.auditEvents !== undefined,
    writes: writes === undefined ? null : closeWrites(definition.id, writes),
    parse(rawSettings, rawSecrets): ConnectorConfig {
      const settings = parseOrThrow(definition.config.settings, internalFields(rawSettings), 'settings');
      const secrets = parseOrThrow(definition.config.secrets, internalFields(rawSecrets), 'secrets');
      return {
        settings: asJson(externalFields(settings)),
        secrets: externalFields(textsOf(secrets)),
        baseUrl: definition.baseUrl(settings),
        rates: definition.rates(settings),
        tls: definition.tls?.(settings) ?? null,
        auth: (environment) => definition.auth?.({ ...settings, ...secrets }, environment) ?? null,
        describe: definition.unified.traits.describe(settings),
        open: (environment) =>
          openConnector(definition, actions, { ...environment, settings: { ...settings, ...secrets } }),
      };
    },
  };
}

/** Types a reading action's `run` by its schemas; use it for each entry of a connector's `actions`. */
export function readAction<Settings, Input extends z.ZodObject, Output extends z.ZodType>(
  action: Omit<ReadAction<Settings, Input, Output>, 'effect' | 'schemaType'>,
): ReadAction<Settings, Input, Output> {
  return { effect: 'read', schemaType: 'native', ...action };
}

/** What a writing action answers, whichever it is: its plan, and the run that carries it out where there is one. */
const planSchema = z.object({
  plan: z.string().meta({ description: 'The id of the plan' }),
  state: z.string().meta({ description: 'waiting for approval, ready, applied …' }),
  run: z.string().nullable().meta({ description: 'The id of the run; null: not applied yet' }),
  summary: z.string(),
  changes: z.array(z.object({ subject: z.string(), change: z.string(), state: z.string(), summary: z.string() })),
});

type Definition<S extends z.ZodObject, K extends z.ZodObject> = ConnectorDefinition<S, K>;
type AnyAction<Settings> = ReadAction<Settings, z.ZodObject, z.ZodType>;

function openConnector<S extends z.ZodObject, K extends z.ZodObject>(
  definition: Definition<S, K>,
  actions: readonly AnyAction<SettingsOf<S, K>>[],
  context: ConnectorEnvironment & { readonly settings: SettingsOf<S, K> },
): OpenConnector {
  const collection = (id: string): Collection<SettingsOf<S, K>> => {
    const found = definition.collections.find((candidate) => candidate.id === id);
    if (found !== undefined) return found;
    throw new UsherError('notFound', `The connector ${definition.id} has no collection ${id}.`);
  };
  return {
    probe: () => definition.probe(context),
    scopes: async (id) => (await collection(id).scopes?.(context)) ?? [''],
    pull: (id, scope, checkpoint, takesDeferred = false) => {
      const pages = collection(id).pull(context, scope, checkpoint);
      return takesDeferred ? pages : mapped(pages);
    },
    call: (id, input) => callAction(definition.id, actions, context, id, input),
    auditEvents: (cursor) => {
      if (definition.auditEvents !== undefined) return definition.auditEvents(context, cursor);
      throw new UsherError('unsupported', `The connector ${definition.id} cannot read the app's own log.`);
    },
    writes:
      definition.writes === undefined
        ? null
        : openWrites(definition.id, definition.writes, context, (schema, value) =>
            parseOrThrow(schema, value ?? {}, ''),
          ),
  };
}

/** The same pages with the deferred accounts mapped, before the other records. */
async function* mapped(pages: ReturnType<OpenConnector['pull']>): ReturnType<OpenConnector['pull']> {
  try {
    for (;;) {
      const { done, value } = await pages.next();
      if (done) return value;
      const { deferred = [], ...page } = value;
      yield deferred.length === 0
        ? page
        : { ...page, records: [...deferred.map((each) => each.map()), ...page.records] };
    }
  } finally {
    await pages.return({ isComplete: false, reason: 'stopped' });
  }
}

async function callAction<Settings>(
  connectorId: string,
  actions: readonly AnyAction<Settings>[],
  context: ConnectorContext<Settings>,
  id: string,
  rawInput: unknown,
): Promise<ActionResult<JsonValue>> {
  const action = actions.find((candidate) => candidate.id === id);
  if (action === undefined) {
    throw new UsherError('notFound', `The connector ${connectorId} has no action ${id}.`, {
      connection: context.connectionId,
      next: 'See which there are: usher actions list.',
    });
  }
  const input = parseOrThrow(action.input, rawInput ?? {}, '');
  const { data, next } = await action.run(context, input);
  const output = await action.output.safeParseAsync(data);
  if (!output.success) {
    const [issue] = output.error.issues;
    const where = issue === undefined ? 'its answer' : pathOf('data', issue.path);
    throw new UsherError('upstreamBug', `${id} put together an answer that does not fit its schema at ${where}.`, {
      code: 'outputMismatch',
      connection: context.connectionId,
      next: 'Report it with the name of the action.',
    });
  }
  return { data: asJson(output.data), next: next ?? null };
}

/** Parses; throws `invalidInput` for the first issue. Messages of zod tell types and bounds, never the value. */
function parseOrThrow<Schema extends z.ZodObject>(schema: Schema, value: unknown, prefix: string): z.output<Schema> {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw invalidInput(prefix, 'It does not fit the schema.');
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape)
      .map(prefix === '' ? String : externalName)
      .join(', ');
    // A name may be empty; it is told in quotes then, as a field has to be named.
    const unknown = pathOf(prefix, [...issue.path, issue.keys[0] || '""']);
    throw invalidInput(
      unknown,
      `There is no field ${unknown}.`,
      known === '' ? 'It takes no fields.' : `Known are: ${known}.`,
    );
  }
  const field = pathOf(prefix, issue.path) || 'input';
  const isMissing = issue.code === 'invalid_type' && valueAt(value, issue.path) === undefined;
  throw invalidInput(field, isMissing ? `${field} is missing.` : `${field}: ${issue.message}`);
}

function pathOf(prefix: string, path: readonly PropertyKey[]): string {
  // Settings and secrets are known outside by other names; the inputs of actions are named as they are.
  const [first, ...rest] = path.map(String);
  const field = first === undefined || prefix === 'data' || prefix === '' ? first : externalName(first);
  return [prefix, field ?? '', ...rest].filter((part) => part !== '').join('.');
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

function textsOf(secrets: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
  );
}

function refuseDuplicates(connectorId: string, what: string, items: readonly { readonly id: string }[]): void {
  const seen = new Set<string>();
  for (const { id } of items) {
    if (seen.has(id)) throw new Error(`The connector ${connectorId} defines the ${what} ${id} twice.`);
    seen.add(id);
  }
}
