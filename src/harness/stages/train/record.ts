/** One model trained with one seed. */
import * as z from "zod";
import { count, curveSchema, divergenceSchema, fileSchema, finite } from "../../record/parts.ts";

export const trainRecordSchema = z.strictObject({
  kind: z.literal("train"),
  model: z.string(),
  seed: finite,
  outcome: z.enum(["trained", "diverged"]),
  divergence: divergenceSchema.optional(),
  steps: count,
  imagesSeen: count,
  seconds: finite,
  /** Tracing and session creation, not counted in `seconds`. */
  compileSeconds: finite,
  imagesPerSecond: finite,
  peakRssMiB: finite,
  curves: z.array(curveSchema),
  /** What sampling needs, part way: step, seconds of training until then, and the weights. */
  snapshots: z.array(z.strictObject({ step: count, seconds: finite, checkpoint: fileSchema })),
  checkpoint: fileSchema,
  onnx: fileSchema.optional(),
});

export type TrainRecord = z.infer<typeof trainRecordSchema>;
