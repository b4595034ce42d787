import { markSchema, type MarkAnswer } from '../changes/contract.ts';
import type { CommonOptions, Context } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import { localTime, printable } from '../text.ts';
import { instantOf } from '../time.ts';

export interface MarkOptions extends CommonOptions {
  /** `--protected`, `--no-protected`; absent: as it is. The same of `service`. */
  readonly protected?: boolean;
  readonly service?: boolean;
  /** An empty text takes it away; so it is with those below. */
  readonly owner?: string;
  readonly ignoreUntil?: string;
  readonly note?: string;
  readonly clear?: boolean;
}

/** `usher accounts mark CONNECTION ACCOUNT`: says of an account what guards go by; without flags shows what was said. */
export async function mark(context: Context, words: readonly string[], options: MarkOptions): Promise<number> {
  const [connection = '', key = ''] = words;
  const params = { path: { connection, key } };
  const client = await context.client();
  const change = changeOf(options);
  const isChange = Object.keys(change).length > 0;
  const answer = isChange
    ? await client.read(markSchema, (usher) => {
        return usher.PATCH('/v1/accounts/{connection}/{key}/mark', { params, body: change });
      })
    : await client.read(markSchema, (usher) => usher.GET('/v1/accounts/{connection}/{key}/mark', { params }));
  if (context.isJson) {
    context.out.json(answer);
    return EXIT.ok.code;
  }
  const text = markText(answer);
  context.out.line(`${printable(key)} in ${printable(connection)}: ${text === '' ? 'no mark' : text}`);
  if (!isChange)
    context.out.note('Mark it: --protected, --service --owner WHO, --ignore-until DATE, --note TEXT; --clear');
  return EXIT.ok.code;
}

/** What a mark says, in words; empty where it says nothing. */
export function markText(mark: MarkAnswer): string {
  const { is_protected: isProtected, is_service: isService, owner, ignored_until: ignored, note } = mark;
  const facts = [
    ...(isProtected ? ['protected: no change touches it'] : []),
    ...(isService ? [owner == null ? 'a service' : `a service, answered for by ${printable(owner)}`] : []),
    ...(!isService && owner != null ? [`owner ${printable(owner)}`] : []),
    ...(ignored == null ? [] : [`ignored until ${localTime(ignored)}`]),
    ...(note == null ? [] : [printable(note)]),
  ];
  if (facts.length === 0) return '';
  const by = mark.set_by == null ? '' : `  (${printable(mark.set_by.name)}, ${localTime(mark.set_at)})`;
  return `${facts.join('; ')}${by}`;
}

interface Change {
  is_protected?: boolean;
  is_service?: boolean;
  owner?: string | null;
  ignored_until?: string | null;
  note?: string | null;
}

function changeOf(options: MarkOptions): Change {
  const { owner, ignoreUntil, note, clear } = options;
  const change: Change = {};
  if (options.protected !== undefined) change.is_protected = options.protected;
  if (options.service !== undefined) change.is_service = options.service;
  if (owner !== undefined) change.owner = owner || null;
  if (ignoreUntil !== undefined) change.ignored_until = ignoreUntil === '' ? null : instantOf(ignoreUntil);
  if (note !== undefined) change.note = note || null;
  if (clear !== true) return change;
  if (Object.keys(change).length > 0) throw usage('--clear takes all marks away; leave the other flags out.');
  return { is_protected: false, is_service: false, owner: null, ignored_until: null, note: null };
}
