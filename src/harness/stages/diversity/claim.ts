/** Diffusion covers the distribution, GANs lose modes. */
import { formatList, formatNumber } from "../../../core/format.ts";
import { mean } from "../../../core/statistics/index.ts";
import { describeSetting, metricWord, type View } from "../../tables/index.ts";
import { type Claim, intervalText, outcomeOf, type PairFinding } from "../readout/claim.ts";
import { shiftInterval } from "../readout/intervals.ts";
import { bestSetting, type QualityPoint, readingNamed } from "./tables.ts";

/** Differences of a share of images up to this are no advantage in a deployment. */
export const SHARE_MARGIN = 0.02;

/** What a measure says of a model, by seed. */
export interface Measured {
  readonly values: readonly number[];
  /** Seeds that were scored and have no value for it, e.g. as reverse KL is infinite. */
  readonly missing: number;
}

export interface DiversityReadings {
  readonly setting: string;
  /** By the metric's base name. */
  readonly measures: Readonly<Record<string, Measured>>;
  /** Expected reverse KL of a sampler of the real distribution: (M - 1) / n of M modes, n images and as many real ones. */
  readonly chance: number;
}

/** Each says how much of the distribution is made: shares of the real images that are reached, and how modes are mixed. */
const measures = [
  { metric: "coverage", better: "higher", required: true },
  { metric: "recall", better: "higher", required: true },
  { metric: "clipped_coverage", better: "higher", required: false },
  { metric: "reverse_kl", better: "lower", required: true },
] as const;

export const diversityClaim: Claim<DiversityReadings> = {
  text: "Diffusion covers the distribution, GANs lose modes",
  rule: `coverage, recall, reverse KL of the mode shares and, where it was measured, clipped coverage, of each model at its setting of the lowest FID, by training seed; Hodges-Lehmann differences with their exact intervals (4 seeds a model at least; ties count against either outcome). No one of them decides: coverage falls with fidelity alone, recall rises with outliers, and reverse KL does not see what is lost within a mode. It holds where each of them has its interval on diffusion's side, and every seed of the GAN a reverse KL above (M - 1) / n, which is expected of n images drawn from the very distribution of the n real ones, (M - 1) / 2n for the chance in either set. It does not hold where each of them has its interval below a margin: ${SHARE_MARGIN} for shares, (M - 1) / n for reverse KL. Else it is open.`,
  notMeasured: "coverage of both families",
  read(view, model) {
    const best = bestSetting(view, model, (point) => readingNamed(point, "coverage") !== undefined);
    return best && readingsAt(view, best.point);
  },
  find: (gan, diffusion, view) => diversityFinding(gan, diffusion, (metric) => metricWord(view, metric)),
};

function readingsAt(view: View, point: QualityPoint): DiversityReadings {
  const scored = Math.max(...point.readings.map(({ bySeed }) => bySeed.length));
  const known = measures.flatMap(({ metric }) => {
    const reading = readingNamed(point, metric);
    const missing = point.undefinedMetrics.some((one) => one.metric === metric);
    if (!reading && !missing) return [];
    const values = reading?.bySeed.map(({ value }) => value) ?? [];
    return [[metric, { values, missing: scored - values.length }] as const];
  });
  return {
    setting: describeSetting(view, point),
    measures: Object.fromEntries(known),
    chance: (point.modeCounts.length - 1) / point.n,
  };
}

/** What one measure says of a pair. */
function measureFinding(
  { metric, better }: (typeof measures)[number],
  [gan, diffusion]: readonly [Measured, Measured],
  chance: number,
  name: string,
): PairFinding {
  const [a, b] = better === "higher" ? [gan, diffusion] : [diffusion, gan];
  const shift = shiftInterval(a.values, b.values);
  const average = ({ values, missing }: Measured) => {
    const all = values.length + missing;
    const of = missing > 0 ? ` (${values.length} of ${all} seeds)` : "";
    return values.length > 0 ? `${formatNumber(mean(values))}${of}` : `none in ${all} seeds`;
  };
  const facts = `${name}: diffusion ${average(diffusion)}, GAN ${average(gan)}`;
  if (!shift.defined) return { outcome: "inconclusive", text: `${facts} (${shift.why})` };
  const kl = metric === "reverse_kl";
  const found = outcomeOf(shift, kl ? chance : SHARE_MARGIN);
  const byChance = kl && found === "holds" && gan.values.some((value) => value <= chance);
  const complete = gan.missing + diffusion.missing === 0;
  return {
    outcome: complete && !byChance ? found : "inconclusive",
    text: `${facts} (diffusion ahead by ${intervalText(shift)}${byChance ? `; a GAN's seed within the ${formatNumber(chance)} of chance` : ""})`,
  };
}

/** `name` is a metric as a word within a sentence. */
export function diversityFinding(
  gan: DiversityReadings,
  diffusion: DiversityReadings,
  name: (metric: string) => string = (metric) => metric,
): PairFinding {
  const unknown: string[] = [];
  const found = measures.flatMap((measure) => {
    const [a, b] = [gan.measures[measure.metric], diffusion.measures[measure.metric]];
    if (a && b)
      return [measureFinding(measure, [a, b], Math.max(gan.chance, diffusion.chance), name(measure.metric))];
    if (measure.required) unknown.push(name(measure.metric));
    return [];
  });
  const text = `${gan.setting} and ${diffusion.setting}. ${found.map((one) => one.text).join("; ")}`;
  if (unknown.length > 0)
    return { outcome: "inconclusive", text: `${text}; without ${formatList(unknown)} no verdict.` };
  const [first] = found;
  const agree = first && found.every(({ outcome }) => outcome === first.outcome);
  const differ = found.some(({ outcome }) => outcome === "holds") && !agree;
  return {
    outcome: agree ? first.outcome : "inconclusive",
    text: `${text}${differ ? "; they do not agree" : ""}.`,
  };
}
