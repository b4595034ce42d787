import { z } from 'zod';
import type { UnifiedWrites } from '../../connector-kit/changes.ts';
import type { Connector } from '../../connector-kit/connector.ts';
import { UsherError } from '../../model/errors.ts';
import { allow } from '../http/access.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { unifiedErrors } from './schemas.ts';

const tags = ['Accounts and connectors'];
/** The one of StackOne's categories that Usher is about. */
const CATEGORY = 'iam';

const modelsSchema = z
  .record(z.string(), z.object({ operations: z.array(z.string()) }))
  .meta({ description: 'The objects of the unified API that are served, each with its operations.' });

const metaQuery = z.strictObject({
  include: z.string().max(200).optional().meta({ description: 'Ignored: everything is always included.' }),
});

const connectorMeta = z
  .object({
    provider: z.string(),
    provider_name: z.string(),
    category: z.literal(CATEGORY),
    active: z.boolean(),
    models: modelsSchema,
    resources: z.object({
      images: z.object({ logo_url: z.string().nullable(), original_logo_horizontal_url: z.string().nullable() }),
    }),
  })
  .meta({
    id: 'ConnectorMeta',
    examples: [
      {
        provider: 'lastpass',
        provider_name: 'LastPass Business',
        category: 'iam',
        active: true,
        models: { users: { operations: ['list', 'get'] }, groups: { operations: ['list', 'get'] } },
        resources: { images: { logo_url: null, original_logo_horizontal_url: null } },
      },
    ],
  });

export const accountMeta = z
  .object({ provider: z.string(), category: z.literal(CATEGORY), models: modelsSchema })
  .meta({ id: 'LinkedAccountMeta' });

/** `/connectors/meta`: what can be connected, in StackOne's shape; a bare array, as its SDK wants it. */
export function connectorMetaRoutes(app: App, { catalogue: { connectors } }: Services): void {
  app.get('/connectors/meta', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'List connectors',
      operationId: 'stackone_list_connectors_meta',
      querystring: metaQuery,
      response: { 200: z.array(connectorMeta), ...unifiedErrors },
    },
    handler: async () => connectors.map(metaOf),
  });

  app.get('/connectors/meta/:provider', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'Show a connector',
      operationId: 'stackone_get_connector_meta',
      params: z.strictObject({ provider: z.string().min(1).max(200) }),
      querystring: metaQuery,
      response: { 200: connectorMeta, ...unifiedErrors },
    },
    handler: async (request) => {
      const { provider } = request.params;
      const connector = connectors.find(({ id }) => id === provider);
      if (connector !== undefined) return metaOf(connector);
      const known = connectors.map(({ id }) => id).join(', ');
      throw new UsherError('notFound', `There is no connector ${provider}.`, { next: `Connectors are: ${known}.` });
    },
  });
}

/** Provider, category and models of a connector: what `/accounts/{id}/meta` answers. */
export function accountMetaOf(connector: Connector): z.output<typeof accountMeta> {
  return { provider: connector.id, category: CATEGORY, models: modelsOf(connector) };
}

function metaOf(connector: Connector): z.output<typeof connectorMeta> {
  return {
    ...accountMetaOf(connector),
    provider_name: connector.title,
    active: true,
    resources: { images: { logo_url: null, original_logo_horizontal_url: null } },
  };
}

function modelsOf({ unified, writes }: Connector): z.output<typeof modelsSchema> {
  const read = { operations: ['list', 'get'] };
  return {
    users: { operations: [...read.operations, ...writesOf(writes?.unified)] },
    groups: read,
    roles: read,
    ...(unified.resourcesArePolicies && { policies: read }),
    organizations: read,
    ...(unified.resourceTypes.length > 0 && { resource_users: { operations: ['list'] } }),
  };
}

function writesOf(unified: UnifiedWrites | undefined): string[] {
  const offered = [
    unified?.create && 'create',
    (unified?.update || unified?.disable) && 'update',
    unified?.end && 'delete',
  ];
  return offered.filter((operation) => operation !== undefined);
}
