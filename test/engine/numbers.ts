import { expect } from "vitest";
import type { HostTensor } from "../../src/engine/contract.ts";
import { sizeOf } from "../../src/engine/contract.ts";

/** Normal-ish numbers without a generator's help: a fixed, aperiodic sequence. */
export function numbers(shape: readonly number[], scale = 1, phase = 0): HostTensor {
  const data = Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => scale * Math.sin(1.7 * i + phase) * Math.cos(0.31 * i * i),
  );
  return { shape, data };
}

/** Largest |a - b| relative to the largest |b|. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let scale = 1e-30;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]!));
    worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!));
  }
  return Number.isFinite(worst) ? worst / scale : Number.POSITIVE_INFINITY;
}
