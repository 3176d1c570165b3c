/** Floor and ceiling of every metric. */
import * as z from "zod";
import { count, qualitySchema } from "../../record/parts.ts";

/** Anchors at the same n: test images against other real ones (floor) and noise against test (ceiling). */
export const anchorsRecordSchema = z.strictObject({
  kind: z.literal("anchors"),
  n: count,
  real: qualitySchema,
  noise: qualitySchema,
});
