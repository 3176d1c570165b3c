/** Options of the stage that bounds the likelihood of test images. */
import * as z from "zod";
import { count } from "../../suite/parts.ts";

export const likelihoodOptions = z.strictObject({
  /** Test images. */
  images: count.default(64),
  /** Images per evaluation. */
  batch: count.default(32),
});
