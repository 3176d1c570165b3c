/** Quality and coverage at every sampling setting, and pictures of how the model works. */
import * as z from "zod";
import { finite, gridSchema, qualitySchema } from "../../record/parts.ts";

export const diversityRecordSchema = z.strictObject({
  kind: z.literal("diversity"),
  model: z.string(),
  seed: finite,
  settings: z.array(qualitySchema),
  /** The scoring setting with the weights that are sampled and, where those are an average over steps, with the last step's own. */
  weights: z
    .array(z.strictObject({ weights: z.enum(["raw", "averaged"]), quality: qualitySchema }))
    .optional(),
  /** Diffusion: samples on their way from noise, a row each. GAN: walks between latents, a row each. */
  illustration: gridSchema.optional(),
  /** Samples of the scoring setting, each above its nearest training image. */
  neighbours: gridSchema.optional(),
});

export type DiversityRecord = z.infer<typeof diversityRecordSchema>;
