/** How few steps before quality falls below the floor, for a teacher and its students. */
import * as z from "zod";
import { count, finite } from "../../record/parts.ts";

export const distillArmSchema = z.strictObject({
  model: z.string(),
  sampler: z.string(),
  steps: count,
  networkEvaluations: count,
  value: finite,
  meets: z.boolean(),
});

export const distillRecordSchema = z.strictObject({
  kind: z.literal("distill"),
  seed: finite,
  teacher: z.string(),
  /** The metric's worst value that still passes, and how it was set. */
  floor: z.strictObject({
    metric: z.string(),
    direction: z.enum(["lower", "higher"]),
    value: finite,
    rule: z.string(),
  }),
  arms: z.array(distillArmSchema),
  /** Fewest network evaluations per image that meet the floor; absent where none does. */
  fewest: z.array(
    z.strictObject({ model: z.string(), steps: count.optional(), sampler: z.string().optional() }),
  ),
  /** What each model cost to train: its own and, for a student, with its teacher's. */
  cost: z.array(
    z.strictObject({
      model: z.string(),
      seconds: finite,
      imagesSeen: count,
      flops: finite,
      withTeacherSeconds: finite,
      withTeacherFlops: finite,
    }),
  ),
});

export type DistillRecord = z.infer<typeof distillRecordSchema>;
