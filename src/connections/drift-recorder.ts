import type { Drift, DriftRecorder } from '../connector-kit/drift.ts';
import type { DriftCount } from '../store/drift.ts';

/** Distinct differences kept of one pull or call: the first ones tell what is to be known. */
const MAX_DISTINCT = 200;

/** Collects differences in memory until they are taken. */
export interface BufferedDrift extends DriftRecorder {
  /** Hands over what was collected since the last time. */
  take(): readonly DriftCount[];
}

/** A recorder that counts equal differences and costs nothing else: a pull may report the same field on every page. */
export function bufferDrift(): BufferedDrift {
  const counts = new Map<string, { readonly drift: Drift; occurrences: number }>();
  return {
    record(drift) {
      const id = JSON.stringify([drift.operation, drift.path, drift.problem]);
      const known = counts.get(id);
      if (known !== undefined) known.occurrences += 1;
      else if (counts.size < MAX_DISTINCT) counts.set(id, { drift, occurrences: 1 });
    },
    take() {
      const taken = [...counts.values()].map(({ drift, occurrences }) => ({ ...drift, occurrences }));
      counts.clear();
      return taken;
    },
  };
}
