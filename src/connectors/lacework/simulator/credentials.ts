import { z } from 'zod';
import { revokeTokens } from './access-tokens.ts';
import { keyIdOf, secretOf } from './holdings.ts';
import { accountOf, audit, bodyOf, type Call, flag, flagOf, isoOrZero, parseBody, text } from './call.ts';
import { hexOf } from './guids.ts';
import type { AgentToken, ApiKey } from './model.ts';
import { emptySearch, isFound, project, readSearch, type Row } from './search.ts';
import { type Answer, json, nothing, Refused } from './wire.ts';

/** Keys a user may have (the administration guide on API keys). */
const MOST_KEYS = 20;

/** `GET ApiKeys`: the keys of an account, never a secret, nor whose they are. All of this resource is one guide's alone. */
export function listApiKeys(call: Call): Answer {
  const account = accountOf(call).name;
  const keys = [...call.tenant.keys.values()].filter((key) => key.account === account);
  return json(200, {
    data: keys.map((key) => ({
      keyId: key.keyId,
      enabled: flag(call, key.isEnabled),
      props: { description: key.description },
    })),
  });
}

/** `POST ApiKeys`: a key of whoever asks. The only answer that has the secret. */
export function createApiKey(call: Call): Answer {
  const { tenant, caller } = call;
  const account = accountOf(call).name;
  const body = parseBody(
    call,
    bodyOf(call, {
      enabled: flagOf(call).optional(),
      props: bodyOf(call, { description: z.string().optional() }).optional(),
    }),
  );
  const { owner } = caller.key;
  const theirs = [...tenant.keys.values()].filter((key) => JSON.stringify(key.owner) === JSON.stringify(owner));
  if (theirs.length >= MOST_KEYS) throw new Refused(409, `A user can have at most ${MOST_KEYS} API keys`);
  const index = 1_000 + ++tenant.made;
  const key: ApiKey = {
    keyId: keyIdOf(account, tenant.seedHash, index),
    secret: secretOf(tenant.seedHash, index),
    account,
    owner,
    isEnabled: body.enabled ?? true,
    description: body.props?.description ?? '',
    created: tenant.clock.now().getTime(),
  };
  tenant.keys.set(key.keyId, key);
  call.effect('key.created', key.keyId, { account, description: key.description });
  audit(call, account, 'API Key', 'Create', `API key ${key.keyId} was created`);
  return json(201, { data: { keyId: key.keyId, secret: key.secret, enabled: flag(call, key.isEnabled) } });
}

/** `PATCH ApiKeys/{keyId}`: nothing keeps a caller from disabling the key they came with. */
export function patchApiKey(call: Call): Answer {
  const key = keyHere(call);
  const body = parseBody(
    call,
    bodyOf(call, {
      enabled: flagOf(call).optional(),
      props: bodyOf(call, { description: z.string().optional() }).optional(),
    }),
  );
  const next = {
    ...key,
    isEnabled: body.enabled ?? key.isEnabled,
    description: body.props?.description ?? key.description,
  };
  call.tenant.keys.set(key.keyId, next);
  if (!next.isEnabled && call.tenant.switches.disableKillsTokens === 'on') revokeTokens(call.tenant, key.keyId);
  if (next.isEnabled !== key.isEnabled) call.effect(next.isEnabled ? 'key.enabled' : 'key.disabled', key.keyId);
  if (next.description !== key.description) call.effect('key.described', key.keyId, { description: next.description });
  audit(call, key.account, 'API Key', 'Update', `API key ${key.keyId} was updated`);
  return json(200, { data: { keyId: key.keyId, enabled: flag(call, next.isEnabled) } });
}

/** `DELETE ApiKeys/{keyId}`: its tokens die. */
export function deleteApiKey(call: Call): Answer {
  const key = keyHere(call);
  call.tenant.keys.delete(key.keyId);
  revokeTokens(call.tenant, key.keyId);
  call.effect('key.deleted', key.keyId);
  audit(call, key.account, 'API Key', 'Delete', `API key ${key.keyId} was deleted`);
  return nothing();
}

