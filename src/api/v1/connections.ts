import { z } from 'zod';
import { UsherError, invalidInput } from '../../model/errors.ts';
import { allow, callerOf, maySee, noSuchConnection } from '../http/access.ts';
import type { ConnectionView } from '../../connections/views.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { connectionBody, removalBody } from './bodies.ts';
import { pageOfListing } from './listing.ts';
import { problems } from './problems.ts';
import { numbersAsTexts } from './setting-texts.ts';
import {
  configFieldSchema, connectBody, connectionChangeBody, connectionPath, connectionSchema, connectorSchema, driftSchema,
  pageQuery, pageSchema, probeSchema, queryFlag, removalSchema, wholeListSchema,
} from './schemas.ts'; // prettier-ignore

const tags = ['Connections'];

/** The connectors there are, and the connections made with them. */
export function connectionRoutes(app: App, services: Services): void {
  const { connections, catalogue, reads } = services;

  app.get('/v1/connectors', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'List connectors',
      operationId: 'listConnectors',
      querystring: z.strictObject(pageQuery),
      response: { 200: pageSchema(connectorSchema), ...problems },
    },
    handler: async (request) => {
      const listing = { list: 'connectors', rows: catalogue.connectors, position: positionById };
      return pageOfListing(listing, request.query, (connector) => ({
        id: connector.id,
        title: connector.title,
        description: connector.description,
        fields: catalogue.fields(connector).map((field) => configFieldSchema.parse(field)),
        collections: connector.collections.map(({ id, title, yields }) => ({ id, title, yields: [...yields] })),
        actions: connector.actions.length,
      }));
    },
  });

  app.get('/v1/connections', {
    config: allow('snapshot:read', 'filtered'),
    schema: {
      tags,
      summary: 'List connections',
      operationId: 'listConnections',
      querystring: z.strictObject(pageQuery),
      response: { 200: pageSchema(connectionSchema), ...problems },
    },
    handler: async (request) => {
      const rows = (await connections.list()).filter(({ id }) => maySee(callerOf(request), id));
      const listing = { list: 'connections', rows, position: positionById };
      const page = pageOfListing(listing, request.query, (connection) => connection);
      const fresh = await reads.freshness(page.data.map(({ id }) => id));
      return { ...page, data: page.data.map((connection) => connectionBody(connection, fresh.get(connection.id))) };
    },
  });

  app.post('/v1/connections', {
    config: allow('connection:manage', 'instance'),
    schema: {
      tags,
      summary: 'Connect an app',
      description: 'Tries the credentials first; nothing is stored when the app refuses them, or with `dry_run=true`.',
      operationId: 'connect',
      querystring: z.strictObject({ dry_run: queryFlag.optional() }),
      body: connectBody,
      response: {
        200: connectionSchema.extend({ probe: probeSchema }).meta({ description: 'Only tried, with `dry_run=true`.' }),
        201: connectionSchema.extend({ probe: probeSchema }),
        ...problems,
      },
    },
    handler: async (request, reply) => {
      const { id = null, connector, schedule_seconds: scheduleSeconds } = request.body;
      if (!catalogue.connectors.some((known) => known.id === connector)) {
        const known = catalogue.connectors.map((each) => each.id).join(', ');
        throw invalidInput('connector', `There is no connector ${connector}.`, `Connectors are: ${known}.`);
      }
      const { settings, secrets } = withTexts(services, connector, request.body);
      const dryRun = request.query.dry_run === true;
      const made = await connections.connect({ id, connector, settings, secrets, scheduleSeconds }, { dryRun });
      reply.code(dryRun ? 200 : 201);
      return { ...(await shown(made.connection)), probe: probeBody(made.probe) };
    },
  });

  app.get('/v1/connections/:connection', {
    config: allow('snapshot:read', 'connection'),
    schema: {
      tags,
      summary: 'Show a connection',
      operationId: 'getConnection',
      params: connectionPath,
      querystring: z.strictObject({}),
      response: { 200: connectionSchema, ...problems },
    },
    handler: async (request) => shown(await existing(services, request.params.connection)),
  });

  app.patch('/v1/connections/:connection', {
    config: allow('connection:manage', 'connection'),
    schema: {
      tags,
      summary: 'Edit a connection',
      description:
        'Changed settings or secrets are tried before they are stored. A new address requires the secrets again.',
      operationId: 'editConnection',
      params: connectionPath,
      querystring: z.strictObject({}),
      body: connectionChangeBody,
      response: { 200: connectionSchema, ...problems },
    },
    handler: async (request) => {
      const { schedule_seconds: scheduleSeconds, ...change } = request.body;
      const { id, connector } = await existing(services, request.params.connection);
      const { settings, secrets } = withTexts(services, connector, change);
      return shown(await connections.edit(id, { ...change, settings, secrets, scheduleSeconds }));
    },
  });

  app.delete('/v1/connections/:connection', {
    config: allow('connection:manage', 'connection'),
    schema: {
      tags,
      summary: 'Remove a connection',
      description:
        'Removes what Usher keeps of it, for good; the app itself is not touched. `confirm` must repeat its id.',
      operationId: 'removeConnection',
      params: connectionPath,
      querystring: z.strictObject({ confirm: z.string().optional() }),
      response: { 200: removalSchema, ...problems },
    },
    handler: async (request) => {
      const { id } = await existing(services, request.params.connection);
      const goes = await connections.removal(id);
      if (request.query.confirm !== id) {
        throw invalidInput(
          'confirm',
          `Removing connection ${id} takes away ${goes.accounts} accounts, ${goes.grants} grants, ${goes.history} closed versions, ${goes.events} events and ${goes.plans} plans.`,
          `To do it, repeat with ?confirm=${id}.`,
        );
      }
      await connections.remove(id);
      return removalBody(id, goes);
    },
  });

  app.get('/v1/connections/:connection/removal', {
    config: allow('connection:manage', 'connection'),
    schema: {
      tags,
      summary: 'What removing a connection would take away',
      operationId: 'getRemoval',
      params: connectionPath,
      querystring: z.strictObject({}),
      response: { 200: removalSchema, ...problems },
    },
    handler: async (request) => {
      const { id } = await existing(services, request.params.connection);
      return removalBody(id, await connections.removal(id));
    },
  });

  app.post('/v1/connections/:connection/test', {
    config: allow('connection:manage', 'connection'),
    schema: {
      tags,
      summary: 'Try the credentials of a connection',
      operationId: 'testConnection',
      params: connectionPath,
      querystring: z.strictObject({}),
      response: { 200: z.object({ probe: probeSchema }), ...problems },
    },
    handler: async (request) => {
      const { id } = await existing(services, request.params.connection);
      return { probe: probeBody(await connections.test(id)) };
    },
  });

  app.get('/v1/connections/:connection/drift', {
    config: allow('snapshot:read', 'connection'),
    schema: {
      tags,
      summary: 'Where the app answers other than its connector knows',
      operationId: 'listDrift',
      params: connectionPath,
      querystring: z.strictObject({}),
      response: { 200: wholeListSchema(driftSchema), ...problems },
    },
    handler: async (request) => {
      const { id } = await existing(services, request.params.connection);
      const drift = await connections.drift(id);
      const data = drift.map(({ operation, path, problem, sample, firstSeenAt, lastSeenAt, occurrences }) => {
        const seen = { first_seen_at: firstSeenAt, last_seen_at: lastSeenAt, occurrences };
        return { operation, path, problem, sample, ...seen };
      });
      return { data, next: null };
    },
  });

  async function shown(connection: ConnectionView) {
    const fresh = await reads.freshness([connection.id]);
    return connectionBody(connection, fresh.get(connection.id));
  }
}

