/** What a simulator is seeded with: a number or any text. */
export type Seed = string | number;

/** A stream of numbers that is the same for the same seed. */
export interface Random {
  /** At least 0, less than 1. */
  fraction(): number;
  /** A whole number, at least 0, less than `below`. */
  integer(below: number): number;
}

/** A stream of random numbers from a seed (mulberry32): for tests and invented data, never for secrets. */
export function seededRandom(seed: Seed): Random {
  let state = hashText(String(seed));
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    return mix(state) / 0x1_0000_0000;
  };
  return { fraction, integer: (below) => Math.floor(fraction() * below) };
}

/** 32 random-looking bits for a text (FNV-1a, mixed). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mix(hash >>> 0);
}

/**
 * 32 random-looking bits for the `index`-th thing under a seed hash and a purpose: random access, so that the millionth
 * person can be made without making the others.
 */
export function hashAt(seedHash: number, purpose: number, index: number): number {
  return mix((mix((seedHash ^ Math.imul(purpose + 1, 0x9e3779b1)) >>> 0) ^ Math.imul(index + 1, 0x85ebca77)) >>> 0);
}

/** A shuffle of 0..size-1 that needs no memory: `at(place)` is the value there, `placeOf(value)` its inverse. */
export interface Shuffle {
  readonly at: (place: number) => number;
  readonly placeOf: (value: number) => number;
}

/** An affine shuffle; sizes up to 94 million stay exact in a double. */
export function shuffle(size: number, seedHash: number): Shuffle {
  if (size < 2) return { at: (place) => place, placeOf: (value) => value };
  const shift = seedHash % size;
  let factor = Math.max(1, Math.floor(size * 0.6180339887) + (seedHash % 7));
  while (greatestCommonDivisor(factor, size) !== 1) factor++;
  const inverse = modularInverse(factor % size, size);
  return {
    at: (place) => (((place * (factor % size)) % size) + shift) % size,
    placeOf: (value) => (((value - shift + size) % size) * inverse) % size,
  };
}

function mix(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  return (bits ^ (bits >>> 14)) >>> 0;
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right);
}

function modularInverse(value: number, modulus: number): number {
  let [previous, current, previousFactor, factor] = [modulus, value, 0, 1];
  while (current !== 0) {
    const quotient = Math.floor(previous / current);
    [previous, current] = [current, previous - quotient * current];
    [previousFactor, factor] = [factor, previousFactor - quotient * factor];
  }
  return ((previousFactor % modulus) + modulus) % modulus;
}
