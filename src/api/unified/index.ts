import { z } from 'zod';
import { allow } from '../http/access.ts';
import { notBuilt } from '../http/errors.ts';
import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { checkPermissionRoutes } from './check-permissions.ts';
import { connectorMetaRoutes } from './connectors-meta.ts';
import { groupRoutes } from './groups.ts';
import { linkedAccountRoutes } from './linked-accounts.ts';
import { policyRoutes } from './policies.ts';
import { resourceUserRoutes } from './resource-users.ts';
import { roleRoutes } from './roles.ts';
import { accountHeaders, unifiedErrors } from './schemas.ts';
import { tenantRoutes } from './tenant.ts';
import { userRoutes } from './users.ts';

/** The StackOne-compatible API: `/unified/*` of both generations, `/accounts` and `/connectors/meta`, reading. */
export function unifiedRoutes(app: App, services: Services): void {
  userRoutes(app, services);
  groupRoutes(app, services);
  roleRoutes(app, services);
  policyRoutes(app, services);
  resourceUserRoutes(app, services);
  tenantRoutes(app, services);
  checkPermissionRoutes(app, services);
  connectorMetaRoutes(app, services);
  linkedAccountRoutes(app, services);
  unbuiltRoutes(app);
}

/** Writing, as the contract has it: known, refused honestly, so that a client's typed error says so. */
function unbuiltRoutes(app: App): void {
  const writes = [
    { method: 'PATCH', url: '/unified/iam/users/:id', operationId: 'iam_update_user', what: 'Updating users' },
    { method: 'DELETE', url: '/unified/iam/users/:id', operationId: 'iam_delete_user', what: 'Deleting users' },
    { method: 'POST', url: '/unified/iam/users', operationId: 'iam_create_user', what: 'Creating users' },
  ] as const;
  for (const { method, url, operationId, what } of writes) {
    app.route({
      method,
      url,
      config: allow('plan:make', 'account'),
      schema: {
        tags: ['Unified IAM'],
        summary: `${what} (not built yet)`,
        operationId,
        headers: accountHeaders,
        ...(url.includes(':id') && { params: z.strictObject({ id: z.string() }) }),
        response: unifiedErrors,
      },
      handler: async () => {
        throw notBuilt(what);
      },
    });
  }
}
