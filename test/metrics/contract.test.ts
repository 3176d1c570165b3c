/**
 * Laws that every metric of the registry keeps. A new metric is tested by its line in the registry and in
 * facts.ts.
 */
import { describe, expect, test } from "vitest";
import { BenchError } from "../../src/core/errors.ts";
import { rng } from "../../src/core/rng.ts";
import type { Metric, MetricOptions, Sample } from "../../src/metrics/contract.ts";
import { recordedName } from "../../src/metrics/define.ts";
import { evaluateMetrics, metricFacts, metricNames, metrics, metricsFor } from "../../src/metrics/index.ts";
import { facts, real, training } from "./facts.ts";
import { MODES, mixture, take } from "./samples.ts";

const options: MetricOptions = { modes: MODES, k: 5, training };
const stream = rng(7);
const everything = mixture(stream.fold("generated"), 200, { shift: 1, dropped: 0.3 });
const first = (sample: Sample, count: number) =>
  take(
    sample,
    Array.from({ length: count }, (_, i) => i),
  );

/** The images in turn of each mode, so that the first few hold all modes alike. */
function inTurn(sample: Sample): Sample {
  const place = new Map<number, number>();
  const turns = Array.from(sample.assignments!, (mode, i) => {
    const turn = place.get(mode) ?? 0;
    place.set(mode, turn + 1);
    return { i, turn };
  });
  return take(
    sample,
    turns.sort((x, y) => x.turn - y.turn).map(({ i }) => i),
  );
}

const close = (value: number, expected: number) =>
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));

/** How bad a value is, in the metric's own direction; `anchor` is real against real. */
function badness(metric: Metric, value: number, anchor: number): number {
  if (metric.direction === "two-sided") return Math.abs(value - anchor);
  return metric.direction === "lower" ? value : -value;
}

const codeAndMessage = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof BenchError) return `${error.code} ${error.message}`;
    throw error;
  }
  return "no error";
};

