/** Settings with both a quality and a time: what a team can choose between. */
import type { Cell, Run } from "../../record/index.ts";
import type { Option } from "./front.ts";
import { type LatencyRow, latencyRows, sharedBatches } from "./latency.ts";
import { type QualityPoint, qualityPoints, readingNamed } from "./quality.ts";
import { type Setting, settingKey } from "./settings.ts";

/** The metric that ranks; base name, as every verdict states. */
export const RANKING = "fid";

export interface SettingOption extends Option, Setting {
  readonly batch: number;
  readonly point: QualityPoint;
  readonly time: LatencyRow;
}

/** Every setting with an FID and a time at `batch`. */
export function optionsAt(run: Run, cells: readonly Cell[], batch: number): SettingOption[] {
  const times = new Map(
    latencyRows(run.models, cells)
      .filter((row) => row.batch === batch)
      .map((row) => [settingKey(row), row]),
  );
  return qualityPoints(run.models, cells).flatMap((point) => {
    const time = times.get(settingKey(point));
    const reading = readingNamed(point, RANKING);
    if (!time || !reading) return [];
    const { model, sampler, steps } = point;
    return [{ model, sampler, steps, batch, ms: time.msPerImage, quality: reading.value, point, time }];
  });
}

/** The smallest and the largest batch that all models were timed at: one request at a time, and in bulk. */
export function comparedBatches(run: Run, cells: readonly Cell[]): number[] {
  const batches = sharedBatches(latencyRows(run.models, cells));
  return [...new Set([batches.at(0), batches.at(-1)])].flatMap((batch) => batch ?? []);
}
