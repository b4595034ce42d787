import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { UsherError } from '../model/errors.ts';
import type { Log } from '../store/log.ts';

/** What the demo keeps of an app in the data directory, so that a second start goes on where the first ended. */
const keptSchema = z.object({
  /** The day that Northwind's stories count from. */
  anchor: z.iso.datetime(),
  port: z.int(),
  state: z.unknown(),
});
export type Kept = z.infer<typeof keptSchema>;

/** Reads what was kept; null: nothing was. Throws `conflict` for what cannot be read. */
export async function readKept(file: string, connection: string): Promise<Kept | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return null;
  }
  try {
    return keptSchema.parse(JSON.parse(text));
  } catch {
    throw new UsherError('conflict', `The demo's state in ${file} cannot be read.`, {
      code: 'demoStateDamaged',
      next: `Remove that file and the connection \`${connection}\` to begin it anew, or start without --demo.`,
    });
  }
}

/** Writes what is kept. */
export interface Keeper {
  now(kept: Kept): Promise<void>;
  /** In a moment; many changes in a row are written once. */
  later(kept: () => Kept): void;
}

/** Makes the keeper of a file, which is written whole or not at all. */
export function keeper(file: string, log: Log): Keeper {
  let waiting: NodeJS.Timeout | null = null;
  let writing = Promise.resolve();
  const now = (kept: Kept): Promise<void> => {
    if (waiting) clearTimeout(waiting);
    waiting = null;
    writing = writing
      .then(async () => {
        await writeFile(`${file}.new`, JSON.stringify(kept), { mode: 0o600 });
        await rename(`${file}.new`, file);
      })
      .catch((error: unknown) => log.warn({ error: String(error) }, 'The state of the demo could not be kept.'));
    return writing;
  };
  return {
    now,
    later(kept) {
      if (waiting) clearTimeout(waiting);
      waiting = setTimeout(() => void now(kept()), 200);
      waiting.unref();
    },
  };
}
