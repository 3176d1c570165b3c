/** Diffusion is easier to steer. */
import { formatNumber, formatPercent } from "../../../core/format.ts";
import { mean } from "../../../core/statistics/index.ts";
import type { ControlPoint, ControlRecord, Filled, Inpainting } from "../../record/index.ts";
import { groupBy, metricValue, type View } from "../../tables/index.ts";
import { type Claim, intervalText, type PairFinding } from "../readout/claim.ts";
import { shiftInterval } from "../readout/intervals.ts";

/** Filled holes of one training, the mean over masks. */
export interface Fills {
  /** Share of the filled images that have their label still. */
  readonly kept: number;
  /** KID of the filled images against the reference: without the bias that FID has at so few images. */
  readonly kid: number;
  /** Of two fills of one hole, over the error against the truth: 1 where the truth is one more draw, 0 where all are equal. */
  readonly spread: number;
}

/** What a model does as it is told, by training seed. */
export interface Steering {
  readonly conditional: boolean;
  /** Labels asked for at the weight that other samples chose; empty for a model without labels. */
  readonly labels: readonly { readonly accuracy: number; readonly coverage?: number }[];
  /** Fills by whether the model was told the label of the image; empty where none was judged. */
  readonly fills: Readonly<Record<Told, readonly Fills[]>>;
}

type Told = "told" | "untold";

export const controlClaim: Claim<Steering> = {
  text: "Diffusion is easier to steer",
  rule: "readings by training seed, Hodges-Lehmann with the exact interval (4 seeds a model at least; ties count against either outcome). A model that is told labels is paired with one that is told labels, one that is not with one that is not. Labels: the share of samples with the label asked for, diffusion's minus the GAN's, at the guidance weight that other samples chose against validation images; diffusion's coverage there may not lie wholly below the GAN's. Holes, told the label or not as the pair has it: the share of filled images that have their label still, diffusion's minus the GAN's, and the KID of the filled images (unbiased at any number of them, as FID is not), the GAN's minus diffusion's; means over masks. It holds where each reading that both models have lies above 0, it does not where each lies below. How unlike several fills of one hole are is shown beside, without a vote: noise is the most unlike.",
  notMeasured:
    "steering of two models of both families that are told the same, at a guidance weight chosen on other samples, with filled holes judged by label and distance from real images (older runs recorded neither)",
  read(view, model) {
    const records = view.records("control").filter((record) => record.model === model);
    const steering = steeringOf(view, records);
    const { labels, fills } = steering;
    return [labels, fills.told, fills.untold].some((one) => one.length > 0) ? steering : undefined;
  },
  find: controlFinding,
};

function steeringOf(view: View, records: readonly ControlRecord[]): Steering {
  const [first] = records;
  return {
    conditional: (first && (view.model(first.model)?.classes ?? first.points.length) > 0) ?? false,
    labels: records.flatMap((record) => {
      const point = deployedPoint(record);
      return point
        ? [{ accuracy: point.accuracy.value, coverage: metricValue(point.quality, "coverage") }]
        : [];
    }),
    fills: {
      told: records.flatMap(({ inpainting }) => fillsOf(inpainting, true) ?? []),
      untold: records.flatMap(({ inpainting }) => fillsOf(inpainting, false) ?? []),
    },
  };
}

/**
 * The point of the weight that other samples chose, or the only one of a model that has no weight to choose. Undefined
 * where several were measured and nothing chose: the best of them on their own samples would be too good.
 */
export function deployedPoint({
  points,
  chosenGuidance,
}: Pick<ControlRecord, "points" | "chosenGuidance">): ControlPoint | undefined {
  if (chosenGuidance !== undefined) return points.find(({ guidance }) => guidance === chosenGuidance);
  return points.length === 1 ? points[0] : undefined;
}

type Scored = Inpainting & { readonly filled: Filled };

