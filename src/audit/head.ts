import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalText } from '../model/canonical.ts';
import type { Signer } from './link.ts';

const placeSchema = z.object({ seq: z.int().nonnegative(), hash: z.string(), at: z.string() });
const headSchema = z.object({
  chain: z.string(),
  seq: z.int().nonnegative(),
  hash: z.string(),
  /** When it was written. */
  at: z.string(),
  /** Since which entry a head is kept here: what was cut off before that cannot show. */
  since: z.object({ seq: z.int().nonnegative(), at: z.string() }),
  /** Heads that the database had no more when it was looked at: a cut tail. Kept until somebody removes the file. */
  lost: z.array(placeSchema.extend({ foundAt: z.string(), left: z.int().nonnegative() })),
});

/** The chain's head as it is kept outside the database. Times are ISO 8601, UTC. */
export type KeptHead = z.infer<typeof headSchema>;

/** What the file says: nothing, something that is not this chain's or was altered, or the head. */
export type HeadReading =
  | { readonly state: 'missing' }
  | { readonly state: 'altered' }
  | { readonly state: 'kept'; readonly head: KeptHead };

/** A file beside the database that knows how far a chain had got. */
export interface HeadFile {
  read(chain: string): Promise<HeadReading>;
  /** Replaces it, on disk when this resolves. */
  write(head: KeptHead): Promise<void>;
}

const FOLDER = 'audit';
const PURPOSE = 'usher audit head file';

/** The head files in a data directory: one for each database it has been used with. */
export function headFile(dataDir: string, vault: Signer): HeadFile {
  const folder = join(dataDir, FOLDER);
  const pathOf = (chain: string): string => join(folder, `head-${chain.replaceAll(/[^\w-]/g, '')}.json`);
  return {
    async read(chain) {
      const text = await readFile(pathOf(chain), 'utf8').catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      });
      if (text === null) return { state: 'missing' };
      const parsed = z.object({ head: headSchema, mac: z.string() }).safeParse(jsonOf(text));
      if (!parsed.success) return { state: 'altered' };
      const { head, mac } = parsed.data;
      const isOurs = head.chain === chain && vault.isSigned(canonicalText(head), PURPOSE, mac);
      return isOurs ? { state: 'kept', head } : { state: 'altered' };
    },
    async write(head) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const [path, fresh] = [pathOf(head.chain), join(folder, `.head-${randomUUID()}`)];
      try {
        const file = await open(fresh, 'wx', 0o600);
        try {
          await file.writeFile(`${JSON.stringify({ head, mac: vault.sign(canonicalText(head), PURPOSE) })}\n`);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(fresh, path);
        await syncFolder(folder);
      } catch (error) {
        await rm(fresh, { force: true });
        throw error;
      }
    },
  };
}

/** A rename is on disk when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
