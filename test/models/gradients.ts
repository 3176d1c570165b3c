import { expect } from "vitest";
import { rng } from "../../src/core/rng.ts";

/**
 * Compares a gradient with central differences of its loss, along itself and along random directions: each is a sum over
 * all parameters, so any wrong part shows. `distance` is that of the two points from the middle.
 */
export async function expectGradient(
  loss: (parameters: Float32Array) => Promise<number>,
  at: Float32Array,
  gradient: Float32Array,
  { distance, tolerance }: { distance: number; tolerance: number },
): Promise<void> {
  const length = (v: ArrayLike<number>) => Math.hypot(...Array.from(v));
  const norm = length(gradient);
  expect(norm).toBeGreaterThan(1e-3);
  // a random direction is all but orthogonal to the gradient: lean towards it, or the difference drowns in rounding
  const directions = [0, 1, 2, 3].map((seed) => {
    const noise = rng(seed).fillNormal(new Float32Array(at.length));
    return seed === 0 ? gradient : gradient.map((g, i) => g + Math.abs(g) * noise[i]!);
  });
  for (const direction of directions) {
    const scale = distance / length(direction);
    const moved = (sign: number) => at.map((p, i) => p + sign * scale * direction[i]!);
    const difference = ((await loss(moved(1))) - (await loss(moved(-1)))) / (2 * distance);
    const expected = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0) / length(direction);
    expect(Math.abs(difference - expected) / norm).toBeLessThan(tolerance);
  }
}
