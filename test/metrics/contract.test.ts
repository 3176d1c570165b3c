/**
 * Laws that every metric of the registry keeps. A new metric is tested by its line in the registry and in
 * `facts`.
 */
import { describe, expect, test } from "vitest";
import { BenchError } from "../../src/core/errors.ts";
import { rng } from "../../src/core/rng.ts";
import type { Metric, MetricOptions, Sample } from "../../src/metrics/contract.ts";
import { evaluateMetrics, type MetricName, metricNames, metrics } from "../../src/metrics/index.ts";
import { MODES, mixture, take } from "./samples.ts";

const options: MetricOptions = { modes: MODES, k: 5 };
const stream = rng(2024);
const real = mixture(stream.fold("real"), 240);
const generated = mixture(stream.fold("generated"), 200, { shift: 1, dropped: 0.3 });

/**
 * What is particular to each: its value of a set against itself, and whether the order of the sets matters.
 */
const facts = {
  fid: { onItself: () => 0, symmetric: true },
  kid: { onItself: kidOnItself, symmetric: true },
  precision: { onItself: () => 1, symmetric: false },
  recall: { onItself: () => 1, symmetric: false },
  density: { onItself: () => 1, symmetric: false },
  coverage: { onItself: () => 1, symmetric: false },
  modeCount: { onItself: () => MODES, symmetric: false },
  reverseKl: { onItself: () => 0, symmetric: false },
} satisfies Record<MetricName, { onItself: (sample: Sample) => number; symmetric: boolean }>;

/**
 * The U-statistics leave a row against itself out within a set, and cannot across: (2/n)(mean elsewhere -
 * mean there).
 */
