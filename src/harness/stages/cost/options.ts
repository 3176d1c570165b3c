/** Options of the stage that times network evaluations for the report's cost model. */
import * as z from "zod";
import { batch, MOST_ITEMS } from "../../suite/parts.ts";

export const costOptions = z.strictObject({
  /** Images per evaluation. */
  batches: z.array(batch).max(MOST_ITEMS).default([1, 16]),
  /** Seconds of evaluations per size and batch. */
  seconds: z.number().positive().max(86_400).default(1),
});
