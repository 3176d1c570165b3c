/** Diffusion is easier to steer. */
import { formatPercent } from "../../../core/format.ts";
import { mean } from "../../../core/statistics/index.ts";
import type { ControlPoint } from "../../record/index.ts";
import { groupBy, metricValue } from "../../tables/index.ts";
import { asRatio, type Claim, intervalText, type PairFinding } from "../readout/claim.ts";
import { shiftInterval } from "../readout/intervals.ts";
import { filledHoles, type SteeringPoint, steeringPoints } from "./tables.ts";

interface Steering {
  readonly points: readonly SteeringPoint[];
  /** ln error by seed, averaged over the masks; empty where no hole was filled. */
  readonly fills: readonly number[];
}

export const controlClaim: Claim<Steering> = {
  text: "Diffusion is easier to steer",
  rule: "two readings by training seed, Hodges-Lehmann with the exact interval (4 seeds a model at least). Labels: diffusion's accuracy at the guidance weight of the highest accuracy among those that cover at least as much as the GAN does, minus the GAN's accuracy. Holes: the GAN's error over diffusion's, the geometric mean over masks. It holds where each reading that both models have lies above 0 or 1, it does not where each lies below.",
  notMeasured: "steering of both families",
  read(view, model) {
    if (!view.records("control").some((record) => record.model === model)) return undefined;
    const holes = filledHoles(view).filter((hole) => hole.model === model);
    return {
      points: steeringPoints(view).filter((point) => point.model === model),
      fills: (holes[0]?.errors.bySeed ?? []).map((_, seed) =>
        mean(holes.map(({ errors }) => Math.log(errors.bySeed[seed]!.value))),
      ),
    };
  },
  find: (gan, diffusion) =>
    controlFinding(
      labelsMet(gan.points, diffusion.points),
      gan.fills.length > 0 && diffusion.fills.length > 0
        ? { gan: gan.fills, diffusion: diffusion.fills }
        : undefined,
    ),
};

/** Readings by seed of a GAN and of a diffusion model; absent where one of them cannot do it. */
export interface SteeringReadings {
  readonly gan: readonly number[];
  readonly diffusion: readonly number[];
}

function labelsMet(
  gan: readonly SteeringPoint[],
  diffusion: readonly SteeringPoint[],
): SteeringReadings | undefined {
  const [bar] = gan;
  if (!bar || diffusion.length === 0) return undefined;
  return {
    gan: bar.rows.map(({ accuracy }) => accuracy.value),
    diffusion: groupBy(
      diffusion.flatMap(({ rows }) => rows),
      ({ seed }) => seed,
    ).map((points) => accuracyAtCoverage(points, bar.coverage?.value ?? 0)),
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

export function controlFinding(
  asked: SteeringReadings | undefined,
  filled: SteeringReadings | undefined,
): PairFinding {
  const sentences: string[] = [];
  const shifts: ReturnType<typeof shiftInterval>[] = [];
  if (asked) {
    const shift = shiftInterval(asked.gan, asked.diffusion);
    shifts.push(shift);
    sentences.push(
      `Labels met at the GAN's coverage: GAN ${formatPercent(mean(asked.gan))}, diffusion ${formatPercent(mean(asked.diffusion))}; ${shift.defined ? `difference ${intervalText(shift)}` : shift.why}.`,
    );
  } else sentences.push("Not both models take labels.");
  if (filled) {
    const shift = shiftInterval(filled.diffusion, filled.gan);
    shifts.push(shift);
    const ratio = Math.exp(mean(filled.gan) - mean(filled.diffusion));
    sentences.push(
      `In holes the GAN's error is ${ratio.toPrecision(2)} times diffusion's; ${shift.defined ? intervalText(asRatio(shift)) : shift.why}.`,
    );
  }
  const text = sentences.join(" ");
  const every = (test: (shift: { low: number; high: number }) => boolean) =>
    shifts.length > 0 && shifts.every((shift) => shift.defined && test(shift));
  if (every(({ low }) => low > 0)) return { outcome: "holds", text };
  return { outcome: every(({ high }) => high < 0) ? "does not hold here" : "inconclusive", text };
}
