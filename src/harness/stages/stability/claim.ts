/** Diffusion trains stably, GANs do not. */
import { formatNumber, formatPercent } from "../../../core/format.ts";
import { LEAST_SEEDS, mean } from "../../../core/statistics/index.ts";
import { asRatio, type Claim, intervalText, type PairFinding } from "../readout/claim.ts";
import { shiftInterval } from "../readout/intervals.ts";
import { modelTrainings } from "./tables.ts";

/** A model that ends within this factor of its own best is as good as one that ends at it. */
export const FINAL_MARGIN = 1.1;

export interface StabilityReadings {
  /** Final over best FID, of each seed that was scored. */
  readonly ratios: readonly number[];
  readonly failures: {
    readonly count: number;
    readonly seeds: number;
    readonly low: number;
    readonly high: number;
  };
}

export const stabilityClaim: Claim<StabilityReadings> = {
  text: "Diffusion trains stably, GANs do not",
  rule: `two readings by training seed. Final over best FID: the ratio of the GAN's to diffusion's, Hodges-Lehmann on logarithms with its exact interval (4 seeds a model at least). Failures, diverged or collapsed: Wilson intervals of each model's share (${LEAST_SEEDS} seeds a model at least). It holds where the ratio's interval lies above 1 or the GAN's failures lie wholly above diffusion's; it does not where both were measured with seeds enough, the ratio's interval lies below ${FINAL_MARGIN} and the failures do not lie apart.`,
  notMeasured: "quality over training for both families, which needs stages.stability.checkpoints above 0",
  read(view, model) {
    const training = modelTrainings(view).find((one) => one.model === model);
    if (!training?.usability.defined) return undefined;
    return {
      ratios: training.seeds.flatMap(({ finalOverBest }) => finalOverBest ?? []),
      failures: training.usability.failure,
    };
  },
  find: stabilityFinding,
};

export function stabilityFinding(gan: StabilityReadings, diffusion: StabilityReadings): PairFinding {
  const logs = ({ ratios }: StabilityReadings) => ratios.map(Math.log);
  const shift = shiftInterval(logs(diffusion), logs(gan));
  const enough = Math.min(gan.failures.seeds, diffusion.failures.seeds) >= LEAST_SEEDS;
  const failsMore = enough && gan.failures.low > diffusion.failures.high;
  const share = ({ count, seeds, low, high }: StabilityReadings["failures"]) =>
    `${count} of ${seeds} (${formatPercent(low)} to ${formatPercent(high)})`;
  const final = (readings: StabilityReadings) =>
    readings.ratios.length > 0 ? formatNumber(Math.exp(mean(logs(readings)))) : "none scored";
  const text =
    `Final over best FID: GAN ${final(gan)}, diffusion ${final(diffusion)}; ` +
    `${shift.defined ? `ratio ${intervalText(asRatio(shift))}` : shift.why}. ` +
    `Failed seeds: GAN ${share(gan.failures)}, diffusion ${share(diffusion.failures)}${enough ? "" : `; fewer than ${LEAST_SEEDS} seeds carry no verdict`}.`;
  if (failsMore || (shift.defined && shift.low > 0)) return { outcome: "holds", text };
  const steady = shift.defined && shift.high < Math.log(FINAL_MARGIN);
  return { outcome: enough && steady ? "does not hold here" : "inconclusive", text };
}
