/** Each model at its best setting. */
import type { Cell, ModelFacts, Run } from "../../record/index.ts";
import {
  anchorsAt,
  describeSetting,
  formatNumber,
  metricText,
  qualityPoints,
  RANKING,
  readingNamed,
  titleOf,
} from "../analysis/index.ts";
import { logAxis } from "./axis.ts";
import { type Chart, inCsv, settingOf } from "./chart.ts";
import { dotPlot } from "./dots.ts";
import { lookOf } from "./theme.ts";

/** FID of each model at its setting of the lowest mean, a dot a seed. */
export function bestQualityChart(
  run: Run,
  cells: readonly Cell[],
  { id, title, of }: { id: string; title: string; of: (model: ModelFacts) => boolean },
): Chart | undefined {
  const metric = metricText(RANKING).title;
  const points = qualityPoints(run.models, cells);
  const rows = run.models.flatMap((model) => {
    const best = points
      .filter((point) => point.model === model.id && of(model))
      .flatMap((point) => {
        const reading = readingNamed(point, RANKING);
        return reading ? [{ point, reading }] : [];
      })
      .toSorted((a, b) => a.reading.value - b.reading.value)[0];
    return best ? [{ ...best, model }] : [];
  });
  const floor = rows[0] && readingNamed(anchorsAt(cells, rows[0].point.n)?.floor, RANKING)?.value;
  const mark = floor !== undefined && floor > 0 ? { mark: floor } : {};
  return dotPlot({
    id,
    title,
    description: `${metric} of each model at its setting of the lowest mean, a dot a seed; lower is better.${floor === undefined ? "" : " Dashed: real images."} Of one seed the bar is the metric's own interval, of several their range.`,
    size: "half",
    axis: logAxis(`${metric}, log scale`, [
      ...rows.flatMap(({ reading }) => [
        reading.value,
        reading.interval?.low ?? reading.value,
        reading.interval?.high ?? reading.value,
      ]),
      ...(floor === undefined ? [] : [floor]),
    ]),
    ...mark,
    rows: rows.map(({ model, point, reading }) => ({
      label: model.title,
      ...lookOf(run, model.id),
      interval: reading.interval,
      dots: reading.bySeed.map(({ seed, value }) => ({
        value,
        tip: `${describeSetting(run, point)}, seed ${seed}\n${metric} ${formatNumber(value)}`,
      })),
    })),
    table: {
      columns: ["model", "made of", "setting", metric, "low", "high", "seeds"],
      rows: rows.map(({ model, point, reading }) => [
        titleOf(run, model.id),
        model.description,
        describeSetting(run, point),
        formatNumber(reading.value, 4),
        reading.interval ? formatNumber(reading.interval.low, 4) : "",
        reading.interval ? formatNumber(reading.interval.high, 4) : "",
        String(reading.bySeed.length),
      ]),
      sources: inCsv("diversity", rows, ({ point, reading }) => ({
        ...settingOf(point),
        metric: reading.metric,
      })),
    },
  });
}
