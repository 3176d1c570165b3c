/** Each model at its best setting. */
import type { ModelFacts } from "../../record/index.ts";
import { byModel, type Chart, dots } from "../../report/charts/index.ts";
import {
  describeSetting,
  inCsv,
  metricTitle,
  numbers,
  RANKING,
  seedCount,
  settingColumns,
  type View,
} from "../../tables/index.ts";
import { anchorsAt } from "../anchors/tables.ts";
import { bestSetting, diversity, readingNamed } from "./tables.ts";

/** FID of each model at its setting of the lowest mean, a dot a seed. */
export function bestQualityChart(
  view: View,
  { id, title, of }: { id: string; title: string; of: (model: ModelFacts) => boolean },
): Chart | undefined {
  const metric = metricTitle(view, RANKING);
  const best = view.run.models.filter(of).flatMap((model) => {
    const found = bestSetting(view, model.id);
    return found ? [{ model: model.id, facts: model, ...found }] : [];
  });
  const floor = readingNamed(anchorsAt(view, best[0]?.point.n)?.floor, RANKING)?.value;
  const intervals = new Map(best.map(({ model, reading }) => [model, reading.interval]));
  return dots({
    id,
    title,
    description: `${metric} of each model at its setting of the lowest mean, a dot a seed; lower is better.${floor === undefined ? "" : " Dashed: real images."} Of one seed the bar is the metric's own interval, of several their range.`,
    rows: best.flatMap(({ model, point, reading }) =>
      reading.bySeed.map(({ seed, value }) => ({ model, point, seed, value })),
    ),
    columns: {
      setting: ({ point }) => describeSetting(view, point),
      seed: ({ seed }) => seed,
      [metric]: ({ value }) => value,
    },
    table: numbers(
      best,
      {
        model: ({ facts }) => facts.title,
        "made of": ({ facts }) => facts.description,
        setting: ({ point }) => describeSetting(view, point),
        [metric]: ({ reading }) => reading.value,
        low: ({ reading }) => reading.interval?.low,
        high: ({ reading }) => reading.interval?.high,
        seeds: ({ reading }) => seedCount(reading),
      },
      inCsv(diversity, ({ point, reading }) => ({ ...settingColumns(point), metric: reading.metric })),
    ),
    axis: { title: metric, scale: "log" },
    value: ({ value }) => value,
    interval: ([{ model }]) => intervals.get(model),
    mark: floor !== undefined && floor > 0 ? floor : undefined,
    line: byModel(view),
  });
}
