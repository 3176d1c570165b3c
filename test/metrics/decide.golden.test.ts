/** Numbers of the published programs for the metrics that decide; test/golden/metrics_decide.json says how they were run. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { expectedFill } from "../../src/metrics/clipped-coverage.ts";
import type { Features } from "../../src/metrics/contract.ts";
import { metrics } from "../../src/metrics/index.ts";
import { contentOrder } from "../../src/metrics/order.ts";
import { crossFitted } from "../../src/metrics/quadratic-classifier.ts";
import { features, type GoldenCase, golden } from "./samples.ts";

interface Clipped {
  readonly clipped_density: number;
  readonly clipped_coverage: number;
  readonly fill: number;
}

interface DecideCase {
  readonly file: string;
  readonly name: string;
  readonly fld_sets?: {
    readonly training_from: number;
    readonly generated: number;
    readonly training_order: number[];
  };
  readonly expected: {
    readonly k3: Clipped;
    readonly k5: Clipped;
    readonly rbf_mmd: number;
    readonly median_distance: number;
    readonly classified_right?: string;
    readonly fld?: number;
    readonly fld_gap?: number;
  };
}

const near = (value: number, expected: number, tolerance = 1e-9 * Math.max(1, Math.abs(expected))) =>
  expect(Math.abs(value - expected), `${value} against ${expected}`).toBeLessThanOrEqual(tolerance);

const rows = ({ data, width }: Features, from: number, to: number): Features => ({
  data: data.slice(from * width, to * width),
  count: to - from,
  width,
});

describe.each(golden<DecideCase>("metrics_decide"))("$file: $name", ({ file, name, expected, fld_sets }) => {
  const { inputs } = golden<GoldenCase>(`metrics_features_${file}`).find((one) => one.name === name)!;
  const generated = { features: features(inputs.fake) };
  const real = { features: features(inputs.real) };

  test.each([3, 5] as const)("clipped density and coverage, k %d", (k) => {
    const wanted = expected[`k${k}`];
    near(metrics.clippedDensity.estimate(generated, real, { k }).value, wanted.clipped_density);
    const coverage = metrics.clippedCoverage.estimate(generated, real, { k });
    near(coverage.value, wanted.clipped_coverage);
    near(Number(coverage.details?.fill), wanted.fill);
  });

  test("RBF MMD and its median distance", () => {
    const { value, details } = metrics.rbfMmd.estimate(generated, real, {});
    near(Number(details?.median), expected.median_distance);
    near(value, expected.rbf_mmd, 1e-10);
  });

  const { classified_right: wanted } = expected;
  if (wanted !== undefined)
    test("each image rightly or wrongly classified", () => {
      const [g, r] = [rows(generated.features, 0, 60), rows(real.features, 0, 60)];
      const right = crossFitted(g, r, { folds: 5, landmarks: 120 });
      expect([...right].join("")).toBe(wanted);
    });

  if (!fld_sets) return;
  test("FLD and its gap", () => {
    const { training_from: from, generated: count, training_order: order } = fld_sets;
    const training = rows(real.features, from, real.features.count);
    expect([...contentOrder(training, 0)]).toEqual(order);
    const sets = [
      { features: rows(generated.features, 0, count) },
      { features: rows(real.features, 0, from) },
      { training: { features: training } },
    ] as const;
    near(metrics.fld.estimate(...sets).value, expected.fld!, 1e-6);
    near(metrics.fldGap.estimate(...sets).value, expected.fld_gap!, 1e-6);
  });
});

interface Curve {
  readonly k: number;
  readonly real: number;
  readonly values: number[];
}

const { calibration }: { calibration: Curve[] } = JSON.parse(
  readFileSync(new URL("../golden/metrics_decide.json", import.meta.url), "utf8"),
);

test.each(calibration)("how good images fill balls, k $k among $real", ({ k, real, values }) => {
  for (const [good, value] of values.entries()) near(expectedFill(good, real, k), value, 1e-12);
});
