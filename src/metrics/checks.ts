/** What is asked of the samples before a metric computes: each finding is an error that names its place. */
import { assert, BenchError } from "../core/errors.ts";
import { type ByteImages, checkImages } from "../core/images.ts";
import type { Features, Metric, MetricOptions, Probabilities, Sample } from "./contract.ts";

export function checkCount(
  facts: Pick<Metric, "name" | "minimumCount">,
  generated: Sample,
  real: Sample,
  options: MetricOptions,
): void {
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
export function checkFeatures(features: Features, what: string): void {
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

export function checkWidths(generated: Features, real: Features): void {
  if (generated.width !== real.width)
    throw new BenchError(
      "BAD_DATA",
      `generated features are ${generated.width} wide, real ones ${real.width}: take both from one extractor`,
    );
}

export function countModes(
  sample: Sample,
  what: string,
  metric: string,
  options: MetricOptions,
): Uint32Array {
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

/** A row sums to 1 within this: probabilities that went through float32 do. */
const SUM_TOLERANCE = 1e-3;

export function checkProbabilities(
  { probabilities, features }: Sample,
  what: string,
  metric: string,
): Probabilities {
  if (!probabilities)
    throw new BenchError(
      "METRIC_UNDEFINED",
      `${metric} needs the class probabilities of the ${what} images: there are none`,
    );
  const { data, count, classes } = probabilities;
  assert(
    data.length === count * classes,
    `${what}: ${data.length} probabilities, expected ${count} x ${classes}`,
  );
  if (count !== features.count)
    throw new BenchError(
      "BAD_DATA",
      `${what}: probabilities of ${count} images for ${features.count} images`,
    );
  for (let i = 0; i < count; i++) {
    let total = 0;
    for (let c = 0; c < classes; c++) {
      const p = data[i * classes + c]!;
      if (!(p >= 0 && p <= 1 + SUM_TOLERANCE))
        throw new BenchError("BAD_DATA", `${what} probabilities: ${p} in row ${i}, column ${c}, both from 0`);
      total += p;
    }
    if (Math.abs(total - 1) > SUM_TOLERANCE)
      throw new BenchError("BAD_DATA", `${what} probabilities: row ${i}, from 0, sums to ${total}, not to 1`);
  }
  return probabilities;
}

export function imagesOf({ images, features }: Sample, what: string, metric: string): ByteImages {
  if (!images)
    throw new BenchError(
      "METRIC_UNDEFINED",
      `${metric} needs the pixels of the ${what} images: there are none`,
    );
  checkImages(images, `${what} images`);
  if (images.count !== features.count)
    throw new BenchError(
      "BAD_DATA",
      `${what}: ${images.count} images for ${features.count} rows of features`,
    );
  return images;
}
