import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { checkPermissionRoutes } from './check-permissions.ts';
import { connectorMetaRoutes } from './connectors-meta.ts';
import { groupRoutes } from './groups.ts';
import { linkedAccountRoutes } from './linked-accounts.ts';
import { policyRoutes } from './policies.ts';
import { resourceUserRoutes } from './resource-users.ts';
import { roleRoutes } from './roles.ts';
import { tenantRoutes } from './tenant.ts';
import { userRoutes } from './users.ts';
import { writeRoutes } from './writes.ts';

/** The StackOne-compatible API: `/unified/*` of both generations, `/accounts` and `/connectors/meta`. */
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
  writeRoutes(app, services);
}
