import {
  createCipheriv, createDecipheriv, createHmac, createSecretKey, hash, hkdfSync, type KeyObject, randomBytes,
  timingSafeEqual,
} from 'node:crypto'; // prettier-ignore
import { UsherError } from '../model/errors.ts';

/** Where a secret is kept: sealed for one place, it opens in no other. */
export interface SecretPlace {
  readonly table: string;
  readonly row: string;
  readonly column: string;
}

/** Seals and opens secrets, and signs, under the master key; what was under its predecessors can be known too. */
export interface Vault {
  /** The present master key's fingerprint: names it, tells nothing of it. */
  readonly keyId: string;
  /** Seals a secret for a place. Two sealings of one secret differ. */
  encrypt(secret: string, place: SecretPlace): string;
  /** Opens it. Throws `conflict` (code `wrongMasterKey`, or `secretDamaged` where it was altered or moved). */
  decrypt(sealed: string, place: SecretPlace): string;
  /** The same sealed secret, its data key sealed under the present master key. Throws as `decrypt` does. */
  rewrap(sealed: string, place: SecretPlace): string;
  /** Signs a text under the present master key (HMAC-SHA256) for one purpose; no other purpose accepts it. */
  sign(text: string, purpose: string): string;
  /**
   * Whether `mac` is what `sign` gave for this text and purpose, under the present master key; while that is being changed
   * also under the one before, and for what is only looked back upon (the audit chain) under any that was.
   */
  isSigned(text: string, purpose: string, mac: string): boolean;
  /** Overwrites key material or a secret in memory; what was sealed is gone once its row is deleted. */
  shred(bytes: Uint8Array): void;
}

/** What a vault knows beside its master key. */
export interface VaultOptions {
  /** Keys that were the master key once. */
  readonly retired?: readonly Uint8Array[];
  /** Whether the master key is being changed: then what the retired keys signed still counts as signed. */
  readonly isRotating?: boolean;
  /** Finds the key that came after, where something is met that is under it: the vault goes over to it then. */
  find?(keyId: string): Uint8Array | null;
}

const VERSION = 'v1';
const MAC_VERSION = 'k1';
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What no action rests upon any more: who has an old key gains nothing by signing it. */
const LOOKED_BACK_UPON = /^usher (?:audit|idempotency)/;

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
  /** Whether plans that it signed are still good. */
  readonly isTrusted: boolean;
  signing(purpose: string): KeyObject;
}

/**
 * A vault on a master key of 32 bytes. Envelope encryption: each secret is sealed by AES-256-GCM under a data key of its
 * own, and that key under the master key, so that changing the master key re-wraps keys and touches no secret. Both are
 * bound to the place by associated data.
 *
 * Sealed text: `v1.<key id>.<wrapped data key>.<sealed secret>`, the last two base64url of nonce, ciphertext and tag.
 * Signature: `k1.<key id>.<mac>`, base64url; one without the first two parts is older and of some key.
 */
export function createVault(masterKey: Uint8Array, options: VaultOptions = {}): Vault {
  let current = keyOf(masterKey, true);
  const keys = new Map([[current.id, current]]);
  for (const bytes of options.retired ?? []) {
    const key = keyOf(bytes, options.isRotating === true);
    if (!keys.has(key.id)) keys.set(key.id, key);
  }
  const keyFor = (id: string): Key | null => {
    const known = keys.get(id);
    if (known !== undefined) return known;
    const bytes = options.find?.(id) ?? null;
    if (bytes === null) return null;
    const found = keyOf(bytes, true);
    if (found.id !== id) return null;
    keys.set(found.id, found);
    current = found;
    return found;
  };
  const shred = (bytes: Uint8Array): void => {
    bytes.fill(0);
  };
  /** Lends the data key of a sealed secret. */
  const withDataKey = <T>(text: string, place: SecretPlace, work: (dataKey: Buffer, sealed: string) => T): T => {
    const [version, sealedBy = '', wrapped = '', sealed = '', ...rest] = text.split('.');
    if (version !== VERSION || rest.length > 0) throw damaged(place);
    const key = keyFor(sealedBy);
    if (key === null) throw wrongMasterKey(place);
    try {
      const dataKey = open(key.bytes, wrapped, bindingOf(place, 'key'));
      try {
        return work(dataKey, sealed);
      } finally {
        shred(dataKey);
      }
    } catch {
      throw damaged(place); // the cipher's own error says nothing more
    }
  };
  const wrap = (dataKey: Buffer, place: SecretPlace): string =>
    [VERSION, current.id, seal(current.bytes, dataKey, bindingOf(place, 'key'))].join('.');

  return {
    get keyId() {
      return current.id;
    },
    shred,
    sign: (text, purpose) => [MAC_VERSION, current.id, mac(current, text, purpose).toString('base64url')].join('.'),
    isSigned(text, purpose, given) {
      const counts = (key: Key | null): key is Key => key !== null && (key.isTrusted || LOOKED_BACK_UPON.test(purpose));
      const [version, id = '', value = '', ...rest] = given.split('.');
      if (version === MAC_VERSION && rest.length === 0) {
        const key = keyFor(id);
        return counts(key) && isEqual(Buffer.from(value, 'base64url'), mac(key, text, purpose));
      }
      const bytes = Buffer.from(given, 'base64url');
      return [...keys.values()].some((key) => counts(key) && isEqual(bytes, mac(key, text, purpose)));
    },
    encrypt(secret, place) {
      const dataKey = randomBytes(KEY_BYTES);
      try {
        const sealed = seal(dataKey, Buffer.from(secret, 'utf8'), bindingOf(place, 'secret'));
        return `${wrap(dataKey, place)}.${sealed}`;
      } finally {
        shred(dataKey);
      }
    },
    decrypt: (text, place) =>
      withDataKey(text, place, (dataKey, sealed) => open(dataKey, sealed, bindingOf(place, 'secret')).toString('utf8')),
    rewrap: (text, place) => withDataKey(text, place, (dataKey, sealed) => `${wrap(dataKey, place)}.${sealed}`),
  };
}

/** Under which master key something is sealed or signed; null where it does not say. */
export function keyIdOf(text: string): string | null {
  const [version, id = '', ...rest] = text.split('.');
  return (version === VERSION || version === MAC_VERSION) && rest.length > 0 ? id : null;
}

function keyOf(given: Uint8Array, isTrusted: boolean): Key {
  if (given.length !== KEY_BYTES) throw new RangeError(`A master key has ${KEY_BYTES} bytes.`);
  const bytes = Buffer.from(given);
  const signingKeys = new Map<string, KeyObject>();
  return {
    id: hash('sha256', Buffer.concat([Buffer.from('usher master key\0'), bytes]), 'hex').slice(0, 16),
    bytes,
    isTrusted,
    signing(purpose) {
      const derived =
        signingKeys.get(purpose) ??
        createSecretKey(Buffer.from(hkdfSync('sha256', bytes, 'usher signing', purpose, KEY_BYTES)));
      signingKeys.set(purpose, derived);
      return derived;
    },
  };
}

function mac(key: Key, text: string, purpose: string): Buffer {
  return createHmac('sha256', key.signing(purpose)).update(text, 'utf8').digest();
}

function isEqual(given: Buffer, right: Buffer): boolean {
  return given.length === right.length && timingSafeEqual(given, right);
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
