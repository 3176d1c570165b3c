/** Option schemas that several parts of a suite share. */
import * as z from "zod";

export { spaceSchema } from "../record/index.ts";

export const count = z.int().positive();
export const seed = z.int();
export const share = z.number().min(0).max(1);

/** Budget of a training: images seen, repeats counted; the model's own budget where left out. */
export const budget = count.optional();

export const samplerOptions = z.record(z.string(), z.unknown()).default({});

/** A sampler, its options, and the step counts to run it at, e.g. { sampler: ddim, steps: [5, 10, 50] }. */
export const sweepSchema = z.strictObject({
  sampler: z.string(),
  steps: z.array(count).min(1),
  options: samplerOptions,
});

export type SamplingSweep = z.infer<typeof sweepSchema>;
