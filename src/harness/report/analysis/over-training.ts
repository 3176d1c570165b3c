/** How trainings of a model went over its seeds: failures, final against best quality, and quality on the way. */
import type { Outcome } from "../../../core/statistics/index.ts";
import { type SeedSpread, seedSpread, type Usability, usability } from "../../../core/statistics/index.ts";
import type { Cell, Quality, Run, StabilityRecord } from "../../record/index.ts";
import { groupBy, records } from "./cells.ts";
import { RANKING } from "./options.ts";
import { baseName } from "./quality.ts";

/** A metric of one scored set by its base name; undefined where it was not computed. */
export const metricValue = ({ metrics }: Quality, metric: string): number | undefined =>
  metrics.find((one) => baseName(one.metric) === metric)?.value;

export interface SeedTraining {
  readonly seed: number;
  readonly record: StabilityRecord;
  /** FID of the final weights and of the best snapshot, on fresh samples; undefined without snapshots. */
  readonly final?: number;
  readonly best?: number;
  readonly finalOverBest?: number;
}

export interface ModelTraining {
  readonly model: string;
  readonly seeds: readonly SeedTraining[];
  /** Failures, and seconds of training for a usable model. */
  readonly usability: Outcome<Usability>;
  /** Of the final FID. */
  readonly spread?: SeedSpread;
}

/** One entry a model that was trained, in the run's order. */
export function modelTrainings(run: Run, cells: readonly Cell[]): ModelTraining[] {
  const trained = records(cells, "train");
  return run.models.flatMap(({ id: model }) => {
    const seeds = records(cells, "stability")
      .filter((record) => record.model === model)
      .map((record): SeedTraining => {
        const { seed, quality } = record;
        return {
          seed,
          record,
          final: quality && metricValue(quality.final.quality, RANKING),
          best: quality && metricValue(quality.best.quality, RANKING),
          finalOverBest: quality?.finalOverBest,
        };
      });
    if (seeds.length === 0) return [];
    const finals = seeds.flatMap(({ final }) => final ?? []);
    const outcomes = seeds.flatMap(({ seed, record }) => {
      const training = trained.find((one) => one.model === model && one.seed === seed);
      const diverged = record.outcome === "diverged";
      return training ? [{ diverged, collapsed: record.collapse?.collapsed, cost: training.seconds }] : [];
    });
    return [
      {
        model,
        seeds,
        usability: usability(outcomes),
        spread: finals.length > 0 ? seedSpread(finals) : undefined,
      },
    ];
  });
}

export interface ProgressPoint {
  readonly step: number;
  readonly imagesSeen: number;
  /** Mean of the seeds' seconds of training until then. */
  readonly seconds: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly seeds: number;
}

interface Snapshot {
  readonly step: number;
  readonly imagesSeen: number;
  readonly seconds: number;
  readonly quality: Quality;
}

/** Mean, least and most over the seeds that reached each step; steps ascending. */
export function progressOf(snapshots: readonly Snapshot[], metric: string = RANKING): ProgressPoint[] {
  const scored = snapshots.flatMap((one) => {
    const value = metricValue(one.quality, metric);
    return value === undefined ? [] : [{ ...one, value }];
  });
  return groupBy(scored, ({ step }) => String(step))
    .map((group) => {
      const values = group.map(({ value }) => value);
      return {
        step: group[0]!.step,
        imagesSeen: group[0]!.imagesSeen,
        seconds: average(group.map(({ seconds }) => seconds)),
        value: average(values),
        low: Math.min(...values),
        high: Math.max(...values),
        seeds: group.length,
      };
    })
    .toSorted((a, b) => a.step - b.step);
}

export const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean with the least and the most: what is drawn of several seeds. */
export const spanOf = (values: readonly number[]) => ({
  value: average(values),
  low: Math.min(...values),
  high: Math.max(...values),
  n: values.length,
});

export type Span = ReturnType<typeof spanOf>;
