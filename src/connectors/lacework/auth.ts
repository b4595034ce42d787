import type { Clock } from '../../connector-kit/connector.ts';
import type { HttpAuth, Token } from '../../connector-kit/http/auth.ts';
import { tokenAuth } from '../../connector-kit/http/auth.ts';
import type { HttpClient } from '../../connector-kit/http/types.ts';
import { isObject } from '../../connector-kit/json.ts';
import { UsherError } from '../../model/errors.ts';
import { describeRefusal, messageOf, readAnswer, unexpectedShape } from './answers.ts';

/** An API key: what a token is asked for with. */
export interface ApiKey {
  readonly keyId: string;
  readonly secret: string;
}

/** The vendor's default; always said, as the reference calls it required and the guide optional. */
export const TOKEN_SECONDS = 3600;
const OPERATION = 'POST access/tokens';

/**
 * Authorises with tokens of a key. An expired or revoked token was seen to be refused with 401 and with 403 (Fortinet's
 * QA takes either, the official CLI drops its token on 403), so either asks for a new one, once a call.
 */
export function keyTokenAuth(key: ApiKey, environment: { readonly http: HttpClient; readonly clock: Clock }): HttpAuth {
  let hasWorked = false;
  return tokenAuth({
    clock: environment.clock,
    renewsOn: [401, 403],
    async fetchToken() {
      const token = await fetchToken(key, environment.http, hasWorked);
      hasWorked = true;
      return token;
    },
  });
}

/**
 * Asks for a token: the header carries the secret, the body the key's id (API reference; lacework/go-sdk, python-sdk).
 * `http` adds no authorisation of its own. Throws `auth` where the key is refused; `hasWorked` says that it was not before.
 */
export async function fetchToken(key: ApiKey, http: HttpClient, hasWorked = false): Promise<Token> {
  const answer = await http.request({
    operation: OPERATION,
    method: 'POST',
    path: '/api/v2/access/tokens',
    functionality: 'access/tokens.post',
    headers: { 'x-lw-uaks': key.secret },
    body: { json: { keyId: key.keyId, expiryTime: TOKEN_SECONDS } },
    // A token that nobody uses harms nobody.
    isSafeToRepeat: true,
    secrets: [key.secret],
  });
  const asked = { operation: OPERATION, keyId: key.keyId, reach: 'the account' };
  if (isRefusal(answer.status, answer.text)) throw refusedKey(key.keyId, answer.status, answer.text, hasWorked);
  const body = readAnswer(asked, answer.status, answer.text);
  if (!isObject(body) || typeof body['token'] !== 'string' || body['token'] === '') {
    throw unexpectedShape(asked, 'token');
  }
  return { value: body['token'], expiresAtMs: expiryOf(body['expiresAt']) };
}

/** A page of HTML is the answer of something else; what is left of 4xx is about the key. */
function isRefusal(status: number, text: string): boolean {
  return status >= 400 && status < 500 && !text.trimStart().startsWith('<');
}

function refusedKey(keyId: string, status: number, text: string, hasWorked: boolean): UsherError {
  if (status !== 400 && status !== 401 && status !== 403 && status !== 404) {
    return describeRefusal({ operation: OPERATION, keyId, reach: 'the account' }, status, text);
  }
  const message = messageOf(text);
  const said = `${status}${message === '' ? '' : `: ${message}`}`;
  if (hasWorked) {
    return new UsherError('auth', `Lacework no longer accepts API key ${keyId} (${said}); it did a while ago.`, {
      code: 'keyStopped',
      next: 'It was disabled or deleted, or its owner lost the rights: see Settings > API keys. Nothing was concluded from what was read before.',
    });
  }
  return new UsherError('auth', `Lacework refused API key ${keyId} (${said}).`, {
    next: 'Check account, key ID and secret against the downloaded file: the key must be enabled and made in this account, its owner an administrator.',
  });
}

/** UTC with milliseconds; anything else leaves the token to be used until it is refused. */
function expiryOf(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? null : ms;
}
