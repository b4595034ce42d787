import { policySchema } from '../../model/changes.ts';
import { policyAnswerSchema, type PolicyAnswer } from '../changes/contract.ts';
import type { Context } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import type { Column } from '../table.ts';
import { kebab, printable } from '../text.ts';

/** `usher policy show [CONNECTION]`: the thresholds of the guards, and where each is from. */
export async function show(context: Context, [connection]: readonly string[]): Promise<number> {
  const client = await context.client();
  const answer = await client.read(policyAnswerSchema, async (usher) => {
    return connection === undefined
      ? usher.GET('/v1/policy')
      : usher.GET('/v1/connections/{connection}/policy', { params: { path: { connection } } });
  });
  return print(context, answer);
}

/** `usher policy set [CONNECTION] NAME=VALUE...`: sets thresholds; `NAME=default` takes one away. */
export async function set(context: Context, words: readonly string[]): Promise<number> {
  const [first = '', ...others] = words;
  const connection = first.includes('=') ? null : first;
  const body = changeOf(connection === null ? words : others);
  const client = await context.client();
  const answer = await client.read(policyAnswerSchema, async (usher) => {
    return connection === null
      ? usher.PATCH('/v1/policy', { body })
      : usher.PATCH('/v1/connections/{connection}/policy', { params: { path: { connection } }, body });
  });
  return print(context, answer);
}

const NAMES = [
  'window_minutes',
  'approval_above_subjects',
  'stop_above_subjects',
  'stop_above_percent',
  'max_snapshot_age_hours',
  'plan_days',
] as const;
type Name = (typeof NAMES)[number];

function changeOf(words: readonly string[]): { [Each in Name]?: number | null } {
  const change: { [Each in Name]?: number | null } = {};
  for (const word of words) {
    const at = word.indexOf('=');
    const given = kebab(word.slice(0, Math.max(0, at))).replaceAll('-', '_');
    const name = NAMES.find((each) => each === given);
    if (name === undefined) {
      throw usage(`"${word}" sets no threshold.`, `Write NAME=VALUE; the names: ${NAMES.join(', ')}.`);
    }
    const text = word.slice(at + 1);
    const value = Number(text);
    if (text !== 'default' && (text.trim() === '' || !Number.isFinite(value))) {
      throw usage(`${name} has to be a number, not "${text}".`, `Or take it away: ${name}=default`);
    }
    change[name] = text === 'default' ? null : value;
  }
  if (Object.keys(change).length === 0) {
    throw usage(
      'Say which threshold to set.',
      `usher policy set stop_above_percent=10; the names: ${NAMES.join(', ')}.`,
    );
  }
  return change;
}

interface Row {
  readonly name: string;
  readonly value: number;
  readonly from: string;
  readonly meaning: string;
}

function print({ out, isJson }: Context, answer: PolicyAnswer): number {
  if (isJson) {
    out.json(answer);
    return EXIT.ok.code;
  }
  const meanings = new Map<string, string>(
    Object.entries(policySchema.shape).map(([name, schema]) => [
      kebab(name).replaceAll('-', '_'),
      schema.meta()?.description ?? '',
    ]),
  );
  const connection = answer.connection ?? null;
  const here = connection === null ? 'set' : `set for ${connection}`;
  const rows = Object.entries(answer.policy).map(([name, value]): Row => ({
    name,
    value,
    from: answer.own.includes(name) ? here : connection === null ? 'default' : 'as for all',
    meaning: meanings.get(name) ?? '',
  }));
  out.line(out.paint('bold', connection === null ? 'For all connections' : `For ${printable(connection)}`));
  out.table(COLUMNS)(rows);
  return EXIT.ok.code;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'Threshold', value: ({ name }) => name, isWhole: true },
  { title: 'Value', value: ({ value }) => String(value), align: 'right', isWhole: true },
  { title: 'From', value: ({ from }) => from },
  { title: 'What it does', value: ({ meaning }) => meaning },
];
