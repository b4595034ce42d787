import { expect, test } from 'vitest';
import { planChangeSchema } from './contract.ts';
import { changeLine } from './plan-text.ts';
import { outcomeLine } from './run-text.ts';

const paint = (_colour: string, text: string): string => text;

function change(
  subject: { readonly kind: string; readonly name: string },
  made: Readonly<Record<string, string>> | null,
) {
  return planChangeSchema.parse({
    ordinal: 0,
    subject: { key: 'acme/OLD', email: null, ...subject },
    change: 'create_key',
    summary: 'Make the key that is to follow OLD',
    effect: 'write',
    undo: { is_possible: true, how: 'It is deleted again.' },
    params: {},
    before: null,
    preview: null,
    outcome: {
      state: 'done', attempt: 1, ended_at: null,
      receipt: { summary: 'Done.', code: null, proof: 'answer', calls: [], before: null, after: null, verified_at: null, made },
    },
  }); // prettier-ignore
}

test('a step with a key is told by what was done, and by what was made: its id is needed with its secret', () => {
  const line = outcomeLine({ paint }, change({ kind: 'credential', name: 'OLD' }, { key_id: 'NEW' }));
  expect(line).toBe('  done      Make the key that is to follow OLD: Done. (key_id NEW)');
});

test('a change of an account is told by whose it is', () => {
  expect(outcomeLine({ paint }, change({ kind: 'account', name: 'Jane' }, null))).toBe('  done      Jane: Done.');
});

test('a plan does not name the subject before a key that its change is about: taking a rotation back deletes the new one', () => {
  const line = changeLine(paint, { ...change({ kind: 'credential', name: 'OLD' }, null), summary: 'Delete key NEW' });
  expect(line).toMatch(/^\S Delete key NEW$/);
});
