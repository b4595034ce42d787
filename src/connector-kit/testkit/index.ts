export { connectorConformance } from './conformance.ts';
export type { ConformanceOptions, ConformanceTarget, ProbeErrorCase } from './conformance.ts';
export { writeConformance, writeRules } from './write-conformance.ts';
export type { WriteRule } from './write-conformance.ts';
export type { ExpectedChange, RefusedInput, WriteCase, WriteConformanceOptions, WriteTarget } from './write-options.ts';
export { openConnector } from './open.ts';
export type { OpenedConnector, OpenOptions } from './open.ts';
export { identities, pullPages, pullScope } from './pulling.ts';
export type { Pulled } from './pulling.ts';
