// Checks that the lockfile records no download addresses (`npm run lockfile`): they would tie a clone to the registry of
// whoever wrote it last. `.npmrc` leaves them out; a lockfile written elsewhere may hold them. Every package must still
// be pinned by version and by the hash of its content.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const lockfileSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

const text = readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8');
const packages = Object.entries(lockfileSchema.parse(JSON.parse(text)).packages).filter(([path]) => path !== '');
const faults = packages.flatMap(([path, { version, resolved, integrity }]) => [
  ...(resolved === undefined ? [] : [`${path} records where it was downloaded from`]),
  ...(integrity === undefined ? [`${path} has no integrity hash`] : []),
  ...(version === undefined ? [`${path} has no version`] : []),
]);

for (const fault of faults.slice(0, 20)) console.error(`  ${fault}`);
if (faults.length > 0) {
  console.error(
    `package-lock.json: ${faults.length} faults. Write it again with "npm install --package-lock-only" in this folder.`,
  );
  process.exit(1);
}
console.log(`Lockfile: ${packages.length} packages, each pinned by version and hash, none by address.`);
