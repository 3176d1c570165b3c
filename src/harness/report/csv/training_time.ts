import { doneCells } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { table } from "./table.ts";

export const trainingTime = table({
  describe:
    "What training cost; one row a training: of the train stage, then those of sensitivity and data. Differs between runs of one seed.",
  timing: true,
  columns: {
    cell: { meaning: "id of the cell" },
    stage: { meaning: "train, sensitivity or data" },
    model: c.model,
    seed: c.seed,
    outcome: c.outcome,
    steps: { meaning: "training steps done; empty where the record does not say" },
    images_seen: c.imagesSeen,
    seconds: { unit: "s", meaning: "wall-clock of the training steps" },
    compile_seconds: { unit: "s", meaning: "tracing and session creation, not counted in seconds" },
    images_per_second: { unit: "images/s", meaning: "training throughput" },
    peak_rss_mib: { unit: "MiB", meaning: "highest resident memory of the process" },
  },
  rows(_run, cells) {
    const trained = doneCells(cells, "train").map(({ id, record }) => ({
      cell: id,
      stage: "train",
      model: record.model,
      seed: record.seed,
      outcome: record.outcome,
      steps: record.steps,
      images_seen: record.imagesSeen,
      seconds: record.seconds,
      compile_seconds: record.compileSeconds,
      images_per_second: record.imagesPerSecond,
      peak_rss_mib: record.peakRssMiB,
    }));
    const others = [...doneCells(cells, "sensitivity"), ...doneCells(cells, "data")].map(
      ({ id, record }) => ({
        cell: id,
        stage: record.kind,
        model: record.model,
        seed: record.seed,
        outcome: record.outcome,
        steps: undefined,
        images_seen: record.imagesSeen,
        seconds: record.seconds,
        compile_seconds: undefined,
        images_per_second: record.seconds > 0 ? record.imagesSeen / record.seconds : undefined,
        peak_rss_mib: undefined,
      }),
    );
    return [...trained, ...others];
  },
});