describe.each(metricNames)("%s", (name) => {
  const metric: Metric = metrics[name];
  const { onItself, symmetric, worse, interval: hasInterval } = facts[name];
  const value = (g: Sample, r: Sample) => metric.estimate(g, r, options).value;
  const generated = worse(0.25, 200);

  test("says what it is, for people", () => {
    const { title, meaning, domain, change } = metric;
    expect(title).toMatch(/^[A-Z]/);
    expect(meaning).toMatch(/^\S.*[^.\s]$/);
    expect(meaning).not.toContain("\n");
    const low = domain?.[0] ?? Number.NEGATIVE_INFINITY;
    const high = domain?.[1] ?? Number.POSITIVE_INFINITY;
    for (const severity of [0, 0.5, 0.75]) {
      const { value } = metric.estimate(worse(severity), real, options);
      expect(value).toBeGreaterThanOrEqual(low);
      expect(value).toBeLessThanOrEqual(high);
    }
    if (change) expect(change.detect).toBeGreaterThan(change.floor);
  });

  test("a set against itself has the known value", () => {
    close(value(real, real), onItself(real));
  });

  test("worsens in its own direction as the generator does", () => {
    const anchor =
      metric.direction === "two-sided" ? value(mixture(stream.fold("anchor"), 240), real) : Number.NaN;
    const series = [0, 0.25, 0.5, 0.75].map((severity) =>
      badness(metric, value(worse(severity), real), anchor),
    );
    for (let i = 1; i < series.length; i++) expect(series[i]).toBeGreaterThan(series[i - 1]!);
  });

  test("the order of the images does not matter", () => {
    const g = take(generated, stream.fold("g").permutation(200));
    const r = take(real, stream.fold("r").permutation(240));
    close(value(g, r), value(generated, real));
  });

  test(`swapped arguments ${symmetric ? "give the same" : "are told apart"}`, () => {
    const other = evaluateMetrics(real, generated, { ...options, metrics: [name] });
    const swapped = other.values[0]?.estimate.value ?? Number.POSITIVE_INFINITY; // KL, modes missing
    if (symmetric) close(swapped, value(generated, real));
    else {
      const given = value(generated, real);
      expect(Math.abs(swapped - given)).toBeGreaterThan(1e-3 * Math.min(1, Math.abs(given)));
    }
  });

  test("the fewest images are enough, one fewer on either side is undefined and names them", () => {
    const minimum = metric.minimumCount(real.features.width, options);
    const enough = first(inTurn(real), minimum);
    const tooFew = first(inTurn(real), minimum - 1);
    expect(Number.isFinite(value(enough, enough))).toBe(true);
    const says = `METRIC_UNDEFINED ${recordedName(metric, options)} needs at least ${minimum} images in each set`;
    expect(codeAndMessage(() => value(tooFew, enough))).toBe(
      `${says}; there are ${minimum - 1} generated ones`,
    );
    expect(codeAndMessage(() => value(enough, tooFew))).toBe(`${says}; there are ${minimum - 1} real ones`);
  });

  test("an interval holds the value, has a confidence and says how it was made", () => {
    const { interval, value: estimate } = metric.estimate(generated, real, options);
    expect(interval !== undefined).toBe(hasInterval);
    if (!interval) return;
    expect(interval.low).toBeLessThan(estimate);
    expect(interval.high).toBeGreaterThan(estimate);
    expect(interval.confidence).toBe(0.95);
    expect(interval.method).toMatch(/Wilson|normal|delta|Student/);
  });

  test("the same options give the same number, to the last bit", () => {
    const again = (sample: Sample) =>
      take(
        sample,
        Array.from({ length: sample.features.count }, (_, i) => i),
      );
    expect(metric.estimate(again(generated), again(real), { ...options, seed: 3 })).toEqual(
      metric.estimate(generated, real, { ...options, seed: 3 }),
    );
  });

  if (facts[name].symmetric || metric.needs === "features" || metric.needs === "training") {
    test.each([Number.NaN, Number.POSITIVE_INFINITY])(
      "%s among the features is refused with its place",
      (bad) => {
        const spoilt = first(generated, 200);
        spoilt.features.data[3 * spoilt.features.width + 2] = bad;
        expect(codeAndMessage(() => value(spoilt, real))).toBe(
          `BAD_DATA generated features: ${bad} in row 3, column 2, both from 0`,
        );
        expect(codeAndMessage(() => value(real, spoilt))).toContain(
          `BAD_DATA real features: ${bad} in row 3, column 2`,
        );
      },
    );

    test("features of two widths are refused", () => {
      const wide = { ...generated, features: { data: new Float64Array(1400), count: 200, width: 7 } };
      expect(codeAndMessage(() => value(wide, real))).toContain(
        "BAD_DATA generated features are 7 wide, real ones 6",
      );
    });
  }

  if (metric.needs === "training")
    test("training images that are missing, too few, not finite or of another width", () => {
      const withTraining = (of: Sample | undefined) =>
        codeAndMessage(() => metric.estimate(generated, real, { ...options, training: of }));
      expect(withTraining(undefined)).toBe(
        `METRIC_UNDEFINED ${metric.name} needs the images that the generator was trained on: there are none`,
      );
      expect(withTraining(first(training, 3))).toContain("METRIC_UNDEFINED");
      const spoilt = first(training, 10);
      spoilt.features.data[8] = Number.NaN;
      expect(withTraining(spoilt)).toBe("BAD_DATA training features: NaN in row 1, column 2, both from 0");
      const wide = { features: { data: new Float64Array(70), count: 10, width: 7 } };
      expect(withTraining(wide)).toContain("BAD_DATA training features are 7 wide, real ones 6");
    });

  if (metric.needs === "assignments")
    test("assignments that are missing, too many, or no mode at all", () => {
      const { features } = generated;
      const withModes = (assignments: number[]): Sample => ({ features, assignments });
      expect(codeAndMessage(() => value({ features }, real))).toContain("METRIC_UNDEFINED");
      expect(codeAndMessage(() => metric.estimate(generated, real, {}))).toContain("METRIC_UNDEFINED");
      expect(codeAndMessage(() => value(withModes([1, 2]), real))).toBe(
        "BAD_DATA generated: modes of 2 images for 200 images",
      );
      const strange = withModes(Array.from({ length: 200 }, (_, i) => (i === 7 ? MODES : 0)));
      expect(codeAndMessage(() => value(strange, real))).toBe(
        "BAD_DATA generated: image 7 has mode 8, expected 0 to 7",
      );
    });

  if (metric.needs === "probabilities")
    test("probabilities that are missing, of other images, no probabilities, or of other classes", () => {
      const { features, probabilities } = generated;
      const given = (data: Float64Array, count: number, classes = MODES): Sample => ({
        features,
        probabilities: { data, count, classes },
      });
      expect(codeAndMessage(() => value({ features }, real))).toContain("METRIC_UNDEFINED");
      expect(codeAndMessage(() => value(given(new Float64Array(80), 10), real))).toBe(
        "BAD_DATA generated: class probabilities of 10 images for 200 images",
      );
      for (const bad of [Number.NaN, -0.5, 2]) {
        const data = probabilities!.data.slice();
        data[3 * MODES + 2] = bad;
        expect(codeAndMessage(() => value(given(data, 200), real))).toBe(
          `BAD_DATA generated probabilities: ${bad} in row 3, column 2, both from 0`,
        );
      }
      const halved = probabilities!.data.map((p) => p / 2);
      expect(codeAndMessage(() => value(given(halved, 200), real))).toContain("row 0, from 0, sums to 0.");
      const even = new Float64Array(200 * 4).fill(0.25);
      expect(codeAndMessage(() => value(given(even, 200, 4), real))).toContain(
        "BAD_DATA generated images have 4 classes, real ones 8",
      );
    });

  if (metric.needs === "images")
    test("images that are missing, of another number or of another shape", () => {
      const { features, images } = generated;
      expect(codeAndMessage(() => value({ features }, real))).toContain("METRIC_UNDEFINED");
      const fewer = first(generated, 10).images!;
      expect(codeAndMessage(() => value({ features, images: fewer }, real))).toBe(
        "BAD_DATA generated: pixels of 10 images for 200 images",
      );
      const flat = { ...images!, height: 7, width: 28 };
      expect(codeAndMessage(() => value({ features, images: flat }, real))).toContain(
        "BAD_DATA generated images are 7 x 28 x 1, real ones 14 x 14 x 1",
      );
    });
});

