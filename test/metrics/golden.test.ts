/** Numbers of independent programs; where they come from stands in each file under test/golden. */
import { describe, expect, test } from "vitest";
import type { Features } from "../../src/metrics/contract.ts";
import { metrics } from "../../src/metrics/index.ts";
import { symmetricEigenvalues } from "../../src/metrics/linalg/eigen.ts";
import { forEachDistanceRow } from "../../src/metrics/linalg/pairwise.ts";
import { klDivergence } from "../../src/metrics/reverse-kl.ts";
import { msSsim, type Picture } from "../../src/metrics/ssim.ts";
import { effectiveNumber } from "../../src/metrics/vendi.ts";
import { features, type GoldenCase, golden, kidOfSubsets, probabilities } from "./samples.ts";

const files = ["gauss", "mixture", "highd", "degenerate"];
const cases = files.flatMap((file) =>
  golden<GoldenCase>(`metrics_features_${file}`).map((c) => ({ ...c, file })),
);

const near = (value: number, expected: number, tolerance = 1e-6 * Math.abs(expected)) =>
  expect(Math.abs(value - expected), `${value} against ${expected}`).toBeLessThanOrEqual(tolerance);

/** Eigenvalues of K/n with K_ij = exp(-|x_i - x_j|^2 / width). */
function gaussianSpectrum(set: Features): Float64Array {
  const { count, width } = set;
  const data = new Float64Array(count * count);
  forEachDistanceRow(set, set, (i, squared) => {
    for (let j = 0; j < count; j++) data[i * count + j] = Math.exp(-squared[j]! / width) / count;
  });
  return symmetricEigenvalues({ data, count, width: count });
}

describe.each(cases)("$file: $name", ({ file, inputs, expected }) => {
  const generated = { features: features(inputs.fake) };
  const real = { features: features(inputs.real) };

  test("FID", () => {
    const { value, details } = metrics.fid.estimate(generated, real, {});
    near(value, expected.fid_symmetric_eig_crosscheck, file === "degenerate" ? 1e-3 : undefined);
    near(Number(details?.meanTerm), expected.fid_mean_term);
  });

  test("KID", () => {
    near(metrics.kid.estimate(generated, real, {}).value, expected.kid_full_unbiased);
    const { kid_subset_indices_fake: fake, kid_subset_indices_real: ofReal } = inputs;
    if (!fake || !ofReal || !expected.kid_subset_values) return;
    const subsets = fake.map((indices, i) => ({ generated: indices, real: ofReal[i]! }));
    const values = kidOfSubsets(generated.features, real.features, subsets);
    expect(values).toHaveLength(expected.kid_subset_values.length);
    for (const [i, value] of values.entries()) near(value, expected.kid_subset_values[i]!);
    near(values.reduce((a, b) => a + b) / values.length, expected.kid_subsets_mean!);
  });

  test.each([3, 5] as const)(
    "neighbours, k %d: closed balls for precision and recall, open for the rest",
    (k) => {
      const value = (name: "precision" | "recall" | "density" | "coverage") =>
        metrics[name].estimate(generated, real, { k }).value;
      const closed = expected[`torch_fidelity_prc_k${k}`];
      const open = expected[`prdc_k${k}`];
      near(value("precision"), closed.precision);
      near(value("recall"), closed.recall);
      near(value("density"), open.density);
      near(value("coverage"), open.coverage);
    },
  );

  test("AuthPct", () => {
    near(metrics.authpct.estimate(generated, real, {}).value, expected.authpct, 1e-9);
  });

  test("Vendi: cosine kernel in orders 1, 2 and infinity, Gaussian kernel", () => {
    for (const [set, ofSet] of [
      [generated, expected.vendi_fake],
      [real, expected.vendi_real],
    ] as const) {
      near(metrics.vendi.estimate(set, real, {}).value, ofSet.cosine_score_K);
      near(metrics.vendi2.estimate(set, real, {}).value, ofSet.cosine_score_K_q2);
      near(metrics.vendiInfinity.estimate(set, real, {}).value, ofSet.cosine_score_K_qinf);
      near(effectiveNumber(gaussianSpectrum(set.features), 1), ofSet.rbf_gamma_1_over_d_score_K);
    }
  });
});

