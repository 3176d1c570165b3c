/** What serving costs besides the steady request: cold starts, money, memory, and how noisy the timings were. */
import { type Noise, noiseOf } from "../../../core/statistics/index.ts";
import type { Cell, Run } from "../../record/index.ts";
import { records } from "./cells.ts";
import type { LatencyRow } from "./latency.ts";
import type { Setting } from "./settings.ts";

export interface Price {
  readonly perHour: number;
  readonly currency: string;
}

/** What an hour of the machine costs, where the suite says so. */
export function priceOf({ config }: Run): Price | undefined {
  const price = config.price as Partial<Price> | undefined;
  return typeof price?.perHour === "number" && typeof price.currency === "string"
    ? { perHour: price.perHour, currency: price.currency }
    : undefined;
}

/** Of 1,000 images at the throughput of this setting. */
export const pricePer1000 = (
  { imagesPerSecond }: Pick<LatencyRow, "imagesPerSecond">,
  { perHour }: Price,
): number => ((1000 / imagesPerSecond) * perHour) / 3600;

export interface NoisySeries extends Setting {
  readonly batch: number;
  readonly process: number;
  readonly n: number;
  readonly noise: Noise;
}

/** The noise of every timed setting in every process. */
export function noiseRows(cells: readonly Cell[]): NoisySeries[] {
  return records(cells, "latency").flatMap(({ process, series }) =>
    series.map(({ model, sampler, steps, batch, samplesMs }) => ({
      model,
      sampler,
      steps,
      batch,
      process,
      n: samplesMs.length,
      noise: noiseOf(samplesMs),
    })),
  );
}

/** A trend is worth a warning where it is unlikely by chance and moves a series by more than this share. */
export const DRIFT = { p: 0.01, change: 0.05 } as const;

export const drifts = ({ noise: { drift } }: NoisySeries): boolean =>
  drift.defined && drift.p < DRIFT.p && Math.abs(drift.change) > DRIFT.change;

export const firstStandsOut = ({ noise: { first } }: NoisySeries): boolean =>
  first.defined && (first.class === "highSevere" || first.class === "lowSevere");

export interface MemoryRow {
  readonly what: string;
  readonly model?: string;
  readonly peakRssMiB: number;
  readonly peakGpuMiB?: number;
}

/** Highest memory of training each model, and of the processes that timed requests, all settings together. */
export function memoryRows(run: Run, cells: readonly Cell[]): MemoryRow[] {
  const training = run.models.flatMap(({ id }) => {
    const own = records(cells, "train").filter(({ model }) => model === id);
    return own.length > 0
      ? [{ what: "training", model: id, peakRssMiB: Math.max(...own.map(({ peakRssMiB }) => peakRssMiB)) }]
      : [];
  });
  const timing = records(cells, "latency");
  const gpu = timing.flatMap(({ peakGpuMiB }) => peakGpuMiB ?? []);
  return [
    ...training,
    ...(timing.length > 0
      ? [
          {
            what: "sampling, all timed settings",
            peakRssMiB: Math.max(...timing.map(({ peakRssMiB }) => peakRssMiB)),
            peakGpuMiB: gpu.length > 0 ? Math.max(...gpu) : undefined,
          },
        ]
      : []),
  ];
}
