import { UsherError } from '../model/errors.ts';

/** What one check found, and what to do about it. Never holds a secret. */
export interface Finding {
  /** For programs: `node`, `disk`, `connection:lastpass`. */
  readonly check: string;
  readonly title: string;
  /** `skipped`: it could not be looked at, for a reason that another finding tells or that is none to worry about. */
  readonly state: 'ok' | 'warning' | 'problem' | 'skipped';
  readonly detail: string;
  /** What to do next; null where nothing is to be done. */
  readonly next: string | null;
}

/** A kind of check, from which its findings are made. */
export interface Check {
  readonly ok: (detail: string) => Finding;
  readonly skipped: (detail: string) => Finding;
  readonly warning: (detail: string, next: string) => Finding;
  readonly problem: (detail: string, next: string) => Finding;
  /** What went wrong while looking is what is wrong. */
  readonly failed: (error: unknown) => Finding;
}

/** Names a check. */
export function check(id: string, title: string): Check {
  const finding = (state: Finding['state'], detail: string, next: string | null): Finding => ({
    check: id,
    title,
    state,
    detail,
    next,
  });
  return {
    ok: (detail) => finding('ok', detail, null),
    skipped: (detail) => finding('skipped', detail, null),
    warning: (detail, next) => finding('warning', detail, next),
    problem: (detail, next) => finding('problem', detail, next),
    failed: (error) =>
      error instanceof UsherError
        ? finding('problem', error.message, error.details.next ?? null)
        : finding('problem', error instanceof Error ? error.message : String(error), null),
  };
}
