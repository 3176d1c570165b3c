/** Every kind of record that a finished cell leaves, one a stage. To add one: its line here. */
import * as z from "zod";
import { anchorsRecordSchema } from "./anchors/record.ts";
import { classifierRecordSchema } from "./classifier/record.ts";
import { controlRecordSchema } from "./control/record.ts";
import { costRecordSchema } from "./cost/record.ts";
import { dataRecordSchema } from "./data/record.ts";
import { distillRecordSchema } from "./distill/record.ts";
import { diversityRecordSchema } from "./diversity/record.ts";
import { forwardRecordSchema } from "./forward/record.ts";
import { latencyRecordSchema } from "./latency/record.ts";
import { likelihoodRecordSchema } from "./likelihood/record.ts";
import { sensitivityRecordSchema } from "./sensitivity/record.ts";
import { stabilityRecordSchema } from "./stability/record.ts";
import { trainRecordSchema } from "./train/record.ts";
import { tuneRecordSchema } from "./tune/record.ts";

export * from "./anchors/record.ts";
export * from "./classifier/record.ts";
export * from "./control/record.ts";
export * from "./cost/record.ts";
export * from "./data/record.ts";
export * from "./distill/record.ts";
export * from "./diversity/record.ts";
export * from "./forward/record.ts";
export * from "./latency/record.ts";
export * from "./likelihood/record.ts";
export * from "./sensitivity/record.ts";
export * from "./stability/record.ts";
export * from "./train/record.ts";
export * from "./tune/record.ts";

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
  tuneRecordSchema,
]);

export type CellRecord = z.infer<typeof recordSchema>;
export type RecordOf<Kind extends CellRecord["kind"]> = Extract<CellRecord, { kind: Kind }>;
