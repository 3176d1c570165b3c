/** One short training at another learning rate. */
import * as z from "zod";
import { count, divergenceSchema, finite, qualitySchema } from "../../record/parts.ts";

export const sensitivityRecordSchema = z.strictObject({
  kind: z.literal("sensitivity"),
  model: z.string(),
  seed: finite,
  /** Every learning rate of the model times this. */
  factor: finite,
  outcome: z.enum(["trained", "diverged"]),
  divergence: divergenceSchema.optional(),
  imagesSeen: count,
  seconds: finite,
  /** Of the final weights; absent where training diverged. */
  quality: qualitySchema.optional(),
});
