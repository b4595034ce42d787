// Makes a fresh clone ready to run: installs the locked dependencies when they are missing or out of date, and a
// newer Node beside them where the machine's own is too old to run TypeScript directly. Plain JavaScript on built-in
// modules alone, because it runs before anything is installed and under Node 20.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_WANTED = 24;
const NODE_PACKAGE_VERSION = '24.21.0';
const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '..'));
const modules = join(root, 'node_modules');
const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

// The package that `npm pack` makes has no lockfile. Installed by npm it has its dependencies around it already.
const isClone = existsSync(join(root, 'package-lock.json'));

// From the second run on npm finds the clone's own Node for this script too. It is there because the machine's is too
// old, and an install would take it away from under us.
const isOwnNode = isInClone(process.execPath);
const needsOwnNode = isOwnNode || Number(process.versions.node.split('.')[0]) < NODE_WANTED;

if (!isInstalled()) {
  console.error('Usher: installing dependencies (first start, or the lockfile changed) ...');
  if (isClone) npm('ci');
  else npm('install', '--omit=dev', '--no-package-lock');
}
if (needsOwnNode && !isOwnNodeThere()) {
  console.error(
    `Usher: the Node of this machine is older than ${NODE_WANTED}; adding Node ${NODE_PACKAGE_VERSION} to the clone ...`,
  );
  npm('install', '--no-save', `${nodePackage}@${NODE_PACKAGE_VERSION}`);
  if (!isOwnNodeThere()) {
    fail(`The package ${nodePackage} brought no usable Node. Install Node ${NODE_WANTED} or later and try again.`);
  }
}
function isInClone(path) {
  return existsSync(path) && realpathSync(path).startsWith(modules + sep);
}

/**
 * Whether what is installed is what the lockfile wants. npm notes what it installed when it is done, so that an install
 * that was interrupted has no note and is done again; one done by hand counts as well.
 */
function isInstalled() {
  if (!isClone && root.split(sep).includes('node_modules')) return true;
  const note = join(modules, '.package-lock.json');
  if (!existsSync(note)) return false;
  const installed = packagesOf(note);
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).every(([path, { integrity, optional }]) => {
    const present = installed[path];
    // Optional ones are those of other platforms.
    return path === '' || (present === undefined ? optional === true : present.integrity === integrity);
  });
}

function packagesOf(lockfile) {
  try {
    return JSON.parse(readFileSync(lockfile, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

function isOwnNodeThere() {
  return ['.bin', join(nodePackage, 'bin')].some((folder) =>
    existsSync(join(modules, folder, process.platform === 'win32' ? 'node.exe' : 'node')),
  );
}

function npm(...args) {
  // npm names its own entry point, and the Node it runs in, to its scripts: run those rather than what the PATH holds.
  const cli = process.env.npm_execpath;
  const node = [process.env.npm_node_execpath, process.execPath].find((path) => path && !isInClone(path)) ?? 'node';
  const [command, ...first] = cli && /\.c?js$/.test(cli) ? [node, cli] : ['npm'];
  const flags = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync(command, [...first, ...args, ...flags], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    // NODE_ENV=production would leave out what the tests need.
    env: { ...process.env, NODE_ENV: '', npm_config_omit: '', PATH: pathWithoutOwnNode() },
  });
  if (error || status !== 0) {
    fail(
      `"npm ${args[0]}" failed${error ? `: ${error.message}` : ''}. Is the npm registry reachable and the folder writable?`,
    );
  }
}

function pathWithoutOwnNode() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.filter((folder) => !folder.startsWith(modules)).join(delimiter);
}

function fail(message) {
  console.error(`Usher: ${message}`);
  process.exit(1);
}
