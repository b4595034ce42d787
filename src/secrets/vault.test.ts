import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createVault, type SecretPlace } from './vault.ts';

const vault = createVault(Buffer.alloc(32, 7));
const place: SecretPlace = { table: 'secret', row: 'connection:lastpass', column: 'provisioningHash' };
const text = fc.string({ unit: 'grapheme' });
const anyPlace = fc.record({ table: text, row: text, column: text });

describe('a vault', () => {
  test('opens what it sealed, for any secret and place', () => {
    fc.assert(
      fc.property(text, anyPlace, (secret, where) => {
        expect(vault.decrypt(vault.encrypt(secret, where), where)).toBe(secret);
      }),
    );
  });

  test('opens it at no other place', () => {
    fc.assert(
      fc.property(anyPlace, anyPlace, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        const sealed = vault.encrypt('hash', one);
        expect(() => vault.decrypt(sealed, other)).toThrow(expect.objectContaining({ kind: 'conflict' }));
      }),
    );
  });

  test('notices any change of what it sealed', () => {
    const sealed = vault.encrypt('hash', place);
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.constantFrom('A', 'z', '0', '.', '!'), (index, character) => {
        const changed = `${sealed.slice(0, index)}${character}${sealed.slice(index + 1)}`;
        fc.pre(changed !== sealed && Buffer.from(changed, 'base64url').compare(Buffer.from(sealed, 'base64url')) !== 0);
        expect(() => vault.decrypt(changed, place)).toThrow(/altered or moved|another master key/);
      }),
      { numRuns: 500 },
    );
  });

  test('seals the same secret differently each time, and shows nothing of it', () => {
    const secret = 'canary-3f9a-provisioning-hash';
    const [one, other] = [vault.encrypt(secret, place), vault.encrypt(secret, place)];
    expect(one).not.toBe(other);
    expect(one + Buffer.from(one, 'base64url').toString('latin1')).not.toContain('canary');
  });

  test('under another master key says so, without a word of the secret', () => {
    const sealed = vault.encrypt('canary-3f9a', place);
    const other = createVault(Buffer.alloc(32, 8));
    expect(() => other.decrypt(sealed, place)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ code: 'wrongMasterKey' }) }),
    );
  });

  test('shreds bytes', () => {
    const bytes = Buffer.from('secret');
    vault.shred(bytes);
    expect([...bytes]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('needs a key of 32 bytes', () => {
    expect(() => createVault(Buffer.alloc(16))).toThrow('32 bytes');
  });
});
