/** A GAN is one pass, diffusion hundreds. */
import { formatRatio } from "../../../core/format.ts";
import { RANKING, settingKey, type View } from "../../tables/index.ts";
import { qualityPoints, readingNamed } from "../diversity/tables.ts";
import { type Claim, intervalText, type PairFinding, rangeText } from "../readout/claim.ts";
import { atLeast, isCensored, lowest, rangeInterval, type SeedReading } from "../readout/intervals.ts";
import { comparedBatches, latencyRows } from "./tables.ts";

/** What "hundreds" means here: the least factor in time per image. */
export const HUNDREDS = 100;

/** A timed setting of a model at the smallest batch, with its FID by seed where quality was measured. */
export interface TimedSetting {
  readonly ms: number;
  readonly fid: readonly { readonly seed: number; readonly value: number }[];
}

export const latencyClaim: Claim<readonly TimedSetting[]> = {
  text: "A GAN is one pass, diffusion hundreds",
  rule: `time per image at the smallest batch, of the fastest setting with which diffusion reaches the FID that the GAN of the same seed has, over the GAN's own time; median request of all processes. So the spread of both sides' seeds is in it. It holds where the interval over seeds (least to largest, 6 seeds at least) lies at or above ${HUNDREDS}, or every measured setting does; it does not where the interval lies below. A seed that no measured setting brings to its GAN's FID takes at least the largest measured factor: that bound counts in the lower end, and there is no upper end then. A seed whose GAN was not scored has no factor.`,
  notMeasured: "requests of both families",
  read: timedSettings,
  find: (gan, diffusion) =>
    latencyFinding(
      factorsAtEqualQuality(gan[0]!, diffusion),
      diffusion.map(({ ms }) => ms / gan[0]!.ms),
    ),
};

function timedSettings(view: View, model: string): readonly TimedSetting[] | undefined {
  const [batch] = comparedBatches(view);
  const rows = latencyRows(view).filter((row) => row.model === model && row.batch === batch);
  const points = new Map(qualityPoints(view).map((point) => [settingKey(point), point]));
  return rows.length > 0
    ? rows.map((row) => ({
        ms: row.msPerImage,
        fid: readingNamed(points.get(settingKey(row)), RANKING)?.bySeed ?? [],
      }))
    : undefined;
}

/**
 * For each seed of the GAN, how many times its time diffusion takes at its FID: the fastest of the settings that reach it
 * with that seed. Where none does, at least what the slowest measured setting takes: with more steps it might.
 */
export function factorsAtEqualQuality(gan: TimedSetting, settings: readonly TimedSetting[]): SeedReading[] {
  if (!settings.some(({ fid }) => fid.length > 0)) return [];
  return gan.fid.map(({ seed, value: target }) => {
    const reached = settings.filter(({ fid }) => fid.some((one) => one.seed === seed && one.value <= target));
    const factors = (of: readonly TimedSetting[]) => of.map(({ ms }) => ms / gan.ms);
    return reached.length > 0 ? Math.min(...factors(reached)) : atLeast(Math.max(...factors(settings)));
  });
}

/** From the factor of each seed at equal FID and the factors of every measured setting, whatever its quality. */
export function latencyFinding(bySeed: readonly SeedReading[], settings: readonly number[]): PairFinding {
  const [least, most] = [Math.min(...settings), Math.max(...settings)];
  const span = `The measured settings take ${formatRatio(least)} to ${formatRatio(most)} times the GAN's time per image`;
  const reached = bySeed.filter((factor) => !isCensored(factor)).map(lowest);
  const missed = bySeed.length - reached.length;
  const equal =
    bySeed.length === 0
      ? "quality was not measured beside it"
      : reached.length === 0
        ? "none of them reaches its FID, so the factor at its FID is at least the largest of them"
        : `at its FID ${rangeText(reached, formatRatio)} times${missed > 0 ? `, and ${missed} of ${bySeed.length} seeds do not reach it with any of them` : ""}`;
  const interval = rangeInterval(bySeed);
  const text = (why: string) => `${span}; ${equal}${why}.`;
  if (least >= HUNDREDS) return { outcome: "holds", text: text("") };
  if (!interval.defined) return { outcome: "inconclusive", text: text(`; ${interval.why}`) };
  const bounds = text(` (${intervalText(interval)})`);
  if (interval.low >= HUNDREDS) return { outcome: "holds", text: bounds };
  return { outcome: interval.high < HUNDREDS ? "does not hold here" : "inconclusive", text: bounds };
}
