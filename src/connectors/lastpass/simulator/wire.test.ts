import { describe, expect, it } from 'vitest';
import { simulate } from './testing/caller.ts';

const REFUSAL = '<?xml version="1.0" encoding="UTF-8"?>\n<lastpass rc="Authorization Error"/>\n';

describe('the envelope', () => {
  it('answers JSON under text/xml with status 200, and the headers of the real service', async () => {
    const { call, url, credentials } = await simulate();
    const heard = await call('getuserdata', { pagesize: 1 });
    expect(heard).toMatchObject({ status: 200, contentType: 'text/xml;charset=UTF-8' });
    expect(heard.json.count).toBe(1);
    const response = await fetch(`${url}/enterpriseapi.php`, { method: 'POST', body: JSON.stringify(credentials) });
    expect(response.headers.get('server')).toBe('LastPass');
    expect(response.headers.get('retry-after')).toBeNull();
    expect(response.headers.getSetCookie()).toHaveLength(2);
  });

  it('refuses a wrong company and a wrong hash with the same 76 bytes and status 200', async () => {
    const { post, credentials } = await simulate();
    const good = { cid: credentials.companyId, provhash: credentials.provisioningHash, cmd: 'getuserdata' };
    for (const wrong of [
      { cid: 1 },
      { provhash: 'f'.repeat(64) },
      { provhash: 'lpkey_1_2' },
      { cid: null },
      { provhash: undefined },
    ]) {
      const heard = await post(JSON.stringify({ ...good, ...wrong }));
      expect(heard).toMatchObject({ status: 200, contentType: 'text/xml;charset=UTF-8', text: REFUSAL });
    }
    expect(Buffer.byteLength(REFUSAL)).toBe(76);
  });

  it('takes the company id as a number, as digits and from a form', async () => {
    const { post, credentials } = await simulate();
    const { companyId, provisioningHash } = credentials;
    const bodies = [
      JSON.stringify({ cid: Number(companyId), provhash: provisioningHash, cmd: 'getsfdata' }),
      JSON.stringify({ cid: companyId, provhash: provisioningHash, cmd: 'getsfdata', data: null }),
      new URLSearchParams({ cid: companyId, provhash: provisioningHash, cmd: 'getsfdata' }).toString(),
    ];
    for (const body of bodies) expect(Object.keys((await post(body)).json)).toHaveLength(31);
  });

  it('reads JSON whatever content type the client claims', async () => {
    const { post, credentials } = await simulate();
    const body = JSON.stringify({
      cid: credentials.companyId,
      provhash: credentials.provisioningHash,
      cmd: 'getuserdata',
    });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json']) {
      expect((await post(body, { 'content-type': type })).json.total).toBe(245);
    }
  });

  it('tells an unknown command from a body it cannot read, and credentials come first', async () => {
    const { call, post } = await simulate();
    expect((await call('listusers')).text).toContain('<lastpass rc="Invalid Command"/>');
    expect((await call('toString')).text).toContain('<lastpass rc="Invalid Command"/>');
    expect((await post('{"cid":')).text).toContain('<lastpass rc="Invalid Request"/>');
    expect((await post('{"cid":1,"provhash":"x","cmd":"listusers"}')).text).toBe(REFUSAL);
  });

  it('has one path and one method', async () => {
    const { url } = await simulate();
    expect(await (await fetch(`${url}/enterpriseapi.php`)).text()).toBe(REFUSAL);
    expect((await fetch(`${url}/business/v1/users`, { headers: { authorization: 'api-key lpkey_1_2' } })).status).toBe(
      404,
    );
  });

  it("makes credentials from the seed that look like nobody else's", async () => {
    const [one, again, other] = await Promise.all([simulate(), simulate(), simulate({ seed: 'other' })]);
    expect(one.credentials).toEqual(again.credentials);
    expect(one.credentials).not.toEqual(other.credentials);
    expect(one.credentials.provisioningHash).toMatch(/^(facade){4}[0-9a-f]{40}$/);
    expect(one.credentials.companyId).toMatch(/^99\d{6}$/);
  });

  it('keeps neither hash nor passwords in its log of requests', async () => {
    const { call, requests, credentials } = await simulate();
    await call('batchadd', [{ username: 'lena.hart@northwind.example', password: 'Temp-Passphrase-1' }]);
    await call('pushsitestousers', {
      users: 'all',
      url: 'https://a.example',
      password: 'Site-Passphrase-1',
      notes: 'pin 4711',
    });
    const log = JSON.stringify(requests());
    expect(log).toContain('lena.hart@northwind.example');
    for (const secret of [credentials.provisioningHash, 'Passphrase', '4711']) expect(log).not.toContain(secret);
  });
});

describe('switches of the wire', () => {
  it('can answer with another content type', async () => {
    const { call } = await simulate({ switches: { contentType: 'application/json' } });
    expect((await call('getsfdata')).contentType).toBe('application/json');
  });

  it('can put the page of the edge in front of everything', async () => {
    const { call, setSwitches } = await simulate({ switches: { edge: '403' } });
    expect(await call('getuserdata')).toMatchObject({ status: 403, contentType: 'text/html; charset=utf-8' });
    setSwitches({ edge: '503' });
    expect((await call('getuserdata')).status).toBe(503);
    setSwitches({ edge: 'off' });
    expect((await call('getuserdata')).status).toBe(200);
  });

  it('can limit the rate, by its own clock and without Retry-After', async () => {
    const simulator = await simulate({ switches: { ratePerSecond: '2' } });
    const statuses: number[] = [];
    for (let round = 0; round < 3; round++)
      statuses.push((await simulator.call('getuserdata', { pagesize: 1 })).status);
    expect(statuses).toEqual([200, 200, 429]);
    simulator.clock.advance(1_001);
    expect((await simulator.call('getuserdata', { pagesize: 1 })).status).toBe(200);
  });

  it('are refused by name when they are wrong', async () => {
    await expect(simulate({ switches: { emptyMaps: 'null' } })).rejects.toMatchObject({
      details: { field: 'switch.emptyMaps' },
    });
    await expect(simulate({ switches: { colour: 'red' } })).rejects.toMatchObject({
      details: { field: 'switch.colour' },
    });
    await expect(simulate({ switches: { zone: 'Mars/Base' } })).rejects.toMatchObject({ kind: 'invalidInput' });
  });
});