function keyHere(call: Call): ApiKey {
  const key = call.tenant.keys.get(call.params[0] ?? '');
  if (key?.account !== accountOf(call).name) throw new Refused(404, 'Not Found');
  return key;
}

const AGENT_SEARCHABLE = ['accessToken', 'createdTime', 'tokenAlias', 'tokenEnabled', 'version'];

/** `GET AgentAccessTokens`: what agents on machines report with; cannot be deleted, only disabled. */
export function listAgentTokens(call: Call): Answer {
  return json(200, { data: agentTokensHere(call).map((token) => agentToken(call, token)) });
}

/** `GET AgentAccessTokens/{accessToken}` */
export function getAgentToken(call: Call): Answer {
  return json(200, { data: agentToken(call, agentTokenHere(call)) });
}

/** `POST AgentAccessTokens/search` */
export function searchAgentTokens(call: Call): Answer {
  const search = readSearch(call, AGENT_SEARCHABLE);
  const found = agentTokensHere(call)
    .map((token) => agentToken(call, token))
    .filter((row) => isFound(row, search));
  return found.length === 0 ? emptySearch(call) : json(200, { data: found.map((row) => project(row, search)) });
}

/** `POST AgentAccessTokens` */
export function createAgentToken(call: Call): Answer {
  const { tenant } = call;
  const account = accountOf(call).name;
  const body = parseBody(call, agentBody(call, text, flagOf(call).optional()));
  const token: AgentToken = {
    accessToken: hexOf(tenant.seedHash, 'agentToken', 1_000 + ++tenant.made, 48).toLowerCase(),
    account,
    alias: body.tokenAlias,
    description: body.props?.description ?? '',
    os: body.props?.os ?? '',
    isEnabled: body.tokenEnabled ?? true,
    created: tenant.clock.now().getTime(),
  };
  tenant.agentTokens.set(token.accessToken, token);
  call.effect('agent-token.created', token.alias, { account });
  audit(call, account, 'Agent Access Token', 'Create', `Agent access token ${token.alias} was created`);
  return json(201, { data: agentToken(call, token) });
}

/** `PATCH AgentAccessTokens/{accessToken}` */
export function patchAgentToken(call: Call): Answer {
  const token = agentTokenHere(call);
  const body = parseBody(call, agentBody(call, text.optional(), flagOf(call).optional()));
  const next = {
    ...token,
    alias: body.tokenAlias ?? token.alias,
    description: body.props?.description ?? token.description,
    os: body.props?.os ?? token.os,
    isEnabled: body.tokenEnabled ?? token.isEnabled,
  };
  call.tenant.agentTokens.set(token.accessToken, next);
  const { alias, isEnabled, description, os } = next;
  if (alias !== token.alias || isEnabled !== token.isEnabled || description !== token.description || os !== token.os) {
    call.effect('agent-token.updated', token.alias, { enabled: isEnabled });
  }
  audit(call, token.account, 'Agent Access Token', 'Update', `Agent access token ${token.alias} was updated`);
  return json(200, { data: agentToken(call, next) });
}

function agentBody<Alias extends z.ZodType, Flag extends z.ZodType>(call: Call, tokenAlias: Alias, tokenEnabled: Flag) {
  const props = bodyOf(call, { description: z.string().optional(), os: z.string().optional() }).optional();
  return bodyOf(call, { tokenAlias, tokenEnabled, props });
}

function agentToken(call: Call, token: AgentToken): Row {
  const createdTime = isoOrZero(token.created);
  return {
    accessToken: token.accessToken,
    createdTime,
    props: { createdTime, description: token.description, os: token.os, subscription: 'Professional' },
    tokenAlias: token.alias,
    tokenEnabled: flag(call, token.isEnabled),
    version: '0.1',
  };
}

function agentTokensHere(call: Call): readonly AgentToken[] {
  const account = accountOf(call).name;
  return [...call.tenant.agentTokens.values()].filter((token) => token.account === account);
}

function agentTokenHere(call: Call): AgentToken {
  const token = call.tenant.agentTokens.get(call.params[0] ?? '');
  if (token?.account !== accountOf(call).name) throw new Refused(404, 'Not Found');
  return token;
}
