/** Diffusion trains stably, GANs do not. */
import { formatNumber, formatPercent } from "../../../core/format.ts";
import { LEAST_SEEDS, mean, type Outcome, type Usability } from "../../../core/statistics/index.ts";
import { asRatio, type Claim, intervalText, type PairFinding } from "../readout/claim.ts";
import { atLeast, isCensored, lowest, type SeedReading, shiftInterval } from "../readout/intervals.ts";
import { modelTrainings, type SeedTraining } from "./tables.ts";

/** A model that ends within this factor of its own best is as good as one that ends at it. */
export const FINAL_MARGIN = 1.1;

export interface StabilityReadings {
  /** Final over best FID of each seed that did not fail. */
  readonly ratios: readonly number[];
  /** The other seeds. */
  readonly failed: number;
  readonly failures: Outcome<Pick<Usability["failure"], "count" | "seeds" | "low" | "high">>;
}

export const stabilityClaim: Claim<StabilityReadings> = {
  text: "Diffusion trains stably, GANs do not",
  rule: `two readings by training seed. Final over best FID: the ratio of the GAN's to diffusion's, Hodges-Lehmann on logarithms with its exact interval (4 seeds a model at least; ties count against either outcome, and the interval then holds with at least its confidence); a failed seed lost more than any other, whatever its ratio, and counts as at least the largest ratio of either model. Failures (diverged, images nearer to noise than the suite's bound allows, or modes lost): Wilson intervals of each model's share (${LEAST_SEEDS} seeds a model at least). It holds where the ratio's interval lies above 1 or the GAN's failures lie wholly above diffusion's; it does not where both were measured with seeds enough, the ratio's interval lies below ${FINAL_MARGIN} and the failures do not lie apart.`,
  notMeasured: "quality over training for both families, which needs stages.stability.checkpoints above 0",
  read(view, model) {
    const training = modelTrainings(view).find((one) => one.model === model);
    if (!training) return undefined;
    const unscored = ({ outcome, finalOverBest }: SeedTraining) =>
      outcome === "trained" && finalOverBest === undefined;
    if (training.seeds.some(unscored)) return undefined;
    const hasFailed = ({ failedBy = [] }: SeedTraining) => failedBy.length > 0;
    const ratios = training.seeds
      .filter((seed) => !hasFailed(seed))
      .flatMap(({ finalOverBest }) => finalOverBest ?? []);
    const failed = training.seeds.filter(hasFailed).length;
    const { usability } = training;
    return {
      ratios,
      failed,
      failures: usability.defined ? { defined: true, ...usability.failure } : usability,
    };
  },
  find: stabilityFinding,
};

export function stabilityFinding(gan: StabilityReadings, diffusion: StabilityReadings): PairFinding {
  const all = [...gan.ratios, ...diffusion.ratios];
  const logs = ({ ratios, failed }: StabilityReadings): SeedReading[] => [
    ...ratios.map(Math.log),
    ...Array.from({ length: failed }, () => atLeast(Math.log(Math.max(1, ...all)))),
  ];
  const [ganLogs, diffusionLogs] = [logs(gan), logs(diffusion)];
  const shift = shiftInterval(diffusionLogs, ganLogs);
  const final = (readings: readonly SeedReading[]) => {
    const scored = readings.filter((one) => !isCensored(one)).map(lowest);
    return scored.length > 0
      ? `${formatNumber(Math.exp(mean(scored)))} (${scored.length} of ${readings.length} seeds)`
      : `without a usable seed of ${readings.length}`;
  };
  const [ganFails, diffusionFails] = [gan.failures, diffusion.failures];
  const enough =
    ganFails.defined &&
    diffusionFails.defined &&
    Math.min(ganFails.seeds, diffusionFails.seeds) >= LEAST_SEEDS;
  const failsMore = enough && ganFails.low > diffusionFails.high;
  const text =
    `Final over best FID: GAN ${final(ganLogs)}, diffusion ${final(diffusionLogs)}; ` +
    `${shift.defined ? `ratio ${intervalText(asRatio(shift))}` : shift.why}. ` +
    `Failed seeds: GAN ${failureText(ganFails)}, diffusion ${failureText(diffusionFails)}${enough ? "" : `; fewer than ${LEAST_SEEDS} judged seeds carry no verdict`}.`;
  if (failsMore || (shift.defined && shift.low > 0)) return { outcome: "holds", text };
  const steady = shift.defined && shift.high < Math.log(FINAL_MARGIN);
  return { outcome: enough && steady ? "does not hold here" : "inconclusive", text };
}

const failureText = (failures: StabilityReadings["failures"]): string =>
  failures.defined
    ? `${failures.count} of ${failures.seeds} (${formatPercent(failures.low)} to ${formatPercent(failures.high)})`
    : `not judged (${failures.why})`;
