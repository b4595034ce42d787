import { AsyncLocalStorage } from 'node:async_hooks';
import type { AuditActor } from '../../model/audit.ts';

/** On whose behalf a stretch of work is done: what its entries in the audit log say unless they say otherwise. */
export interface Origin {
  readonly actor: AuditActor | null;
  /** The request's id; null: none. */
  readonly request: string | null;
}

const origins = new AsyncLocalStorage<Origin>();
const NOBODY: Origin = { actor: null, request: null };

/** Does `work`, however deep, on behalf of this origin. */
export function onBehalfOf<Result>(origin: Origin, work: () => Result): Result {
  return origins.run(origin, work);
}

/** On whose behalf work is done now; nobody's where it is Usher's own. */
export function originNow(): Origin {
  return origins.getStore() ?? NOBODY;
}