/** The mean over the masks that were filled in this way; undefined where none was judged. */
export function fillsOf(inpainting: readonly Inpainting[], told: boolean): Fills | undefined {
  const own = inpainting.filter((hole): hole is Scored => hole.filled?.told === told);
  if (own.length === 0) return undefined;
  const masks = groupBy(own, ({ mask }) => mask).map(([hole]) => hole);
  return {
    kept: mean(masks.map(({ filled }) => filled.accuracy.value)),
    kid: mean(masks.map(({ filled }) => filled.kid)),
    spread: mean(masks.map(({ filled, error }) => filled.diversity / error.value)),
  };
}

/** Undefined for two models that are told different things. */
export function controlFinding(gan: Steering, diffusion: Steering): PairFinding | undefined {
  if (gan.conditional !== diffusion.conditional) return undefined;
  const parts = [
    labelsPart(gan.labels, diffusion.labels),
    fillsPart("told the label", gan.fills.told, diffusion.fills.told),
    fillsPart("told no label", gan.fills.untold, diffusion.fills.untold),
  ].flatMap((part) => part ?? []);
  if (parts.length === 0) return undefined;
  const text = parts.map((part) => part.text).join(" ");
  const verdicts = parts.flatMap((part) => part.verdicts);
  const outcomes = ["holds", "does not hold here"] as const;
  return {
    outcome: outcomes.find((one) => verdicts.every((verdict) => verdict === one)) ?? "inconclusive",
    text,
  };
}

interface Part {
  readonly text: string;
  readonly verdicts: readonly PairFinding["outcome"][];
}

type Shift = ReturnType<typeof shiftInterval>;

const verdictOf = (shift: Shift): PairFinding["outcome"] => {
  if (!shift.defined || (shift.low <= 0 && shift.high >= 0)) return "inconclusive";
  return shift.low > 0 ? "holds" : "does not hold here";
};

const shiftText = (shift: Shift): string => (shift.defined ? intervalText(shift) : shift.why);

function labelsPart(gan: Steering["labels"], diffusion: Steering["labels"]): Part | undefined {
  if (gan.length === 0 || diffusion.length === 0) return undefined;
  const met = shiftInterval(
    gan.map(({ accuracy }) => accuracy),
    diffusion.map(({ accuracy }) => accuracy),
  );
  const covered = (side: Steering["labels"]) => side.flatMap(({ coverage }) => coverage ?? []);
  const coverage = shiftInterval(covered(gan), covered(diffusion));
  const average = (side: Steering["labels"]) => formatPercent(mean(side.map(({ accuracy }) => accuracy)));
  const bought = !coverage.defined || coverage.high < 0;
  const verdict = verdictOf(met);
  return {
    verdicts: [verdict === "holds" && bought ? "inconclusive" : verdict],
    text: `Labels met: GAN ${average(gan)}, diffusion ${average(diffusion)}, difference ${shiftText(met)}; of coverage there: ${shiftText(coverage)}.`,
  };
}

function fillsPart(how: string, gan: readonly Fills[], diffusion: readonly Fills[]): Part | undefined {
  if (gan.length === 0 || diffusion.length === 0) return undefined;
  const of = (side: readonly Fills[], key: keyof Fills) => side.map((one) => one[key]);
  const kept = shiftInterval(of(gan, "kept"), of(diffusion, "kept"));
  const kid = shiftInterval(of(diffusion, "kid"), of(gan, "kid"));
  const share = (side: readonly Fills[]) => formatPercent(mean(of(side, "kept")));
  const kidOf = (side: readonly Fills[]) => formatNumber(mean(of(side, "kid")));
  const spread = (side: readonly Fills[]) => formatNumber(mean(of(side, "spread")), 2);
  return {
    verdicts: [verdictOf(kept), verdictOf(kid)],
    text: `Holes, ${how}: label kept by GAN ${share(gan)}, diffusion ${share(diffusion)}, difference ${shiftText(kept)}; KID of the filled images GAN ${kidOf(gan)}, diffusion ${kidOf(diffusion)}, difference ${shiftText(kid)}; fills differ by ${spread(gan)} and ${spread(diffusion)} of their error (1 is right).`,
  };
}
