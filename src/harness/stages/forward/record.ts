/** The forward process of one diffusion model: how the signal goes, and what the network is told of the step. */
import * as z from "zod";
import { count, fileSchema, finite, gridSchema } from "../../record/parts.ts";

export const forwardRecordSchema = z.strictObject({
  kind: z.literal("forward"),
  model: z.string(),
  /** The schedule with its options, as a person names it. */
  schedule: z.string(),
  timesteps: count,
  /** b of Chen 2023, arXiv:2301.10972; 1 for none. */
  inputScale: finite,
  /** Curves over the process at these steps, from 1: at most 101, the first and the last among them. */
  steps: z.array(count),
  alphaBar: z.array(finite),
  /** ln(b^2 alphaBar / (1 - alphaBar)), natural logarithm. */
  logSnr: z.array(finite),
  /** Signal-to-noise ratio left at the last step; sampling starts from pure noise as if it were 0. */
  terminalSnr: finite,
  /** Share of all steps whose signal-to-noise ratio is below `goneBelow`: steps that teach little. */
  goneShare: finite,
  goneBelow: finite,
  /** A test image in each row, noised further from column to column at equal distances of t. */
  strip: gridSchema,
  /** The timestep encoding: row a step, column a component, grey from -1 to 1. */
  encoding: z.strictObject({ file: fileSchema, steps: count, width: count, caption: z.string() }),
});

export type ForwardRecord = z.infer<typeof forwardRecordSchema>;
