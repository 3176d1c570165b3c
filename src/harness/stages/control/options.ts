/** Options of the stage that asks for labels and fills holes. */
import * as z from "zod";
import { count } from "../../suite/parts.ts";

const maskName = z.enum(["centre", "half", "random"]);

export const controlOptions = z.strictObject({
  /** Weights w of classifier-free guidance, epsilon = (1 + w) conditional - w unconditional. */
  guidance: z.array(z.number().min(0)).min(1).default([0, 0.5, 1, 2, 4]),
  /** Images per guidance weight. */
  n: count.default(1000),
  /** Names of the holes. */
  masks: z.array(maskName).default(["centre", "half"]),
  /** Test images that are filled, per mask. */
  images: count.default(50),
  /** Options of each model's inpainting, by model. */
  inpainting: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  /** Ids of the models measured; all where left out. */
  models: z.array(z.string()).optional(),
});

export type MaskName = z.infer<typeof maskName>;
