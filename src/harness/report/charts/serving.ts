/** Cold starts, money, memory and noise: what serving costs besides the steady request. */
import type { Cell, Run } from "../../record/index.ts";
import {
  comparedBatches,
  describeSetting,
  formatMs,
  formatNumber,
  formatPercent,
  groupBy,
  type LatencyRow,
  latencyRows,
  memoryRows,
  noiseRows,
  priceOf,
  pricePer1000,
  records,
  seriesKey,
  seriesOf,
  settingKey,
  shortLabel,
  titleOf,
} from "../analysis/index.ts";
import { countAxis, linearDomain, logAxis } from "./axis.ts";
import { type Chart, inCsv, settingOf } from "./chart.ts";
import { dotPlot } from "./dots.ts";
import type { Level } from "./marks.ts";
import { plot } from "./plot.ts";
import { lookOf } from "./theme.ts";

/** One row a model: time from nothing to the first image, a dot a process. */
export function coldStartChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const [batch] = comparedBatches(run, cells);
  const all = records(cells, "latency").flatMap(({ process, series }) =>
    series.filter((one) => one.batch === batch).map((one) => ({ process, ...one })),
  );
  const rows = run.models.flatMap(({ id }) => {
    const own = groupBy(
      all.filter(({ model }) => model === id),
      settingKey,
    ).toSorted((a, b) => a[0]!.networkEvaluations - b[0]!.networkEvaluations);
    return own[0] ? [own[0]] : [];
  });
  const cold = (one: (typeof all)[number]) => one.compileMs + one.firstMs;
  return dotPlot({
    id: "cold-start",
    title: "Cold start",
    description: `Tracing, session creation and the first request together, at batch ${batch ?? 1} and each model's fewest steps; a dot a process.`,
    size: "half",
    axis: logAxis("time to the first image, log scale", rows.flat().map(cold), "milliseconds"),
    rows: rows.map((group) => ({
      label: shortLabel(run, group[0]!),
      ...lookOf(run, group[0]!.model),
      dots: group.map((one) => ({
        value: cold(one),
        tip: `${describeSetting(run, one)}, process ${one.process}\n${formatMs(cold(one))}, of which ${formatMs(one.compileMs)} before the first request`,
      })),
    })),
    table: {
      sources: inCsv("latency", rows.flat(), (one) => ({ ...settingOf(one), batch: one.batch })),
      columns: ["setting", "process", "session", "first request", "together"],
      rows: rows.flatMap((group) =>
        group.map((one) => [
          describeSetting(run, one),
          String(one.process),
          formatMs(one.compileMs),
          formatMs(one.firstMs),
          formatMs(cold(one)),
        ]),
      ),
    },
  });
}

/** Cost of 1,000 images against steps, each setting at the batch that serves it cheapest. */
export function priceChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const price = priceOf(run);
  if (!price) return undefined;
  const cheapest = groupBy(latencyRows(run.models, cells), settingKey).map(
    (group) => group.toSorted((a, b) => b.imagesPerSecond - a.imagesPerSecond)[0]!,
  );
  const cost = (row: LatencyRow) => pricePer1000(row, price);
  const say = (row: LatencyRow) => `${formatNumber(cost(row))} ${price.currency}`;
  const series = seriesOf(run, cells);
  const swept = series.filter(({ family }) => family === "diffusion");
  const levels = cheapest
    .filter(({ model }) => series.some((one) => one.model === model && one.family === "gan"))
    .map(
      (row, i): Level => ({
        value: cost(row),
        label: `${titleOf(run, row.model)}: ${say(row)}`,
        color: lookOf(run, row.model).color,
        side: i % 2 === 0 ? "right" : "left",
      }),
    );
  return plot({
    id: "price",
    title: "Cost of 1,000 images",
    description: `At ${formatNumber(price.perHour)} ${price.currency} an hour of this machine, fully used, at the batch size of the highest throughput. Training is not in it.`,
    size: "half",
    height: 220,
    x: countAxis(
      "sampling steps, log scale",
      cheapest.filter((row) => swept.some(({ key }) => key === seriesKey(row))).map(({ steps }) => steps),
    ),
    y: logAxis(`${price.currency} per 1,000 images, log scale`, cheapest.map(cost)),
    levels,
    series: swept.map(({ key, label, model, variant }) => ({
      label,
      ...lookOf(run, model, variant),
      points: cheapest
        .filter((row) => seriesKey(row) === key)
        .map((row) => ({
          x: row.steps,
          y: cost(row),
          tip: `${describeSetting(run, row)}\n${say(row)} per 1,000 images at batch ${row.batch}`,
        })),
    })),
    table: {
      sources: inCsv("latency", cheapest, (row) => ({ ...settingOf(row), batch: row.batch })),
      columns: ["setting", "batch", `${price.currency} per 1,000 images`, "images per second"],
      rows: cheapest.map((row) => [
        describeSetting(run, row),
        String(row.batch),
        formatNumber(cost(row), 4),
        formatNumber(row.imagesPerSecond),
      ]),
    },
  });
}

