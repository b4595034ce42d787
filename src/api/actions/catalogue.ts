import { z } from 'zod';
import type { ActionInfo, Connector } from '../../connector-kit/connector.ts';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { UsherError, invalidInput } from '../../model/errors.ts';
import { isObject } from '../../connector-kit/json.ts';
import type { Caller } from '../../model/access.ts';
import { maySee } from '../http/access.ts';
import type { Services } from '../services.ts';
import type { CatalogueEntry, catalogueQuery } from './schemas.ts';
import { actionSearchOf } from './search.ts';

type Query = z.output<typeof catalogueQuery>;
type Schemas = { input_schema: Record<string, unknown>; output_schema: Record<string, unknown> };

const INCLUDABLE = ['action_details', 'operation_details', 'authentication_guides'];

/** One page of the catalogue: an entry a connector, or an entry a connection where connections are named. */
export async function catalogue(
  services: Services,
  caller: Caller,
  query: Query,
): Promise<{ data: CatalogueEntry[]; next: string | null }> {
  const { filter = {}, include, exclude, search, group_by } = query;
  const included = words(include);
  const unknown = included.filter((word) => !INCLUDABLE.includes(word));
  if (unknown.length > 0) {
    throw invalidInput('include', `Unknown in include: ${unknown.join(', ')}.`, `Known: ${INCLUDABLE.join(', ')}.`);
  }
  const connectors = connectorsNamed(services, words(filter.connectors));
  const groups = await groupsOf(services, caller, connectors, filter.account_ids);
  const entries = groups
    .map(({ connector, accountId }) => ({
      sort: `${connector.id} ${accountId ?? ''}`,
      connector,
      accountId,
      actions: connector.actions.filter((action) => matches(action, search, filter.action_key)),
    }))
    .filter(({ actions }) => actions.length > 0 || (search === undefined && filter.action_key === undefined))
    .sort((a, b) => (a.sort < b.sort ? -1 : 1));
  const binding = { list: 'actions', filters: { ...filter, include, exclude, search, group_by } };
  const [after = ''] = decodeCursor(query.next, binding, 1) ?? [];
  const rest = entries.filter(({ sort }) => sort > after);
  const shown = rest.slice(0, query.page_size);
  const last = shown.at(-1);
  return {
    data: shown.map(({ connector, accountId, actions }) => {
      const listed = exclude === 'actions' ? null : actions.map((action) => actionMeta(connector, action, included));
      return entryOf(connector, accountId, listed);
    }),
    next: rest.length > shown.length && last ? encodeCursor(binding, [last.sort]) : null,
  };
}

/**
 * An action by its id, with its connector. Throws `notFound`, which names those that may have been meant: of the
 * connector `meant` alone, where it is known.
 */
export function actionNamed(
  { catalogue: { connectors } }: Pick<Services, 'catalogue'>,
  id: string,
  meant: string | null = null,
): { connector: Connector; action: ActionInfo } {
  for (const connector of connectors) {
    const action = connector.actions.find((each) => each.id === id);
    if (action) return { connector, action };
  }
  const near = actionSearchOf(connectors)
    .near(id, meant)
    .map(({ action }) => nameWithEffect(action));
  const offer = near.length === 0 ? '' : `Did you mean ${ALTERNATIVES.format(near)}? `;
  throw new UsherError('notFound', `There is no action ${id}.`, {
    field: 'action',
    next: `${offer}List them: GET /actions, or \`usher actions\`.`,
  });
}

const ALTERNATIVES = new Intl.ListFormat('en', { type: 'disjunction' });

/** Nobody should take what deletes for a slip of the pen. */
function nameWithEffect({ id, effect }: ActionInfo): string {
  return effect === 'destructive' ? `${id} (destructive)` : id;
}

/** Input and output of an action as JSON Schema (2020-12). */
export function schemasOf({ input, output, secretInputs = [] }: ActionInfo): Schemas {
  const inputSchema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  for (const path of secretInputs) markSecret(inputSchema, path.split('.'));
  return {
    input_schema: { ...inputSchema },
    output_schema: { ...z.toJSONSchema(output, { io: 'output', unrepresentable: 'any' }) },
  };
}

/** Says of the field at a path that it only goes in: forms hide it, and the command line refuses it as a flag. */
function markSecret(schema: unknown, [name, ...rest]: readonly string[]): void {
  if (!isObject(schema)) return;
  if (name === undefined) Object.assign(schema, { writeOnly: true });
  else if (name === '*') markSecret(schema['items'], rest);
  else if (isObject(schema['properties'])) markSecret(schema['properties'][name], rest);
}

function connectorsNamed({ catalogue: { connectors } }: Services, ids: readonly string[]): readonly Connector[] {
  const unknown = ids.filter((id) => !connectors.some((connector) => connector.id === id));
  if (unknown.length > 0) {
    const known = connectors.map(({ id }) => id).join(', ');
    throw invalidInput(
      'filter[connectors]',
      `There is no connector ${unknown.join(', ')}.`,
      `Connectors are: ${known}.`,
    );
  }
  return ids.length === 0 ? connectors : connectors.filter(({ id }) => ids.includes(id));
}

async function groupsOf(services: Services, caller: Caller, connectors: readonly Connector[], accountIds?: string) {
  const ids = words(accountIds);
  if (ids.length === 0) return connectors.map((connector) => ({ connector, accountId: null }));
  const visible = (await services.connections.list()).filter(({ id }) => maySee(caller, id));
  const unknown = ids.filter((id) => !visible.some((connection) => connection.id === id));
  if (unknown.length > 0) {
    throw invalidInput(
      'filter[account_ids]',
      `There is no connection ${unknown.join(', ')}.`,
      'List them: GET /v1/connections, or `usher connections`.',
    );
  }
  return visible
    .filter(({ id }) => ids.includes(id))
    .flatMap(({ id, connector: of }) => {
      return connectors.filter((connector) => connector.id === of).map((connector) => ({ connector, accountId: id }));
    });
}

function matches(action: ActionInfo, search: string | undefined, key: string | undefined): boolean {
  if (key !== undefined && action.id !== key) return false;
  const text = `${action.id} ${action.title} ${action.description}`.toLowerCase();
  return (search ?? '')
    .toLowerCase()
    .split(/\s+/u)
    .every((word) => text.includes(word));
}

function actionMeta(connector: Connector, action: ActionInfo, included: readonly string[]) {
  return {
    id: action.id,
    label: action.title,
    description: action.description,
    schema_type: action.schemaType,
    effect: action.effect,
    tags: [connector.id, action.effect],
    required_scopes: [],
    ...(included.includes('action_details') && { action_details: schemasOf(action) }),
    ...(included.includes('operation_details') && { operation_details: schemasOf(action) }),
  };
}

function entryOf(
  connector: Connector,
  accountId: string | null,
  actions: NonNullable<CatalogueEntry['actions']> | null,
): CatalogueEntry {
  return {
    key: connector.id,
    name: connector.title,
    description: connector.description,
    icon: null,
    version: '1.0.0',
    release_stage: 'ga',
    ...(accountId !== null && { account_id: accountId }),
    authentication: [{ key: 'usher', label: `Connected in Usher (usher connect ${connector.id})`, type: 'custom' }],
    scope_definitions: [],
    ...(actions && { actions }),
  };
}

function words(list: string | undefined): string[] {
  return (list ?? '').split(',').map((word) => word.trim()).filter((word) => word !== ''); // prettier-ignore
}
