import type { ProbeResult } from '../../connector-kit/connector.ts';
import { zoneTime } from '../../connector-kit/time.ts';
import { UsherError } from '../../model/errors.ts';
import { getReport, getSharedFolders, getUserData } from './client.ts';
import type { LastPassContext, LastPassSettings } from './config.ts';

/** How this company is called: the API does not tell its name. */
export function companyName(settings: Pick<LastPassSettings, 'companyId'>): string {
  return `LastPass company ${settings.companyId}`;
}

/** The cheapest call there is; fails with `auth` when company ID or hash are wrong. Returns the number of users. */
export async function checkCredentials(context: LastPassContext): Promise<number | null> {
  const { total } = await getUserData(context, { pageSize: 1, pageIndex: 0 });
  return total;
}

/**
 * Finds out whether the credentials are good and what they can do. Each capability is tried: a refusal means that it is
 * not there; anything else that goes wrong is thrown, since it tells nothing about rights.
 */
export async function probe(context: LastPassContext): Promise<ProbeResult> {
  const total = await checkCredentials(context);
  const capabilities = ['directory'];
  if (await isGranted(() => tryReport(context))) capabilities.push('events');
  if (await isGranted(() => trySharedFolders(context))) capabilities.push('shared_folders');
  return {
    tenant: { id: context.settings.companyId, name: companyName(context.settings) },
    capabilities,
    notes: total === null ? [] : [`The company has ${total} user${total === 1 ? '' : 's'}.`],
  };
}

/** The smallest window: the last minute. */
async function tryReport(context: LastPassContext): Promise<void> {
  const zone = zoneTime(context.settings.timeZone);
  const now = context.clock.now().getTime();
  await getReport(context, { from: zone.toLocal(now - 60_000), to: zone.toLocal(now) });
}

/** Only the beginning of the answer is read. */
async function trySharedFolders(context: LastPassContext): Promise<void> {
  for await (const _ of getSharedFolders(context, 1)) return;
}

async function isGranted(attempt: () => Promise<void>): Promise<boolean> {
  try {
    await attempt();
    return true;
  } catch (thrown) {
    if (thrown instanceof UsherError && ['auth', 'permission', 'unsupported'].includes(thrown.kind)) return false;
    throw thrown;
  }
}
