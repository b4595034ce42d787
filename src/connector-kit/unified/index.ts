/** The unified IAM API's objects, ids and mapping; the door of this folder for the API. `actions.ts` is the kit's own. */
export { resourceTypeOf, unknownRole } from './action-kit.ts';
export { listEnvelope, oneEnvelope, unifiedErrorSchema } from './envelopes.ts';
export type { RawEntry } from './envelopes.ts';
export { groupWithMembers } from './group-view.ts';
export { plainId } from './ids.ts';
export * from './access-mapping.ts';
export * from './mapping.ts';
export * from './models.ts';
export { flagSchema, parseExpand, parseFields, project, wholeNumber } from './query.ts';
export * from './permission-mapping.ts';
export { RecordIndex } from './record-index.ts';
export * from './shape.ts';
export { STATUSES_OF_UNIFIED, userFilterSchema } from './user-filter.ts';
