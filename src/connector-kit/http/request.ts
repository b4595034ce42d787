import { UsherError } from '../../model/errors.ts';
import type { HttpBody, HttpRequest } from './types.ts';

/** A request as it goes over the wire. */
export interface BuiltRequest {
  readonly method: HttpRequest['method'];
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

const USER_AGENT = 'Usher (self-hosted user lifecycle)';

/**
 * Puts a request together: base URL and path, query, headers (those of authorisation win), body. Throws `upstreamBug`
 * (code crossOrigin) for a path that leads to another origin, or that brings a login of its own: a vendor's next link
 * must not carry credentials away.
 */
export function buildRequest(baseUrl: URL, request: HttpRequest, auth: Readonly<Record<string, string>>): BuiltRequest {
  const url = resolvePath(baseUrl, request);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value === undefined) continue;
    for (const item of typeof value === 'object' ? value : [String(value)]) url.searchParams.append(name, item);
  }
  const { body, contentType } = encodeBody(request.body);
  const headers: Record<string, string> = {
    accept: 'application/json',
    'accept-encoding': 'gzip, br',
    'user-agent': USER_AGENT,
    ...(contentType === null ? {} : { 'content-type': contentType }),
    ...lowerCased(request.headers ?? {}),
    ...lowerCased(auth),
  };
  return { method: request.method, url, headers, body };
}

function resolvePath(baseUrl: URL, { path, operation }: HttpRequest): URL {
  if (path.startsWith('/') && !path.startsWith('//')) {
    return new URL(`${baseUrl.origin}${baseUrl.pathname.replace(/\/+$/, '')}${path}`);
  }
  const url = URL.canParse(path) ? new URL(path) : null;
  const hasLogin = url !== null && (url.username !== '' || url.password !== '');
  if (url !== null && url.origin === baseUrl.origin && !hasLogin) return url;
  throw new UsherError(
    'upstreamBug',
    `${operation} points to ${url?.host ?? 'an address that cannot be read'}, away from ${baseUrl.host}.`,
    {
      code: 'crossOrigin',
      next: 'Usher sends credentials to the configured address only. Check the address in the settings of the connection.',
    },
  );
}

function encodeBody(body: HttpBody | undefined): { body: string | null; contentType: string | null } {
  if (body === undefined) return { body: null, contentType: null };
  if ('json' in body) return { body: JSON.stringify(body.json), contentType: 'application/json' };
  if ('form' in body) {
    return { body: new URLSearchParams(body.form).toString(), contentType: 'application/x-www-form-urlencoded' };
  }
  return { body: body.text, contentType: body.contentType };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
