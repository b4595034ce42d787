import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { UsherError } from '../../model/errors.ts';
import { allow } from '../http/access.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { asOfQuery, asOfWords, assertPast } from './as-of.ts';
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
  const { reads, clock } = services;

  app.get('/v1/connections/:connection/credentials', {
    config: allow('snapshot:read', 'connection'),
    schema: {
      tags,
      summary: 'List the credentials of a connection',
      description:
        'API keys and tokens of its accounts, as the last sync has seen them, or as they were known at a past moment; ' +
        'their owners are named as of then, and when a key was last used is not told. Secrets are never kept.',
      operationId: 'listCredentials',
      params: connectionPath,
      querystring: z.strictObject({
        ...pageQuery,
        owner: text.meta({ description: 'Key or e-mail address of the account it acts for.' }),
        type: text.meta({ description: '`api_key`, `agent_token`.' }),
        enabled: queryFlag.optional(),
        search: text.meta({ description: 'Part of its name.' }),
        as_of: asOfQuery,
      }),
      response: { 200: pageSchema(credentialSchema), ...problems },
    },
    handler: async (request) => {
      const { page_size: pageSize, next, owner, type, enabled: isEnabled, search: name, as_of: asOf } = request.query;
      assertPast(asOf, clock);
      const { id } = await existing(services, request.params.connection);
      const filters = { owner, type, isEnabled, name, asOf };
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
      querystring: z.strictObject({ as_of: asOfQuery, raw: queryFlag.optional() }),
      response: { 200: credentialDetailSchema, ...problems },
    },
    handler: async (request) => {
      const { as_of: asOf, raw: isRawAsked } = request.query;
      assertPast(asOf, clock);
      const { id } = await existing(services, request.params.connection);
      const { key } = request.params;
      const [found] = (await reads.listCredentials(id, { keys: [key], asOf }, null, 1)).rows;
      if (found === undefined) throw noSuchCredential(id, key, asOf);
      return {
        ...credentialBody(found),
        ...(isRawAsked === true && { raw: (await reads.rawByKeys('credential', id, [key])).get(key) ?? null }),
      };
    },
  });
}

function noSuchCredential(connectionId: string, key: string, moment: string | undefined): UsherError {
  return new UsherError('notFound', `Connection ${connectionId} has no credential ${key}${asOfWords(moment)}.`, {
    connection: connectionId,
    next: `See which there are: usher credentials list ${connectionId}. If it is new, sync first: usher sync ${connectionId}.`,
  });
}