/** Relative spread of the requests of each series, against how long they take. */
export function noiseChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const medians = new Map(
    latencyRows(run.models, cells).map((row) => [
      `${settingKey(row)} ${row.batch}`,
      row.percentiles.p50.value,
    ]),
  );
  const rows = noiseRows(cells).flatMap((row) => {
    const { coefficientOfVariation: cv } = row.noise;
    const ms = medians.get(`${settingKey(row)} ${row.batch}`);
    return cv === undefined || ms === undefined ? [] : [{ row, cv, ms }];
  });
  const values = rows.map(({ cv }) => cv);
  return plot({
    id: "noise",
    title: "Noise of the timings",
    description:
      "Standard deviation over mean of the requests of one setting in one process, against their median. What lies high is uncertain; short requests are noisier.",
    size: "half",
    height: 220,
    x: logAxis(
      "median request, log scale",
      rows.map(({ ms }) => ms),
      "milliseconds",
    ),
    y: { title: "sd / mean", scale: "linear", domain: linearDomain([0, ...values]) },
    series: run.models.map(({ id, title }) => ({
      label: title,
      ...lookOf(run, id),
      joined: false,
      points: rows
        .filter(({ row }) => row.model === id)
        .map(({ row, cv, ms }) => ({
          x: ms,
          y: cv,
          tip: `${describeSetting(run, row)}, batch ${row.batch}, process ${row.process}\nsd / mean ${formatPercent(cv)} of ${row.n} requests`,
        })),
    })),
    table: {
      sources: inCsv("latency", rows, ({ row }) => ({ ...settingOf(row), batch: row.batch })),
      columns: ["setting", "batch", "process", "requests", "median", "sd / mean"],
      rows: rows.map(({ row, cv, ms }) => [
        describeSetting(run, row),
        String(row.batch),
        String(row.process),
        String(row.n),
        formatMs(ms),
        formatPercent(cv),
      ]),
    },
  });
}

/** Highest resident memory of training and of sampling. */
export function memoryChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const rows = memoryRows(run, cells);
  const name = ({ what, model }: (typeof rows)[number]) => (model ? `${titleOf(run, model)}, ${what}` : what);
  const gpu = rows.some(({ peakGpuMiB }) => peakGpuMiB !== undefined);
  return dotPlot({
    id: "memory",
    title: "Memory",
    description:
      "Highest resident memory of the processes that trained each model and of those that timed requests.",
    size: "half",
    axis: {
      title: "MiB",
      scale: "linear",
      domain: [0, Math.max(1, ...rows.map(({ peakRssMiB }) => peakRssMiB)) * 1.08],
    },
    rows: rows.map((row) => ({
      label: name(row),
      ...(row.model ? lookOf(run, row.model) : { color: "var(--ink)", symbol: "circle" as const }),
      dots: [{ value: row.peakRssMiB, tip: `${name(row)}\n${formatNumber(row.peakRssMiB, 4)} MiB` }],
    })),
    table: {
      sources: rows.map(({ model }) =>
        model === undefined ? undefined : { csv: "training_time" as const, key: { model } },
      ),
      columns: ["what", "resident, MiB", ...(gpu ? ["GPU, MiB"] : [])],
      rows: rows.map((row) => [
        name(row),
        formatNumber(row.peakRssMiB, 4),
        ...(gpu ? [row.peakGpuMiB === undefined ? "" : formatNumber(row.peakGpuMiB, 4)] : []),
      ]),
    },
  });
}
