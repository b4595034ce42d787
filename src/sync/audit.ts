import type { NewAuditEntry } from '../model/audit.ts';
import type { JsonValue } from '../model/records.ts';

type SyncStep = 'requested' | 'confirmed' | 'cancelled' | 'paused' | 'succeeded' | 'failed';

const SENTENCES: Readonly<Record<SyncStep, string>> = {
  requested: 'A sync was asked for.',
  confirmed: 'A sync that was paused for being too strange was confirmed.',
  cancelled: 'A sync was cancelled.',
  paused: 'A sync was paused: what it pulled is too strange to be believed unasked.',
  succeeded: 'A sync succeeded.',
  failed: 'A sync failed.',
};

/** What the audit log is told of a sync. */
export function syncEntry(
  step: SyncStep,
  sync: { readonly runId: string; readonly connectionId: string },
  at: string,
  details: JsonValue = null,
): NewAuditEntry {
  return {
    at,
    kind: 'sync',
    action: `sync.${step}`,
    outcome: step === 'failed' ? 'failed' : 'ok',
    summary: SENTENCES[step],
    connection: sync.connectionId,
    run: sync.runId,
    details,
  };
}
