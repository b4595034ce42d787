export { createConnections } from './connections.ts';
export { createRegistry } from './registry.ts';
