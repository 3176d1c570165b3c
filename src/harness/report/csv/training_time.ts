import { doneCells } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { table } from "./table.ts";

export const trainingTime = table({
  describe: "What training cost; one row a train cell. Differs between runs of one seed.",
  columns: {
    cell: { meaning: "id of the train cell" },
    model: c.model,
    seed: c.seed,
    outcome: c.outcome,
    steps: { meaning: "training steps done" },
    images_seen: c.imagesSeen,
    seconds: { unit: "s", meaning: "wall-clock of the training steps" },
    compile_seconds: { unit: "s", meaning: "tracing and session creation, not counted in seconds" },
    images_per_second: { unit: "images/s", meaning: "training throughput" },
    peak_rss_mib: { unit: "MiB", meaning: "highest resident memory of the process" },
  },
  rows(_run, cells) {
    return doneCells(cells, "train").map(({ id, record }) => ({
      cell: id,
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
  },
});
