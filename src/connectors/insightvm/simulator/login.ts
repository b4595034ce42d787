import { createHmac } from 'node:crypto';
import type { SimulatorRequest } from '../../../connector-kit/simulator-kit/server.ts';
import type { EffectRecorder } from '../../../connector-kit/simulator-kit/logs.ts';
import { type Console, passwordOf } from './console.ts';
import type { StoredUser } from './model.ts';
import { SOURCES } from './roles.ts';
import { Refusal } from './wire.ts';

const STEP_MS = 30_000;

/**
 * The user whom the request is from. Every request brings name and password, and the code of the moment where the login
 * has a second factor. Wrong ones in a row lock the account. Throws a 401 that does not tell which of it was wrong.
 */
export function loginOf(console: Console, request: SimulatorRequest, effect: EffectRecorder): StoredUser {
  const given = readBasic(request.headers.authorization);
  const user = given && console.users.byLogin(given.login);
  if (!given || !user) throw unauthorized();
  if (!user.enabled || user.locked) throw unauthorized();
  const token = request.headers['token'];
  if (!isPassword(console, user, given.password) || !isToken(console, user, typeof token === 'string' ? token : '')) {
    fail(console, user, effect);
    throw unauthorized();
  }
  if (user.failures === 0) return user;
  const cleared = { ...user, failures: 0 };
  console.users.put(cleared);
  return cleared;
}

/** The code of a base32 seed at a moment (RFC 6238: SHA-1, 30 seconds, 6 digits). */
export function codeAt(key: string, moment: Date, step = 0): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(moment.getTime() / STEP_MS) + step));
  const mac = createHmac('sha1', fromBase32(key)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

/** Whether a text can be a seed. */
export function isBase32(text: string): boolean {
  return /^[A-Z2-7]{8,}$/.test(text);
}

function unauthorized(): Refusal {
  return new Refusal(401, 'Your credentials were not accepted.');
}

function readBasic(header: string | undefined): { login: string; password: string } | null {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString();
  const at = text.indexOf(':');
  return at < 1 ? null : { login: text.slice(0, at), password: text.slice(at + 1) };
}

/** A user of the SSO has no password that the console could check. */
function isPassword(console: Console, user: StoredUser, password: string): boolean {
  const source = SOURCES.find(({ id }) => id === user.source);
  return source?.type !== 'saml' && password === passwordOf(console, user);
}

function isToken({ clock, switches }: Console, { twoFactorKey }: StoredUser, token: string): boolean {
  if (twoFactorKey === null || switches.twoFactor === 'off') return true;
  const now = clock.now();
  return [-1, 0, 1].some((step) => codeAt(twoFactorKey, now, step) === token);
}

function fail({ users, switches }: Console, user: StoredUser, effect: EffectRecorder): void {
  const failures = user.failures + 1;
  const locked = switches.lockThreshold > 0 && failures >= switches.lockThreshold;
  users.put({ ...user, failures, locked });
  if (locked) effect('user.locked', user.id, { failures });
}

function fromBase32(key: string): Buffer {
  const bits = key.replace(/[A-Z2-7]/g, (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
