/**
 * The lines of `cells.jsonl`: what a cell of the plan came to. Strict: an unknown or missing field is a corrupt file,
 * refused with its place.
 */
import * as z from "zod";
import { recordSchema } from "../stages/records.ts";
import { finite, sha256 } from "./parts.ts";

const cellBase = {
  id: z.string(),
  configHash: sha256,
  startedAt: z.string(),
  seconds: finite,
  /** Mean number of other cells that ran while this one did, where the run takes several at once (`jobs` of run.json). */
  beside: finite.optional(),
};

export const cellSchema = z.discriminatedUnion("state", [
  z.strictObject({ ...cellBase, state: z.literal("done"), record: recordSchema }),
  z.strictObject({ ...cellBase, state: z.literal("failed"), code: z.string(), message: z.string() }),
  z.strictObject({ ...cellBase, state: z.literal("skipped"), why: z.string() }),
]);

export type Cell = z.infer<typeof cellSchema>;
