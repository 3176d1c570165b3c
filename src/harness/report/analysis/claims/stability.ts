/** Diffusion trains stably, GANs do not. */
import { LEAST_SEEDS } from "../../../../core/statistics/index.ts";
import type { Cell, Run } from "../../../record/index.ts";
import { formatNumber, formatPercent } from "../format.ts";
import { average, type ModelTraining, modelTrainings } from "../over-training.ts";
import { shiftInterval } from "./intervals.ts";
import { intervalText, type PairFinding, pairsOf, type Verdict, verdictOf } from "./verdict.ts";

/** A model that ends within this factor of its own best is as good as one that ends at it. */
export const FINAL_MARGIN = 1.1;

const RULE = `two readings by training seed. Final over best FID: the ratio of the GAN's to diffusion's, Hodges-Lehmann on logarithms with its exact interval (4 seeds a model at least). Failures, diverged or collapsed: Wilson intervals of each model's share (${LEAST_SEEDS} seeds a model at least). It holds where the ratio's interval lies above 1 or the GAN's failures lie wholly above diffusion's; it does not where both were measured with seeds enough, the ratio's interval lies below ${FINAL_MARGIN} and the failures do not lie apart.`;

export function stabilityVerdict(run: Run, cells: readonly Cell[]): Verdict {
  const trainings = modelTrainings(run, cells);
  const of = (model: string) => trainings.find((one) => one.model === model);
  return verdictOf(
    run,
    pairsOf(run, (model) => of(model)?.usability.defined === true).map((pair) => ({
      ...pair,
      finding: stabilityFinding(readingsOf(of(pair.gan.id)!), readingsOf(of(pair.diffusion.id)!)),
    })),
    {
      rule: RULE,
      notMeasured:
        "quality over training for both families, which needs stages.stability.checkpoints above 0",
    },
  );
}

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

function readingsOf({ seeds, usability }: ModelTraining): StabilityReadings {
  const failures = usability.defined ? usability.failure : { count: 0, seeds: 0, low: 0, high: 1 };
  return { ratios: seeds.flatMap(({ finalOverBest }) => finalOverBest ?? []), failures };
}

export function stabilityFinding(gan: StabilityReadings, diffusion: StabilityReadings): PairFinding {
  const logs = ({ ratios }: StabilityReadings) => ratios.map(Math.log);
  const shift = shiftInterval(logs(diffusion), logs(gan));
  const enough = Math.min(gan.failures.seeds, diffusion.failures.seeds) >= LEAST_SEEDS;
  const failsMore = enough && gan.failures.low > diffusion.failures.high;
  const share = ({ count, seeds, low, high }: StabilityReadings["failures"]) =>
    `${count} of ${seeds} (${formatPercent(low)} to ${formatPercent(high)})`;
  const final = ({ ratios }: StabilityReadings) =>
    ratios.length > 0 ? formatNumber(Math.exp(average(ratios.map(Math.log)))) : "none scored";
  const text =
    `Final over best FID: GAN ${final(gan)}, diffusion ${final(diffusion)}; ` +
    `${shift.defined ? `ratio ${intervalText({ ...shift, low: Math.exp(shift.low), high: Math.exp(shift.high) })}` : shift.why}. ` +
    `Failed seeds: GAN ${share(gan.failures)}, diffusion ${share(diffusion.failures)}${enough ? "" : `; fewer than ${LEAST_SEEDS} seeds carry no verdict`}.`;
  if (failsMore || (shift.defined && shift.low > 0)) return { outcome: "holds", text };
  const steady = shift.defined && shift.high < Math.log(FINAL_MARGIN);
  return { outcome: enough && steady ? "does not hold here" : "inconclusive", text };
}
