import { UsherError } from '../../model/errors.ts';
import { isUnknownCall } from './answers.ts';
import { getUserProducts, getUsers } from './client.ts';
import type { InsightContext } from './config.ts';
import { inlineProducts, toAccount, tokensOf } from './mapping.ts';
import type { Row } from './paging.ts';

/** The products of one user. */
export interface Holder {
  /** The id of the user. */
  readonly account: string;
  readonly tokens: readonly string[];
}

/**
 * Who has which product, where the platform shows it: within the user, or at `GET /users/{id}/products`, a call a user.
 * Nobody has published either, so it is tried on the first user. null: it is not shown. Throws `permission` where this
 * key may not see it.
 */
export async function readHolders(context: InsightContext): Promise<readonly Holder[] | null> {
  if (context.settings.userList === 'vm_v4') return null;
  const holders: Holder[] = [];
  for (const row of await getUsers(context)) {
    const tokens = await productsOf(context, row);
    if (tokens === null) return null;
    holders.push({ account: toAccount('getUsers', row).key, tokens: [...new Set(tokens)] });
  }
  return holders;
}

/** Tokens of the products of a user as read; null: the platform does not show them. */
export async function productsOf(context: InsightContext, row: Row): Promise<readonly string[] | null> {
  const inline = inlineProducts('getUsers', row);
  if (inline !== null) return inline;
  const { key } = toAccount('getUsers', row);
  try {
    return tokensOf('getUserProducts', await getUserProducts(context, key));
  } catch (thrown) {
    // 404 with the user there says that there is no such thing as the products of a user.
    if (isUnknownCall(thrown) || isKind(thrown, 'notFound')) return null;
    throw thrown;
  }
}

function isKind(thrown: unknown, kind: UsherError['kind']): boolean {
  return thrown instanceof UsherError && thrown.kind === kind;
}
