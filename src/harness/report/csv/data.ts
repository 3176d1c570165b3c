import type { Quality } from "../../record/index.ts";
import { records } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { metricColumns, metricRows } from "./metrics.ts";
import { type CsvValue, table } from "./table.ts";

const WHATS = [
  ["copying", "copying"],
  ["fresh_copying", "freshCopying"],
] as const;

interface DataSet {
  readonly set: string;
  readonly step: CsvValue;
  readonly imagesSeen: number;
  readonly quality: Pick<Quality, "metrics" | "undefinedMetrics"> & { readonly n: CsvValue };
}

export const data = table({
  describe:
    "Quality and copying by training-set size; one row a model, size, seed, set and metric. A training that diverged has one row without a value.",
  columns: {
    model: c.model,
    train_images: c.trainImages,
    seed: c.seed,
    outcome: c.outcome,
    set: {
      meaning:
        "snapshot; copying: final samples against the training images; fresh_copying: as many real images that were not trained on",
    },
    step: { meaning: "training step of the snapshot; empty for copying" },
    images_seen: c.imagesSeen,
    n: c.n,
    ...metricColumns,
  },
  rows(_run, cells) {
    return records(cells, "data").flatMap((record) => {
      const { model, trainImages, seed, outcome, snapshots, imagesSeen, divergence } = record;
      const training = { model, train_images: trainImages, seed, outcome };
      const lost = { metric: "fid", why: `diverged: ${divergence?.reason ?? "no reason recorded"}` };
      const diverged: DataSet = {
        set: "snapshot",
        step: divergence?.step,
        imagesSeen,
        quality: { n: undefined, metrics: [], undefinedMetrics: [lost] },
      };
      const sets: DataSet[] = [
        ...snapshots.map((one) => ({ set: "snapshot", ...one })),
        ...WHATS.flatMap(([set, key]) => {
          const quality = record[key];
          return quality ? [{ set, step: undefined, imagesSeen, quality }] : [];
        }),
      ];
      return (sets.length > 0 ? sets : [diverged]).flatMap((one) =>
        metricRows(one.quality).map((row) => ({
          ...training,
          set: one.set,
          step: one.step,
          images_seen: one.imagesSeen,
          n: one.quality.n,
          ...row,
        })),
      );
    });
  },
});
