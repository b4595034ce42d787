import { UsherError } from '../../model/errors.ts';
import { getOrganizations, type OrganizationList } from './client.ts';
import type { InsightContext } from './config.ts';
import type { Row } from './paging.ts';

const PAGE_SIZE = 100;

/** The lists of organizations that a connection has: the key's own, and those managed by the one in the settings. */
export function organizationLists({ settings }: InsightContext): readonly OrganizationList[] {
  return settings.organizationId === undefined ? ['organizations'] : ['organizations', 'managed-organizations'];
}

/** All organizations as sent, each once. Throws where fewer came than there are said to be. */
export async function readOrganizations(context: InsightContext): Promise<readonly Row[]> {
  const rows = new Map<unknown, Row>();
  for (const list of organizationLists(context)) {
    let seen = 0;
    for (let index = 0; ; index += 1) {
      const page = await getOrganizations(context, list, index, PAGE_SIZE);
      seen += page.rows.length;
      for (const row of page.rows) rows.set(row['id'], row);
      if (!page.isLast) continue;
      if (page.total !== null && seen < page.total) throw shortList(seen, page.total);
      break;
    }
  }
  return [...rows.values()];
}

function shortList(seen: number, total: number): UsherError {
  return new UsherError(
    'upstreamBug',
    `The Insight Platform sent ${seen} of ${total} organizations and then no more.`,
    {
      code: 'shortPage',
      next: 'Some may have been removed in between: try again.',
    },
  );
}
