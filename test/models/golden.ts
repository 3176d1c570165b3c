import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { HostTensor } from "../../src/engine/contract.ts";

export type Nested = number | readonly Nested[];

export interface Case<Inputs, Expected> {
  readonly name: string;
  readonly inputs: Inputs;
  readonly expected: Expected;
}

/** Cases of test/golden/<file>.json, which says by what program they were computed; at least one must match. */
export function goldenCases<Inputs, Expected>(file: string, pattern: RegExp): Case<Inputs, Expected>[] {
  const text = readFileSync(new URL(`../golden/${file}.json`, import.meta.url), "utf8");
  const { cases } = JSON.parse(text) as { cases: Case<Inputs, Expected>[] };
  const matching = cases.filter(({ name }) => pattern.test(name));
  expect(matching.length).toBeGreaterThan(0);
  return matching;
}

export function goldenCase<Inputs, Expected>(file: string, name: string): Case<Inputs, Expected> {
  return goldenCases<Inputs, Expected>(file, new RegExp(`^${name}$`))[0]!;
}

export function flat(value: Nested): number[] {
  return typeof value === "number" ? [value] : value.flatMap(flat);
}

export function host(value: Nested): HostTensor {
  const shape: number[] = [];
  for (let at = value; typeof at !== "number"; at = at[0]!) shape.push(at.length);
  return { shape, data: Float32Array.from(flat(value)) };
}

/** Largest difference, relative to the largest expected value or 1. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const scale = Array.from(expected).reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-30);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!) / scale;
    if (!(error <= tolerance))
      expect.fail(`value ${i} is ${actual[i]}, expected ${expected[i]}: off by ${error} of ${scale}`);
  }
}
