import type { Finding } from '../../doctor/examine.ts';
import type { CommonOptions, Context } from '../context.ts';
import { dataDirectory } from '../credentials.ts';
import { EXIT } from '../failure.ts';
import type { Paint } from '../output.ts';
import { counted, pad, printable } from '../text.ts';

export interface DoctorOptions extends CommonOptions {
  readonly dataDir?: string;
}

const SIGNS: Readonly<Record<Finding['state'], { readonly text: string; readonly paint: Paint }>> = {
  ok: { text: 'ok', paint: 'green' },
  warning: { text: 'warning', paint: 'yellow' },
  problem: { text: 'PROBLEM', paint: 'red' },
  skipped: { text: 'skipped', paint: 'dim' },
};
const SIGN_WIDTH = 7;

/**
 * `usher doctor`: what is wrong with this set-up and how to mend it, with a running server or without. Ends with a code
 * of its own where something is wrong; warnings alone are no failure.
 */
export async function doctor(context: Context, _: readonly string[], options: DoctorOptions): Promise<number> {
  const { environment, out, isJson } = context;
  const [{ examine }, { VERSION }] = await Promise.all([import('../../doctor/examine.ts'), import('../../version.ts')]);
  const { USHER_URL: url, USHER_TOKEN: token } = environment;
  const findings: Finding[] = [];
  const examined = examine({
    dataDir: options.dataDir ?? dataDirectory(environment),
    databaseUrl: environment['DATABASE_URL'] || null,
    masterKey: environment['USHER_MASTER_KEY'] || null,
    nextKey: environment['USHER_MASTER_KEY_NEXT'] || null,
    server: url && token ? { url, token } : null,
    version: VERSION,
    fetch,
    now: context.now,
  });
  for await (const finding of examined) {
    findings.push(finding);
    if (!isJson) print(context, finding);
  }
  const count = (state: Finding['state']): number => findings.filter((each) => each.state === state).length;
  const problems = count('problem');
  if (isJson) {
    out.json({ healthy: problems === 0, findings });
  } else {
    out.line();
    out.line(problems + count('warning') === 0 ? 'All is well.' : summary(problems, count('warning')));
  }
  return problems === 0 ? EXIT.ok.code : EXIT.unwell.code;
}

function print({ out }: Context, { title, state, detail, next }: Finding): void {
  const { text, paint } = SIGNS[state];
  const indent = ' '.repeat(SIGN_WIDTH + 2);
  out.line(`${out.paint(paint, pad(text, SIGN_WIDTH, 'left'))}  ${printable(title)}: ${printable(detail)}`);
  if (next !== null) out.line(`${indent}-> ${printable(next)}`);
}

function summary(problems: number, warnings: number): string {
  return `${counted(problems, 'problem')}, ${counted(warnings, 'warning')}.`;
}
