/** Quality and copying against training-set size, brought together over seeds. */
import type { Cell, DataRecord, Run } from "../../record/index.ts";
import { groupBy, records } from "./cells.ts";
import { RANKING } from "./options.ts";
import { metricValue, type ProgressPoint, progressOf, type Span, spanOf } from "./over-training.ts";

export interface TrainingSet {
  readonly model: string;
  readonly trainImages: number;
  readonly seeds: number;
  readonly diverged: number;
  /** FID of the final weights by seed; a training that diverged has none. */
  readonly finals: readonly { readonly seed: number; readonly value: number }[];
  readonly final?: Span;
  readonly progress: readonly ProgressPoint[];
  /** Share of final samples that are near-duplicates of training images, and of fresh real images. */
  readonly memorised?: Span;
  readonly freshMemorised?: Span;
}

/** One entry a model and size, models in the run's order, sizes ascending. */
export function trainingSets(run: Run, cells: readonly Cell[]): TrainingSet[] {
  const all = records(cells, "data");
  return run.models.flatMap(({ id }) =>
    groupBy(
      all.filter(({ model }) => model === id),
      ({ trainImages }) => String(trainImages),
    )
      .map(trainingSet)
      .toSorted((a, b) => a.trainImages - b.trainImages),
  );
}

function trainingSet(group: readonly DataRecord[]): TrainingSet {
  const { model, trainImages } = group[0]!;
  const finals = group.flatMap(({ seed, snapshots }) => {
    const last = snapshots.at(-1);
    const value = last && metricValue(last.quality, RANKING);
    return value === undefined ? [] : [{ seed, value }];
  });
  const copying = (which: "copying" | "freshCopying") =>
    group.flatMap((record) => {
      const quality = record[which];
      return (quality && metricValue(quality, "memorisation")) ?? [];
    });
  const [memorised, fresh] = [copying("copying"), copying("freshCopying")];
  return {
    model,
    trainImages,
    seeds: group.length,
    diverged: group.filter(({ outcome }) => outcome === "diverged").length,
    finals,
    final: finals.length > 0 ? spanOf(finals.map(({ value }) => value)) : undefined,
    progress: progressOf(group.flatMap(({ snapshots }) => snapshots)),
    memorised: memorised.length > 0 ? spanOf(memorised) : undefined,
    freshMemorised: fresh.length > 0 ? spanOf(fresh) : undefined,
  };
}
