/** The frozen judge. */
import * as z from "zod";
import { count, fileSchema, finite, sha256 } from "../../record/parts.ts";

export const classifierRecordSchema = z.strictObject({
  kind: z.literal("classifier"),
  /** What the assignments are: `class` or, where the data's maker knows them, `mode`. */
  target: z.enum(["class", "mode"]),
  architecture: z.enum(["convolutional", "perceptron"]),
  accuracy: finite,
  /** Where a mode is the classes of three channels: the share of single channels that are classified rightly. */
  channelAccuracy: finite.optional(),
  trainingSeed: finite,
  imagesSeen: count,
  parameters: count,
  featureWidth: count,
  weights: sha256,
  checkpoint: fileSchema,
  seconds: finite,
});

export type ClassifierRecord = z.infer<typeof classifierRecordSchema>;
