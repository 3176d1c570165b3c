/** Options of the stage that compares a teacher with its students. */
import * as z from "zod";

export const distillOptions = z.strictObject({
  /** Id of the model whose students are judged. */
  teacher: z.string(),
  metric: z.string().default("fid"),
  /** The metric's worst value that passes, or a factor on the teacher's best. */
  floor: z
    .union([z.strictObject({ value: z.number() }), z.strictObject({ ofTeachersBest: z.number().positive() })])
    .default({ ofTeachersBest: 1.25 }),
});

export type DistillOptions = z.infer<typeof distillOptions>;
