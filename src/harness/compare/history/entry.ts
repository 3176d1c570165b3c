/**
 * A line of `history.jsonl`: a night, or a move of the baseline. Each holds the sha256 of the line before it, so that a
 * line that was changed, removed or inserted is found.
 */
import * as z from "zod";
import { snapshotSchema } from "../snapshot.ts";

export const HISTORY_FILE = "history.jsonl";
export const HISTORY_VERSION = 1;

const link = {
  schemaVersion: z.literal(HISTORY_VERSION),
  /** sha256 (hex) of the line before, without its line break; of nothing for the first. */
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.string(),
};

export const entrySchema = z.discriminatedUnion("kind", [
  z.strictObject({ ...link, kind: z.literal("night"), snapshot: snapshotSchema }),
  /** Later nights are judged against this night, the id of whose run is `night`. */
  z.strictObject({ ...link, kind: z.literal("accept"), night: z.string(), reason: z.string().min(1) }),
]);

export type HistoryEntry = z.infer<typeof entrySchema>;
export type Night = Extract<HistoryEntry, { kind: "night" }>;
export type Accept = Extract<HistoryEntry, { kind: "accept" }>;

export const lineOf = (entry: HistoryEntry): string => JSON.stringify(entrySchema.parse(entry));
