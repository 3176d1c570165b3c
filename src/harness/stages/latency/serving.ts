/** What serving costs besides the steady request: money, cold starts, memory, and how noisy the timings were. */
import { formatMs, formatNumber, formatPercent } from "../../../core/format.ts";
import { type Noise, noiseOf } from "../../../core/statistics/index.ts";
import {
  byModel,
  bySeries,
  type Chart,
  colors,
  dots,
  onePassLevels,
  plot,
} from "../../report/charts/index.ts";
import {
  derived,
  describeSetting,
  groupBy,
  inCsv,
  isOnePass,
  numbers,
  priceOf,
  settingColumns,
  settingKey,
  shortLabel,
  shown,
  type View,
} from "../../tables/index.ts";
import { trainingTime } from "../train/tables.ts";
import {
  coldStart,
  comparedBatches,
  type LatencyRow,
  latency,
  latencyRows,
  type TimedSeries,
  timedSeries,
} from "./tables.ts";

/** A trend is worth a warning where it is unlikely by chance and moves a series by more than this share. */
export const DRIFT = { p: 0.01, change: 0.05 } as const;

type Timed = Pick<LatencyRow, "model" | "sampler" | "steps" | "batch">;

export const fromLatency = inCsv(latency, (row: Timed) => ({ ...settingColumns(row), batch: row.batch }));

export const setting = (view: View) => (row: Timed) => describeSetting(view, row);

/** Cost of 1,000 images against steps, each setting at the batch that serves it cheapest. */
export function priceChart(view: View): Chart | undefined {
  const price = priceOf(view);
  if (!price) return undefined;
  const { perHour, currency } = price;
  const cost = ({ imagesPerSecond }: LatencyRow) => ((1000 / imagesPerSecond) * perHour) / 3600;
  const rows = groupBy(latencyRows(view), settingKey).map(
    (group) => group.toSorted((a, b) => b.imagesPerSecond - a.imagesPerSecond)[0]!,
  );
  return plot({
    id: "price",
    title: "Cost of 1,000 images",
    description: `At ${formatNumber(perHour)} ${currency} per hour of this machine, fully used, at the batch size of the highest throughput. Training is not in it.`,
    height: 220,
    rows,
    columns: {
      setting: setting(view),
      ...shown(view, latency, "batch"),
      [`${currency} per 1,000 images`]: cost,
      ...shown(view, latency, "images_per_second"),
    },
    source: fromLatency,
    draws: ({ model }) => !isOnePass(view, model),
    x: { title: "sampling steps", scale: "count", of: ({ steps }) => steps },
    y: { title: `${currency} per 1,000 images`, scale: "log", of: cost },
    levels: onePassLevels(view, rows, cost, (title, value) => `${title}: ${formatNumber(value)} ${currency}`),
    line: bySeries(view),
  });
}

/** Time from nothing to the first image, a dot a process; of each model the setting of fewest evaluations. */
export function coldStartChart(view: View): Chart | undefined {
  const [batch = 1] = comparedBatches(view);
  const timed = timedSeries(view).filter((one) => one.batch === batch);
  const rows = view.run.models.flatMap(({ id }) => {
    const own = timed.filter(({ model }) => model === id);
    const fewest = own.toSorted((a, b) => a.networkEvaluations - b.networkEvaluations)[0];
    return fewest ? own.filter((one) => settingKey(one) === settingKey(fewest)) : [];
  });
  return dots({
    id: "cold-start",
    title: "Cold start",
    description: `Tracing, session creation and the first request together, at batch ${batch} and each model's fewest steps; a dot a process.`,
    rows,
    columns: {
      setting: setting(view),
      process: ({ process }) => process,
      session: ({ compileMs }) => formatMs(compileMs),
      "first request": ({ firstMs }) => formatMs(firstMs),
      together: (one) => formatMs(coldStart(one)),
    },
    source: fromLatency,
    axis: { title: "time to the first image", scale: "log", labels: "milliseconds" },
    value: coldStart,
    line: (row) => ({ ...byModel(view)(row), label: shortLabel(view, row) }),
  });
}

