import type { Cell, Quality } from "../../record/index.ts";
import { records } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { metricColumns, metricRows } from "./metrics.ts";
import { type CsvValue, table } from "./table.ts";

interface Scored {
  readonly model: string;
  readonly seed: CsvValue;
  readonly quality: Quality;
}

/** Every scored set: the anchors (`real` the floor, `noise` the ceiling; no seed), then the models' settings. */
export function scoredSets(cells: readonly Cell[]): Scored[] {
  const anchors = records(cells, "anchors").flatMap(({ real, noise }) => [
    { model: "real", seed: undefined, quality: real },
    { model: "noise", seed: undefined, quality: noise },
  ]);
  const models = records(cells, "diversity").flatMap(({ model, seed, settings }) =>
    settings.map((quality) => ({ model, seed, quality })),
  );
  return [...anchors, ...models];
}

export const diversity = table({
  describe:
    "Quality of each sampled set; one row a metric. The anchors come first: model `real` is the floor, `noise` the ceiling.",
  columns: {
    ...c.scoredSet,
    ...metricColumns,
  },
  rows(_run, cells) {
    return scoredSets(cells).flatMap(({ model, seed, quality }) => {
      const { sampler, steps, n } = quality;
      return metricRows(quality).map((row) => ({ model, seed, sampler, steps, n, ...row }));
    });
  },
});
