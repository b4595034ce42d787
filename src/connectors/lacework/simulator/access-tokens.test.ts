import { describe, expect, it } from 'vitest';
import { simulate, TODAY } from './testing/caller.ts';

describe('an access token', () => {
  it('is made of a secret in the header and a key id in the body, with 201 and milliseconds', async () => {
    const { token } = await simulate();
    const { status, json } = await token('orgAdmin', 90);
    expect(status).toBe(201);
    expect(json).toEqual({ expiresAt: '2026-11-21T17:01:30.000Z', token: expect.stringMatching(/^_[0-9a-f]{32}$/) });
  });

  it('lives an hour unless asked for otherwise, and a day at most', async () => {
    const { url, credentials, token } = await simulate();
    const post = (body: unknown) =>
      fetch(`${url}/api/v2/access/tokens`, {
        method: 'POST',
        headers: { 'x-lw-uaks': credentials.secret },
        body: JSON.stringify(body),
      });
    const plain: unknown = await (await post({ keyId: credentials.keyId })).json();
    expect(plain).toMatchObject({ expiresAt: '2026-11-21T18:00:00.000Z' });
    expect(await token('orgAdmin', 86_401)).toMatchObject({
      status: 400,
      message: 'expiryTime must be at most 86400',
    });
    for (const seconds of [0, 1.5, '60']) expect((await token('orgAdmin', seconds)).status).toBe(400);
    const misspelt = await post({ keyId: credentials.keyId, expiry_Time: 60 });
    expect([misspelt.status, await misspelt.json()]).toEqual([400, { message: 'key expiry_Time is unrecognized' }]);
  });

  it('is refused for another secret, the key id in its place, and a key nobody knows', async () => {
    const { token, credentials } = await simulate();
    const { account, keyId } = credentials;
    const wrong = [
      { account, keyId, secret: '_wrong' },
      { account, keyId, secret: keyId },
      { ...credentials, keyId: 'NORTHWIN_0' },
    ];
    for (const from of wrong)
      expect(await token(from)).toMatchObject({ status: 401, message: 'Invalid API key or secret' });
  });

  it('is not made of a secret in another header, as a client that was never tried sends it', async () => {
    const { url, credentials } = await simulate();
    const response = await fetch(`${url}/api/v2/access/tokens`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${credentials.secret}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ keyId: credentials.keyId, expiryTime: 60 }),
    });
    expect(response.status).toBe(401);
  });

  it('is good with Bearer and without, until it expires; several live at a time', async () => {
    const { call, token, clock } = await simulate();
    const { token: first } = Object(await token('orgAdmin', 60).then(({ json }) => json));
    const { token: second } = Object(await token('orgAdmin', 600).then(({ json }) => json));
    const raw = { headers: { Authorization: first }, token: '' };
    expect((await call('GET', 'UserProfile', raw)).status).toBe(200);
    expect((await call('GET', 'UserProfile', { token: second })).status).toBe(200);
    clock.set(new Date(TODAY.getTime() + 60_000));
    expect(await call('GET', 'UserProfile', raw)).toMatchObject({
      status: 401,
      message: 'Invalid or expired access token',
    });
    expect((await call('GET', 'UserProfile', { token: second })).status).toBe(200);
    expect((await call('GET', 'UserProfile', { token: '' })).status).toBe(401);
  });

  it('dies with its key, and when its key is disabled unless switched', async () => {
    const { call, token, mutate, setSwitches, credentialsOf } = await simulate();
    const { keyId } = credentialsOf('accountAdmin');
    expect((await call('GET', 'UserProfile', { as: 'accountAdmin' })).status).toBe(200);
    setSwitches({ disableKillsTokens: 'off' });
    mutate({ op: 'disable-key', keyId });
    expect((await call('GET', 'UserProfile', { as: 'accountAdmin' })).status).toBe(200);
    expect(await token('accountAdmin')).toMatchObject({ status: 401, message: 'API key is not active' });
    setSwitches({ disableKillsTokens: 'on', deadToken: '403' });
    expect((await call('GET', 'UserProfile', { as: 'accountAdmin' })).status).toBe(403);
    mutate({ op: 'enable-key', keyId });
    expect((await call('GET', 'UserProfile', { as: 'accountAdmin' })).status).toBe(200);
    mutate({ op: 'delete-key', keyId });
    expect((await call('GET', 'UserProfile', { as: 'accountAdmin' })).status).toBe(403);
  });

  it('cannot be made by somebody who is no administrator any more, but by a service user who never was', async () => {
    const { token, mutate } = await simulate();
    mutate({ op: 'set-user', user: 'viktor.hansen@northwind.example', fields: { isAdmin: false } });
    expect((await token('accountAdmin')).status).toBe(401);
    expect((await token('serviceUser')).status).toBe(201);
  });

  it('has no milliseconds as a guide shows it, where switched', async () => {
    const { token } = await simulate({ switches: { seedCompat: 'on' } });
    expect((await token()).json).toMatchObject({ expiresAt: '2026-11-21T18:00:00Z' });
  });

  it('leaves a row in the audit log', async () => {
    const { call, credentials } = await simulate();
    const { rows } = await call('GET', 'AuditLogs?startTime=2026-11-21T17:00:00Z');
    expect(rows).toEqual([
      {
        createdTime: '2026-11-21T17:00:00Z',
        accountName: 'NORTHWIND',
        userName: 'ada.okonkwo@northwind.example',
        eventName: 'Access Token',
        userAction: 'Create',
        eventDescription: `Access token was created with API key ${credentials.keyId}`,
      },
    ]);
  });
});
