import type { Services } from '../services.ts';
import type { App } from '../types.ts';
import { accessRoutes } from './access.ts';
import { auditRoutes } from './audit.ts';
import { snapshotRoutes } from './accounts.ts';
import { connectionRoutes } from './connections.ts';
import { credentialRoutes } from './credentials.ts';
import { eventRoutes } from './events.ts';
import { guardRoutes } from './guards.ts';
import { instanceRoutes } from './instance.ts';
import { planRoutes } from './plans.ts';
import { runRoutes } from './runs.ts';
import { syncRoutes } from './syncs.ts';

/** Our own resources: `/v1/*`. */
export function v1Routes(app: App, services: Services): void {
  accessRoutes(app, services);
  connectionRoutes(app, services);
  syncRoutes(app, services);
  snapshotRoutes(app, services);
  credentialRoutes(app, services);
  eventRoutes(app, services);
  planRoutes(app, services);
  runRoutes(app, services);
  guardRoutes(app, services);
  instanceRoutes(app, services);
  auditRoutes(app, services);
}
