/** Diffusion needs more data. */
import type { Cell, Run } from "../../../record/index.ts";
import { formatCount, formatRatio } from "../format.ts";
import { average } from "../over-training.ts";
import { type TrainingSet, trainingSets } from "../training-sets.ts";
import { shiftInterval } from "./intervals.ts";
import { intervalText, type PairFinding, pairsOf, type Verdict, verdictOf } from "./verdict.ts";

const RULE =
  "how many times the final FID of the smallest training set exceeds that of the largest, by training seed; the ratio of diffusion's to the GAN's, Hodges-Lehmann on logarithms with its exact interval (4 seeds a model at least). It holds where the interval lies above 1, it does not where it lies below.";

export function dataVerdict(run: Run, cells: readonly Cell[]): Verdict {
  const sets = trainingSets(run, cells);
  const losses = (model: string) => lossBySeed(sets.filter((one) => one.model === model));
  const measured = (model: string) => losses(model).length > 0;
  const sizes = [...new Set(sets.map(({ trainImages }) => trainImages))].toSorted((a, b) => a - b);
  return verdictOf(
    run,
    pairsOf(run, measured).map((pair) => ({
      ...pair,
      finding: dataFinding(losses(pair.gan.id), losses(pair.diffusion.id), sizes),
    })),
    { rule: RULE, notMeasured: "two training-set sizes for both families" },
  );
}

/** ln(FID at the smallest size / FID at the largest) of each seed that was scored at both. */
export function lossBySeed(sets: readonly Pick<TrainingSet, "trainImages" | "finals">[]): number[] {
  const bySize = sets.toSorted((a, b) => a.trainImages - b.trainImages);
  const [smallest, largest] = [bySize.at(0), bySize.at(-1)];
  if (!smallest || !largest || smallest === largest) return [];
  return smallest.finals.flatMap(({ seed, value }) => {
    const other = largest.finals.find((one) => one.seed === seed)?.value;
    return other === undefined || other <= 0 || value <= 0 ? [] : [Math.log(value / other)];
  });
}

export function dataFinding(
  gan: readonly number[],
  diffusion: readonly number[],
  sizes: readonly number[],
): PairFinding {
  const shift = shiftInterval(gan, diffusion);
  const times = (losses: readonly number[]) => formatRatio(Math.exp(average(losses)));
  const facts = `FID on ${formatCount(sizes[0]!)} training images is ${times(diffusion)} times that on ${formatCount(sizes.at(-1)!)} for diffusion and ${times(gan)} times for the GAN`;
  if (!shift.defined) return { outcome: "inconclusive", text: `${facts}; ${shift.why}.` };
  const text = `${facts}; ratio ${intervalText({ ...shift, low: Math.exp(shift.low), high: Math.exp(shift.high) })}.`;
  if (shift.low > 0) return { outcome: "holds", text };
  return { outcome: shift.high < 0 ? "does not hold here" : "inconclusive", text };
}