/** Highest memory of training each model, and of the processes that timed requests, all settings together. */
export function memoryChart(view: View): Chart | undefined {
  const most = (values: readonly number[]) => (values.length > 0 ? Math.max(...values) : undefined);
  const timing = view.records("latency");
  const gpu = most(timing.flatMap(({ peakGpuMiB }) => peakGpuMiB ?? []));
  const training = view.run.models.map(({ id, title }) => ({
    model: id as string | undefined,
    what: `${title}, training`,
    mib: most(view.records("train").flatMap(({ model, peakRssMiB }) => (model === id ? [peakRssMiB] : []))),
    gpu: undefined as number | undefined,
  }));
  const sampling = {
    model: undefined,
    what: "sampling, all timed settings",
    mib: most(timing.map(({ peakRssMiB }) => peakRssMiB)),
    gpu,
  };
  return dots({
    id: "memory",
    title: "Memory",
    description:
      "Highest resident memory of the processes that trained each model and of those that timed requests.",
    rows: [...training, sampling].filter(({ mib }) => mib !== undefined),
    columns: {
      what: ({ what }) => what,
      "resident, MiB": ({ mib }) => mib,
      ...(gpu !== undefined && { "GPU, MiB": (row: typeof sampling | (typeof training)[number]) => row.gpu }),
    },
    source: ({ model }) => (model === undefined ? undefined : { csv: trainingTime.name, key: { model } }),
    axis: { title: "MiB", scale: "linear", domain: [0, 1] },
    value: ({ mib }) => mib,
    line: ({ model, what }) =>
      model === undefined
        ? { label: what, color: colors.ink, symbol: "circle" }
        : { ...byModel(view)({ model }), label: what },
  });
}

interface NoisySeries extends TimedSeries {
  readonly noise: Noise;
}

/** The noise of every timed setting in every process. */
export const noisySeries = derived((view: View): NoisySeries[] =>
  timedSeries(view).map((series) => ({ ...series, noise: noiseOf(series.samplesMs) })),
);

/** Whether the series drifts or begins with an outlier. */
export const isNoisy = ({ noise: { drift, first } }: NoisySeries): boolean =>
  (drift.defined && drift.p < DRIFT.p && Math.abs(drift.change) > DRIFT.change) ||
  (first.defined && (first.class === "highSevere" || first.class === "lowSevere"));

export const noisyTable = (view: View, rows: readonly NoisySeries[]) =>
  numbers(
    rows,
    {
      setting: setting(view),
      batch: ({ batch }) => batch,
      process: ({ process }) => process,
      requests: ({ samplesMs }) => samplesMs.length,
      "sd / mean": ({ noise: { coefficientOfVariation: cv } }) => cv && formatPercent(cv),
      drift: ({ noise: { drift } }) => (drift.defined ? formatPercent(drift.change) : ""),
      p: ({ noise: { drift } }) => (drift.defined ? formatNumber(drift.p, 2) : ""),
      "first / others": ({ noise: { first } }) => (first.defined ? first.ratio : undefined),
    },
    fromLatency,
  );

/** Relative spread of the requests of each series, against how long they take. */
export function noiseChart(view: View): Chart | undefined {
  const medians = new Map(
    latencyRows(view).map((row) => [`${settingKey(row)} ${row.batch}`, row.percentiles.p50.value]),
  );
  const rows = noisySeries(view).flatMap((series) => {
    const { coefficientOfVariation: cv } = series.noise;
    const ms = medians.get(`${settingKey(series)} ${series.batch}`);
    return cv === undefined || ms === undefined ? [] : [{ ...series, cv, ms }];
  });
  return plot({
    id: "noise",
    title: "Noise of the timings",
    description:
      "Standard deviation over mean of the requests of one setting in one process, against their median. What lies high is uncertain; short requests are noisier.",
    height: 220,
    rows,
    columns: {
      setting: setting(view),
      batch: ({ batch }) => batch,
      process: ({ process }) => process,
      requests: ({ samplesMs }) => samplesMs.length,
      median: ({ ms }) => formatMs(ms),
      "sd / mean": ({ cv }) => formatPercent(cv),
    },
    source: fromLatency,
    x: { title: "median request", scale: "log", labels: "milliseconds", of: ({ ms }) => ms },
    y: { title: "sd / mean", scale: "linear", include: [0], of: ({ cv }) => cv },
    joined: false,
    line: byModel(view),
  });
}
