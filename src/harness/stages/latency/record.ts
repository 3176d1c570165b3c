/** Wall-clock of requests. */
import * as z from "zod";
import { count, finite } from "../../record/parts.ts";

/** One timed setting, in one process. Samples in time order, milliseconds a request (one batch). */
export const latencySeriesSchema = z.strictObject({
  /** `none` for a one-pass generator. */
  sampler: z.string(),
  steps: count,
  batch: count,
  networkEvaluations: count,
  /** Session creation and the first request, apart from steady state. */
  compileMs: finite,
  firstMs: finite,
  samplesMs: z.array(finite).min(1),
  /** Median of the part of a request that brings finished images to the host; on a GPU alone. */
  readBackMs: finite.optional(),
  /** Energy of the timed requests together, where a counter can be read, and which counter. */
  energy: z.strictObject({ joules: finite, source: z.string() }).optional(),
});

export const latencyRecordSchema = z.strictObject({
  kind: z.literal("latency"),
  /** Repetition: each is a process of its own. */
  process: count,
  series: z.array(latencySeriesSchema.extend({ model: z.string(), seed: finite })),
  /** Models without weights to time, each with the reason; absent where all were timed. */
  without: z.array(z.strictObject({ model: z.string(), why: z.string() })).optional(),
  /** Of this process, all settings together. */
  peakRssMiB: finite,
  /** Memory of the GPU in use at its peak, where it can be read. */
  peakGpuMiB: finite.optional(),
});

export type LatencySeries = z.infer<typeof latencySeriesSchema>;
