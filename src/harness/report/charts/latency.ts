/** Time an image against sampling steps, and throughput against batch size. */
import type { Cell, Run } from "../../record/index.ts";
import {
  comparedBatches,
  describeSetting,
  familyOf,
  formatMs,
  formatNumber,
  groupBy,
  type LatencyRow,
  latencyRows,
  type Series,
  seriesKey,
  seriesOf,
  settingKey,
  shortLabel,
  titleOf,
} from "../analysis/index.ts";
import { channel, countAxis, logAxis } from "./axis.ts";
import { type Chart, hiddenNote, inCsv, layered, settingOf } from "./chart.ts";
import { halo, hitArea, type Level, labels, lines } from "./marks.ts";
import { lookOf, seriesLegend, seriesScales } from "./theme.ts";

/** One chart a compared batch size. */
export function latencyCharts(run: Run, cells: readonly Cell[]): Chart[] {
  const rows = latencyRows(run.models, cells);
  const series = seriesOf(run, cells);
  return comparedBatches(run, cells).map((batch) =>
    latencyChart(
      run,
      series,
      rows.filter((row) => row.batch === batch),
      batch,
    ),
  );
}

function latencyChart(run: Run, all: readonly Series[], rows: readonly LatencyRow[], batch: number): Chart {
  const swept = rows.filter(({ model }) => familyOf(run, model) === "diffusion");
  const shown = swept.filter(({ percentiles, steps }) => percentiles.p5.value > 0 && steps > 0);
  const onePass = rows.filter(({ model }) => familyOf(run, model) === "gan");
  const perImage = (ms: number) => ms / batch;
  const values = [...shown, ...onePass].flatMap(({ percentiles: { p5, p95 } }) => [
    perImage(p5.value),
    perImage(p95.value),
  ]);
  const x = countAxis(
    "sampling steps, log scale",
    shown.map(({ steps }) => steps),
  );
  const y = logAxis("time per image, log scale", values, "milliseconds");
  const series = all.filter(({ key }) => shown.some((row) => seriesKey(row) === key));
  const data = shown.map((row) => ({
    x: row.steps,
    y: row.msPerImage,
    low: perImage(row.percentiles.p5.value),
    high: perImage(row.percentiles.p95.value),
    series: seriesKey(row),
    tip: [
      describeSetting(run, row),
      `${formatMs(row.msPerImage)} an image (median)`,
      `p5 ${formatMs(perImage(row.percentiles.p5.value))}, p95 ${formatMs(perImage(row.percentiles.p95.value))}`,
      `${row.n} requests in ${row.processes} ${row.processes === 1 ? "process" : "processes"}`,
    ].join("\n"),
  }));
  const rules: Level[] = onePass.map((row, i) => ({
    value: row.msPerImage,
    label: `${titleOf(run, row.model)}, one pass: ${formatMs(row.msPerImage)}`,
    color: lookOf(run, row.model).color,
    side: i % 2 === 0 ? "right" : "left",
  }));
  const { color, shape, strokeDash } = seriesScales(series);
  return {
    id: `latency-batch-${batch}`,
    title: batch === 1 ? "One image at a time" : `In batches of ${batch}`,
    description: `Time per image against sampling steps at batch ${batch}. Line: median request divided by its images; band: 5th to 95th percentile.`,
    notes: hiddenNote(swept.length - shown.length),
    legend: seriesLegend(series),
    size: "half",
    spec: layered("half", 260, [
      ...lines(rules, y),
      {
        data: { values: data },
        mark: { type: "area", opacity: 0.2 },
        encoding: { x: channel("x", x), y: channel("low", y), y2: { field: "high" }, color },
      },
      {
        data: { values: data },
        mark: { type: "line" },
        encoding: { x: channel("x", x), y: channel("y", y), color, strokeDash },
      },
      {
        data: { values: data },
        mark: { type: "point", filled: true, size: 45, opacity: 1 },
        encoding: { x: channel("x", x), y: channel("y", y), color, shape },
      },
      ...labels(rules, y, 260),
      hitArea(data, x, y),
    ]),
    table: {
      columns: ["setting", "median", "p5", "p95", "p99", "network evaluations", "requests"],
      rows: rows.map((row) => [
        describeSetting(run, row),
        ...[row.percentiles.p50, row.percentiles.p5, row.percentiles.p95, row.percentiles.p99].map(
          ({ value }) => formatMs(perImage(value)),
        ),
        String(row.networkEvaluations),
        String(row.n),
      ]),
      sources: inCsv("latency", rows, (row) => ({ ...settingOf(row), batch: row.batch })),
    },
  };
}

