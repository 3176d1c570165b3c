/** Time of one network evaluation over a ladder of network sizes: what the cost model is fitted to and held against. */
import * as z from "zod";
import { count, finite } from "../../record/parts.ts";
import { sideSchema } from "../../record/run.ts";

export const costPointSchema = z.strictObject({
  /** Key of the suite's model that this is a size of. */
  model: z.string(),
  side: sideSchema,
  /** What was changed, e.g. `base 32, 16 px`. */
  variant: z.string(),
  batch: count,
  parameters: count,
  flopsPerEvaluation: finite,
  /** Median of `samples` timed evaluations of the whole batch, milliseconds, and their quartiles. */
  milliseconds: finite,
  low: finite,
  high: finite,
  samples: count,
  /** Held out: not among what the cost model is fitted to. */
  heldOut: z.boolean(),
});

export const costRecordSchema = z.strictObject({ kind: z.literal("cost"), points: z.array(costPointSchema) });

export type CostPoint = z.infer<typeof costPointSchema>;
