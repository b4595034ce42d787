import { EXIT } from '../failure.ts';
import type { CommonOptions, Context } from '../context.ts';
import { actionSchema, catalogueEntrySchema, foundActionsSchema } from '../contract.ts';
import type { ListOptions } from '../list.ts';
import { flagsOf, type ActionFlag } from '../action-input.ts';
import type { Column } from '../table.ts';
import { printable, wrap } from '../text.ts';

export interface ActionsOptions extends CommonOptions, ListOptions {
  readonly connection?: string;
  readonly connector?: string;
  readonly search?: string;
}

interface Row {
  readonly id: string;
  readonly title: string;
  readonly connector: string;
  readonly effect: string;
}

/** `usher actions list`: the catalogue. */
export async function list(context: Context, _: readonly string[], options: ActionsOptions): Promise<number> {
  const client = await context.client();
  const { connection, connector, search } = options;
  const filter = { account_ids: connection, connectors: connector };
  const pages = client.pages(
    catalogueEntrySchema,
    (usher, page) => usher.GET('/actions', { params: { query: { filter, search, ...page } } }),
    { pageSize: 100 },
  );
  const entries = [];
  for await (const { items } of pages) entries.push(...items);
  const rows = entries.flatMap(({ key, actions }) =>
    (actions ?? []).map(({ id, label, effect }): Row => ({
      id,
      title: label ?? '',
      connector: key,
      effect: effect ?? 'read',
    })),
  );
  if (context.isJson) {
    context.out.json({ data: entries });
  } else if (rows.length === 0) {
    context.out.line('No action fits.');
    if (search !== undefined) await suggest(context, search, connector);
  } else {
    context.out.table(COLUMNS)(rows);
    context.out.note('What one takes: usher actions show ACTION      Call it: usher call ACTION');
  }
  return EXIT.ok.code;
}

/** Names what is nearest in meaning or spelling, where something is. */
async function suggest(context: Context, query: string, connector: string | undefined): Promise<void> {
  const client = await context.client();
  const body = { query, connector, top_k: SUGGESTIONS };
  const { results } = await client.read(foundActionsSchema, (usher) => usher.POST('/actions/search', { body }));
  if (results.length === 0) return;
  context.out.note('Near to it:');
  for (const { action_name: id, label } of results) context.out.note(`  ${printable(id)}  ${printable(label)}`);
}

const SUGGESTIONS = 3;

const COLUMNS: readonly Column<Row>[] = [
  { title: 'Action', value: ({ id }) => id },
  { title: 'Effect', value: ({ effect }) => effect },
  { title: 'What it does', value: ({ title }) => title },
];

/** `usher actions show ACTION`: what it does and the flags it takes. */
export async function show(context: Context, [id = '']: readonly string[]): Promise<number> {
  const client = await context.client();
  const action = await client.read(actionSchema, (usher) => usher.GET('/actions/{id}', { params: { path: { id } } }));
  if (context.isJson) {
    context.out.json(action);
    return EXIT.ok.code;
  }
  const { out } = context;
  out.line(
    `${out.paint('bold', printable(action.id))}  ${printable(action.title ?? '')}  (${printable(action.effect ?? 'read')})`,
  );
  for (const line of wrap(printable(action.description ?? ''), out.width ?? 100)) out.line(`  ${line}`);
  out.line();
  const flags = flagsOf(action.input_schema);
  if (flags.length === 0) out.line('It takes no input.');
  for (const line of flagLines(flags)) out.line(line);
  out.note(`Call it: usher call ${action.id}${flags.some(({ isRequired }) => isRequired) ? ' …' : ''}`);
  return EXIT.ok.code;
}

/** Help on an action's flags, one a line. */
export function flagLines(flags: readonly ActionFlag[]): string[] {
  const heads = flags.map(({ flag, kind }) => (kind === 'boolean' ? flag : `${flag} ${kind.toUpperCase()}`));
  const width = Math.max(0, ...heads.map((head) => head.length));
  return flags.map(({ description, choices, isRequired }, index) => {
    const facts = [
      description,
      ...(choices.length === 0 ? [] : [`one of ${choices.join(', ')}`]),
      ...(isRequired ? ['required'] : []),
    ].filter((fact) => fact !== '');
    return `  ${(heads[index] ?? '').padEnd(width)}  ${printable(facts.join('; '))}`.trimEnd();
  });
}
