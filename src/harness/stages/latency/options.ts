/** Options of the stage that times requests. */
import * as z from "zod";
import { count, sweepSchema } from "../../suite/parts.ts";

export const latencyOptions = z.strictObject({
  /** Images per request. */
  batches: z.array(count).default([1, 16]),
  /** Processes per setting, each one an independent repetition. */
  processes: count.default(5),
  /** Timed requests per setting and process: until this many … */
  requests: count.default(20),
  /** … or this many seconds, whichever comes first (at least 3 requests). */
  seconds: z.number().positive().default(1),
  /** Step counts timed besides those of diversity, per sampler. */
  sampling: z.array(sweepSchema).default([]),
});
