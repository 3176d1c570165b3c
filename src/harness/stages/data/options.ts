/** Options of the stage that varies the training set's size. */
import * as z from "zod";
import { budget, count, MOST_ITEMS, seeds, times } from "../../suite/parts.ts";

export const dataOptions = z.strictObject({
  /** Training-set sizes in images, ascending; the smaller set lies within the larger. */
  sizes: z.array(count).min(2).max(MOST_ITEMS),
  images: budget,
  /** Images per measurement. */
  n: count.default(1000),
  /** How often quality is measured over training, the end included. */
  checkpoints: times.max(1000).default(4),
  seeds: seeds.default(1),
  /** Ids of the models measured; all where left out. */
  models: z.array(z.string()).max(MOST_ITEMS).optional(),
});
