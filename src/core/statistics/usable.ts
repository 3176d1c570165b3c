/**
 * What trainings of one model with several seeds say together: how often one fails, how far the others spread, and what
 * a usable model costs. The training seed is the unit; steps within one training are not independent samples.
 */
import { assert } from "../errors.ts";
import { mean, type Outcome, standardDeviation, wilsonInterval } from "./summary.ts";

/** One training, as its records tell it. */
export interface SeedOutcome {
  readonly diverged: boolean;
  /** Whether it lost modes; undefined where training diverged or quality was not measured. */
  readonly collapsed?: boolean;
  /** What it took, in any unit: seconds, images, money. */
  readonly cost: number;
}

/** Below this many seeds a rate is reported and no verdict given: 0 failures of 3 leaves a rate of up to 0.56 possible. */
export const LEAST_SEEDS = 10;

/** A share of seeds with its Wilson interval. */
export interface SeedRate {
  readonly count: number;
  readonly seeds: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
  /** False below `LEAST_SEEDS`. */
  readonly conclusive: boolean;
}

/** `count` of `seeds` >= 1 trainings. */
export function seedRate(count: number, seeds: number, confidence = 0.95): SeedRate {
  const { low, high } = wilsonInterval(count, seeds, confidence);
  return { count, seeds, share: count / seeds, low, high, confidence, conclusive: seeds >= LEAST_SEEDS };
}

export interface Usability {
  readonly seeds: number;
  readonly diverged: number;
  /** Of the trainings that did not diverge. */
  readonly collapsed: number;
  /** Diverged or collapsed. */
  readonly failure: SeedRate;
  /** Cost of all trainings per usable model; the interval is that of the usable share alone, costs taken as they are. */
  readonly cost: Outcome<{
    readonly expected: number;
    readonly low: number;
    /** Absent where the interval of the usable share reaches 0. */
    readonly high?: number;
  }>;
}

/**
 * Failures over the seeds of one model, and the expected cost per usable model: trainings are repeated until one is
 * usable, which takes 1 / (share of usable ones) of them on average. Undefined without seeds, and where a training that
 * did not diverge was not scored, because then nobody knows whether it is usable.
 */
export function usability(seeds: readonly SeedOutcome[], confidence = 0.95): Outcome<Usability> {
  if (seeds.length === 0) return { defined: false, why: "no training was recorded" };
  const unscored = seeds.filter(({ diverged, collapsed }) => !diverged && collapsed === undefined).length;
  if (unscored > 0)
    return {
      defined: false,
      why: `${unscored} of ${seeds.length} trainings were not scored, so a collapse would not show`,
    };
  const diverged = seeds.filter((seed) => seed.diverged).length;
  const collapsed = seeds.filter((seed) => seed.collapsed).length;
  const failure = seedRate(diverged + collapsed, seeds.length, confidence);
  const each = mean(seeds.map(({ cost }) => cost));
  const cost: Usability["cost"] =
    failure.share === 1
      ? { defined: false, why: `none of ${seeds.length} trainings was usable` }
      : {
          defined: true,
          expected: each / (1 - failure.share),
          low: each / (1 - failure.low),
          high: failure.high < 1 ? each / (1 - failure.high) : undefined,
        };
  return { defined: true, seeds: seeds.length, diverged, collapsed, failure, cost };
}

/** How far the seeds of one model lie apart in one quantity, e.g. final FID. */
export interface SeedSpread {
  readonly seeds: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
  /** Standard deviation; absent below two seeds. */
  readonly sd?: number;
  /** sd / |mean|; absent below two seeds and at a mean of 0. */
  readonly relative?: number;
}

export function seedSpread(values: readonly number[]): SeedSpread {
  assert(values.length > 0, "a spread over no seeds");
  const centre = mean(values);
  const sd = standardDeviation(values);
  return {
    seeds: values.length,
    mean: centre,
    least: Math.min(...values),
    most: Math.max(...values),
    sd,
    relative: sd === undefined || centre === 0 ? undefined : sd / Math.abs(centre),
  };
}

/** One setting of a sweep with one seed. */
export interface SweepPoint {
  /** Multiple of the model's learning rate. */
  readonly factor: number;
  readonly diverged: boolean;
  /** Final value of a metric that is better when lower, e.g. FID; undefined where training diverged. */
  readonly value?: number;
}

/**
 * Share of a sweep's settings that train: finite to the end, and with a final value of at most `within` times the best
 * of the sweep. A setting trains where each of its seeds does.
 */
export function shareThatTrains(
  points: readonly SweepPoint[],
  within: number,
): Outcome<{ readonly share: number; readonly factors: readonly number[]; readonly settings: number }> {
  const values = points.flatMap(({ value }) => value ?? []);
  if (points.length === 0) return { defined: false, why: "no setting was tried" };
  const best = Math.min(...values);
  const settings = [...new Set(points.map(({ factor }) => factor))].sort((a, b) => a - b);
  const factors = settings.filter((factor) =>
    points
      .filter((point) => point.factor === factor)
      .every(({ diverged, value }) => !diverged && value !== undefined && value <= within * best),
  );
  return { defined: true, share: factors.length / settings.length, factors, settings: settings.length };
}