function kidOnItself({ features: { data, count, width } }: Sample): number {
  let [own, other] = [0, 0];
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) {
      let product = 0;
      for (let d = 0; d < width; d++) product += data[i * width + d]! * data[j * width + d]!;
      const kernel = (product / width + 1) ** 3;
      if (i === j) own += kernel / count;
      else other += kernel / (count * (count - 1));
    }
  return (2 / count) * (other - own);
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
  const value = (g: Sample, r: Sample) => metric.estimate(g, r, options).value;

  test("a set against itself has the known value", () => {
    close(value(real, real), facts[name].onItself(real));
  });

  test("worsens in its own direction as the generator does", () => {
    const anchor = value(mixture(stream.fold("anchor"), 240), real);
    const series = [0, 0.25, 0.5, 0.75].map((severity) =>
      badness(
        metric,
        value(mixture(stream.fold(severity * 100), 240, { shift: 3 * severity, dropped: severity }), real),
        anchor,
      ),
    );
    for (let i = 1; i < series.length; i++) expect(series[i]).toBeGreaterThan(series[i - 1]!);
  });

  test("the order of the images does not matter", () => {
    const g = take(generated, stream.fold("g").permutation(200));
    const r = take(real, stream.fold("r").permutation(240));
    close(value(g, r), value(generated, real));
  });

  test(`swapped arguments ${facts[name].symmetric ? "give the same" : "are told apart"}`, () => {
    const other = evaluateMetrics(real, generated, { ...options, metrics: [name] });
    const swapped = other.values[0]?.estimate.value ?? Number.POSITIVE_INFINITY; // KL, modes missing
    if (facts[name].symmetric) close(swapped, value(generated, real));
    else expect(Math.abs(swapped - value(generated, real))).toBeGreaterThan(1e-3);
  });

  test("the fewest images are enough, one fewer on either side is undefined and names them", () => {
    const minimum = metric.minimumCount(real.features.width, options);
    const enough = take(
      real,
      Array.from({ length: minimum }, (_, i) => i),
    );
    const tooFew = take(
      real,
      Array.from({ length: minimum - 1 }, (_, i) => i),
    );
    expect(Number.isFinite(value(enough, enough))).toBe(true);
    const says = `METRIC_UNDEFINED ${metric.name(options)} needs at least ${minimum} images in each set`;
    expect(codeAndMessage(() => value(tooFew, enough))).toBe(
      `${says}; there are ${minimum - 1} generated ones`,
    );
    expect(codeAndMessage(() => value(enough, tooFew))).toBe(`${says}; there are ${minimum - 1} real ones`);
  });

  test("an interval holds the value, has a confidence and says how it was made", () => {
    const { interval, value: estimate } = metric.estimate(generated, real, options);
    if (!interval) return expect(["coverage", "modeCount", "reverseKl"]).toContain(name);
    expect(interval.low).toBeLessThan(estimate);
    expect(interval.high).toBeGreaterThan(estimate);
    expect(interval.confidence).toBe(0.95);
    expect(interval.method).toMatch(/Wilson|normal|delta/);
  });

  if (metrics[name].needs === "features") {
    test.each([Number.NaN, Number.POSITIVE_INFINITY])(
      "%s among the features is refused with its place",
      (bad) => {
        const spoilt = take(generated, [0, 1, 2, 3, 4, 5, 6, 7]);
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
      const wide = { features: { data: new Float64Array(70), count: 10, width: 7 } };
      expect(codeAndMessage(() => value(wide, real))).toContain(
        "BAD_DATA generated features are 7 wide, real ones 6",
      );
    });
  } else {
    test("assignments that are missing, too many, or no mode at all", () => {
      const { features } = generated;
      const withModes = (assignments: number[]): Sample => ({ features, assignments });
      expect(codeAndMessage(() => value({ features }, real))).toContain("METRIC_UNDEFINED");
      expect(codeAndMessage(() => metric.estimate(generated, real, {}))).toContain("METRIC_UNDEFINED");
      expect(codeAndMessage(() => value(withModes([1, 2]), real))).toBe(
        "BAD_DATA generated: 2 assignments for 200 images",
      );
      const strange = withModes(Array.from({ length: 200 }, (_, i) => (i === 7 ? MODES : 0)));
      expect(codeAndMessage(() => value(strange, real))).toBe(
        "BAD_DATA generated: image 7 has mode 8, expected 0 to 7",
      );
    });
  }
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
  });

  test("all metrics in the registry's order, or those asked for in theirs", () => {
    const all = evaluateMetrics(generated, real, { modes: MODES, k: 3 });
    expect(all.values.map((entry) => entry.name)).toEqual([
      ...["fid", "kid", "precision_k3", "recall_k3", "density_k3", "coverage_k3", "mode_count", "reverse_kl"],
    ]);
    expect(all.undefinedMetrics).toEqual([]);
    const some = evaluateMetrics(generated, real, { metrics: ["recall", "fid"] });
    expect(some.values.map((entry) => entry.name)).toEqual(["recall_k5", "fid"]);
    expect(some.values[1]?.estimate).toEqual(metrics.fid.estimate(generated, real, {}));
  });

  test("an undefined metric becomes an entry with its reason, the others stand", () => {
    const { values, undefinedMetrics } = evaluateMetrics(
      take(generated, [0, 1, 2]),
      { features: real.features },
      options,
    );
    expect(values.map((entry) => entry.name)).toEqual(["fid", "kid"]);
    expect(undefinedMetrics).toEqual([
      ...["precision_k5", "recall_k5", "density_k5", "coverage_k5"].map((name) => ({
        name,
        why: `${name} needs at least 6 images in each set; there are 3 generated ones`,
      })),
      ...["mode_count", "reverse_kl"].map((name) => ({
        name,
        why: `${name} needs the modes of the real images: none are assigned`,
      })),
    ]);
  });

  test("a generated image in a mode without a real one: infinite, so undefined, with its place", () => {
    const half = take(
      real,
      Array.from({ length: 240 }, (_, i) => i).filter((i) => real.assignments![i]! < 4),
    );
    const { values, undefinedMetrics } = evaluateMetrics(real, half, { ...options, metrics: ["reverseKl"] });
    expect(values).toEqual([]);
    const why = `reverse_kl is infinite: ${240 - half.features.count} generated images are in 4 modes without a real one (first: mode 4)`;
    expect(undefinedMetrics[0]?.why).toContain(why);
  });

  test("what is wrong with the data or the options is thrown", () => {
    const spoilt = take(generated, [0, 1, 2, 3, 4, 5, 6]);
    spoilt.features.data[0] = Number.NaN;
    expect(codeAndMessage(() => evaluateMetrics(spoilt, real, options))).toContain("BAD_DATA");
    expect(codeAndMessage(() => evaluateMetrics(generated, real, { k: 0 }))).toContain(
      "USAGE k is a whole number",
    );
    expect(codeAndMessage(() => evaluateMetrics(generated, real, { k: 2.5 }))).toContain("USAGE");
  });
});
