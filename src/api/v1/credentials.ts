import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { UsherError } from '../../model/errors.ts';
import { allow } from '../http/access.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { credentialBody } from './bodies.ts';
import { existing } from './connections.ts';
import { problems } from './problems.ts';
import {
  connectionPath, credentialDetailSchema, credentialSchema, pageQuery, pageSchema, queryFlag,
} from './schemas.ts'; // prettier-ignore

const tags = ['Snapshot'];
const text = z.string().min(1).max(500).optional();

/** The API keys and tokens that the accounts of a connection own. */
export function credentialRoutes(app: App, services: Services): void {
  const { reads } = services;

  app.get('/v1/connections/:connection/credentials', {
    config: allow('snapshot:read', 'connection'),
    schema: {
      tags,
      summary: 'List the credentials of a connection',
      description: 'API keys and tokens of its accounts, as the last sync has seen them. Secrets are never kept.',
      operationId: 'listCredentials',
      params: connectionPath,
      querystring: z.strictObject({
        ...pageQuery,
        owner: text.meta({ description: 'Key or e-mail address of the account it acts for.' }),
        type: text.meta({ description: '`api_key`, `agent_token`.' }),
        enabled: queryFlag.optional(),
        search: text.meta({ description: 'Part of its name.' }),
      }),
      response: { 200: pageSchema(credentialSchema), ...problems },
    },
    handler: async (request) => {
      const { page_size: pageSize, next, owner, type, enabled: isEnabled, search: name } = request.query;
      const { id } = await existing(services, request.params.connection);
      const filters = { owner, type, isEnabled, name };
      const binding = { list: `v1/connections/${id}/credentials`, filters };
      const [after = null] = decodeCursor(next, binding, 1) ?? [];
      const { rows, hasMore } = await reads.listCredentials(id, filters, after, pageSize);
      const last = rows.at(-1);
      return {
        data: rows.map(credentialBody),
        next: hasMore && last !== undefined ? encodeCursor(binding, [last.record.key]) : null,
      };
    },
  });

  app.get('/v1/connections/:connection/credentials/:key', {
    config: allow('snapshot:read', 'connection'),
    schema: {
      tags,
      summary: 'Show a credential',
      operationId: 'getCredential',
      params: connectionPath.extend({ key: z.string().min(1).max(1000) }),
      querystring: z.strictObject({ raw: queryFlag.optional() }),
      response: { 200: credentialDetailSchema, ...problems },
    },
    handler: async (request) => {
      const { id } = await existing(services, request.params.connection);
      const { key } = request.params;
      const [found] = (await reads.listCredentials(id, { keys: [key] }, null, 1)).rows;
      if (found === undefined) throw noSuchCredential(id, key);
      const isRawAsked = request.query.raw === true;
      return {
        ...credentialBody(found),
        ...(isRawAsked && { raw: (await reads.rawByKeys('credential', id, [key])).get(key) ?? null }),
      };
    },
  });
}

function noSuchCredential(connectionId: string, key: string): UsherError {
  return new UsherError('notFound', `Connection ${connectionId} has no credential ${key}.`, {
    connection: connectionId,
    next: `See which there are: usher credentials list ${connectionId}. If it is new, sync first: usher sync ${connectionId}.`,
  });
}