describe("the registry", () => {
  test("says which metrics each scored set of a run gets, in one order", () => {
    expect(metricsFor("setting")).toEqual([
      ...["fid", "kid", "rbfMmd", "c2st", "precision", "recall", "density", "coverage"],
      ...["clippedDensity", "clippedCoverage", "vendi", "modeCount", "reverseKl", "fld", "fldGap"],
    ]);
    expect(metricsFor("snapshot")).toEqual(["fid", "recall", "coverage", "vendi", "modeCount"]);
    expect(metricsFor("copying")).toEqual(["fld", "fldGap", "authpct", "memorisation"]);
  });

  test("lets few metrics decide, each one thing", () => {
    const decided = metricFacts().flatMap(({ name, weight }) => (weight ? [[name, weight]] : []));
    expect(Object.fromEntries(decided)).toEqual({
      fid: "overall",
      recall: "mode loss",
      coverage: "mode loss",
      clipped_coverage: "mode loss",
      fld_gap: "copying",
      authpct: "copying",
    });
  });

  test("calls no metric better for more where noise has as much as a model: those are two-sided", () => {
    for (const name of ["vendi", "vendi2", "vendiInfinity", "modeCount"] as const)
      expect(metrics[name].direction).toBe("two-sided");
  });

  test("gives the facts of each metric under the name that is recorded, without its k", () => {
    const facts = metricFacts();
    expect(facts).toHaveLength(metricNames.length);
    expect(new Set(facts.map(({ title }) => title)).size).toBe(facts.length);
    const { values } = evaluateMetrics(inTurn(mixture(stream.fold("all"), 240)), real, options);
    expect(values.map(({ name }) => name.replace(/_k\d+$/, ""))).toEqual(facts.map(({ name }) => name));
  });

  test("marks as metrics of neighbours those that the engine's neighbours serve, and no others", () => {
    const marked = metricNames.filter((name) => (metrics[name] as Metric).neighbours);
    expect(marked).toEqual([
      ...["precision", "recall", "density", "coverage", "clippedDensity", "clippedCoverage"],
      ...["authpct", "memorisation", "supportSize"],
    ]);
  });
});

