/**
 * Named random streams from one seed: `rng(seed).fold("train").fold(step)`. A stream is a value: folding never touches
 * the parent, so that draws in one place cannot shift the draws in another.
 *
 * Keys are 128 bits, mixed with the MurmurHash3 finaliser (Appleby 2011); numbers come from xoshiro128++ 1.0
 * (Blackman & Vigna 2021, arXiv:1805.01407), seeded with the key.
 */
import { usageError } from "./errors.ts";

export interface Rng {
  /** An independent stream, named by `label`; the parent is unchanged. */
  fold(label: string | number): Rng;
  /** 32 uniform bits. */
  uint32(): number;
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform integer in [0, bound), without modulo bias; bound in [1, 2^32]. */
  integer(bound: number): number;
  /** Standard normal (Box & Muller 1958), float64. */
  normal(): number;
  /** Fills `out` from `from` to `to` with standard normals and returns it. */
  fillNormal<T extends Float32Array | Float64Array>(out: T, from?: number, to?: number): T;
  /** A uniformly random permutation of 0..n-1 (Fisher & Yates). */
  permutation(n: number): Uint32Array;
}

type Key = readonly [number, number, number, number];

const mix = (h: number): number => {
  let x = h;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
};

/** Absorbs one 32-bit word into a key: every word of the result depends on the word and on every word of the key. */
function absorb(key: Key, word: number): Key {
  const a = mix((key[0] ^ word) + 0x9e3779b9);
  const b = mix((key[1] ^ a) + 0x7f4a7c15);
  const c = mix((key[2] ^ b) + 0xf39cc060);
  const d = mix((key[3] ^ c) + 0x5ced56c7);
  return [mix(a + d), mix(b + (a ^ d)), mix(c + (b ^ a)), d];
}

function absorbText(key: Key, text: string): Key {
  let next = absorb(key, text.length);
  for (let i = 0; i < text.length; i++) next = absorb(next, text.charCodeAt(i));
  return absorb(next, 0x74657874);
}

/** Integers of up to 53 bits, negative ones too, enter as two words and a mark, so that 1 and "1" differ. */
function absorbInteger(key: Key, value: number): Key {
  const magnitude = Math.abs(value);
  const low = magnitude >>> 0;
  const high = Math.floor(magnitude / 2 ** 32);
  return absorb(absorb(absorb(key, low), high), value < 0 ? 0x6e656731 : 0x696e7431);
}

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

/** Words just drawn by a stream: drawing many at once keeps its state in registers. */
const words = new Uint32Array(512);

/** 27 bits of one word and 26 of the next. */
const uniformOf = (high: number, low: number) => ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;

class Xoshiro128PlusPlus implements Rng {
  readonly #key: Key;
  #s0: number;
  #s1: number;
  #s2: number;
  #s3: number;
  #spare: number | undefined;

  constructor(key: Key) {
    this.#key = key;
    [this.#s0, this.#s1, this.#s2, this.#s3] = key;
    if ((this.#s0 | this.#s1 | this.#s2 | this.#s3) === 0) this.#s0 = 1; // the one state that stays at zero
  }

  fold(label: string | number): Rng {
    if (typeof label === "number" && !Number.isSafeInteger(label))
      throw usageError(`a random stream is named by a string or a whole number, not ${label}`);
    return new Xoshiro128PlusPlus(
      typeof label === "number" ? absorbInteger(this.#key, label) : absorbText(this.#key, label),
    );
  }

  /** The next `count` words of the stream, into `words`. */
  #draw(count: number): void {
    let [s0, s1, s2, s3] = [this.#s0, this.#s1, this.#s2, this.#s3];
    for (let i = 0; i < count; i++) {
      words[i] = rotl((s0 + s3) | 0, 7) + s0;
      const t = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= t;
      s3 = rotl(s3, 11);
    }
    [this.#s0, this.#s1, this.#s2, this.#s3] = [s0, s1, s2, s3];
  }

  uint32(): number {
    this.#draw(1);
    return words[0]!;
  }

  uniform(): number {
    this.#draw(2);
    return uniformOf(words[0]!, words[1]!);
  }

  integer(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32)
      throw usageError(`a bound is a whole number in [1, 2^32], not ${bound}`);
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const x = this.uint32();
      if (x < limit) return x % bound;
    }
  }

  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** The same values as `normal` gives one by one, in two thirds of the time, which shows in sampling of a small generator. */
  fillNormal<T extends Float32Array | Float64Array>(out: T, from = 0, to = out.length): T {
    let at = from;
    if (this.#spare !== undefined && at < to) out[at++] = this.normal();
    while (at + 1 < to) {
      const count = Math.min(words.length, 2 * (to - at - ((to - at) % 2)));
      this.#draw(count);
      for (let i = 0; i < count; i += 4) {
        const radius = Math.sqrt(-2 * Math.log(1 - uniformOf(words[i]!, words[i + 1]!)));
        const angle = 2 * Math.PI * uniformOf(words[i + 2]!, words[i + 3]!);
        out[at++] = radius * Math.cos(angle);
        out[at++] = radius * Math.sin(angle);
      }
    }
    if (at < to) out[at] = this.normal();
    return out;
  }

  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = order[i]!;
      order[i] = order[j]!;
      order[j] = held;
    }
    return order;
  }
}

/** The root stream of a seed: any safe integer, 0 included. */
export function rng(seed: number): Rng {
  if (!Number.isSafeInteger(seed))
    throw usageError(`a seed is a whole number between -(2^53-1) and 2^53-1, not ${seed}`);
  return new Xoshiro128PlusPlus(absorbInteger([0x62656e63, 0x68206761, 0x6e206f72, 0x20646970], seed));
}
