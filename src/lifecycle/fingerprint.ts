import { createHash } from 'node:crypto';
import { canonicalText } from '../model/canonical.ts';
import { invalidInput, UsherError } from '../model/errors.ts';
import type { Vault } from '../secrets/vault.ts';
import type { PlanRequest } from './surface.ts';

/** What makes a request the same request. */
export interface Idempotency {
  readonly key: string;
  readonly fingerprint: string;
  /** Whether a kept fingerprint is of the same: it may be signed under an earlier master key. */
  readonly isSame: (kept: string) => boolean;
}

const IDEMPOTENCY = 'usher idempotency';

/** The fingerprint is a signature: what was asked may hold secrets, and nobody should be able to try them out on it. */
export function idempotencyOf(vault: Vault, request: PlanRequest): Idempotency | null {
  const key = request.idempotencyKey ?? null;
  if (key === null) return null;
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw invalidInput('Idempotency-Key', 'An idempotency key has 1 to 200 visible ASCII characters.');
  }
  const { connectionId, action, input, override, reason, appliesWhenApproved, applyAt } = request;
  // Requests without a time have the fingerprint that they had before there were any with one.
  const when = applyAt == null ? {} : { applyAt };
  const asked = canonicalText({ connectionId, action, input, override, reason, appliesWhenApproved, ...when });
  const hash = createHash('sha256').update(asked).digest('hex');
  return {
    key,
    fingerprint: vault.sign(hash, IDEMPOTENCY),
    isSame: (kept) => vault.isSigned(hash, IDEMPOTENCY, kept),
  };
}

/** Another request came under the same key. */
export function keyReused(): UsherError {
  return new UsherError('conflict', 'This idempotency key was used for another request.', {
    code: 'idempotencyKeyReused',
    field: 'Idempotency-Key',
    next: 'Use a new key for a new request; keys are remembered for 24 hours.',
  });
}
