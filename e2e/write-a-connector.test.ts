import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryDirectory } from './processes.ts';

// The guide for authors of connectors, taken at its word: its code is written down as it stands, checked and run.

const ROOT = join(import.meta.dirname, '..');
const BLOCK = /^```ts (src\/\S+)\n(.*?)^```$/gmsu;
const CONFIG = `import { defineConfig } from 'vitest/config';
export default defineConfig({ test: { include: ['src/connectors/paperdesk/**/*.test.ts'], testTimeout: 60_000 } });
`;

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let files: readonly (readonly [path: string, code: string])[];

beforeAll(async () => {
  const guide = await readFile(join(ROOT, 'docs/guide/write-a-connector.md'), 'utf8');
  files = [...guide.matchAll(BLOCK)].map(([, path = '', code = '']) => [path, code] as const);
  directory = await temporaryDirectory();
  for (const [path, code] of files) {
    await mkdir(dirname(join(directory.path, path)), { recursive: true });
    await writeFile(join(directory.path, path), code);
  }
  for (const room of ['src/model', 'src/connector-kit', 'node_modules']) {
    await symlink(join(ROOT, room), join(directory.path, room));
  }
  for (const file of ['package.json', 'tsconfig.json', '.oxlintrc.json', '.oxfmtrc.json']) {
    await cp(join(ROOT, file), join(directory.path, file)).catch(() => null);
  }
  await writeFile(join(directory.path, 'vitest.config.ts'), CONFIG);
});
afterAll(async () => directory?.remove());

it('has every file that it says a connector has', () => {
  expect(files.map(([path]) => path)).toEqual(
    [
      'config', 'schemas', 'client', 'mapping', 'collections', 'unified', 'writes', 'index', 'simulator', 'conformance.test',
    ].map((name) => `src/connectors/paperdesk/${name}.ts`), // prettier-ignore
  );
});

it('imports nothing of Usher but the model and the kit', () => {
  const imports = files.flatMap(([, code]) => [...code.matchAll(/from '([^']+)'/gu)].map(([, from = '']) => from));
  const foreign = imports.filter((from) => !/^(?:\.\/|\.\.\/\.\.\/(?:model|connector-kit)\/|zod$)/u.test(from));
  expect(foreign).toEqual([]);
});

it('shows code that type checks, and that linter and formatter accept', async () => {
  const types = await run('tsc', ['--noEmit', '-p', '.']);
  expect(types.output).toBe('');
  const lint = await run('oxlint', ['--type-aware', 'src/connectors']);
  expect(lint.code, lint.output).toBe(0);
  const format = await run('oxfmt', ['--check', 'src/connectors']);
  expect(format.code, format.output).toBe(0);
});

it('builds a connector that keeps the contracts of reading and of writing on its simulator', async () => {
  const { code, output } = await run('vitest', ['run', '--root', '.']);
  expect(code, output).toBe(0);
  expect(Number(/Tests +(\d+) passed/u.exec(output)?.[1])).toBeGreaterThan(65);
});

/** Runs one of our own tools on the folder. */
async function run(tool: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(join(ROOT, 'node_modules', '.bin', tool), args, {
    cwd: directory.path,
    env: { ...withoutVitest(process.env), NO_COLOR: '1' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return { code, output };
}

/** The tools are on their own: what this run of vitest tells its workers is not for the one within. */
function withoutVitest(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^VITEST|COLOR$|^TEST$|^NODE_ENV$/u.test(name)));
}
