/** Options of the stage that times network evaluations for the report's cost model. */
import * as z from "zod";
import { count } from "../../suite/parts.ts";

export const costOptions = z.strictObject({
  /** Images per evaluation. */
  batches: z.array(count).default([1, 16]),
  /** Seconds of evaluations per size and batch. */
  seconds: z.number().positive().default(1),
});
