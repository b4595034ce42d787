// Compiles src/ to dist/ for the package (`npm pack` runs it): Node strips no types below node_modules. A clone runs
// from src/ and needs none of this. Plain JavaScript, for any Node.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');
const built = join(root, 'dist');

rmSync(built, { recursive: true, force: true });
compile();
copyAssets();

function compile() {
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve('@typescript/native/package.json')),
    'bin',
    'tsc',
  );
  const { status, error } = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], {
    stdio: ['ignore', 2, 2],
  });
  if (error) console.error(error.message);
  if (error || status !== 0 || !existsSync(built)) {
    console.error('The package was not built.');
    process.exit(1);
  }
}

/** What the code reads beside it at run time: everything but TypeScript, texts for readers, and what tests use. */
function copyAssets() {
  const notForRunning = /\.(ts|md)$|(^|[\\/])(testing|testkit)[\\/]/;
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    const path = relative(source, join(entry.parentPath ?? entry.path, entry.name));
    if (!entry.isFile() || notForRunning.test(path)) continue;
    mkdirSync(dirname(join(built, path)), { recursive: true });
    copyFileSync(join(source, path), join(built, path));
  }
}
