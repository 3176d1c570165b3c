/** Quality and coverage at every sampling setting. */
import * as z from "zod";
import { finite, qualitySchema } from "./parts.ts";

export const diversityRecordSchema = z.strictObject({
  kind: z.literal("diversity"),
  model: z.string(),
  seed: finite,
  settings: z.array(qualitySchema),
});

export type DiversityRecord = z.infer<typeof diversityRecordSchema>;
