import type { ProbeResult } from '../connector-kit/connector.ts';
import { UsherError } from '../model/errors.ts';
import type { StoredConnection } from '../store/connections.ts';

/**
 * A connection after a probe nobody asked to accept. Fewer capabilities, or another company behind the credentials,
 * pause it: what can no longer be seen must not be taken for gone.
 */
export function afterProbe(before: StoredConnection, probe: ProbeResult, now: string): StoredConnection {
  const reason = strangeness(before, probe);
  const probed = isAnotherTenant(before, probe) ? before : { ...before, ...foundBy(probe) };
  return {
    ...probed,
    lastProbeAt: now,
    updatedAt: now,
    ...(reason === null ? {} : { state: 'paused' as const, pausedReason: reason }),
  };
}

/** What a probe found, as stored. */
export function foundBy(probe: ProbeResult): Pick<StoredConnection, 'capabilities' | 'tenant'> {
  return { capabilities: [...new Set(probe.capabilities)].toSorted(), tenant: probe.tenant };
}

/** Throws `conflict` where the credentials speak for another company than the connection's data is of. */
export function checkSameTenant(before: StoredConnection, probe: ProbeResult): void {
  if (!isAnotherTenant(before, probe)) return;
  throw new UsherError('conflict', `${anotherTenant(before, probe)} Nothing was changed.`, {
    connection: before.id,
    code: 'anotherTenant',
    next: 'Make a new connection for that company: usher connect.',
  });
}

function strangeness(before: StoredConnection, probe: ProbeResult): string | null {
  if (isAnotherTenant(before, probe)) return anotherTenant(before, probe);
  const lost = before.capabilities.filter((capability) => !probe.capabilities.includes(capability));
  if (lost.length === 0) return null;
  return `The app no longer lets this connection do: ${lost.join(', ')}. Give the rights back, or resume it as it is.`;
}

function isAnotherTenant(before: StoredConnection, probe: ProbeResult): boolean {
  return before.tenant !== null && before.tenant.id !== probe.tenant.id;
}

function anotherTenant(before: StoredConnection, { tenant }: ProbeResult): string {
  const known = before.tenant === null ? 'nobody' : `${before.tenant.name} (${before.tenant.id})`;
  return `The credentials speak for ${tenant.name} (${tenant.id}); the data here is of ${known}.`;
}
