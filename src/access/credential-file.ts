import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';

const credentialSchema = z.object({ url: z.string().min(1), token: z.string().min(1) });

/** What the CLI on the server's own machine needs: where the server is, and who asks. */
export type Credential = z.infer<typeof credentialSchema>;

/** The credential file of a data directory; null where it is missing or holds something else. */
export async function readCredential(dataDir: string): Promise<(Credential & { readonly path: string }) | null> {
  const path = join(dataDir, 'cli.json');
  try {
    return { ...credentialSchema.parse(JSON.parse(await readFile(path, 'utf8'))), path };
  } catch {
    return null;
  }
}

/** Writes the credential file, readable for its owner alone and whole at any moment; returns its path. */
export async function writeCredential(dataDir: string, credential: Credential): Promise<string> {
  const path = join(dataDir, 'cli.json');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${randomUUID()}`;
  await writeFile(unfinished, `${JSON.stringify(credential)}\n`, { mode: 0o600, flag: 'wx' });
  await chmod(unfinished, 0o600);
  await rename(unfinished, path);
  return path;
}