test("the golden sets tell the two tie rules apart", () => {
  const differs = cases.filter((c) => c.expected.prdc_k5.recall !== c.expected.torch_fidelity_prc_k5.recall);
  expect(differs.map((c) => c.name)).toEqual(["collapsed_exact_duplicates"]);
});

interface ModesCase {
  readonly name: string;
  readonly inputs: { predictions: number[]; num_classes: number; reference_distribution: number[] };
  readonly expected: { counts: number[]; modes_covered_at_least_1: number; reverse_kl_nats: number };
}

interface ScoreCase {
  readonly name: string;
  readonly inputs: { logits: number[][]; probabilities?: number[][]; splits: number };
  readonly expected: { inception_score_mean: number; inception_score_std_ddof0: number };
}

const classCases = golden<ModesCase | ScoreCase>("metrics_classes");
const dot = (count: number) => ({ data: new Float64Array(), count, width: 0 });

describe.each(classCases.filter((c): c is ModesCase => "predictions" in c.inputs))(
  "$name",
  ({ inputs, expected }) => {
    const sample = (assignments: number[]) => ({ features: dot(assignments.length), assignments });

    test("modes and reverse KL, against a real set of exactly the reference frequencies", () => {
      const realCounts = inputs.reference_distribution.map((share) => Math.round(share * 1000));
      const real = sample(realCounts.flatMap((count, mode) => Array<number>(count).fill(mode)));
      const generated = sample(inputs.predictions);
      const options = { modes: inputs.num_classes };
      expect(metrics.modeCount.estimate(generated, real, options).value).toBe(
        expected.modes_covered_at_least_1,
      );
      near(metrics.reverseKl.estimate(generated, real, options).value, expected.reverse_kl_nats);
      near(klDivergence(expected.counts, inputs.reference_distribution), expected.reverse_kl_nats);
    });
  },
);

test.each(classCases.filter((c): c is ScoreCase => "logits" in c.inputs))(
  "inception score: $name",
  ({ inputs: { logits, splits, ...given }, expected }) => {
    const softmax = (row: number[]) => {
      const powers = row.map((x) => Math.exp(x - Math.max(...row)));
      return powers.map((x) => x / powers.reduce((a, b) => a + b));
    };
    const rows = given.probabilities ?? logits.map(softmax);
    const sample = { features: dot(rows.length), probabilities: probabilities(rows) };
    const { value, details } = metrics.inceptionScore.estimate(sample, sample, { splits });
    near(value, expected.inception_score_mean);
    near(Number(details?.sdOverSplits), expected.inception_score_std_ddof0);
  },
);

interface SsimCase {
  readonly name: string;
  readonly inputs: {
    readonly x: number[][][][];
    readonly y: number[][][][];
    readonly data_range: 255;
    readonly win_size: number;
    readonly win_sigma: number;
    readonly weights?: number[];
  };
  readonly expected: { ssim_per_image?: number[]; ms_ssim_per_image?: number[] };
}

const picture = (rows: number[][][]): Picture => ({
  data: rows.flat(2),
  height: rows.length,
  width: rows[0]!.length,
  channels: rows[0]![0]!.length,
});

test.each(golden<SsimCase>("ssim"))("structural similarity: $name", ({ inputs, expected }) => {
  const window = { size: inputs.win_size, sigma: inputs.win_sigma };
  const values = inputs.x.map((x, i) => {
    const [a, b] = [picture(x), picture(inputs.y[i]!)];
    return msSsim(a, b, window, inputs.weights ?? [1]);
  });
  const wanted = (inputs.weights ? expected.ms_ssim_per_image : expected.ssim_per_image)!;
  expect(values).toHaveLength(wanted.length);
  for (const [i, value] of values.entries()) near(value, wanted[i]!);
});
