/** A GAN is one pass, diffusion hundreds. */
import { formatNumber, formatRatio } from "../../../core/format.ts";
import { groupBy, RANKING, settingKey, type View } from "../../tables/index.ts";
import { qualityPoints, readingNamed } from "../diversity/tables.ts";
import { type Claim, intervalText, type PairFinding, rangeText } from "../readout/claim.ts";
import { rangeInterval } from "../readout/intervals.ts";
import { comparedBatches, latencyRows } from "./tables.ts";

/** What "hundreds" means here: the least factor in time per image. */
export const HUNDREDS = 100;

/** The timed settings of a model at the smallest batch, each with its FID where quality was measured. */
type TimedSettings = readonly {
  readonly ms: number;
  readonly fid: ReturnType<typeof readingNamed>;
}[];

export const latencyClaim: Claim<TimedSettings> = {
  text: "A GAN is one pass, diffusion hundreds",
  rule: `time per image at the smallest batch, of the fastest setting with which diffusion reaches the GAN's FID, over the GAN's own; by training seed, median request of all processes. It holds where the interval over seeds (least to largest, 6 seeds at least) lies at or above ${HUNDREDS}, it does not where it lies below. With fewer seeds it is decided only if every measured setting lies on one side. A seed that no setting brings to the GAN's FID counts as above.`,
  notMeasured: "requests of both families",
  read: timedSettings,
  find(gan, diffusion) {
    const { ms, fid: target } = gan[0]!;
    const settings = diffusion.map((one) => ({ ...one, ratio: one.ms / ms }));
    const readings = settings.flatMap(({ ratio, fid }) =>
      (fid?.bySeed ?? []).map(({ seed, value }) => ({ seed, value, ratio })),
    );
    const bySeed = groupBy(target ? readings : [], ({ seed }) => seed).map((group) =>
      Math.min(
        ...group.filter(({ value }) => value <= target!.value).map(({ ratio }) => ratio),
        Number.POSITIVE_INFINITY,
      ),
    );
    return latencyFinding(
      bySeed,
      settings.map(({ ratio }) => ratio),
    );
  },
};

function timedSettings(view: View, model: string): TimedSettings | undefined {
  const [batch] = comparedBatches(view);
  const rows = latencyRows(view).filter((row) => row.model === model && row.batch === batch);
  const points = new Map(qualityPoints(view).map((point) => [settingKey(point), point]));
  return rows.length > 0
    ? rows.map((row) => ({ ms: row.msPerImage, fid: readingNamed(points.get(settingKey(row)), RANKING) }))
    : undefined;
}

/**
 * From the factor of each seed at equal FID (infinite where no setting reaches it) and the factors of every measured
 * setting, whatever its quality.
 */
export function latencyFinding(bySeed: readonly number[], settings: readonly number[]): PairFinding {
  const [least, most] = [Math.min(...settings), Math.max(...settings)];
  const span = `The measured settings take ${formatRatio(least)} to ${formatRatio(most)} times the GAN's time per image`;
  const reached = bySeed.filter(Number.isFinite);
  const missed = bySeed.length - reached.length;
  const equal =
    bySeed.length === 0
      ? "quality was not measured beside it"
      : reached.length === 0
        ? "none of them reaches its FID"
        : `at its FID ${rangeText(reached, formatRatio)} times${missed > 0 ? `, and ${missed} of ${bySeed.length} seeds do not reach it` : ""}`;
  const interval = rangeInterval(bySeed);
  const text = (why: string) => `${span}; ${equal}${why}.`;
  if (least >= HUNDREDS) return { outcome: "holds", text: text("") };
  if (most < HUNDREDS && bySeed.length > 0 && missed === 0)
    return { outcome: "does not hold here", text: text("") };
  if (!interval.defined) return { outcome: "inconclusive", text: text(`; ${interval.why}`) };
  const bounds = Number.isFinite(interval.high)
    ? intervalText(interval)
    : `at least ${formatNumber(interval.low)}`;
  if (interval.low >= HUNDREDS) return { outcome: "holds", text: text(` (${bounds})`) };
  return {
    outcome: interval.high < HUNDREDS ? "does not hold here" : "inconclusive",
    text: text(` (${bounds})`),
  };
}
