/** Diffusion is easier to steer. */
import type { Cell, ControlPoint, Run } from "../../../record/index.ts";
import { groupBy } from "../cells.ts";
import { formatPercent } from "../format.ts";
import { average, metricValue } from "../over-training.ts";
import { type FilledHoles, filledHoles, type ModelSteering, modelSteering } from "../steering.ts";
import { shiftInterval } from "./intervals.ts";
import { intervalText, type PairFinding, pairsOf, type Verdict, verdictOf } from "./verdict.ts";

const RULE =
  "two readings by training seed, Hodges-Lehmann with the exact interval (4 seeds a model at least). Labels: diffusion's accuracy at the guidance weight of the highest accuracy among those that cover at least as much as the GAN does, minus the GAN's accuracy. Holes: the GAN's error over diffusion's, the geometric mean over masks. It holds where each reading that both models have lies above 0 or 1, it does not where each lies below.";

export function controlVerdict(run: Run, cells: readonly Cell[]): Verdict {
  const steering = modelSteering(run, cells);
  const holes = filledHoles(run, cells);
  const labelled = (model: string) => steering.find((one) => one.model === model)!;
  return verdictOf(
    run,
    pairsOf(run, (model) => steering.some((one) => one.model === model)).map((pair) => ({
      ...pair,
      finding: controlFinding(
        labels(labelled(pair.gan.id), labelled(pair.diffusion.id)),
        fills(holes, pair.gan.id, pair.diffusion.id),
      ),
    })),
    { rule: RULE, notMeasured: "steering of both families" },
  );
}

/** Readings by seed of a GAN and of a diffusion model; absent where one of them cannot do it. */
export interface SteeringReadings {
  readonly gan: readonly number[];
  readonly diffusion: readonly number[];
}

function labels(gan: ModelSteering, diffusion: ModelSteering): SteeringReadings | undefined {
  const bar = gan.points[0];
  if (!bar || diffusion.points.length === 0) return undefined;
  const floor = bar.coverage?.value ?? 0;
  const all = diffusion.points.flatMap(({ bySeed }) => bySeed);
  return {
    gan: bar.bySeed.map(({ point }) => point.accuracy.value),
    diffusion: groupBy(all, ({ seed }) => String(seed)).map((group) =>
      accuracyAtCoverage(
        group.map(({ point }) => point),
        floor,
      ),
    ),
  };
}

/** The highest accuracy among points that cover at least `floor`; without one, that of the point that covers most. */
export function accuracyAtCoverage(
  points: readonly Pick<ControlPoint, "accuracy" | "quality">[],
  floor: number,
): number {
  const read = points.map(({ accuracy, quality }) => ({
    accuracy: accuracy.value,
    coverage: metricValue(quality, "coverage") ?? 0,
  }));
  const enough = read.filter(({ coverage }) => coverage >= floor);
  const [first] =
    enough.length > 0
      ? enough.toSorted((a, b) => b.accuracy - a.accuracy)
      : read.toSorted((a, b) => b.coverage - a.coverage);
  return first!.accuracy;
}

/** ln error by seed, averaged over the masks. */
function fills(holes: readonly FilledHoles[], gan: string, diffusion: string): SteeringReadings | undefined {
  const of = (model: string) => {
    const own = holes.filter((one) => one.model === model);
    return (own[0]?.errors ?? []).map((_, seed) => average(own.map(({ errors }) => Math.log(errors[seed]!))));
  };
  const [a, b] = [of(gan), of(diffusion)];
  return a.length > 0 && b.length > 0 ? { gan: a, diffusion: b } : undefined;
}

export function controlFinding(
  asked: SteeringReadings | undefined,
  filled: SteeringReadings | undefined,
): PairFinding {
  const said: string[] = [];
  const shifts: ReturnType<typeof shiftInterval>[] = [];
  if (asked) {
    const shift = shiftInterval(asked.gan, asked.diffusion);
    shifts.push(shift);
    said.push(
      `Labels met at the GAN's coverage: GAN ${formatPercent(average(asked.gan))}, diffusion ${formatPercent(average(asked.diffusion))}; ${shift.defined ? `difference ${intervalText(shift)}` : shift.why}.`,
    );
  } else said.push("Not both models take labels.");
  if (filled) {
    const shift = shiftInterval(filled.diffusion, filled.gan);
    shifts.push(shift);
    const ratio = Math.exp(average(filled.gan) - average(filled.diffusion));
    said.push(
      `In holes the GAN's error is ${ratio.toPrecision(2)} times diffusion's; ${shift.defined ? intervalText({ ...shift, low: Math.exp(shift.low), high: Math.exp(shift.high) }) : shift.why}.`,
    );
  }
  const text = said.join(" ");
  const every = (test: (shift: { low: number; high: number }) => boolean) =>
    shifts.length > 0 && shifts.every((shift) => shift.defined && test(shift));
  if (every(({ low }) => low > 0)) return { outcome: "holds", text };
  return { outcome: every(({ high }) => high < 0) ? "does not hold here" : "inconclusive", text };
}
