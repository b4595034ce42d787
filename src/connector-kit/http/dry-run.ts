import { UsherError } from '../../model/errors.ts';
import type { HttpAuth } from './auth.ts';
import { createRedactor, MASK } from './redact.ts';
import { buildRequest } from './request.ts';
import type { HttpClient, HttpRequest, RequestPreview } from './types.ts';

/** A client that sends nothing; `preview` is the first request it was asked for, null before. */
export interface DryRunClient extends HttpClient {
  readonly preview: RequestPreview | null;
}

/**
 * Makes a client that performs nothing: it keeps the first request, with secrets masked and otherwise exactly as it
 * would go out (no token is fetched: of the headers that authorise only the names are known), and fails every call with `unsupported`, code
 * `dryRun`. Run the action, ignore that error, look at `preview`.
 */
export function createDryRunClient(options: {
  readonly baseUrl: string;
  readonly secrets: readonly string[];
  readonly auth?: HttpAuth | null;
}): DryRunClient {
  const baseUrl = new URL(options.baseUrl);
  let preview: RequestPreview | null = null;
  const keep = (request: HttpRequest): Promise<never> => {
    const auth = request.auth === undefined ? options.auth : request.auth;
    const built = buildRequest(baseUrl, request, {});
    const shown = createRedactor([...options.secrets, ...(request.secrets ?? [])]).preview({
      ...built,
      url: built.url.href,
    });
    const hidden = (auth?.headerNames ?? []).map((name) => [name.toLowerCase(), MASK] as const);
    preview ??= { ...shown, headers: { ...shown.headers, ...Object.fromEntries(hidden) } };
    return Promise.reject(
      new UsherError('unsupported', `Dry run: ${request.operation} was not sent.`, { code: 'dryRun' }),
    );
  };
  return {
    baseUrl: baseUrl.href,
    get preview() {
      return preview;
    },
    request: keep,
    stream: keep,
  };
}
