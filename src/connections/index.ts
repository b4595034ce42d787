export { createConnections, type Connections, type ConnectionsOptions } from './connections.ts';
export { createRegistry, type Registry } from './registry.ts';
export type {
  ActionOutcome,
  Connected,
  ConnectionChange,
  ConnectionView,
  NewConnection,
  OpenedConnection,
  RemovalView,
} from './views.ts';
