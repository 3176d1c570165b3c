/** Quality against time an image, with the Pareto front: one chart a compared batch size. */
import type { Cell, Run } from "../../record/index.ts";
import {
  comparedBatches,
  describeSetting,
  familyOf,
  formatMs,
  formatNumber,
  metricText,
  optionsAt,
  paretoFront,
  RANKING,
  type SettingOption,
  seriesKey,
  seriesOf,
  shortLabel,
} from "../analysis/index.ts";
import { type Axis, channel, logAxis } from "./axis.ts";
import { type Chart, hiddenNote, layered } from "./chart.ts";
import { halo, hitArea } from "./marks.ts";
import { colors, seriesLegend, seriesScales } from "./theme.ts";

export function frontCharts(run: Run, cells: readonly Cell[]): Chart[] {
  return comparedBatches(run, cells).flatMap((batch) => frontChart(run, cells, batch) ?? []);
}

function frontChart(run: Run, cells: readonly Cell[], batch: number): Chart | undefined {
  const options = optionsAt(run, cells, batch);
  const shown = options.filter(({ ms, quality }) => ms > 0 && quality > 0);
  if (shown.length === 0) return undefined;
  const front = paretoFront(shown);
  const ranking = metricText(RANKING).title;
  const x = logAxis(
    "time per image (median), log scale",
    shown.map(({ ms }) => ms),
    "milliseconds",
  );
  const y = logAxis(
    `${ranking}, log scale`,
    shown.map(({ quality }) => quality),
  );
  const row = (option: SettingOption) => ({
    x: option.ms,
    y: option.quality,
    series: seriesKey(option),
    label: shortLabel(run, option),
    opacity: front.includes(option) ? 1 : 0.45,
    tip: [
      describeSetting(run, option),
      `${ranking} ${formatNumber(option.quality)}, ${formatMs(option.ms)} an image`,
      front.includes(option) ? "on the front" : "another setting is at least as good and as fast",
    ].join("\n"),
  });
  const data = shown.map(row);
  const series = seriesOf(run, cells).filter(({ key }) => data.some((one) => one.series === key));
  const { color, shape } = seriesScales(series);
  const at = { x: channel("x", x), y: channel("y", y) };
  const labels = legible(front, x, y);
  const [ganLabels, sweepLabels] = [
    labels.filter(({ model }) => familyOf(run, model) === "gan"),
    labels.filter(({ model }) => familyOf(run, model) !== "gan"),
  ];
  const text = (side: "left" | "right", dx: number, members: readonly SettingOption[]) => ({
    data: { values: members.map(row) },
    mark: { type: "text" as const, align: side, baseline: "top" as const, dx, dy: 5, ...halo },
    encoding: { ...at, text: { field: "label" } },
  });
  return {
    id: `front-batch-${batch}`,
    title: batch === 1 ? "One image at a time" : `In batches of ${batch}`,
    description: `${ranking} against time per image at batch ${batch}; lower and further left is better. The line joins the settings that no other one beats in both.`,
    notes: hiddenNote(options.length - shown.length),
    legend: [...seriesLegend(series), { label: "Pareto front", color: colors.ink, symbol: "line" }],
    size: "half",
    spec: layered("half", 320, [
      {
        data: { values: front.map(row) },
        mark: { type: "line", interpolate: "step-after", color: colors.ink, strokeWidth: 1.25, opacity: 0.6 },
        encoding: at,
      },
      {
        data: { values: data },
        mark: { type: "point", filled: true, size: 70 },
        encoding: {
          ...at,
          color,
          shape,
          opacity: { field: "opacity", type: "quantitative", scale: null },
        },
      },
      text("left", 4, ganLabels),
      text("right", -3, sweepLabels),
      hitArea(data, x, y),
    ]),
    table: {
      columns: ["setting", "time per image", ranking, "on the front"],
      rows: options
        .toSorted((a, b) => a.ms - b.ms)
        .map((option) => [
          describeSetting(run, option),
          formatMs(option.ms),
          formatNumber(option.quality, 4),
          front.includes(option) ? "yes" : "",
        ]),
    },
  };
}

/**
 * Members of the front whose labels do not run into each other. Labels stand at the lower left of their point, which on
 * a front is free of points and of the line; two collide only where both are close. The ends come first.
 */
function legible(front: readonly SettingOption[], x: Axis, y: Axis): SettingOption[] {
  const place = (value: number, { domain: [low, high] }: Axis) =>
    Math.log(value / low) / Math.log(high / low);
  const first = front[0];
  const last = front.at(-1);
  const kept: SettingOption[] = [];
  for (const option of [first, last, ...front.slice(1, -1)]) {
    if (!option) continue;
    const clear = kept.every(
      (other) =>
        Math.abs(place(option.ms, x) - place(other.ms, x)) > 0.22 ||
        Math.abs(place(option.quality, y) - place(other.quality, y)) > 0.055,
    );
    if (clear) kept.push(option);
  }
  return kept;
}
