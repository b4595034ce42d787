import { handoffListSchema, takenHandoffSchema, type HandoffAnswer } from '../changes/contract.ts';
import type { Context } from '../context.ts';
import { EXIT, usage } from '../failure.ts';
import type { Column } from '../table.ts';
import { localTime, printable } from '../text.ts';

/** `usher secret list`: secrets that changes made for whoever asks, and that were not taken yet. */
export async function list(context: Context): Promise<number> {
  const client = await context.client();
  const { data } = await client.read(handoffListSchema, (usher) => usher.GET('/v1/handoffs'));
  if (context.isJson) context.out.json({ data });
  else if (data.length === 0) context.out.line('No secret waits for you.');
  else {
    context.out.table(COLUMNS)(data);
    context.out.note('See one, once: usher secret take ID');
  }
  return EXIT.ok.code;
}

const COLUMNS: readonly Column<HandoffAnswer>[] = [
  { title: 'Id', value: ({ id }) => id, isWhole: true },
  { title: 'What', value: ({ label }) => label },
  { title: 'Connection', value: ({ connection }) => connection },
  { title: 'Made', value: ({ created_at }) => localTime(created_at) },
  { title: 'Goes', value: ({ expires_at }) => localTime(expires_at) },
];

/**
 * `usher secret take ID`: shows a secret, once, and only to a terminal or with `--json`, so that it does not end up in a
 * log. Then it is gone.
 */
export async function take(context: Context, [id = '']: readonly string[]): Promise<number> {
  if (!context.isJson && !context.out.isTerminal) {
    throw usage(
      'A secret is shown on a terminal only, and this is none; it was not taken.',
      'Run it in a terminal, or take it from --json.',
    );
  }
  const client = await context.client();
  const { handoff, secret } = await client.read(takenHandoffSchema, (usher) => {
    return usher.POST('/v1/handoffs/{id}/take', { params: { path: { id } }, body: {} });
  });
  if (context.isJson) {
    context.out.json({ handoff, secret });
    return EXIT.ok.code;
  }
  // As it is: a terminal shows it, and nothing of it may be lost on the way to the clipboard.
  context.out.line(printable(secret) === secret ? secret : JSON.stringify(secret));
  context.out.note(`${printable(handoff.label)}. Keep it now: it is gone from Usher.`);
  return EXIT.ok.code;
}
