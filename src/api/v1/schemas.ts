/** What `/v1` takes and answers; JSON in snake_case, times ISO 8601 in UTC. */
export * from './access-schemas.ts';
export * from './change-schemas.ts';
export * from './common-schemas.ts';
export * from './connection-schemas.ts';
export * from './guard-schemas.ts';
export * from './snapshot-schemas.ts';
