/**
 * Time per request and per image. The process, not the request, is the unit that repeats: a percentile is that of a
 * process's requests, averaged over processes, and its interval comes from how the processes differ.
 */
import { median } from "../../../core/statistics/index.ts";
import type { LatencySeries } from "../../record/index.ts";
import {
  derived,
  groupBy,
  orderOf,
  type Setting,
  settingKey,
  settingPart,
  table,
  type View,
} from "../../tables/index.ts";
import * as c from "../readout/columns.ts";
import {
  CONFIDENCE,
  type Percentiles,
  percentileGaps,
  percentileInterval,
  percentileOf,
  percentilesOf,
} from "./percentiles.ts";

export interface LatencyRow extends Setting {
  readonly batch: number;
  readonly networkEvaluations: number;
  readonly processes: number;
  /** Timed requests of all processes together. */
  readonly n: number;
  readonly meanMs: number;
  readonly percentiles: Percentiles;
  /** Seconds per image in each process, which timed every setting. */
  readonly byProcess: readonly { readonly process: number; readonly secondsPerImage: number }[];
  /** Lowest and highest median of the processes. */
  readonly processP50: { readonly low: number; readonly high: number };
  /** p50 divided by the images of a request. */
  readonly msPerImage: number;
  /** n x batch / total time. */
  readonly imagesPerSecond: number;
  /** Medians over processes: session creation, and the first request after it. */
  readonly compileMs: number;
  readonly firstMs: number;
  /** Highest resident memory of a process that measured this setting among others. */
  readonly peakRssMiB: number;
}

/** One timed setting in one process. */
export interface TimedSeries extends LatencySeries {
  readonly cell: string;
  readonly place: readonly string[];
  readonly model: string;
  readonly process: number;
  readonly peakRssMiB: number;
}

export const timedSeries = derived((view: View): TimedSeries[] =>
  view.done("latency").flatMap(({ id: cell, record: { process, peakRssMiB, series } }) =>
    series.map(({ seed: _, ...one }) => ({
      ...one,
      cell,
      place: ["latency", one.model, settingPart(one), `batch-${one.batch}`],
      process,
      peakRssMiB,
    })),
  ),
);

/** One row a model, sampler, step count and batch size; sorted by them in that order, models as in the run. */
export const latencyRows = derived((view: View): LatencyRow[] =>
  groupBy(timedSeries(view), (one) => `${settingKey(one)} ${one.batch}`)
    .map(pool)
    .toSorted(
      (a, b) =>
        orderOf(view, a.model) - orderOf(view, b.model) ||
        compareText(a.sampler, b.sampler) ||
        a.steps - b.steps ||
        a.batch - b.batch,
    ),
);

/** Code-unit order, the same in every locale. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function pool(group: readonly [TimedSeries, ...TimedSeries[]]): LatencyRow {
  const { model, sampler, steps, batch, networkEvaluations } = group[0];
  const processes = groupBy(group, ({ process }) => process).map((series) => ({
    process: series[0].process,
    samplesMs: series.flatMap(({ samplesMs }) => samplesMs),
  }));
  const requests = processes.map(({ samplesMs }) => samplesMs);
  const n = sum(requests.map(({ length }) => length));
  const totalMs = sum(requests.map(sum));
  const medians = requests.map(median);
  const percentiles = percentilesOf(requests);
  return {
    model,
    sampler,
    steps,
    batch,
    networkEvaluations,
    processes: processes.length,
    n,
    meanMs: totalMs / n,
    percentiles,
    byProcess: processes.map(({ process, samplesMs }) => ({
      process,
      secondsPerImage: 1 / throughput(samplesMs.length, batch, sum(samplesMs)),
    })),
    processP50: { low: Math.min(...medians), high: Math.max(...medians) },
    msPerImage: percentiles.p50.value / batch,
    imagesPerSecond: throughput(n, batch, totalMs),
    compileMs: median(group.map(({ compileMs }) => compileMs)),
    firstMs: median(group.map(({ firstMs }) => firstMs)),
    peakRssMiB: Math.max(...group.map(({ peakRssMiB }) => peakRssMiB)),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Images a second of `requests` requests of `batch` images that took `totalMs` together. */
export function throughput(requests: number, batch: number, totalMs: number): number {
  return (requests * batch) / (totalMs / 1e3);
}

/** Batch sizes that every timed model was timed at, ascending; all that occur where none is shared. */
export const sharedBatches = derived((view: View): number[] => {
  const rows = latencyRows(view);
  const byModel = groupBy(rows, ({ model }) => model).map(
    (group) => new Set(group.map(({ batch }) => batch)),
  );
  const all = [...new Set(rows.map(({ batch }) => batch))].toSorted((a, b) => a - b);
  const shared = all.filter((batch) => byModel.every((batches) => batches.has(batch)));
  return shared.length > 0 ? shared : all;
});

