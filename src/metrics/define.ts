/**
 * What every metric checks before it computes, written once: enough images, finite features of one width,
 * assignments within the modes. A metric's own file is then its facts and its formula.
 */
import { BenchError } from "../core/errors.ts";
import type { ByteImages } from "../core/images.ts";
import {
  checkCount,
  checkFeatures,
  checkProbabilities,
  checkWidths,
  countModes,
  imagesOf,
} from "./checks.ts";
import type { Estimate, Features, Metric, MetricOptions, Probabilities, Sample } from "./contract.ts";
import { takeRows } from "./order.ts";

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

/** Rows of one class of each set, generated and real. */
export interface ClassPair {
  readonly name: number;
  readonly generated: Features;
  readonly real: Features;
}

/**
 * A metric of the features within each class: `compute` gets every class that has real images, each with at
 * least `perClass(width)` images on both sides.
 */
export function classMetric(
  facts: Omit<Facts, "minimumCount"> & {
    perClass(width: number): number;
    compute(classes: readonly ClassPair[], options: MetricOptions): Estimate;
  },
): Metric {
  const { compute, perClass, ...rest } = facts;
  const minimumCount: Metric["minimumCount"] = (width, { modes = 1 }) => modes * perClass(width);
  const complete = { ...rest, minimumCount };
  return {
    ...complete,
    needs: "assignments",
    estimate(generated, real, options) {
      checkFeatures(generated.features, "generated");
      checkFeatures(real.features, "real");
      checkWidths(generated.features, real.features);
      checkCount(complete, generated, real, options);
      const name = facts.name(options);
      const counts = countModes(generated, "generated", name, options);
      const least = perClass(real.features.width);
      const classes = [...countModes(real, "real", name, options).entries()].flatMap(([mode, ofReal]) => {
        const few = [[counts[mode]!, "generated"] as const, [ofReal, "real"] as const].find(
          ([n]) => n < least,
        );
        if (ofReal === 0) return [];
        if (few)
          throw new BenchError(
            "METRIC_UNDEFINED",
            `${name} needs at least ${least} images of each class; there are ${few[0]} ${few[1]} ones of class ${mode}`,
          );
        return [{ name: mode, generated: ofClass(generated, mode), real: ofClass(real, mode) }];
      });
      return compute(classes, options);
    },
  };
}

function ofClass({ features, assignments }: Sample, mode: number): Features {
  const rows = Array.from({ length: features.count }, (_, i) => i).filter((i) => assignments?.[i] === mode);
  return takeRows(features, rows);
}

/** A metric of class probabilities, [count, classes] each with the same classes. */
export function probabilityMetric(
  facts: Facts & { compute(generated: Probabilities, real: Probabilities, options: MetricOptions): Estimate },
): Metric {
  const { compute, ...rest } = facts;
  return {
    ...rest,
    needs: "probabilities",
    estimate(generated, real, options) {
      checkCount(facts, generated, real, options);
      const name = facts.name(options);
      const [g, r] = [
        checkProbabilities(generated, "generated", name),
        checkProbabilities(real, "real", name),
      ];
      if (g.classes !== r.classes)
        throw new BenchError(
          "BAD_DATA",
          `generated images have ${g.classes} classes, real ones ${r.classes}: take both from one classifier`,
        );
      return compute(g, r, options);
    },
  };
}

/** A metric of the pixels, both sets of one height, width and number of channels. */
export function imageMetric(
  facts: Facts & { compute(generated: ByteImages, real: ByteImages, options: MetricOptions): Estimate },
): Metric {
  const { compute, ...rest } = facts;
  return {
    ...rest,
    needs: "images",
    estimate(generated, real, options) {
      checkCount(facts, generated, real, options);
      const name = facts.name(options);
      const [g, r] = [imagesOf(generated, "generated", name), imagesOf(real, "real", name)];
      const shape = ({ height, width, channels }: ByteImages) => `${height} x ${width} x ${channels}`;
      if (shape(g) !== shape(r))
        throw new BenchError(
          "BAD_DATA",
          `generated images are ${shape(g)}, real ones ${shape(r)}: bring both to one size`,
        );
      return compute(g, r, options);
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
