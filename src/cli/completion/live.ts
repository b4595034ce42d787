import { z } from 'zod';
import { flagsOf } from '../action-input.ts';
import type { Client, Page } from '../client.ts';
import { actionSchema, catalogueEntrySchema, connectionSchema, connectorSchema } from '../contract.ts';
import { handoffListSchema, planSummarySchema, runSchema } from '../changes/contract.ts';
import { counted, kebab } from '../text.ts';
import type { Candidate, Source } from './complete.ts';

/** More than anybody reads through; a list that is longer is completed as far as its first pages go. */
const LIMIT = 1000;
const LIMITS = { limit: LIMIT };
/** Of what grows for good, the newest. */
const RECENT = { limit: 50 };
const named = z.looseObject({ id: z.string(), name: z.string().nullish() });

/** What the server knows of a source, nothing of those that it does not know; throws what the client throws. */
export async function liveCandidates(client: Client, source: Source): Promise<readonly Candidate[]> {
  switch (source.of) {
    case 'connections':
      return all(
        client.pages(connectionSchema, (usher, query) => usher.GET('/v1/connections', { params: { query } }), LIMITS),
        ({ id, tenant }) => [{ value: id, description: tenant?.name ?? '' }],
      );
    case 'connectors':
      return all(
        client.pages(connectorSchema, (usher, query) => usher.GET('/v1/connectors', { params: { query } }), LIMITS),
        ({ id, title }) => [{ value: id, description: title }],
      );
    case 'actions':
      return all(
        client.pages(catalogueEntrySchema, (usher, query) => usher.GET('/actions', { params: { query } }), {
          limit: LIMIT,
          pageSize: 100,
        }),
        ({ actions }) => (actions ?? []).map(({ id, label }) => ({ value: id, description: label ?? '' })),
      );
    case 'principals':
      return all(
        client.pages(named, (usher, query) => usher.GET('/v1/principals', { params: { query } }), LIMITS),
        ({ id, name }) => [{ value: id, description: name ?? '' }],
      );
    case 'tokens':
      return all(
        client.pages(named, (usher, query) => usher.GET('/v1/tokens', { params: { query } }), LIMITS),
        ({ id, name }) => [{ value: id, description: name ?? '' }],
      );
    case 'plans':
      return all(
        client.pages(
          planSummarySchema,
          (usher, query) =>
            usher.GET('/v1/plans', { params: { query: { ...query, state: source.states ?? undefined } } }),
          RECENT,
        ),
        ({ id, state, title, changes }) => [
          { value: id, description: `${state}: ${title}, ${counted(changes, 'change')}` },
        ],
      );
    case 'runs':
      return all(
        client.pages(
          runSchema,
          (usher, query) =>
            usher.GET('/v1/runs', { params: { query: { ...query, state: source.states ?? undefined } } }),
          RECENT,
        ),
        ({ id, state, title, total }) => [
          { value: id, description: `${state}: ${title}, ${counted(total, 'change')}` },
        ],
      );
    case 'handoffs': {
      const { data } = await client.read(handoffListSchema, (usher) => usher.GET('/v1/handoffs'));
      return data.map(({ id, label }) => ({ value: id, description: label }));
    }
    case 'flags':
      return flags(client, source);
    default:
      return [];
  }
}

async function all<Item>(
  pages: AsyncIterable<Page<Item>>,
  candidates: (item: Item) => readonly Candidate[],
): Promise<readonly Candidate[]> {
  const found: Candidate[] = [];
  for await (const { items } of pages) found.push(...items.flatMap(candidates));
  return found;
}

interface MadeFlag {
  readonly flag: string;
  readonly description: string;
  readonly choices: readonly string[];
  readonly isSwitch: boolean;
}

async function flags(client: Client, source: Source & { of: 'flags' }): Promise<readonly Candidate[]> {
  const made = source.madeBy === 'action' ? await actionFlags(client, source.id) : await fieldFlags(client, source);
  const valued = made.find(({ flag }) => flag === source.valuesOf);
  if (valued !== undefined && !valued.isSwitch) return valued.choices.map((value) => ({ value, description: '' }));
  return made.map(({ flag, description }) => ({ value: flag, description }));
}

async function actionFlags(client: Client, id: string): Promise<readonly MadeFlag[]> {
  const action = await client.read(actionSchema, (usher) => usher.GET('/actions/{id}', { params: { path: { id } } }));
  const known = flagsOf(action.input_schema).filter(({ isSecret }) => !isSecret);
  return known.map(({ flag, description, choices, kind }) => ({
    flag,
    description,
    choices,
    isSwitch: kind === 'boolean',
  }));
}

/** The flags of a connector's fields; a secret has none. */
async function fieldFlags(
  client: Client,
  { madeBy, id }: { readonly madeBy: string; readonly id: string },
): Promise<readonly MadeFlag[]> {
  const connectorId = madeBy === 'connector' ? id : await connectorOf(client, id);
  const pages = client.pages(connectorSchema, (usher, query) => usher.GET('/v1/connectors', { params: { query } }));
  for await (const { items } of pages) {
    const connector = items.find((each) => each.id === connectorId);
    if (connector === undefined) continue;
    return connector.fields
      .filter(({ kind }) => kind !== 'secret')
      .map(({ name, title, choices }) => ({
        flag: `--${kebab(name)}`,
        description: title,
        choices: choices ?? [],
        isSwitch: false,
      }));
  }
  return [];
}

async function connectorOf(client: Client, connection: string): Promise<string> {
  const params = { path: { connection } };
  const found = await client.read(connectionSchema, (usher) => {
    return usher.GET('/v1/connections/{connection}', { params });
  });
  return found.connector;
}
