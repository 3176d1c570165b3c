import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rng } from "../../src/core/rng.ts";
import { metrics } from "../../src/metrics/index.ts";
import { neighbourhoods } from "../../src/metrics/neighbourhoods.ts";
import { features, mixture } from "./samples.ts";

const distance = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, d) => sum + (x - b[d]!) ** 2, 0);

/** Straight from the definitions, by sorting. */
function byDefinition(generated: number[][], real: number[][], k: number) {
  const radius = (rows: number[][]) =>
    rows.map((row, i) => {
      const others = rows.flatMap((other, j) => (j === i ? [] : [distance(row, other)]));
      return others.sort((a, b) => a - b)[k - 1]!;
    });
  const [ofReal, ofGenerated] = [radius(real), radius(generated)];
  const roots = ofReal.map(Math.sqrt).sort((a, b) => a - b);
  const median = (roots[(roots.length - 1) >> 1]! + roots[roots.length >> 1]!) / 2;
  const clipped = ofReal.map((squared) => (Math.sqrt(squared) > median ? median ** 2 : squared));
  return {
    precise: generated.filter((g) => real.some((r, i) => distance(g, r) <= ofReal[i]!)).length,
    recalled: real.filter((r) => generated.some((g, j) => distance(g, r) <= ofGenerated[j]!)).length,
    crowding: Uint32Array.from(generated, (g) => real.filter((r, i) => distance(g, r) < ofReal[i]!).length),
    covered: real.filter((r, i) => generated.some((g) => distance(g, r) < ofReal[i]!)).length,
    clippedCrowding: Uint32Array.from(
      generated,
      (g) => real.filter((r, i) => distance(g, r) <= clipped[i]! + 1e-12).length,
    ),
    clippedHolding: Uint32Array.from(
      real,
      (r, i) => generated.filter((g) => distance(g, r) <= clipped[i]! + 1e-12).length,
    ),
    filled: real.reduce(
      (sum, r, i) => sum + Math.min(k, generated.filter((g) => distance(g, r) < ofReal[i]!).length),
      0,
    ),
  };
}

describe("neighbourhoods", () => {
  test("as by the definition, on a lattice full of ties and duplicates", () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }));
    const set = fc.array(point, { minLength: 6, maxLength: 40 });
    fc.assert(
      fc.property(set, set, fc.integer({ min: 1, max: 5 }), (generated, real, k) => {
        expect(neighbourhoods(features(generated), features(real), k)).toEqual(
          byDefinition(generated, real, k),
        );
      }),
      { numRuns: 200 },
    );
  });

  test("the edge of a ball: inside for precision and recall, outside for density and coverage", () => {
    const [real, generated] = [features([[0], [10]]), features([[-10], [20]])]; // radii 10 and 30, distances 10
    const at = (name: "precision" | "recall" | "density" | "coverage") =>
      metrics[name].estimate({ features: generated }, { features: real }, { k: 1 }).value;
    expect([at("precision"), at("recall"), at("density"), at("coverage")]).toEqual([1, 1, 0, 0]);
  });

  test("computed once for two sets and k, anew for another k or set", () => {
    const [a, b] = [mixture(rng(1), 30).features, mixture(rng(2), 30).features];
    const first = neighbourhoods(a, b, 3);
    expect(neighbourhoods(a, b, 3)).toBe(first);
    expect(neighbourhoods(a, b, 4)).not.toBe(first);
    expect(neighbourhoods(b, a, 3)).not.toBe(first);
    const copy = { ...a, data: a.data.slice() };
    expect(neighbourhoods(copy, b, 3)).toEqual(first);
    expect(neighbourhoods(copy, b, 3)).not.toBe(first);
  });

  test("recall is precision with the sets exchanged", () => {
    const [a, b] = [mixture(rng(3), 80), mixture(rng(4), 70, { dropped: 0.5 })];
    const { precision, recall } = metrics;
    expect(recall.estimate(a, b, { k: 3 }).value).toBe(precision.estimate(b, a, { k: 3 }).value);
  });

  test("equal distributions: coverage is 1 - (n-1)...(n-k) / ((2n-1)...(2n-k)) and density 1, on average", () => {
    const [n, k] = [60, 2];
    let [coverage, density] = [0, 0];
    const repetitions = 60;
    for (let i = 0; i < repetitions; i++) {
      const sets = [mixture(rng(i).fold("g"), n), mixture(rng(i).fold("r"), n)] as const;
      coverage += metrics.coverage.estimate(...sets, { k }).value / repetitions;
      density += metrics.density.estimate(...sets, { k }).value / repetitions;
    }
    const missed = ((n - 1) * (n - 2)) / ((2 * n - 1) * (2 * n - 2));
    expect(Math.abs(coverage - (1 - missed))).toBeLessThan(0.02);
    expect(Math.abs(density - 1)).toBeLessThan(0.04);
  });
});
