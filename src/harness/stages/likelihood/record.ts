/** How well a diffusion model explains test images: the variational bound on the negative log-likelihood. */
import * as z from "zod";
import { count, estimateSchema, finite } from "../../record/parts.ts";

export const likelihoodRecordSchema = z.strictObject({
  kind: z.literal("likelihood"),
  model: z.string(),
  seed: finite,
  /** Test images that the bound is taken over. */
  images: count,
  /** The whole bound, bits per dimension, with an interval over images. */
  bitsPerDimension: estimateSchema,
  /** Its parts, bits per dimension: KL at the last step, decoder at the first, and the sum between. */
  prior: finite,
  decoder: finite,
  between: finite,
  /** Where the bound lies: bits per dimension of a step, averaged over stretches of steps that end at these. */
  profile: z.strictObject({ steps: z.array(count), bits: z.array(finite) }),
});

export type LikelihoodRecord = z.infer<typeof likelihoodRecordSchema>;
