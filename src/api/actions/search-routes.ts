import { z } from 'zod';
import type { Connector } from '../../connector-kit/connector.ts';
import { invalidInput } from '../../model/errors.ts';
import { allow } from '../http/access.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { unifiedErrors } from '../unified/schemas.ts';
import { actionSearchOf } from './search.ts';
import type { FoundAction } from './search.ts';

const tags = ['Actions'];
/** What StackOne calls actions that are not one project's own. */
const PROJECT = 'global';
/** Of the actions of a connector, as the catalogue shows it; part of the id that StackOne's toolset reads. */
const VERSION = '1.0.0';

const searchBody = z
  .strictObject({
    query: z
      .string()
      .min(1)
      .max(500)
      .meta({ description: 'What you want to do, in words; typing errors are forgiven.' }),
    connector: z.string().max(100).nullish().meta({ description: 'Only actions of this connector.' }),
    top_k: z.int().min(1).max(100).nullish().meta({ description: 'Results at most; default 10.' }),
    min_similarity: z.number().min(0).max(1).nullish().meta({ description: 'Leaves weaker results out; default 0.' }),
    project_id: z.string().max(200).nullish().meta({ description: 'Ignored: the catalogue is the same for all.' }),
  })
  .meta({ examples: [{ query: 'lst shared foldrs', connector: 'lastpass', top_k: 3 }] });

const searchResult = z
  .object({
    id: z.string().meta({ description: "As StackOne's toolset reads it: connector, version, action, project." }),
    action_name: z.string().meta({ description: 'The id to call by `POST /actions/rpc`.' }),
    connector_key: z.string(),
    label: z.string(),
    description: z.string(),
    project_id: z.string(),
    similarity_score: z.number().min(0).max(1).meta({ description: '1: the best match, holding all words.' }),
    schema_type: z.enum(['native', 'unified']),
    effect: z.enum(['read', 'write', 'destructive']),
  })
  .meta({
    id: 'ActionSearchResult',
    examples: [
      {
        id: 'lastpass_1.0.0_lastpass_list_shared_folders_global',
        action_name: 'lastpass_list_shared_folders',
        connector_key: 'lastpass',
        label: 'List shared folders',
        description: 'Every shared folder with who has which access to it.',
        project_id: 'global',
        similarity_score: 1,
        schema_type: 'native',
        effect: 'read',
      },
    ],
  });

const searchAnswer = z.object({
  results: z.array(searchResult),
  total_count: z.int().nonnegative(),
  query: z.string(),
  connector_filter: z.string().optional(),
  project_filter: z.string().optional(),
});

const buildBody = z.strictObject({
  connector_key: z.string().max(100).nullish().meta({ description: 'Counts only the actions of this connector.' }),
  force_refresh: z.boolean().nullish().meta({ description: 'Ignored: the index is always fresh.' }),
});

const buildAnswer = z.object({
  status: z.literal('success'),
  actions_indexed: z.int().nonnegative(),
  message: z.string(),
});

/** Finding an action by what it does: `/actions/search`, and `/actions/build`, which has nothing to do. */
export function actionSearchRoutes(app: App, { catalogue: { connectors } }: Services): void {
  const search = actionSearchOf(connectors);

  app.post('/actions/search', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'Search actions by what they do, best first',
      operationId: 'stackone_search_actions',
      querystring: z.strictObject({}),
      body: searchBody,
      response: { 200: searchAnswer, ...unifiedErrors },
    },
    handler: async (request) => {
      const { query, connector, top_k, min_similarity, project_id } = request.body;
      assertConnector(connectors, connector, 'connector');
      const options = { connector: connector ?? null, limit: top_k ?? 10, minSimilarity: min_similarity ?? 0 };
      const results = search.find(query, options).map(resultOf);
      return {
        results,
        total_count: results.length,
        query,
        ...(connector != null && { connector_filter: connector }),
        ...(project_id != null && { project_filter: project_id }),
      };
    },
  });

  app.post('/actions/build', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'Build the search index (nothing to do)',
      description: 'The index is made from the catalogue when Usher starts and cannot grow stale. Answers its size.',
      operationId: 'stackone_build_action_embeddings',
      querystring: z.strictObject({}),
      body: buildBody,
      response: { 200: buildAnswer, ...unifiedErrors },
    },
    handler: async (request) => {
      const { connector_key: key } = request.body;
      assertConnector(connectors, key, 'connector_key');
      const of = connectors.find(({ id }) => id === key);
      return {
        status: 'success' as const,
        actions_indexed: of?.actions.length ?? search.size,
        message: 'Nothing was rebuilt: the index is made from the catalogue when Usher starts.',
      };
    },
  });
}

function resultOf({ connector, action, similarity }: FoundAction): z.output<typeof searchResult> {
  return {
    id: `${connector.id.replaceAll(/[^a-z0-9]/gu, '')}_${VERSION}_${action.id}_${PROJECT}`,
    action_name: action.id,
    connector_key: connector.id,
    label: action.title,
    description: action.description,
    project_id: PROJECT,
    similarity_score: similarity,
    schema_type: action.schemaType,
    effect: action.effect,
  };
}

function assertConnector(connectors: readonly Connector[], asked: string | null | undefined, field: string): void {
  if (asked == null || connectors.some(({ id }) => id === asked)) return;
  const known = connectors.map(({ id }) => id).join(', ');
  throw invalidInput(field, `There is no connector ${asked}.`, `Connectors are: ${known}.`);
}
