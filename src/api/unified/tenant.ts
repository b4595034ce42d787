import { z } from 'zod';
import {
  iamCredentialsSchema, iamOrganizationSchema, oneEnvelope, parseExpand, parseFields, plainId, project,
  toIamCredentials, toIamOrganizations,
} from '../../connector-kit/unified/index.ts'; // prettier-ignore
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { allow } from '../http/access.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { accountOf, callLive, refuseUnservable, useSnapshot } from './account.ts';
import { addList, addOne } from './routes.ts';
import { accountHeaders, meQuery, namedQuery, typesQuery, unifiedErrors } from './schemas.ts';
import { notInSnapshot } from './users.ts';

/** What a connection says of itself: `organizations`, `me` and the types of resource. */
export function tenantRoutes(app: App, services: Services): void {
  addList(app, services, {
    path: '/unified/iam/organizations',
    summary: 'List organizations',
    operationId: 'iam_list_organizations',
    query: namedQuery,
    item: iamOrganizationSchema,
    live: 'list_organizations',
    async page({ account, pageSize, next, updatedAfter }, { filter = {} }) {
      const binding = {
        list: `unified/organizations/${account.id}`,
        filters: { ...filter, updated_after: updatedAfter },
      };
      const [after = ''] = decodeCursor(next, binding, 1) ?? [];
      const word = filter.name?.toLowerCase() ?? '';
      const rest = toIamOrganizations(account.tenant)
        .filter(({ name }) => updatedAfter === null && (name ?? '').toLowerCase().includes(word))
        .filter(({ id }) => (id ?? '') > after)
        .sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
      const items = rest.slice(0, pageSize);
      return { items, next: rest.length > pageSize ? encodeCursor(binding, [items.at(-1)?.id ?? '']) : null };
    },
  });

  addOne(app, services, {
    path: '/unified/iam/organizations/:id',
    summary: 'Get an organization',
    operationId: 'iam_get_organization',
    item: iamOrganizationSchema,
    live: 'get_organization',
    async one({ account }, id) {
      const key = plainId(id);
      const item = toIamOrganizations(account.tenant).find((each) => each.id === key);
      if (item === undefined) throw notInSnapshot(account, 'organization', id);
      return { item };
    },
  });

  app.get('/unified/iam/me', {
    config: allow('snapshot:read', 'account'),
    schema: {
      tags: ['Unified IAM'],
      summary: 'The credentials of the connection',
      operationId: 'iam_get_me',
      headers: accountHeaders,
      querystring: meQuery,
      response: { 200: oneEnvelope(iamCredentialsSchema), ...unifiedErrors },
    },
    handler: async (request, reply) => {
      const { fresh, fields: shown, expand, raw } = request.query;
      refuseUnservable(request.query);
      const fields = parseFields(shown, iamCredentialsSchema);
      parseExpand(expand);
      const account = await accountOf(services, request);
      if (fresh === true) {
        const answer = await callLive(services, account, request, reply, 'get_current_user', { fields: shown, raw });
        return { data: iamCredentialsSchema.parse(answer.data) };
      }
      const at = await useSnapshot(services, account, reply);
      return { data: project(toIamCredentials(account.tenant, at), fields), ...(raw === true && { raw: [] }) };
    },
  });

  for (const path of ['/unified/iam/resource_types', '/unified/list_resource_types'] as const) {
    app.get(path, {
      config: allow('snapshot:read', 'account'),
      schema: {
        tags: ['Unified IAM'],
        summary: 'List resource types',
        operationId: path.endsWith('iam/resource_types') ? 'iam_list_resource_types' : 'list_resource_types',
        headers: accountHeaders,
        querystring: typesQuery,
        response: { 200: z.object({ data: z.array(z.string()) }), ...unifiedErrors },
      },
      handler: async (request, reply) => {
        refuseUnservable(request.query);
        const account = await accountOf(services, request);
        if (request.query.fresh === true) {
          const answer = await callLive(services, account, request, reply, 'list_resource_types', {});
          return { data: z.array(z.string()).parse(answer.data) };
        }
        return { data: [...account.shape.resourceTypes] };
      },
    });
  }
}
