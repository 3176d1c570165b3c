import { costFits } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { table } from "./table.ts";

const milliseconds = (meaning: string) => ({ unit: "ms", meaning });

export const costTime = table({
  describe:
    "Time of one network evaluation over sizes of each family's network; one row a size and batch. Differs between runs of one seed.",
  timing: true,
  columns: {
    model: c.model,
    family: { meaning: "diffusion or gan" },
    variant: { meaning: "what was changed" },
    batch: { unit: "images", meaning: "images an evaluation" },
    parameters: { meaning: "parameters of the sampling network" },
    flops_per_evaluation: { unit: "FLOPs", meaning: "of one image" },
    median_ms: milliseconds("median evaluation of the whole batch"),
    low_ms: milliseconds("lower quartile"),
    high_ms: milliseconds("upper quartile"),
    samples: { meaning: "timed evaluations" },
    held_out: { meaning: "1 where the cost model was not fitted to it, else 0" },
    predicted_ms: milliseconds("overhead + operations / rate, as fitted to the other sizes of the family"),
  },
  rows(_run, cells) {
    return costFits(cells).flatMap(({ points }) =>
      points.map((point) => ({
        model: point.model,
        family: point.family,
        variant: point.variant,
        batch: point.batch,
        parameters: point.parameters,
        flops_per_evaluation: point.flopsPerEvaluation,
        median_ms: point.milliseconds,
        low_ms: point.low,
        high_ms: point.high,
        samples: point.samples,
        held_out: Number(point.heldOut),
        predicted_ms: point.predictedMs,
      })),
    );
  },
});
