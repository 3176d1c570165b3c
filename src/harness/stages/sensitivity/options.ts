/** Options of the stage that varies learning rates. */
import * as z from "zod";
import { budget, count, MOST_ITEMS, seeds } from "../../suite/parts.ts";

export const sensitivityOptions = z.strictObject({
  /** Learning rates, as multiples of the model's. */
  factors: z.array(z.number().positive()).min(2).max(MOST_ITEMS).default([0.25, 0.5, 1, 2, 4]),
  images: budget,
  /** Images per measurement. */
  n: count.default(1000),
  seeds: seeds.default(1),
  /** Ids of the models measured; all where left out. */
  models: z.array(z.string()).max(MOST_ITEMS).optional(),
});
