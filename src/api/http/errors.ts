/**
 * A failure that only HTTP knows (no such route, a body of another type, not built yet), beside the UsherErrors that all
 * surfaces share.
 */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly details: HttpErrorDetails;

  constructor(status: number, code: string, title: string, message: string, details: HttpErrorDetails = {}) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.title = title;
    this.details = details;
  }
}

export interface HttpErrorDetails {
  readonly next?: string;
  readonly field?: string;
}

/** What is not built in this version, said plainly; `next` names the way that there is. */
export function notBuilt(what: string, next = 'What can be called: GET /actions, or `usher actions`.'): HttpError {
  return new HttpError(501, 'notBuilt', 'Not built yet', `${what} is not built in this version of Usher.`, { next });
}
