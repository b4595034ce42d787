import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { basic, type Caller, simulate, type WireAnswer } from './testing/caller.ts';

/**
 * What other people's clients send, in their bytes, and what they do with the answer. Each is named by its public
 * repository; bodies are theirs but for the credentials and the people.
 */
describe('rapid7/vm-console-client-python (Swagger-Codegen/6.6.55)', () => {
  it('lists with a sort whose commas are escaped, and content-type on a GET', async () => {
    const send = await python();
    const { status, json } = await send('GET', '/users?page=0&size=100&sort=login%2CASC&sort=id%2CDESC');
    expect(status).toBe(200);
    const logins = json.resources.map(({ login }) => login);
    expect(logins).toEqual(logins.toSorted());
    // Its models take no privilege that the document does not know, and no user without login and name.
    for (const { login, name, role, authentication } of json.resources) {
      expect([login, name, authentication.type].every((text) => typeof text === 'string' && text !== '')).toBe(true);
      expect(role.privileges ?? []).not.toContain('manage-advpolicies');
    }
  });

  it('creates, gives sites, reads, replaces, unlocks, sets a password and deletes', async () => {
    const send = await python();
    const created = await send(
      'POST',
      '/users',
      '{"login": "dito", "name": "Dana Ito", "email": "dana.ito@northwind.example", "password": "S3cur3!Pass", "role": {"allAssetGroups": false, "allSites": false, "id": "user", "superuser": false}}',
    );
    expect(created.json.id).toEqual(expect.any(Number));
    const path = `/users/${created.json.id}`;
    await send('PUT', `${path}/sites`, '[1, 7]');
    expect((await send('GET', `${path}/sites`)).json.resources).toEqual([1, 7]);
    expect((await send('PUT', `${path}/sites/9`)).status).toBe(200);
    expect((await send('DELETE', `${path}/sites/7`)).status).toBe(200);
    expect((await send('GET', `${path}/sites`)).json.resources).toEqual([1, 9]);
    await send('PUT', `${path}/sites`, '[]');
    expect((await send('GET', `${path}/sites`)).json.resources).toEqual([]);
    const { json: user } = await send('GET', path);
    const { allSites, allAssetGroups, superuser, id } = user.role;
    const body = {
      login: user.login,
      name: user.name,
      email: user.email,
      enabled: false,
      authentication: { type: user.authentication.type, id: user.authentication.id },
      role: { id, allSites, allAssetGroups, superuser },
    };
    expect((await send('PUT', path, JSON.stringify(body))).status).toBe(200);
    expect((await send('GET', path)).json.enabled).toBe(false);
    expect((await send('DELETE', `${path}/lock`)).status).toBe(400);
    expect((await send('PUT', '/users/2/password', '"NewP@ss1!"')).status).toBe(200);
    expect((await send('GET', path)).status).toBe(401);
  });

  it('takes a 404 as an exception with status, reason and body', async () => {
    const send = await python();
    const { status, text } = await send('GET', '/users/99999');
    expect(status).toBe(404);
    expect(text).toContain('"message" : "The resource does not exist or access is prohibited."');
  });

  it('sends nothing of credentials unless told, and is refused', async () => {
    const send = await python({ authorization: null });
    expect((await send('GET', '/roles')).status).toBe(401);
  });

  it('may bring a code of a second factor', async () => {
    const send = await python({ login: 'viktor.hansen' });
    expect((await send('GET', '/roles')).status).toBe(200);
  });
});

describe('other clients', () => {
  it('rapid7/insightconnect-plugins probes with info, sends {} with every DELETE, and puts a user back whole', async () => {
    const { ask, get, user } = await simulate();
    expect((await get('/administration/info')).status).toBe(200);
    const { links: _links, ...rosa } = await user('rosa.delgado');
    const { name: _name, privileges: _privileges, ...role } = rosa.role;
    expect((await ask('DELETE', `/users/${rosa.id}/lock`, { body: {} })).status).toBe(200);
    expect((await ask('PUT', `/users/${rosa.id}`, { body: { ...rosa, role, enabled: false } })).status).toBe(200);
    expect(await user('rosa.delgado')).toMatchObject({ enabled: false, locked: false, email: rosa.email });
    const external = {
      login: 'dito',
      name: 'Dana Ito',
      email: 'dana.ito@northwind.example',
      enabled: true,
      authentication: { type: 'ldap', id: 3 },
      role: { id: 'user', allSites: false, allAssetGroups: false, superuser: false },
    };
    expect((await ask('POST', '/users', { body: external })).json.id).toEqual(expect.any(Number));
  });

  it('JupiterOne/graph-rapid7 asks sites for users with page and size, which nobody minds', async () => {
    const { get } = await simulate();
    const { json } = await get('/sites/10/users?page=0&size=500');
    expect(json.resources.length).toBeGreaterThan(0);
    expect('page' in json).toBe(false);
  });

  it('riza/rapid7-insightvm-api-docs and scripts page until the 404 past the end', async () => {
    const { get } = await simulate();
    let seen = 0;
    let page = 0;
    for (; ; page++) {
      const heard = await get(`/users?page=${page}&size=25&sort=id,asc`);
      if (heard.status === 404) break;
      seen += heard.json.resources.length;
    }
    expect([seen, page]).toEqual([60, 3]);
  });
});

interface Answered {
  readonly status: number;
  readonly text: string;
  readonly json: WireAnswer;
}

type Send = (method: string, path: string, body?: string) => Promise<Answered>;

/**
 * The client's requests byte by byte: `Content-Type` on every one, `Content-Length: 0` on a PUT without a body, no length
 * at all on a DELETE.
 */
async function python({
  login = 'ada.okonkwo',
  authorization,
}: { readonly login?: string; readonly authorization?: null } = {}): Promise<Send> {
  const simulator = await simulate();
  const { twoFactorToken, ...own } = simulator.credentialsOf(login);
  return (method, path, body) => {
    const { host } = new URL(simulator.url);
    const length = body === undefined ? (method === 'PUT' ? 0 : null) : Buffer.byteLength(body);
    const lines = [
      `${method} /api/3${path} HTTP/1.1`,
      `Host: ${host}`,
      'Accept-Encoding: identity',
      ...(length === null ? [] : [`Content-Length: ${length}`]),
      'Accept: application/json;charset=utf-8',
      'Content-Type: application/json',
      'User-Agent: Swagger-Codegen/6.6.55/python',
      ...(authorization === null ? [] : [`Authorization: ${basic(own)}`]),
      ...(twoFactorToken === null ? [] : [`Token: ${twoFactorToken}`]),
      'Connection: close',
    ];
    return exchange(simulator, `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
  };
}

async function exchange({ url }: Caller, request: string): Promise<Answered> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(request);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  const [head = '', text = ''] = Buffer.concat(chunks)
    .toString()
    .split(/\r\n\r\n(.*)/s);
  return { status: Number(head.split(' ')[1]), text, json: JSON.parse(text) };
}
