/** What the coordinator of a run asks of a worker, and what it is told. */
import * as z from "zod";
import type { Outcome } from "../isolate.ts";

export const taskSchema = z.strictObject({
  /** Absolute path of the run folder, the same for all: it lies on storage that they share. */
  folder: z.string(),
  /** Of the cell. */
  id: z.string(),
  limitSeconds: z.number(),
  saveEverySeconds: z.number().optional(),
});

export type Task = z.infer<typeof taskSchema>;

export interface Finished {
  readonly startedAt: string;
  readonly seconds: number;
  readonly outcome: Outcome;
}
