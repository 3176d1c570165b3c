/** What every metric does before it computes, written once. A metric's own file is then its facts and its formula. */
import { badData, undefinedMetric, usageError } from "../core/errors.ts";
import { DEFAULT_K, type Estimate, type Features, type Metric, type MetricOptions } from "./contract.ts";
import { type Inputs, kinds } from "./inputs.ts";
import { type Neighbourhoods, neighbourhoods } from "./neighbourhoods.ts";

/** Neighbours asked for: a whole number from 1. */
export function neighboursOf({ k = DEFAULT_K }: MetricOptions): number {
  if (!Number.isInteger(k) || k < 1) throw usageError(`k is a whole number of neighbours from 1, not ${k}`);
  return k;
}

/** The name under which a value is recorded: `fid`, or `precision_k5` where the value depends on k. */
export function recordedName({ name, perK }: Pick<Metric, "name" | "perK">, options: MetricOptions): string {
  return perK ? `${name}_k${neighboursOf(options)}` : name;
}

/** The k's to count in one pass, where a metric that does not depend on k shares it with those that do. */
export const sharedKs = ({ k, ks }: MetricOptions): readonly number[] => ks ?? (k === undefined ? [] : [k]);

type Facts = Omit<Metric, "needs" | "estimate">;

/** A metric of one kind of input, which `compute` gets checked, from enough images of both sets. */
export function defineMetric<Kind extends keyof Inputs>(
  kind: Kind,
  {
    compute,
    ...facts
  }: Facts & {
    compute(generated: Inputs[Kind], real: Inputs[Kind], options: MetricOptions): Estimate;
  },
): Metric {
  const { needs, take, common } = kinds[kind];
  return {
    ...facts,
    needs,
    estimate(generated, real, options) {
      const metric = recordedName(facts, options);
      const minimum = facts.minimumCount(generated.features.width, options);
      for (const [set, { features }] of Object.entries({ generated, real }))
        if (features.count < minimum)
          throw undefinedMetric(
            `${metric} needs at least ${minimum} images in each set; there are ${features.count} ${set} ones`,
          );
      const [g, r] = [
        take(generated, { set: "generated", metric, options }),
        take(real, { set: "real", metric, options }),
      ];
      if (common && common.of(g) !== common.of(r))
        throw badData(
          `generated ${common.noun} ${common.of(g)}, real ones ${common.of(r)}: ${common.advice}`,
        );
      return compute(g, r, options);
    },
  };
}

/** A metric of the features of three sets: the training images' come with the options. */
export function trainingMetric({
  compute,
  ...facts
}: Facts & {
  compute(generated: Features, real: Features, training: Features, options: MetricOptions): Estimate;
}): Metric {
  const metric = defineMetric("features", {
    ...facts,
    compute(generated, real, options) {
      const { training } = options;
      const reader = { set: "training", metric: facts.name, options } as const;
      if (!training)
        throw undefinedMetric(
          `${facts.name} needs the images that the generator was trained on: there are none`,
        );
      const ofTraining = kinds.features.take(training, reader);
      if (ofTraining.width !== real.width)
        throw badData(
          `training features are ${ofTraining.width} wide, real ones ${real.width}: take both from one extractor`,
        );
      return compute(generated, real, ofTraining, options);
    },
  });
  return { ...metric, needs: "training" };
}

/** Sizes of the sets that neighbourhoods were counted between. */
interface Counts {
  readonly k: number;
  readonly generated: number;
  readonly real: number;
}

/** A metric of the balls around the points of both sets that reach to their k-th nearest neighbours. */
export function ballMetric({
  compute,
  ...facts
}: Omit<Facts, "perK" | "neighbours" | "protocol" | "minimumCount"> & {
  compute(balls: Neighbourhoods, counts: Counts, real: Features): Estimate;
}): Metric {
  return defineMetric("features", {
    ...facts,
    perK: true,
    neighbours: true,
    protocol: (options) => `k = ${neighboursOf(options)}, exact neighbours, whole sets`,
    minimumCount: (_, options) => neighboursOf(options) + 1,
    compute(generated, real, options) {
      const counts = { k: neighboursOf(options), generated: generated.count, real: real.count };
      const estimate = compute(neighbourhoods(generated, real, counts.k, options.ks), counts, real);
      return { ...estimate, details: { ...counts, ...estimate.details } };
    },
  });
}

/** Features of one class's images in each set. */
interface ClassPair {
  readonly name: number;
  readonly generated: Features;
  readonly real: Features;
}

/**
 * A metric of the features within each class: `compute` gets every class that has real images, each with at least
 * `perClass(width)` images on both sides.
 */
export function classMetric({
  compute,
  perClass,
  ...facts
}: Omit<Facts, "minimumCount"> & {
  perClass(width: number): number;
  compute(classes: readonly ClassPair[]): Estimate;
}): Metric {
  return defineMetric("classes", {
    ...facts,
    minimumCount: (width, { modes = 1 }) => modes * perClass(width),
    compute(generated, real) {
      const least = perClass(real[0]!.width);
      const classes = real
        .map((ofReal, name): ClassPair => ({ name, generated: generated[name]!, real: ofReal }))
        .filter((pair) => pair.real.count > 0);
      for (const pair of classes)
        for (const set of ["generated", "real"] as const)
          if (pair[set].count < least)
            throw undefinedMetric(
              `${facts.name} needs at least ${least} images of each class; there are ${pair[set].count} ${set} ones of class ${pair.name}`,
            );
      return compute(classes);
    },
  });
}
