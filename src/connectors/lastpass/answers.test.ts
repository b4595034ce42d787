import { describe, expect, it } from 'vitest';
import { readJsonAnswer } from './answers.ts';

const failure = (status: number, text: string) => {
  try {
    readJsonAnswer('deluser', status, text);
  } catch (thrown) {
    return thrown;
  }
  return null;
};

describe('what LastPass answers', () => {
  it('is read by its first character, blanks before it or not', () => {
    expect(readJsonAnswer('getuserdata', 200, ' \n{"total":0,"Users":[]}')).toEqual({ total: 0, Users: [] });
    expect(readJsonAnswer('getsfdata', 200, '[]')).toEqual([]);
  });

  it('refuses credentials in XML with status 200, in exactly these bytes', () => {
    const xml = '<?xml version="1.0" encoding="UTF-8"?>\n<lastpass rc="Authorization Error"/>\n';
    expect(failure(200, xml)).toMatchObject({ kind: 'auth' });
    expect(failure(200, xml)).toHaveProperty('message', expect.stringContaining('"Authorization Error"'));
  });

  it.each([
    [200, '<lastpass rc="Invalid Command"/>', 'upstreamBug', 'refused'],
    [200, '<lastpass rc="Authentication failed"/>', 'auth', undefined],
    [403, '<html><body>Access Denied</body></html>', 'transient', 'edgeAnswer'],
    [200, '<!doctype html><p>busy', 'transient', 'edgeAnswer'],
    [404, '<html>no such page</html>', 'upstreamBug', 'unexpectedStatus'],
    [200, '', 'upstreamBug', 'unreadableAnswer'],
    [200, 'OK', 'upstreamBug', 'unreadableAnswer'],
    [200, '{"total":3,"Users":{"1":{"use', 'transient', 'truncated'],
    [401, '{"message":"no"}', 'auth', undefined],
    [418, '{}', 'upstreamBug', 'unexpectedStatus'],
  ])('status %i %s is %s (%s)', (status, text, kind, code) => {
    expect(failure(status, text)).toMatchObject({ kind, details: code === undefined ? {} : { code } });
  });

  it.each([
    ['{"status":"FAIL","error":"No such user: a@b.example"}', 'notFound', 'No such user: a@b.example'],
    ['{"status":"FAIL","error":["user not found: a@b.example"]}', 'notFound', 'user not found'],
    ['{"status":"fail","errors":["a@b.example does not exist","x"]}', 'notFound', 'does not exist; x'],
    ['{"status":"FAIL","error":"Please select a valid user."}', 'invalidInput', 'valid user'],
    ['{"status":"FAIL","error":"Invalid deleteaction"}', 'invalidInput', 'Invalid'],
    ['{"status":"FAIL"}', 'unsupported', 'no reason given'],
  ])('finds the reason of a failure wherever it is: %s', (text, kind, says) => {
    expect(failure(200, text)).toMatchObject({ kind, message: expect.stringContaining(says) });
  });

  it('quotes nothing of a garbled answer in its error', () => {
    expect(String(failure(200, '{"Users":{"1":{"username":"ada@northwind.example"'))).not.toContain('northwind');
  });
});
