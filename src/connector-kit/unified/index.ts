/** The unified IAM API's objects, ids and mapping; the door of this folder. */
export { resourceTypeOf, unknownRole } from './action-kit.ts';
export { unifiedActions } from './actions.ts';
export type { UnifiedSource } from './actions.ts';
export { listEnvelope, oneEnvelope, rawEntrySchema, unifiedErrorSchema } from './envelopes.ts';
export type { RawEntry, UnifiedError } from './envelopes.ts';
export { groupWithMembers } from './group-view.ts';
export { decodeCompositeId, encodeCompositeId, isCompositeId, plainId } from './ids.ts';
export * from './access-mapping.ts';
export * from './mapping.ts';
export * from './models.ts';
export { fieldNames, flagSchema, parseExpand, parseFields, project, wholeNumber } from './query.ts';
export * from './permission-mapping.ts';
export { RecordIndex } from './record-index.ts';
export * from './shape.ts';
export { STATUSES_OF_UNIFIED, matchesUser, userFilterSchema } from './user-filter.ts';
export type { UserFilter } from './user-filter.ts';
