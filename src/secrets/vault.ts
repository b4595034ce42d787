import {
  createCipheriv, createDecipheriv, createHmac, hash, hkdfSync, randomBytes, timingSafeEqual,
} from 'node:crypto'; // prettier-ignore
import { UsherError } from '../model/errors.ts';

/** Where a secret is kept: sealed for one place, it opens in no other. */
export interface SecretPlace {
  readonly table: string;
  readonly row: string;
  readonly column: string;
}

/** Seals and opens secrets under one master key. */
export interface Vault {
  /** The master key's fingerprint: names it, tells nothing of it. */
  readonly keyId: string;
  /** Seals a secret for a place. Two sealings of one secret differ. */
  encrypt(secret: string, place: SecretPlace): string;
  /** Opens it. Throws `conflict` (code `wrongMasterKey`, or `secretDamaged` where it was altered or moved). */
  decrypt(sealed: string, place: SecretPlace): string;
  /** Signs a text under the master key (HMAC-SHA256, base64url) for one purpose; no other purpose accepts it. */
  sign(text: string, purpose: string): string;
  /** Whether `mac` is what `sign` gave for this text and purpose under this master key. */
  isSigned(text: string, purpose: string, mac: string): boolean;
  /** Overwrites key material or a secret in memory; what was sealed is gone once its row is deleted. */
  shred(bytes: Uint8Array): void;
}

const VERSION = 'v1';
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * A vault on a master key of 32 bytes. Envelope encryption: each secret is sealed by AES-256-GCM under a data key of its
 * own, and that key under the master key, so that changing the master key re-wraps keys and touches no secret. Both are
 * bound to the place by associated data.
 *
 * Sealed text: `v1.<key id>.<wrapped data key>.<sealed secret>`, the last two base64url of nonce, ciphertext and tag.
 */
export function createVault(masterKey: Uint8Array): Vault {
  if (masterKey.length !== KEY_BYTES) throw new RangeError(`A master key has ${KEY_BYTES} bytes.`);
  const key = Buffer.from(masterKey);
  const keyId = hash('sha256', Buffer.concat([Buffer.from('usher master key\0'), key]), 'hex').slice(0, 16);
  const shred = (bytes: Uint8Array): void => {
    bytes.fill(0);
  };

  const signingKeys = new Map<string, Buffer>();
  const signingKey = (purpose: string): Buffer => {
    let derived = signingKeys.get(purpose);
    if (derived === undefined) {
      derived = Buffer.from(hkdfSync('sha256', key, 'usher signing', purpose, KEY_BYTES));
      signingKeys.set(purpose, derived);
    }
    return derived;
  };
  const sign = (text: string, purpose: string): Buffer =>
    createHmac('sha256', signingKey(purpose)).update(text, 'utf8').digest();

  return {
    keyId,
    shred,
    sign: (text, purpose) => sign(text, purpose).toString('base64url'),
    isSigned(text, purpose, mac) {
      const [given, right] = [Buffer.from(mac, 'base64url'), sign(text, purpose)];
      return given.length === right.length && timingSafeEqual(given, right);
    },
    encrypt(secret, place) {
      const dataKey = randomBytes(KEY_BYTES);
      try {
        const wrapped = seal(key, dataKey, bindingOf(place, 'key'));
        const sealed = seal(dataKey, Buffer.from(secret, 'utf8'), bindingOf(place, 'secret'));
        return [VERSION, keyId, wrapped, sealed].join('.');
      } finally {
        shred(dataKey);
      }
    },
    decrypt(text, place) {
      const [version, sealedBy, wrapped = '', sealed = '', ...rest] = text.split('.');
      if (version !== VERSION || rest.length > 0) throw damaged(place);
      if (sealedBy !== keyId) throw wrongMasterKey(place);
      try {
        const dataKey = open(key, wrapped, bindingOf(place, 'key'));
        try {
          return open(dataKey, sealed, bindingOf(place, 'secret')).toString('utf8');
        } finally {
          shred(dataKey);
        }
      } catch {
        throw damaged(place); // the cipher's own error says nothing more
      }
    },
  };
}

function seal(key: Buffer, plain: Buffer, binding: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(binding);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

function open(key: Buffer, text: string, binding: Buffer): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(binding)
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

/** No two places have the same: JSON keeps the parts apart. */
function bindingOf({ table, row, column }: SecretPlace, part: 'key' | 'secret'): Buffer {
  return Buffer.from(JSON.stringify([VERSION, part, table, row, column]));
}

function wrongMasterKey({ row, column }: SecretPlace): UsherError {
  return new UsherError('conflict', `The secret ${column} of ${row} was sealed under another master key.`, {
    code: 'wrongMasterKey',
    next: 'Start Usher with the master key of this database, or enter the secret again.',
  });
}

function damaged({ row, column }: SecretPlace): UsherError {
  return new UsherError('conflict', `The secret ${column} of ${row} in the database was altered or moved.`, {
    code: 'secretDamaged',
    next: 'Enter it again, and find out who changed the database.',
  });
}
