import { UsherError } from '../model/errors.ts';

/** There is no connection with this id: `notFound`. */
export function noSuchConnection(id: string): UsherError {
  return new UsherError('notFound', `There is no connection ${JSON.stringify(id.slice(0, 80))}.`, {
    next: 'List them with usher connections.',
  });
}

/** Runs `work`; an UsherError it throws carries the connection's id from then on. */
export async function named<T>(connectionId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UsherError) || error.details.connection !== undefined) throw error;
    throw new UsherError(error.kind, error.message, {
      ...error.details,
      connection: connectionId,
      cause: error.details.cause ?? error,
    });
  }
}
