import type { FastifyInstance, RouteOptions } from 'fastify';
import type { AccessRule } from './access.ts';

/** A route and who may call it. */
export interface RouteEntry {
  readonly method: string;
  readonly url: string;
  readonly rule: AccessRule;
}

const tables = new WeakMap<object, RouteEntry[]>();

/** Keeps a table of all routes that are added from now on: what `collectRoutes` answers. */
export function keepRouteTable(app: FastifyInstance): void {
  const table: RouteEntry[] = [];
  tables.set(app.server, table);
  app.addHook('onRoute', ({ method, url, config }: RouteOptions) => {
    const rule = config?.access;
    if (rule === undefined) return; // refused by the hook that enforces rules
    for (const each of [method].flat()) table.push({ method: String(each), url, rule });
  });
}

/** All routes of an application, those of HEAD among them. @internal */
export function collectRoutes(app: Pick<FastifyInstance, 'server'>): readonly RouteEntry[] {
  return tables.get(app.server) ?? [];
}
