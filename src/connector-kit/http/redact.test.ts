import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from './redact.ts';

describe('redaction', () => {
  it('finds a secret as it is, in JSON, in a URL and in base64', () => {
    const secret = 'p"ä ss/+1';
    const redactor = createRedactor([secret]);
    const texts = [
      secret, JSON.stringify({ x: secret }), encodeURIComponent(secret), new URLSearchParams({ x: secret }).toString(),
      Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('base64url'),
    ]; // prettier-ignore
    for (const text of texts) expect(redactor.text(`a ${text} b`)).toContain('••••');
    expect(redactor.text(JSON.stringify({ x: secret }))).toBe('{"x":"••••"}');
  });

  it('finds a secret as PHP writes it, and as it stands in JSON within JSON', () => {
    const secret = 'Bären/"und" ö';
    const redactor = createRedactor([secret]);
    const php = '{"error":"no B\\u00e4ren\\/\\"und\\" \\u00f6 here"}';
    expect(redactor.text(php)).toBe('{"error":"no •••• here"}');
    expect(redactor.text(JSON.stringify({ body: JSON.stringify({ x: secret }) }))).not.toMatch(/ren|und/);
  });

  it('masks a secret of a few letters where it is all of a text, and blacks out nothing else', () => {
    const redactor = createRedactor(['on', '']);
    expect(redactor.text('{"notes":"on","fav":"once upon"}')).toBe('{"notes":"••••","fav":"once upon"}');
  });

  it('leaves no piece of a secret at the edge of a cut head', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{12,40}$/), fc.nat(60), fc.nat(60), (secret, before, limit) => {
        const head = createRedactor([secret]).head(`${'.'.repeat(before)}${secret}${'.'.repeat(80)}`, limit);
        expect(head).not.toMatch(/[a-z0-9]/);
      }),
      { seed: 20260302 },
    );
  });

  it("masks fields and headers with a secret's name, whatever is in them, cut or not", () => {
    const redactor = createRedactor([]);
    expect(redactor.text('{"password":"a\\"b","user":"u","apiKey": "k"}')).toBe(
      '{"password":"••••","user":"u","apiKey": "••••"}',
    );
    expect(redactor.text('{"client_secret":"cut o')).toBe('{"client_secret":"••••"');
    expect(redactor.text('grant=x&client_secret=abc&scope=y')).toBe('grant=x&client_secret=••••&scope=y');
    expect(redactor.headers({ authorization: 'x', 'x-api-key': 'y', accept: 'z' })).toEqual({
      authorization: '••••',
      'x-api-key': '••••',
      accept: 'z',
    });
  });
});
