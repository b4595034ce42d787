import { readFileSync } from 'node:fs';

/** The version of this Usher, from its package. Without a schema library: `usher --version` reads nothing else. */
export const VERSION = versionOf(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')));

function versionOf(manifest: unknown): string {
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new Error('The package of this Usher names no version.');
}
