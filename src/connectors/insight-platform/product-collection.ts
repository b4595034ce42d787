import type { Collection, CollectionEnd, CollectionPage } from '../../connector-kit/connector.ts';
import { watchShape } from '../../connector-kit/drift.ts';
import { UsherError } from '../../model/errors.ts';
import { getProducts } from './client.ts';
import type { InsightContext, Settings } from './config.ts';
import { productGrant, toProduct } from './mapping.ts';
import { type Holder, readHolders } from './products.ts';
import { PRODUCT_SHAPE } from './schemas.ts';

/** Products and, where the platform shows it, who has them. */
export const productCollection: Collection<Settings> = {
  id: 'products',
  title: 'Products and who has them',
  yields: ['resource', 'grant'],
  dependsOn: ['users'],
  pull: (context) => pullProducts(context),
};

async function* pullProducts(context: InsightContext): AsyncGenerator<CollectionPage, CollectionEnd, void> {
  const operation = 'getProducts';
  const observedAt = context.clock.now().toISOString();
  const rows = await getProducts(context);
  const shape = watchShape(context.drift, { operation, path: '*' }, PRODUCT_SHAPE);
  for (const row of rows) shape.observe(row);
  const { holders, refusal } = await holdersOrRefusal(context);
  const products = new Map(
    rows.map((row) => {
      const product = toProduct(operation, row, holders !== null);
      return [product.key, product];
    }),
  );
  const grants = (holders ?? []).flatMap(({ account, tokens }) =>
    tokens.filter((token) => products.has(token)).map((token) => productGrant(account, token)),
  );
  yield { records: [...products.values(), ...grants], observedAt, checkpoint: null, total: null };
  return refusal === null ? { isComplete: true } : { isComplete: false, reason: refusal.message };
}

/** Without the right to see who has products, products are pulled alone, and the pull is not complete. */
async function holdersOrRefusal(
  context: InsightContext,
): Promise<{ readonly holders: readonly Holder[] | null; readonly refusal: UsherError | null }> {
  try {
    return { holders: await readHolders(context), refusal: null };
  } catch (thrown) {
    if (thrown instanceof UsherError && thrown.kind === 'permission') return { holders: null, refusal: thrown };
    throw thrown;
  }
}
