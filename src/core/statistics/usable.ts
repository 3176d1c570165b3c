/**
 * Trainings of one model with several seeds taken together: how often one fails, how far the others spread, and the cost
 * of a usable model. The training seed is the unit; steps within one training are not independent samples.
 */
import { coefficientOfVariation, mean, type Outcome, spanOf, standardDeviation } from "./descriptive.ts";
import { wilsonInterval } from "./intervals.ts";

/** Result of one training. */
export interface SeedOutcome {
  readonly diverged: boolean;
  /** Whether it lost modes; undefined where training diverged or quality was not measured. */
  readonly collapsed?: boolean;
  /** Whether its images are too bad to be of use; undefined where `collapsed` is, and where no bound was set. */
  readonly bad?: boolean;
  /** Cost of the training, in any unit: seconds, images, money. */
  readonly cost: number;
}

/** Fewest seeds for a verdict on a rate: 0 failures of 3 leaves a rate of up to 0.56 possible. */
export const LEAST_SEEDS = 10;

/** `count` of `seeds` >= 1 trainings as a share, with its 95% Wilson interval. */
export const seedRate = (count: number, seeds: number) => ({
  count,
  seeds,
  share: count / seeds,
  ...wilsonInterval(count, seeds),
});

export interface Usability {
  readonly seeds: number;
  readonly diverged: number;
  /** Of the trainings that did not diverge; one can be both. */
  readonly collapsed: number;
  readonly bad: number;
  /** Diverged, collapsed or bad. */
  readonly failure: ReturnType<typeof seedRate>;
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
 * did not diverge was not judged by its modes and its images, because then nobody knows whether it is usable.
 */
export function usability(seeds: readonly SeedOutcome[]): Outcome<Usability> {
  if (seeds.length === 0) return { defined: false, why: "no training was recorded" };
  const finite = seeds.filter(({ diverged }) => !diverged);
  const unscored = finite.filter(({ collapsed }) => collapsed === undefined).length;
  if (unscored > 0) {
    const why = `${unscored} of ${seeds.length} trainings were not scored, so a collapse would not show`;
    return { defined: false, why };
  }
  const unbounded = finite.filter(({ bad }) => bad === undefined).length;
  if (unbounded > 0) {
    const why = `${unbounded} of ${seeds.length} trainings were recorded by an older protocol, which set no bound of quality: noise would pass`;
    return { defined: false, why };
  }
  const diverged = seeds.length - finite.length;
  const collapsed = finite.filter((seed) => seed.collapsed).length;
  const bad = finite.filter((seed) => seed.bad).length;
  const failed = finite.filter((seed) => seed.collapsed || seed.bad).length;
  const failure = seedRate(diverged + failed, seeds.length);
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
  return { defined: true, seeds: seeds.length, diverged, collapsed, bad, failure, cost };
}

/** `sd` (standard deviation) and `relative` (sd / |mean|) are absent below two seeds, `relative` also at a mean of 0. */
export function seedSpread(values: readonly number[]) {
  const { value, low, high, n } = spanOf(values);
  const [sd, relative] = [standardDeviation(values), coefficientOfVariation(values)];
  return { seeds: n, mean: value, least: low, most: high, sd, relative };
}

/** Spread of one quantity, e.g. the final FID, over the seeds of one model. */
export type SeedSpread = ReturnType<typeof seedSpread>;
