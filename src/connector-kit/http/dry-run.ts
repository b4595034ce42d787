import { UsherError } from '../../model/errors.ts';
import { createRedactor } from './redact.ts';
import { buildRequest } from './request.ts';
import type { HttpClient, HttpRequest, RequestPreview } from './types.ts';

/** A client that sends nothing; `preview` is the first request it was asked for, null before. */
export interface DryRunClient extends HttpClient {
  readonly preview: RequestPreview | null;
}

/**
 * Makes a client that performs nothing: it keeps the first request, with secrets masked and otherwise exactly as it
 * would go out (headers that a token fetch would add are left out), and fails every call with `unsupported`, code
 * `dryRun`. Run the action, ignore that error, look at `preview`.
 */
export function createDryRunClient(options: {
  readonly baseUrl: string;
  readonly secrets: readonly string[];
}): DryRunClient {
  const baseUrl = new URL(options.baseUrl);
  let preview: RequestPreview | null = null;
  const keep = (request: HttpRequest): Promise<never> => {
    const built = buildRequest(baseUrl, request, {});
    preview ??= createRedactor([...options.secrets, ...(request.secrets ?? [])]).preview({
      ...built,
      url: built.url.href,
    });
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