describe("evaluateMetrics", () => {
  test("a collapsed generator: precise, but covering nothing", () => {
    const collapsed = mixture(stream.fold("collapsed"), 240, { dropped: 7 / 8, spread: 0.3 });
    const { values } = evaluateMetrics(collapsed, real, options);
    const of = Object.fromEntries(values.map((entry) => [entry.name, entry.estimate.value]));
    expect(of.precision_k5).toBeGreaterThan(0.95);
    expect(of.recall_k5).toBeLessThan(0.05);
    expect(of.coverage_k5).toBeLessThan(0.2);
    expect(of.density_k5).toBeGreaterThan(1.5);
    expect(of.mode_count).toBe(1);
    expect(of.reverse_kl).toBeGreaterThan(1.5);
    const ofReal = values.find(({ name }) => name === "vendi")!.estimate.details!.ofReal;
    expect(of.vendi).toBeLessThan(0.5 * Number(ofReal));
    expect(of.inception_score).toBeLessThan(1.5);
    expect(of.support_size).toBeLessThan(2000);
  });

  test("all metrics in the registry's order, or those asked for in theirs", () => {
    const balanced = { ...options, ks: [3, 5] };
    const all = evaluateMetrics(inTurn(mixture(stream.fold("all"), 240)), real, balanced);
    const neighbours = ["precision", "recall", "density", "coverage", "clipped_density", "clipped_coverage"];
    const withK = neighbours.flatMap((name) => [`${name}_k3`, `${name}_k5`]);
    expect(all.values.map((entry) => entry.name)).toEqual([
      ...["fid", "fid_infinity", "kid", "kid_blocks", "rbf_mmd", "c2st", "inception_score", ...withK],
      ...["vendi", "vendi_q2", "vendi_qinf", "mode_count", "reverse_kl", "class_fid", "class_diversity"],
      ...["ms_ssim", "fld", "fld_gap", "authpct", "memorisation", "support_size"],
    ]);
    expect(all.undefinedMetrics).toEqual([]);
    const some = evaluateMetrics(everything, real, { metrics: ["recall", "fid"] });
    expect(some.values.map((entry) => entry.name)).toEqual(["recall_k5", "fid"]);
    expect(some.values[1]?.estimate).toEqual(metrics.fid.estimate(everything, real, {}));
  });

  test("several k's are each what that k gives alone, on sets not seen before", () => {
    const fresh = () => [mixture(rng(5), 60), mixture(rng(6), 50)] as const;
    const names = ["coverage", "authpct", "precision"] as const;
    const together = evaluateMetrics(...fresh(), { ks: [1, 4, 70], metrics: names });
    const alone = [1, 4, 70].map((k) => evaluateMetrics(...fresh(), { k, metrics: names }));
    const of = (evaluation: (typeof alone)[number]) =>
      Object.fromEntries(evaluation.values.map(({ name, estimate }) => [name, estimate]));
    expect(of(together)).toEqual(Object.assign({}, ...alone.map(of)));
    expect(together.undefinedMetrics.map(({ name }) => name)).toEqual(["coverage_k70", "precision_k70"]);
    expect(codeAndMessage(() => evaluateMetrics(...fresh(), { ks: [] }))).toContain("USAGE");
  });

  test("an undefined metric becomes an entry with its reason, the others stand", () => {
    const { values, undefinedMetrics } = evaluateMetrics(
      first(everything, 3),
      { features: real.features },
      {
        ...options,
        metrics: ["fid", "kid", "precision", "modeCount", "classFid", "inceptionScore", "msSsim"],
      },
    );
    expect(values.map((entry) => entry.name)).toEqual(["fid", "kid"]);
    const few = (name: string, minimum: number) => ({
      name,
      why: `${name} needs at least ${minimum} images in each set; there are 3 generated ones`,
    });
    expect(undefinedMetrics).toEqual([
      few("precision_k5", 6),
      { name: "mode_count", why: "mode_count needs the modes of the real images: there are none" },
      few("class_fid", 96),
      {
        name: "inception_score",
        why: "inception_score needs the class probabilities of the real images: there are none",
      },
      few("ms_ssim", 4),
    ]);
  });

  test("a generated image in a mode without a real one: infinite, so undefined, with its place", () => {
    const half = take(
      real,
      Array.from({ length: 240 }, (_, i) => i).filter((i) => real.assignments![i]! < 4),
    );
    const { values, undefinedMetrics } = evaluateMetrics(real, half, { ...options, metrics: ["reverseKl"] });
    expect(values).toEqual([]);
    const why = `reverse_kl is infinite: ${240 - half.features.count} generated images in 4 modes without a real one (first: mode 4)`;
    expect(undefinedMetrics[0]?.why).toContain(why);
  });

  test("what is wrong with the data or the options is thrown", () => {
    const spoilt = take(everything, [0, 1, 2, 3, 4, 5, 6]);
    spoilt.features.data[0] = Number.NaN;
    expect(codeAndMessage(() => evaluateMetrics(spoilt, real, options))).toContain("BAD_DATA");
    expect(codeAndMessage(() => evaluateMetrics(everything, real, { k: 0 }))).toContain(
      "USAGE k is a whole number",
    );
    expect(codeAndMessage(() => evaluateMetrics(everything, real, { k: 2.5 }))).toContain("USAGE");
  });
});
