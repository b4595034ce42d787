// `npm run bench -- NAME [--json] [options]`: runs one benchmark against its floor, both in this run.
import { parseArgs } from 'node:util';
import { type Report, table } from './report.ts';

const BENCHES: Readonly<
  Record<string, () => Promise<{ run(args: readonly string[], report: Report): Promise<void> }>>
> = {
  apply: () => import('./apply.ts'),
  audit: () => import('./audit.ts'),
  backup: () => import('./backup.ts'),
  insightvm: () => import('./insightvm.ts'),
  lacework: () => import('./lacework.ts'),
  read: () => import('./read.ts'),
  start: () => import('./start.ts'),
  sync: () => import('./sync.ts'),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: { json: { type: 'boolean', default: false } },
});
const name = positionals[0] ?? '';
const bench = BENCHES[name];
if (!bench) {
  console.error(`There is no benchmark "${name}". Those there are: ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(2);
}
const isJson = values['json'] === true;
const cases: Parameters<Report>[0][] = [];
await (
  await bench()
).run(
  process.argv.slice(2).filter((arg) => arg !== name && arg !== '--json'),
  (measured) => {
    cases.push(measured);
    if (isJson) console.log(JSON.stringify(measured));
  },
);
if (!isJson) console.log(table(cases));
if (cases.some(({ holds }) => holds === false)) process.exitCode = 1;
