/**
 * The run folder's records: `run.json` and the lines of `cells.jsonl`. Report and compare read nothing else (besides
 * the pictures in samples/), so a report is rebuilt without loading an engine. Strict: an unknown or missing field is a
 * corrupt file, refused with its place. To add a kind of record: its file in schema/, and its lines here.
 */
import * as z from "zod";
import { anchorsRecordSchema } from "./schema/anchors.ts";
import { classifierRecordSchema } from "./schema/classifier.ts";
import { controlRecordSchema } from "./schema/control.ts";
import { costRecordSchema } from "./schema/cost.ts";
import { dataRecordSchema } from "./schema/data.ts";
import { distillRecordSchema } from "./schema/distill.ts";
import { diversityRecordSchema } from "./schema/diversity.ts";
import { forwardRecordSchema } from "./schema/forward.ts";
import { latencyRecordSchema } from "./schema/latency.ts";
import { likelihoodRecordSchema } from "./schema/likelihood.ts";
import { finite, sha256 } from "./schema/parts.ts";
import { sensitivityRecordSchema } from "./schema/sensitivity.ts";
import { stabilityRecordSchema } from "./schema/stability.ts";
import { trainRecordSchema } from "./schema/train.ts";

export * from "./schema/anchors.ts";
export * from "./schema/classifier.ts";
export * from "./schema/control.ts";
export * from "./schema/cost.ts";
export * from "./schema/data.ts";
export * from "./schema/distill.ts";
export * from "./schema/diversity.ts";
export * from "./schema/forward.ts";
export * from "./schema/latency.ts";
export * from "./schema/likelihood.ts";
export type {
  Curve,
  DivergenceEntry,
  FileEntry,
  Grid,
  MetricValue,
  Quality,
  ScoredSnapshot,
} from "./schema/parts.ts";
export * from "./schema/run.ts";
export * from "./schema/sensitivity.ts";
export * from "./schema/stability.ts";
export * from "./schema/train.ts";

export const recordSchema = z.discriminatedUnion("kind", [
  classifierRecordSchema,
  anchorsRecordSchema,
  trainRecordSchema,
  stabilityRecordSchema,
  sensitivityRecordSchema,
  latencyRecordSchema,
  diversityRecordSchema,
  controlRecordSchema,
  dataRecordSchema,
  distillRecordSchema,
  forwardRecordSchema,
  likelihoodRecordSchema,
  costRecordSchema,
]);

const cellBase = {
  id: z.string(),
  configHash: sha256,
  startedAt: z.string(),
  seconds: finite,
};

export const cellSchema = z.discriminatedUnion("state", [
  z.strictObject({ ...cellBase, state: z.literal("done"), record: recordSchema }),
  z.strictObject({ ...cellBase, state: z.literal("failed"), code: z.string(), message: z.string() }),
  z.strictObject({ ...cellBase, state: z.literal("skipped"), why: z.string() }),
]);

export type CellRecord = z.infer<typeof recordSchema>;
export type Cell = z.infer<typeof cellSchema>;
