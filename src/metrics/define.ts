/**
 * What every metric checks before it computes, written once: enough images, finite features of one width,
 * assignments within the modes. A metric's own file is then its facts and its formula.
 */
import { assert, BenchError } from "../core/errors.ts";
import type { Estimate, Features, Metric, MetricOptions, Sample } from "./contract.ts";

const DEFAULT_K = 5;

/** Neighbours asked for: a whole number from 1. */
export function neighboursOf(options: MetricOptions): number {
  const k = options.k ?? DEFAULT_K;
  if (!Number.isInteger(k) || k < 1)
    throw new BenchError("USAGE", `k is a whole number of neighbours from 1, not ${k}`);
  return k;
}

type Facts = Omit<Metric, "needs" | "estimate">;

/** A metric of two sets of features, [count, width] each with the same width. */
export function featureMetric(
  facts: Facts & { compute(generated: Features, real: Features, options: MetricOptions): Estimate },
): Metric {
  const { compute, ...rest } = facts;
  return {
    ...rest,
    needs: "features",
    estimate(generated, real, options) {
      checkFeatures(generated.features, "generated");
      checkFeatures(real.features, "real");
      checkWidths(generated.features, real.features);
      checkCount(facts, generated, real, options);
      return compute(generated.features, real.features, options);
    },
  };
}

/** A metric of how many images of each set were assigned to each mode, [modes] each. */
export function assignmentMetric(
  facts: Facts & { compute(generated: Uint32Array, real: Uint32Array, options: MetricOptions): Estimate },
): Metric {
  const { compute, ...rest } = facts;
  return {
    ...rest,
    needs: "assignments",
    estimate(generated, real, options) {
      checkCount(facts, generated, real, options);
      const name = facts.name(options);
      const counts = [
        countModes(generated, "generated", name, options),
        countModes(real, "real", name, options),
      ];
      return compute(counts[0]!, counts[1]!, options);
    },
  };
}

function checkCount(facts: Facts, generated: Sample, real: Sample, options: MetricOptions): void {
  const minimum = facts.minimumCount(generated.features.width, options);
  for (const [what, { features }] of [["generated", generated] as const, ["real", real] as const]) {
    if (features.count < minimum)
      throw new BenchError(
        "METRIC_UNDEFINED",
        `${facts.name(options)} needs at least ${minimum} images in each set; there are ${features.count} ${what} ones`,
      );
  }
}

/** Sizes agree and every value is a finite number. */
function checkFeatures(features: Features, what: string): void {
  const { data, count, width } = features;
  assert(
    data.length === count * width,
    `${what} features: ${data.length} values, expected ${count} x ${width}`,
  );
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new BenchError(
      "BAD_DATA",
      `${what} features: ${data[at]} in row ${Math.floor(at / width)}, column ${at % width}, both from 0`,
    );
}

function checkWidths(generated: Features, real: Features): void {
  if (generated.width !== real.width)
    throw new BenchError(
      "BAD_DATA",
      `generated features are ${generated.width} wide, real ones ${real.width}: take both from one extractor`,
    );
}

function countModes(sample: Sample, what: string, metric: string, options: MetricOptions): Uint32Array {
  const { assignments, features } = sample;
  const { modes } = options;
  if (!assignments)
    throw new BenchError(
      "METRIC_UNDEFINED",
      `${metric} needs the modes of the ${what} images: none are assigned`,
    );
  if (modes === undefined)
    throw new BenchError("METRIC_UNDEFINED", `${metric} needs to know how many modes there are`);
  assert(Number.isInteger(modes) && modes >= 1, `${modes} modes`);
  if (assignments.length !== features.count)
    throw new BenchError(
      "BAD_DATA",
      `${what}: ${assignments.length} assignments for ${features.count} images`,
    );
  const counts = new Uint32Array(modes);
  for (let i = 0; i < assignments.length; i++) {
    const mode = assignments[i]!;
    if (!Number.isInteger(mode) || mode < 0 || mode >= modes)
      throw new BenchError("BAD_DATA", `${what}: image ${i} has mode ${mode}, expected 0 to ${modes - 1}`);
    counts[mode]!++;
  }
  return counts;
}