/** Settings and secrets with numbers for texts made texts, by what the connector's form asks for. */
function withTexts(
  { catalogue }: Services,
  connectorId: string,
  given: {
    readonly settings?: Readonly<Record<string, unknown>>;
    readonly secrets?: Readonly<Record<string, unknown>>;
  },
) {
  const connector = catalogue.connectors.find(({ id }) => id === connectorId);
  const fields = connector === undefined ? [] : catalogue.fields(connector);
  return {
    settings: given.settings && numbersAsTexts(given.settings, fields, 'settings'),
    secrets: given.secrets && numbersAsTexts(given.secrets, fields, 'secrets'),
  };
}

function probeBody(probe: {
  tenant: { id: string; name: string };
  capabilities: readonly string[];
  notes: readonly string[];
}) {
  const { id, name } = probe.tenant;
  return { tenant: { id, name }, capabilities: [...probe.capabilities], notes: [...probe.notes] };
}

function positionById({ id }: { readonly id: string }) {
  return ['', id] as const;
}

/** The connection of a path; the same 404 as for one the caller may not see. */
export async function existing(services: Pick<Services, 'connections'>, id: string): Promise<ConnectionView> {
  try {
    return await services.connections.get(id);
  } catch (error) {
    if (error instanceof UsherError && (error.kind === 'notFound' || error.kind === 'invalidInput')) {
      throw noSuchConnection(id);
    }
    throw error;
  }
}
