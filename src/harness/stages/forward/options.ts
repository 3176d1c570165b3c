/** Options of the stage that shows the forward process: signal over steps, terminal signal, noised strips. */
import * as z from "zod";
import { times } from "../../suite/parts.ts";

export const forwardOptions = z.strictObject({
  /** Test images that are noised. */
  rows: times.max(100).default(3),
  /** Steps at which each is shown. */
  columns: times.max(100).default(11),
  /** A step teaches little where its signal-to-noise ratio is below this. */
  goneBelow: z.number().positive().default(1e-3),
});
