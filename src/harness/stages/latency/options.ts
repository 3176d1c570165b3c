/** Options of the stage that times requests. */
import * as z from "zod";
import { batch, MOST_ITEMS, sweepSchema, times } from "../../suite/parts.ts";

export const latencyOptions = z.strictObject({
  /** Images per request. */
  batches: z.array(batch).max(MOST_ITEMS).default([1, 16]),
  /** Processes per setting, each one an independent repetition. */
  processes: times.max(1000).default(5),
  /** Timed requests per setting and process: until this many … */
  requests: times.max(100_000).default(20),
  /** … or this many seconds, whichever comes first (at least 3 requests). */
  seconds: z.number().positive().max(86_400).default(1),
  /** Step counts timed besides those of diversity, per sampler. */
  sampling: z.array(sweepSchema).max(MOST_ITEMS).default([]),
});