/** The smallest and the largest batch that all models were timed at: one request at a time, and in bulk. */
export const comparedBatches = (view: View): number[] => {
  const batches = sharedBatches(view);
  return [...new Set([batches.at(0), batches.at(-1)])].flatMap((batch) => batch ?? []);
};

/** Percentiles that have columns. */
const levels = ["p50", "p90", "p95", "p99"] as const;

type Level = (typeof levels)[number];

const titles = {
  p50: "median request of a process",
  p90: "90th percentile of a process; empty where the requests cannot carry it, see note",
  p95: "95th percentile of a process; empty where the requests cannot carry it, see note",
  p99: "99th percentile of a process; empty where the requests cannot carry it, see note",
};

const ms = (meaning: string, of: (row: LatencyRow) => number | undefined, title?: string) => ({
  unit: "ms",
  meaning,
  title,
  of,
});

/** The column of a percentile and those of its interval. */
function percentileColumns<L extends Level>(level: L) {
  const bound = (side: "low" | "high") =>
    ms(
      `${side === "low" ? "lower" : "upper"} end of the interval of ${level} over processes; empty where there is none, see note`,
      (row) => percentileInterval(row, level)?.[side],
    );
  return {
    [`${level}_ms`]: ms(titles[level], (row) => percentileOf(row, level)?.value, level),
    [`${level}_low_ms`]: bound("low"),
    [`${level}_high_ms`]: bound("high"),
  };
}

export const latency = table({
  name: "latency",
  describe:
    "Time of a request; one row a model, sampler, step count and batch size. Differs between runs of one seed.",
  timing: true,
  rows: latencyRows,
  columns: (column) => ({
    model: c.model,
    sampler: c.sampler,
    steps: c.steps,
    batch: column("images a request", (row) => row.batch),
    network_evaluations: { ...c.networkEvaluations, meaning: "passes through the network a request" },
    processes: column("processes that measured this setting", (row) => row.processes),
    n: column("timed requests of all processes", (row) => row.n, { title: "requests" }),
    mean_ms: ms("mean request", (row) => row.meanMs, "mean"),
    ...percentileColumns("p50"),
    ...percentileColumns("p90"),
    ...percentileColumns("p95"),
    ...percentileColumns("p99"),
    confidence: column(
      "of each interval: Student's, of the mean over processes of the logarithm",
      () => CONFIDENCE,
    ),
    process_p50_low_ms: ms("lowest median of a process", (row) => row.processP50.low),
    process_p50_high_ms: ms("highest median of a process", (row) => row.processP50.high),
    ms_per_image: ms("p50 divided by the images of a request", (row) => row.msPerImage, "time per image"),
    images_per_second: column("n x batch / total time of the requests", (row) => row.imagesPerSecond, {
      unit: "images/s",
      title: "images/s",
    }),
    seconds_per_1000_images: column("1000 / images_per_second", (row) => 1000 / row.imagesPerSecond, {
      unit: "s",
      title: "per 1,000 images",
    }),
    compile_ms: ms("session creation, median over processes", (row) => row.compileMs, "compile"),
    first_ms: ms("first request of a process, median over processes", (row) => row.firstMs, "first request"),
    peak_rss_mib: column(
      "highest resident memory of a process that measured this setting",
      (row) => row.peakRssMiB,
      { unit: "MiB", title: "peak memory, MiB" },
    ),
    note: column("what is empty and why", (row) => percentileGaps(row, levels).join("; ")),
  }),
});

/** A process gives one value of each setting: the median of its requests. */
export const requests = table({
  name: "requests",
  describe: "Requests of one setting in one process.",
  timing: true,
  internal: true,
  rows: timedSeries,
  columns: (column) => ({
    request_ms: column("median request of a process", (row) => median(row.samplesMs), {
      unit: "ms",
      reads: { protocol: () => "median of a process" },
    }),
    first_request_ms: column("session creation and the first request", coldStart, {
      unit: "ms",
      reads: { protocol: () => "session and first request" },
    }),
  }),
});

/** Milliseconds from nothing to the first image. */
export function coldStart({ compileMs, firstMs }: Pick<LatencySeries, "compileMs" | "firstMs">): number {
  return compileMs + firstMs;
}

export const processMemory = table({
  name: "process_memory",
  describe: "Memory of the processes that timed requests, all settings together.",
  timing: true,
  internal: true,
  rows: (view: View) =>
    view.done("latency").map(({ id: cell, record }) => ({ ...record, cell, place: ["latency", "process"] })),
  columns: (column) => ({
    peak_rss_mib: column("highest resident memory", (row) => row.peakRssMiB, { unit: "MiB", reads: {} }),
    peak_gpu_mib: column("highest memory of the GPU", (row) => row.peakGpuMiB, { unit: "MiB", reads: {} }),
  }),
});
