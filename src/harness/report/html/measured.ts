/** Tables of everything measured, and what training cost. */
import type { Cell, Run } from "../../record/index.ts";
import {
  anchorsAt,
  describeSetting,
  formatCount,
  formatMs,
  formatNumber,
  formatPercent,
  formatSeconds,
  latencyRows,
  metricNames,
  metricText,
  type Percentile,
  type QualityPoint,
  qualityPoints,
  records,
  titleOf,
} from "../analysis/index.ts";
import { inCsv, settingOf } from "../charts/chart.ts";
import type { DataTable } from "../charts/index.ts";
import type { RowLink } from "../csv/rows.ts";
import { dataTable } from "./tables.ts";
import { html, type Markup } from "./template.ts";

export function measuredSection(run: Run, cells: readonly Cell[], rowOf: RowLink): Markup {
  const tables = [
    ["Quality of every sampled set", qualityTable(run, cells)],
    [
      "Time of a request; in brackets bounds of 99% confidence each, where there are requests enough for them",
      latencyTable(run, cells),
    ],
    ["Training curves", stabilityTable(run, cells)],
    ["What training cost", costTable(run, cells)],
  ] as const;
  return html`<section id="measured" aria-labelledby="measured-title">
<h2 id="measured-title">Everything measured</h2>
${tables.map(([caption, table]) => (table.rows.length > 0 ? dataTable(caption, table, rowOf) : undefined))}
</section>
`;
}

function qualityTable(run: Run, cells: readonly Cell[]): DataTable {
  const points = qualityPoints(run.models, cells);
  const anchors = points[0] && anchorsAt(cells, points[0].n);
  const metrics = metricNames(points);
  const row = (name: string, point: QualityPoint) => [
    name,
    formatNumber(point.n, 6),
    ...metrics.map((metric) => {
      const reading = point.readings.find((one) => one.metric === metric);
      if (reading) return formatNumber(reading.value, 4);
      return point.undefinedMetrics.some((one) => one.metric === metric) ? "undefined" : "";
    }),
  ];
  const shown = [...(anchors ? [anchors.floor] : []), ...points, ...(anchors ? [anchors.ceiling] : [])];
  return {
    sources: inCsv("diversity", shown, settingOf),
    columns: ["setting", "n", ...metrics.map((metric) => metricText(metric).title)],
    rows: [
      ...(anchors ? [row("real images", anchors.floor)] : []),
      ...points.map((point) => row(describeSetting(run, point), point)),
      ...(anchors ? [row("noise", anchors.ceiling)] : []),
    ],
  };
}

function latencyTable(run: Run, cells: readonly Cell[]): DataTable {
  const bounded = ({ value, interval }: Percentile) =>
    interval.defined
      ? `${formatMs(value)} (${formatMs(interval.low)} to ${formatMs(interval.high)})`
      : `${formatMs(value)}, estimate`;
  const timed = latencyRows(run.models, cells);
  return {
    sources: inCsv("latency", timed, (row) => ({ ...settingOf(row), batch: row.batch })),
    columns: [
      "setting",
      "batch",
      "requests",
      "processes",
      "mean",
      "p50",
      "p90",
      "p95",
      "p99",
      "images/s",
      "network evaluations",
      "compile",
      "first request",
      "peak memory, MiB",
    ],
    rows: timed.map((row) => [
      describeSetting(run, row),
      String(row.batch),
      String(row.n),
      String(row.processes),
      formatMs(row.meanMs),
      bounded(row.percentiles.p50),
      bounded(row.percentiles.p90),
      bounded(row.percentiles.p95),
      bounded(row.percentiles.p99),
      formatNumber(row.imagesPerSecond),
      String(row.networkEvaluations),
      formatMs(row.compileMs),
      formatMs(row.firstMs),
      formatNumber(row.peakRssMiB),
    ]),
  };
}

function stabilityTable(run: Run, cells: readonly Cell[]): DataTable {
  return {
    sources: records(cells, "stability").flatMap(({ model, seed, statistics }) =>
      inCsv("stability", statistics, ({ quantity }) => ({ model, seed, quantity })),
    ),
    columns: [
      "model",
      "seed",
      "outcome",
      "quantity",
      "values",
      "first",
      "last",
      "mean",
      "sd",
      "late sd / mean",
      "spikes",
    ],
    rows: records(cells, "stability").flatMap(({ model, seed, outcome, statistics }) =>
      statistics.map((one) => [
        titleOf(run, model),
        String(seed),
        outcome,
        one.quantity.replaceAll("_", " "),
        formatNumber(one.count, 6),
        formatNumber(one.first),
        formatNumber(one.last),
        formatNumber(one.mean),
        formatNumber(one.sd),
        one.coefficientOfVariation === undefined ? "undefined" : formatNumber(one.coefficientOfVariation),
        one.spikeScore === undefined ? "undefined" : formatPercent(one.spikeScore),
      ]),
    ),
  };
}

function costTable(run: Run, cells: readonly Cell[]): DataTable {
  return {
    sources: inCsv("training_time", records(cells, "train"), ({ model, seed }) => ({
      stage: "train",
      model,
      seed,
    })),
    columns: [
      "model",
      "seed",
      "outcome",
      "made of",
      "parameters",
      "parameters that sample",
      "FLOPs per evaluation",
      "FLOPs per training image",
      "images seen",
      "seconds",
      "compile",
      "images/s",
      "peak memory, MiB",
    ],
    rows: records(cells, "train").map((record) => {
      const model = run.models.find(({ id }) => id === record.model);
      const count = (value: number | undefined) => (value === undefined ? "" : formatCount(value));
      return [
        titleOf(run, record.model),
        String(record.seed),
        record.outcome,
        model?.description ?? "",
        count(model?.parameters),
        count(model?.samplingParameters),
        count(model?.flopsPerEvaluation),
        count(model?.flopsPerTrainingImage),
        count(record.imagesSeen),
        formatSeconds(record.seconds),
        formatSeconds(record.compileSeconds),
        formatNumber(record.imagesPerSecond),
        formatNumber(record.peakRssMiB),
      ];
    }),
  };
}
