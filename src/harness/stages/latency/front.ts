/** Settings with both a quality and a time: what a team can choose between. */
import { derived, type OverSeeds, RANKING, type Setting, settingKey, type View } from "../../tables/index.ts";
import { qualityPoints, readingNamed } from "../diversity/tables.ts";
import { type LatencyRow, latencyRows } from "./tables.ts";

export interface Option {
  /** Milliseconds per image; less is better. */
  readonly ms: number;
  /** Lower is better, e.g. FID. */
  readonly quality: number;
}

export interface SettingOption extends Option, Setting {
  readonly batch: number;
  /** Of the quality. */
  readonly reading: OverSeeds;
  readonly time: LatencyRow;
}

const allOptions = derived((view: View): SettingOption[] => {
  const points = new Map(qualityPoints(view).map((point) => [settingKey(point), point]));
  return latencyRows(view).flatMap((time) => {
    const { model, sampler, steps, batch } = time;
    const reading = readingNamed(points.get(settingKey(time)), RANKING);
    return reading
      ? [{ model, sampler, steps, batch, ms: time.msPerImage, quality: reading.value, reading, time }]
      : [];
  });
});

/** Every setting with an FID and a time at `batch`. */
export const optionsAt = (view: View, batch: number): SettingOption[] =>
  allOptions(view).filter((option) => option.batch === batch);

/**
 * Options that no other one beats in both time and quality, fastest first. Of equals in one coordinate the better in
 * the other stays; of complete equals the first.
 */
export function paretoFront<T extends Option>(options: readonly T[]): T[] {
  let best = Number.POSITIVE_INFINITY;
  return options
    .toSorted((a, b) => a.ms - b.ms || a.quality - b.quality)
    .filter(({ quality }) => {
      if (quality >= best) return false;
      best = quality;
      return true;
    });
}
