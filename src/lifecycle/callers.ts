import type { Caller, Permission } from '../model/access.ts';
import { invalidInput, UsherError } from '../model/errors.ts';

const REASON_LENGTH = 2000;

/** Whether a caller's token is good for a connection. */
export function maySee({ connections }: Pick<Caller, 'connections'>, connectionId: string): boolean {
  return connections === null || connections.includes(connectionId);
}

/** Throws `permission` where a caller has not this one. */
export function assertMay(by: Caller, permission: Permission): void {
  if (by.permissions.has(permission)) return;
  throw new UsherError('permission', `${by.principalName} (${by.role}) may not do this: it needs ${permission}.`, {
    next: 'Use a token of a principal with a role that has it.',
  });
}

/** Whether a text can be an id of ours: Postgres refuses some characters in any text. */
export function isId(text: string): boolean {
  return /^[\w-]{1,80}$/.test(text);
}

/** Whether a text has the form of a run's id. */
export function isRunId(text: string): boolean {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}

/** Nothing with this id that the caller may see: `notFound`. */
export function notFound(what: 'plan' | 'run' | 'hand-off', id: string): UsherError {
  const next = {
    plan: 'List them with usher plan list.',
    run: 'List them with usher runs list.',
    'hand-off': 'It is shown once, to the one it is for, and is gone a day after it was made.',
  };
  return new UsherError('notFound', `There is no ${what} ${JSON.stringify(id.slice(0, 80))}.`, { next: next[what] });
}

/** A text of a person's as it may be kept: trimmed; null for nothing. `invalidInput` where it is too long or garbled. */
export function keptText(field: string, text: string | null): string | null {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return null;
  if (trimmed.length > REASON_LENGTH) {
    throw invalidInput(field, `${field} has ${trimmed.length} characters; ${REASON_LENGTH} are kept.`, 'Shorten it.');
  }
  if (!trimmed.isWellFormed() || /[^\P{Cc}\n\t]/u.test(trimmed)) {
    throw invalidInput(field, `${field} holds control characters.`, 'Write it as plain text.');
  }
  return trimmed;
}

/** An agent steers what it asked for itself, and nothing else: `permission`. */
export function othersRun(id: string): UsherError {
  return new UsherError('permission', `${id} was asked for by somebody else; an agent acts on its own alone.`, {
    next: 'Ask a person to do it.',
  });
}
