/**
 * Time per request and per image. Samples of all processes of one setting are pooled in time order; how far the
 * processes lie apart is shown by the range of their medians, since the process, not the request, is the unit that
 * repeats.
 */
import {
  median,
  type Outcome,
  type QuantileInterval,
  quantile,
  quantileInterval,
} from "../../../core/statistics/index.ts";
import type { Cell, LatencySeries } from "../../record/index.ts";
import { groupBy, records } from "./cells.ts";
import type { Setting } from "./settings.ts";

/** Confidence of each bound of a percentile's interval. */
export const CONFIDENCE = 0.99;

export const percentileLevels = { p5: 0.05, p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;
export type PercentileName = keyof typeof percentileLevels;

export interface Percentile {
  /** Milliseconds; type 7 of Hyndman & Fan (1996). */
  readonly value: number;
  /** Distribution-free interval from order statistics, or why n cannot carry one. */
  readonly interval: Outcome<QuantileInterval>;
}

export interface LatencyRow extends Setting {
  readonly batch: number;
  readonly networkEvaluations: number;
  readonly processes: number;
  /** Timed requests of all processes together. */
  readonly n: number;
  readonly meanMs: number;
  readonly percentiles: Readonly<Record<PercentileName, Percentile>>;
  /** Lowest and highest median of the processes. */
  readonly processP50: { readonly low: number; readonly high: number };
  /** Median request divided by its images. */
  readonly msPerImage: number;
  /** n x batch / total time. */
  readonly imagesPerSecond: number;
  /** Medians over processes: session creation, and the first request after it. */
  readonly compileMs: number;
  readonly firstMs: number;
  /** Highest resident memory of a process that measured this setting among others. */
  readonly peakRssMiB: number;
}

type Measured = LatencySeries & { model: string; seed: number; process: number; peakRssMiB: number };

/** One row a model, sampler, step count and batch size; sorted by them in that order, models as in the run. */
export function latencyRows(models: readonly { id: string }[], cells: readonly Cell[]): LatencyRow[] {
  const measured = records(cells, "latency").flatMap(({ process, peakRssMiB, series }) =>
    series.map((one) => ({ ...one, process, peakRssMiB })),
  );
  const order = (model: string) => models.findIndex(({ id }) => id === model);
  return groupBy(measured, ({ model, sampler, steps, batch }) =>
    JSON.stringify([model, sampler, steps, batch]),
  )
    .map(pool)
    .toSorted(
      (a, b) =>
        order(a.model) - order(b.model) ||
        compareText(a.sampler, b.sampler) ||
        a.steps - b.steps ||
        a.batch - b.batch,
    );
}

/** Code-unit order, the same in every locale. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function pool(group: readonly Measured[]): LatencyRow {
  const { model, sampler, steps, batch, networkEvaluations } = group[0]!;
  const byProcess = groupBy(group, ({ process }) => String(process)).map((series) =>
    series.flatMap(({ samplesMs }) => samplesMs),
  );
  const samples = byProcess.flat();
  const totalMs = samples.reduce((sum, ms) => sum + ms, 0);
  const medians = byProcess.map(median);
  const percentiles = {
    p5: percentile(samples, percentileLevels.p5),
    p50: percentile(samples, percentileLevels.p50),
    p90: percentile(samples, percentileLevels.p90),
    p95: percentile(samples, percentileLevels.p95),
    p99: percentile(samples, percentileLevels.p99),
  };
  return {
    model,
    sampler,
    steps,
    batch,
    networkEvaluations,
    processes: byProcess.length,
    n: samples.length,
    meanMs: totalMs / samples.length,
    percentiles,
    processP50: { low: Math.min(...medians), high: Math.max(...medians) },
    msPerImage: percentiles.p50.value / batch,
    imagesPerSecond: throughput(samples.length, batch, totalMs),
    compileMs: median(group.map(({ compileMs }) => compileMs)),
    firstMs: median(group.map(({ firstMs }) => firstMs)),
    peakRssMiB: Math.max(...group.map(({ peakRssMiB }) => peakRssMiB)),
  };
}

/** Images a second of `requests` requests of `batch` images that took `totalMs` together. */
export function throughput(requests: number, batch: number, totalMs: number): number {
  return (requests * batch) / (totalMs / 1e3);
}

function percentile(samples: readonly number[], level: number): Percentile {
  return { value: quantile(samples, level), interval: quantileInterval(samples, level, CONFIDENCE) };
}

/** Batch sizes that every compared model was timed at, ascending; all that occur where none is shared. */
export function sharedBatches(rows: readonly LatencyRow[]): number[] {
  const byModel = groupBy(rows, ({ model }) => model).map(
    (group) => new Set(group.map(({ batch }) => batch)),
  );
  const all = [...new Set(rows.map(({ batch }) => batch))].toSorted((a, b) => a - b);
  const shared = all.filter((batch) => byModel.every((batches) => batches.has(batch)));
  return shared.length > 0 ? shared : all;
}
