/** Options of the stage that scores samples; the anchors are measured with the same ones. */
import * as z from "zod";
import { batch, count, times } from "../../suite/parts.ts";

export const diversityOptions = z.strictObject({
  /** Images generated per setting, and real images compared with. */
  n: count.default(1000),
  /** Images per request while generating. */
  batch: batch.default(64),
  /** Neighbours of precision, recall, density and coverage. */
  k: times.default(5),
  /** Images in a sample grid. */
  grid: times.default(40),
});
