import { z } from 'zod';
import { auditKindSchema, auditOutcomeSchema } from '../../model/audit.ts';
import { ERROR_KINDS } from '../../model/errors.ts';
import type { CommonOptions, Context } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import { listPages, type ListOptions } from '../list.ts';
import type { Column } from '../table.ts';
import { localTimeExactly, printable } from '../text.ts';
import { oneOf } from '../words.ts';

const entrySchema = z.looseObject({
  seq: z.number(),
  at: z.string(),
  kind: z.string(),
  action: z.string(),
  outcome: z.string(),
  summary: z.string(),
  actor: z.looseObject({ name: z.string() }).nullish(),
  connection: z.string().nullish(),
});
type Entry = z.infer<typeof entrySchema>;

const verdictSchema = z.looseObject({
  is_whole: z.boolean(),
  entries: z.number(),
  last: z.number(),
  problems: z.array(z.looseObject({ kind: z.string(), message: z.string() })),
  unlinked: z.number(),
  head: z.looseObject({ state: z.string(), seq: z.number().nullish(), since: z.number().nullish() }),
});
type Verdict = z.infer<typeof verdictSchema>;

export interface AuditOptions extends CommonOptions, ListOptions {
  readonly kind?: string;
  readonly outcome?: string;
  readonly actor?: string;
  readonly connection?: string;
  readonly subject?: string;
  readonly plan?: string;
  readonly run?: string;
  readonly since?: string;
  readonly until?: string;
}

/** `usher audit list`: what Usher did, refused and was told, newest first. */
export async function list(context: Context, _: readonly string[], options: AuditOptions): Promise<number> {
  const { actor, connection, subject, plan, run } = options;
  const filter = {
    kind: oneOf(options.kind, auditKindSchema.options, '--kind'),
    outcome: oneOf(options.outcome, auditOutcomeSchema.options, '--outcome'),
    since: momentOf(options.since, '--since'),
    until: momentOf(options.until, '--until'),
    actor,
    connection,
    subject,
    plan,
    run,
  };
  await listPages(
    context,
    entrySchema,
    (usher, query) => usher.GET('/v1/audit', { params: { query: { ...filter, ...query } } }),
    COLUMNS,
    options,
  );
  return EXIT.ok.code;
}

/** `usher audit verify`: whether the log is whole, else what is wrong with it and where; exit code 6 then. */
export async function verify(context: Context): Promise<number> {
  const client = await context.client();
  const verdict = await client.read(verdictSchema, (usher) => usher.GET('/v1/audit/verify'));
  if (context.isJson) context.out.json(verdict);
  else for (const line of textOf(verdict)) context.out.line(printable(line));
  return verdict.is_whole ? EXIT.ok.code : ERROR_KINDS.conflict.exitCode;
}

const COLUMNS: readonly Column<Entry>[] = [
  { title: 'Seq', value: ({ seq }) => String(seq) },
  { title: 'At', value: ({ at }) => localTimeExactly(at) },
  { title: 'Kind', value: ({ kind }) => kind },
  { title: 'Outcome', value: ({ outcome }) => outcome },
  { title: 'Who', value: ({ actor }) => actor?.name ?? '' },
  { title: 'Connection', value: ({ connection }) => connection ?? '' },
  { title: 'What', value: ({ summary }) => summary },
];

function textOf({ is_whole, entries, last, problems, unlinked, head }: Verdict): readonly string[] {
  const waiting = unlinked === 0 ? [] : [`${unlinked} entries wait to be linked: look again in a moment.`];
  const lines = [...problems.map(({ message }) => message), ...headLines(head), ...waiting];
  return is_whole
    ? [`The audit log is whole: ${entries} entries, the last one is ${last}.`, ...lines]
    : [`The audit log was tampered with, or damaged (${entries} entries, the last one is ${last}):`, ...lines];
}

function headLines({ state, since }: Verdict['head']): readonly string[] {
  if (state === 'missing') return ['No head is kept outside the database yet: a tail that was cut off cannot show.'];
  if (state === 'altered') return ['The head that is kept outside the database is not one that Usher wrote.'];
  return since == null || since === 0
    ? []
    : [`The head outside the database is kept since entry ${since}: a tail cut off before that cannot show.`];
}

/** A date counts from its first moment, in UTC. */
function momentOf(text: string | undefined, flag: string): string | undefined {
  if (text === undefined) return undefined;
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) {
    throw usage(`${flag} has to be a date or a moment, as 2026-03-02 or 2026-03-02T10:15:00Z, not "${text}".`);
  }
  return moment.toISOString();
}
