/** What a network holds: names, shapes and how each value starts. */
import type { Rng } from "../../core/rng.ts";
import { sizeOf } from "../../engine/contract.ts";
import { type Shapes, totalSize } from "../../engine/ops/index.ts";

/** Fills `out`, a parameter of `shape`, from its own stream. */
export type Initialiser = (out: Float32Array, shape: readonly number[], stream: Rng) => void;

export interface ParameterSpec {
  readonly shape: readonly number[];
  readonly initialise: Initialiser;
}

export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

export const constant =
  (value: number): Initialiser =>
  (out) => {
    out.fill(value);
  };

export const zeros = constant(0);
export const ones = constant(1);

/** N(mean, deviation^2). */
export const normal =
  (mean: number, deviation: number): Initialiser =>
  (out, _shape, stream) => {
    for (let i = 0; i < out.length; i++) out[i] = mean + deviation * stream.normal();
  };

/**
 * Uniform with variance 2 / (fan in + fan out) (Glorot & Bengio 2010, eq. 16), the start of DDPM's weights. Takes
 * [in, out] of a dense layer and [out, in, k, k] of a convolution; the fans' sum does not depend on their order.
 */
export const glorotUniform: Initialiser = (out, shape, stream) => {
  const [a = 1, b = 1, ...window] = shape;
  const limit = Math.sqrt(6 / ((a + b) * sizeOf(window)));
  for (let i = 0; i < out.length; i++) out[i] = limit * (2 * stream.uniform() - 1);
};

export function shapesOf(specs: ParameterSpecs): Shapes {
  return Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, shape]));
}

/** Values of all parameters together. */
export function countOf(specs: ParameterSpecs): number {
  return totalSize(shapesOf(specs));
}

/**
 * All parameters as one flat vector in the order of `specs`. Each is drawn from `stream.fold(its name)`, so adding a
 * layer leaves every other layer's start as it was.
 */
export function initialise(specs: ParameterSpecs, stream: Rng): Float32Array {
  const flat = new Float32Array(countOf(specs));
  let offset = 0;
  for (const [name, { shape, initialise }] of Object.entries(specs)) {
    const size = sizeOf(shape);
    initialise(flat.subarray(offset, offset + size), shape, stream.fold(name));
    offset += size;
  }
  return flat;
}
