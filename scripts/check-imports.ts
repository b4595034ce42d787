// Checks who imports whom (`npm run imports`): the rules are in .dependency-cruiser.cjs. dependency-cruiser passes
// silently when it could read nothing, so this fails when it cruised nothing, and first proves on a small made-up tree
// that a forbidden import of each sort would be found.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';

const root = join(import.meta.dirname, '..');

/** A file that breaks the rule of that name, the file it imports, and the import's spelling. */
const MADE_UP_BREACHES: readonly { rule: string; from: string; to: string }[] = [
  { rule: 'room-model', from: 'src/model/a.ts', to: 'src/store/x.ts' },
  { rule: 'room-store', from: 'src/store/a.ts', to: 'src/engine/x.ts' },
  { rule: 'room-connector-kit', from: 'src/connector-kit/a.ts', to: 'src/store/x.ts' },
  { rule: 'room-secrets', from: 'src/secrets/a.ts', to: 'src/store/x.ts' },
  { rule: 'room-sync', from: 'src/sync/a.ts', to: 'src/api/x.ts' },
  { rule: 'room-api', from: 'src/api/a.ts', to: 'src/cli/x.ts' },
  { rule: 'connector-alone', from: 'src/connectors/lastpass/a.ts', to: 'src/connectors/okta/x.ts' },
  { rule: 'connectors-by-main-only', from: 'src/sync/b.ts', to: 'src/connectors/okta/x.ts' },
  { rule: 'simulators-apart', from: 'src/main.ts', to: 'src/connectors/okta/simulator.ts' },
  { rule: 'simulator-not-from-connector', from: 'src/connectors/okta/simulator.ts', to: 'src/connectors/okta/x.ts' },
  { rule: 'test-code-in-tests', from: 'src/store/b.ts', to: 'src/store/testing/x.ts' },
  { rule: 'source-stands-alone', from: 'src/main.ts', to: 'bench/x.ts' },
];

const found = await breaches(await plantedTree());
const missed = MADE_UP_BREACHES.filter(({ rule, from, to }) => !found.has(`${rule} ${from} ${to}`));
if (missed.length > 0) {
  fail(
    `The rules did not see these forbidden imports: ${missed.map(({ rule, from, to }) => `${from} -> ${to} (${rule})`).join(', ')}.`,
  );
}

const result = await cruiseTree(
  root,
  ['src', 'bench', 'scripts', 'e2e', 'bin'].filter((folder) => existsSync(join(root, folder))),
);
const { violations, totalCruised } = result.summary;
if (totalCruised === 0) {
  fail('dependency-cruiser looked at 0 modules. It needs the `typescript` alias of package.json: is it installed?');
}
for (const { rule, from, to } of violations) console.error(`  ${rule.name}: ${from} -> ${to}`);
if (violations.length > 0)
  fail(
    `${violations.length} forbidden imports among ${totalCruised} modules; the rules are in .dependency-cruiser.cjs.`,
  );
console.log(
  `Imports: ${totalCruised} modules follow the rules; ${MADE_UP_BREACHES.length} made-up breaches were found, as they should be.`,
);

async function plantedTree(): Promise<string> {
  const tree = mkdtempSync(join(tmpdir(), 'usher-imports-'));
  process.once('exit', () => rmSync(tree, { recursive: true, force: true }));
  const imports = new Map<string, string[]>();
  for (const { from, to } of MADE_UP_BREACHES) {
    imports.set(from, [...(imports.get(from) ?? []), to]);
    imports.set(to, imports.get(to) ?? []);
  }
  for (const [file, targets] of imports) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    const up = '../'.repeat(file.split('/').length - 1);
    const lines = targets.map((target, index) => `import * as x${index} from '${up}${target}';\nvoid x${index};\n`);
    writeFileSync(join(tree, file), `${lines.join('')}export const name = '${file}';\n`);
  }
  return tree;
}

async function breaches(tree: string): Promise<Set<string>> {
  const { summary } = await cruiseTree(tree, ['src']);
  return new Set(summary.violations.map(({ rule, from, to }) => `${rule.name} ${from} ${to}`));
}

async function cruiseTree(baseDir: string, folders: string[]): Promise<ICruiseResult> {
  const options: ICruiseOptions = await extractOptions(join(root, '.dependency-cruiser.cjs'));
  const { output } = await cruise(folders, { ...options, baseDir, validate: true });
  if (typeof output === 'string') throw new Error('dependency-cruiser answered with a text instead of a result.');
  return output;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
