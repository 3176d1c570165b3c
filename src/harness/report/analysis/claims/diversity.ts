/** Diffusion covers the distribution, GANs lose modes. */
import type { Cell, Run } from "../../../record/index.ts";
import { formatNumber } from "../format.ts";
import { RANKING } from "../options.ts";
import { type QualityPoint, qualityPoints, readingNamed } from "../quality.ts";
import { describeSetting } from "../settings.ts";
import { shiftInterval } from "./intervals.ts";
import { intervalText, type PairFinding, pairsOf, type Verdict, verdictOf } from "./verdict.ts";

/** Differences of coverage up to this are no advantage in a deployment. */
export const COVERAGE_MARGIN = 0.02;

const RULE = `coverage of each model at its setting of the lowest FID, by training seed; Hodges-Lehmann difference with its exact interval (4 seeds a model at least). It holds where the interval lies above 0, it does not where it lies below ${COVERAGE_MARGIN}, and every pair of models must agree.`;

export function diversityVerdict(run: Run, cells: readonly Cell[]): Verdict {
  const points = qualityPoints(run.models, cells);
  const best = (model: string) => bestSetting(points.filter((point) => point.model === model));
  const pairs = pairsOf(run, (model) => best(model) !== undefined);
  return verdictOf(
    run,
    pairs.map((pair) => ({ ...pair, finding: finding(run, best(pair.gan.id)!, best(pair.diffusion.id)!) })),
    { rule: RULE, notMeasured: "coverage of both families" },
  );
}

/** The point of the lowest FID among those with a coverage. */
function bestSetting(points: readonly QualityPoint[]): QualityPoint | undefined {
  const fid = (point: QualityPoint) => readingNamed(point, RANKING)?.value ?? Number.POSITIVE_INFINITY;
  return points.filter((point) => readingNamed(point, "coverage")).toSorted((a, b) => fid(a) - fid(b))[0];
}

function finding(run: Run, gan: QualityPoint, diffusion: QualityPoint): PairFinding {
  const [a, b] = [readingNamed(gan, "coverage")!, readingNamed(diffusion, "coverage")!];
  const facts = `${describeSetting(run, diffusion)} covers ${formatNumber(b.value)}, ${describeSetting(run, gan)} ${formatNumber(a.value)}`;
  return coverageFinding(
    a.bySeed.map(({ value }) => value),
    b.bySeed.map(({ value }) => value),
    facts,
  );
}

/** From coverage by seed of a GAN and of a diffusion model. */
export function coverageFinding(
  gan: readonly number[],
  diffusion: readonly number[],
  facts: string,
): PairFinding {
  const shift = shiftInterval(gan, diffusion);
  if (!shift.defined) return { outcome: "inconclusive", text: `${facts}; ${shift.why}.` };
  const text = `${facts}; diffusion covers more by ${intervalText(shift)}.`;
  if (shift.low > 0) return { outcome: "holds", text };
  return { outcome: shift.high < COVERAGE_MARGIN ? "does not hold here" : "inconclusive", text };
}
