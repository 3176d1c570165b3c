/** What a metric computes from, taken out of a sample and checked: every finding is an error that names its place. */
import { assert, badData, undefinedMetric } from "../core/errors.ts";
import { type ByteImages, checkImages } from "../core/images.ts";
import type { Features, Metric, MetricOptions, Probabilities, Sample } from "./contract.ts";
import { takeRows } from "./order.ts";

export interface Inputs {
  readonly features: Features;
  readonly probabilities: Probabilities;
  /** The pixels. */
  readonly images: ByteImages;
  /** Images assigned to each mode, [modes]. */
  readonly modes: Uint32Array;
  /** Features of the images assigned to each class, [modes]. */
  readonly classes: readonly Features[];
}

/** Which sample of whose metric is being read, for messages. */
interface Reader {
  readonly set: "generated" | "real" | "training";
  readonly metric: string;
  readonly options: MetricOptions;
}

interface Kind<Input> {
  readonly needs: Metric["needs"];
  /** METRIC_UNDEFINED where the sample lacks it, BAD_DATA where it is wrong. */
  take(sample: Sample, reader: Reader): Input;
  /** What both sets must agree in, in words. */
  readonly common?: { readonly noun: string; readonly advice: string; of(input: Input): string };
}

const oneWidth = { noun: "features are", advice: "take both from one extractor" };

export const kinds: { readonly [Name in keyof Inputs]: Kind<Inputs[Name]> } = {
  features: {
    needs: "features",
    take: takeFeatures,
    common: { ...oneWidth, of: ({ width }) => `${width} wide` },
  },
  probabilities: {
    needs: "probabilities",
    take: takeProbabilities,
    common: {
      noun: "images have",
      advice: "take both from one classifier",
      of: ({ classes }) => `${classes} classes`,
    },
  },
  images: {
    needs: "images",
    take(sample, reader) {
      const images = ofEveryImage(sample.images, (images) => images.count, "pixels", sample, reader);
      checkImages(images, `${reader.set} images`);
      return images;
    },
    common: {
      noun: "images are",
      advice: "bring both to one size",
      of: ({ height, width, channels }) => `${height} x ${width} x ${channels}`,
    },
  },
  modes: {
    needs: "assignments",
    take: (sample, reader) => Uint32Array.from(membersOf(sample, reader), (members) => members.length),
  },
  classes: {
    needs: "assignments",
    take(sample, reader) {
      const features = takeFeatures(sample, reader);
      return membersOf(sample, reader).map((members) => takeRows(features, members));
    },
    common: { ...oneWidth, of: ([first]) => `${first!.width} wide` },
  },
};

/** Largest value of a feature, far above any network's: its twelfth power, which the spread of KID has, is a number too. */
const LARGEST = 1e12;
/** Most values of an image, twice those of the widest extractors: a covariance has the square of that. */
const WIDEST = 8192;

/** Sizes agree, every value is a finite number, and neither values nor width leave what float64 and memory hold. */
function takeFeatures({ features }: Sample, { set }: Reader): Features {
  const { data, count, width } = features;
  assert(
    data.length === count * width,
    `${set} features: ${data.length} values, expected ${count} x ${width}`,
  );
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw badData(
      `${set} features: ${data[at]} in row ${Math.floor(at / width)}, column ${at % width}, both from 0`,
    );
  const large = data.findIndex((value) => Math.abs(value) > LARGEST);
  if (large >= 0)
    throw badData(
      `${set} features: ${data[large]} in row ${Math.floor(large / width)}, column ${large % width}, both from 0; metrics ` +
        `hold values up to ${LARGEST}: scale all features alike`,
    );
  if (width > WIDEST)
    throw badData(`${set} features: ${width} wide, and at most ${WIDEST} are measured; pool or project them`);
  return features;
}

/** `value`, which a sample has of all its images or of none. */
function ofEveryImage<T>(
  value: T | undefined,
  countOf: (value: T) => number,
  noun: string,
  { features }: Sample,
  { set, metric }: Reader,
): T {
  if (value === undefined)
    throw undefinedMetric(`${metric} needs the ${noun} of the ${set} images: there are none`);
  if (countOf(value) !== features.count)
    throw badData(`${set}: ${noun} of ${countOf(value)} images for ${features.count} images`);
  return value;
}

/** Indices of the images that are assigned to each mode, [modes]. */
function membersOf(sample: Sample, reader: Reader): number[][] {
  const { modes } = reader.options;
  const assigned = ofEveryImage(sample.assignments, ({ length }) => length, "modes", sample, reader);
  if (modes === undefined) throw undefinedMetric(`${reader.metric} needs to know how many modes there are`);
  assert(Number.isInteger(modes) && modes >= 1, `${modes} modes`);
  const members = Array.from({ length: modes }, (): number[] => []);
  for (let i = 0; i < assigned.length; i++) {
    const mode = members[assigned[i]!];
    if (!mode) throw badData(`${reader.set}: image ${i} has mode ${assigned[i]}, expected 0 to ${modes - 1}`);
    mode.push(i);
  }
  return members;
}

/** A row sums to 1 within this: probabilities that went through float32 do. */
const SUM_TOLERANCE = 1e-3;

function takeProbabilities(sample: Sample, reader: Reader): Probabilities {
  const { set } = reader;
  const noun = "class probabilities";
  const probabilities = ofEveryImage(sample.probabilities, ({ count }) => count, noun, sample, reader);
  const { data, count, classes } = probabilities;
  assert(
    data.length === count * classes,
    `${set}: ${data.length} probabilities, expected ${count} x ${classes}`,
  );
  for (let i = 0; i < count; i++) {
    let total = 0;
    for (let c = 0; c < classes; c++) {
      const p = data[i * classes + c]!;
      if (!(p >= 0 && p <= 1 + SUM_TOLERANCE))
        throw badData(`${set} probabilities: ${p} in row ${i}, column ${c}, both from 0`);
      total += p;
    }
    if (Math.abs(total - 1) > SUM_TOLERANCE)
      throw badData(`${set} probabilities: row ${i}, from 0, sums to ${total}, not to 1`);
  }
  return probabilities;
}
