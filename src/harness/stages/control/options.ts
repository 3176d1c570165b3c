/** Options of the stage that asks for labels, fills holes, and has a classifier learn from what it was given. */
import * as z from "zod";
import { count, imagesSeen, MOST_ITEMS, times } from "../../suite/parts.ts";

const maskName = z.enum(["centre", "half", "random"]);

export const controlOptions = z.strictObject({
  /** Weights w of classifier-free guidance, epsilon = (1 + w) conditional - w unconditional. */
  guidance: z.array(z.number().min(0)).min(1).max(MOST_ITEMS).default([0, 0.5, 1, 2, 4]),
  /** Images per guidance weight. */
  n: count.default(1000),
  /** Other images per guidance weight that choose the weight, scored against as many validation images; half of n by default. */
  validation: count.optional(),
  /** Names of the holes. */
  masks: z.array(maskName).max(MOST_ITEMS).default(["centre", "half"]),
  /** Images that are filled, per mask: those whose FID is taken. */
  images: count.min(2).default(200),
  /** How often a hole is filled to see how far its fills lie apart, and in how many of the images. */
  fills: times.min(2).default(3),
  repeated: count.default(20),
  /** Options of each model's inpainting, by model. */
  inpainting: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  /**
   * Classification accuracy score: `n` generated images, at most as many as there are training images, teach a classifier
   * that sees `images` of them, repeats counted, and is tested on real ones; `false` for none.
   */
  cas: z
    .union([z.literal(false), z.strictObject({ n: count.default(1000), images: imagesSeen.default(10_000) })])
    .prefault({}),
  /** Ids of the models measured; all where left out. */
  models: z.array(z.string()).max(MOST_ITEMS).optional(),
});

export type MaskName = z.infer<typeof maskName>;
