/** Options of the stage that bounds the likelihood of test images. */
import * as z from "zod";
import { batch, count } from "../../suite/parts.ts";

export const likelihoodOptions = z.strictObject({
  /** Test images. */
  images: count.default(64),
  /** Images per evaluation. */
  batch: batch.default(32),
});