/** Lines a throughput chart can hold and stay legible, besides the GAN's. */
const THROUGHPUT_LINES = 4;

/** Images a second against batch size, of settings timed at two batch sizes or more. */
export function throughputChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const groups = groupBy(latencyRows(run.models, cells), settingKey).filter((group) => group.length > 1);
  if (groups.length === 0) return undefined;
  const series = seriesOf(run, cells);
  const diffusion = groups.filter(([first]) => familyOf(run, first!.model) === "diffusion");
  const drawn = [
    ...groups.filter(([first]) => familyOf(run, first!.model) === "gan"),
    ...spreadOut(oneSampler(diffusion), THROUGHPUT_LINES),
  ];
  const rows = drawn.flat();
  const data = rows.map((row) => ({
    x: row.batch,
    y: row.imagesPerSecond,
    series: seriesKey(row),
    setting: settingKey(row),
    label: shortLabel(run, row),
    tip: `${describeSetting(run, row)}\nbatch ${row.batch}: ${formatNumber(row.imagesPerSecond)} images/s`,
  }));
  const ends = drawn.map(
    (group) => data.find((one) => one.setting === settingKey(group[0]!) && one.x === group.at(-1)!.batch)!,
  );
  const batches = data.map((one) => one.x);
  const [least, most] = [Math.min(...batches), Math.max(...batches)];
  const x = countAxis("batch size, log scale", [...batches, most * (most / least) ** 0.3]); // room for the names
  const axis = { ...x, ticks: [...new Set(batches)].toSorted((a, b) => a - b) };
  const y = logAxis(
    "images per second, log scale",
    data.map((one) => one.y),
  );
  const { color, shape } = seriesScales(series.filter(({ key }) => data.some((one) => one.series === key)));
  const detail = { field: "setting", type: "nominal" as const };
  const left = groups.length - drawn.length;
  return {
    id: "throughput",
    title: "Throughput",
    description: "Images per second against the images in one request: requests × batch / total time.",
    notes: left > 0 ? [`${left} more settings stand under “Numbers”.`] : [],
    legend: [],
    size: "half",
    spec: layered("half", 260, [
      {
        data: { values: data },
        mark: "line",
        encoding: { x: channel("x", axis), y: channel("y", y), color, detail },
      },
      {
        data: { values: data },
        mark: { type: "point", filled: true, size: 45, opacity: 1 },
        encoding: { x: channel("x", axis), y: channel("y", y), color, shape },
      },
      {
        data: { values: ends },
        mark: { type: "text", align: "left", baseline: "middle", dx: 8, ...halo },
        encoding: { x: channel("x", axis), y: channel("y", y), text: { field: "label" } },
      },
      hitArea(data, axis, y),
    ]),
    table: {
      columns: ["setting", "batch", "images per second", "seconds per 1,000 images"],
      rows: groups
        .flat()
        .map((row) => [
          describeSetting(run, row),
          String(row.batch),
          formatNumber(row.imagesPerSecond),
          formatNumber(1000 / row.imagesPerSecond),
        ]),
      sources: inCsv("latency", groups.flat(), (row) => ({ ...settingOf(row), batch: row.batch })),
    },
  };
}

/** Of the sampler with the most settings, the first of equals: samplers cost about the same a step. */
function oneSampler(groups: readonly LatencyRow[][]): LatencyRow[][] {
  return groupBy(groups, ([first]) => seriesKey(first!)).toSorted((a, b) => b.length - a.length)[0] ?? [];
}

/** Up to `count` members, evenly spread, first and last included. */
function spreadOut<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
}
