/**
 * The run folder's records: `run.json` and the lines of `cells.jsonl`. Report and compare read nothing else (besides
 * the pictures in samples/), so a report is rebuilt without loading an engine. Strict: an unknown or missing field is a
 * corrupt file, refused with its place.
 */
import * as z from "zod";

export const SCHEMA_VERSION = 1;

const finite = z.number();
const count = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const deviceSchema = z.strictObject({
  kind: z.enum(["cpu", "gpu"]),
  model: z.string(),
  software: z.boolean(),
  threads: count.optional(),
  driver: z.string().optional(),
});

export const engineChoiceSchema = z.strictObject({
  name: z.enum(["onnx", "tensorflow", "reference"]),
  provider: z.string(),
  device: deviceSchema,
  runtime: z.record(z.string(), z.string()),
  /** Rungs of the ladder above the one taken, and why each was refused. */
  refused: z.array(z.strictObject({ engine: z.string(), provider: z.string(), reason: z.string() })),
});

export const environmentSchema = z.strictObject({
  harness: z.string(),
  node: z.string(),
  platform: z.string(),
  arch: z.string(),
  cpu: z.string(),
  cores: count,
  memoryGiB: finite,
});

/** Facts of one model (a family's member) that do not depend on the seed. */
export const modelFactsSchema = z.strictObject({
  /** Key in the suite file, e.g. `ddpm`. */
  id: z.string(),
  family: z.enum(["diffusion", "gan"]),
  /** Short and unlike any other model's of the run. */
  title: z.string(),
  description: z.string(),
  parameters: count,
  /** Parameters of the part that samples (denoiser or generator). */
  samplingParameters: count,
  /** Floating-point operations (2 per multiply-add) of one network evaluation for one image. */
  flopsPerEvaluation: finite,
  /** Of one training image, all networks, forward and backward. */
  flopsPerTrainingImage: finite,
  imagesSeen: count,
  batch: count,
  steps: count,
});

export const datasetFactsSchema = z.strictObject({
  name: z.string(),
  hash: sha256,
  size: count,
  channels: count,
  classes: z.array(z.string()),
  /** Modes counted by mode count and reverse KL; the classes where the data has no finer modes. */
  modes: z.array(z.string()),
  train: count,
  test: count,
});

export const runSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  /** First 16 hex digits of a random identifier of the run. */
  id: z.string(),
  suite: z.string(),
  /** The resolved, validated suite configuration. */
  config: z.record(z.string(), z.unknown()),
  configHash: sha256,
  /** The command line that reproduces the run. */
  command: z.string(),
  state: z.enum(["running", "partial", "complete"]),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  seconds: finite.optional(),
  environment: environmentSchema,
  engine: engineChoiceSchema,
  dataset: datasetFactsSchema,
  models: z.array(modelFactsSchema),
  /** Ids of every cell of the plan, in order, so that what is missing can be told. */
  plan: z.array(
    z.strictObject({ id: z.string(), kind: z.string(), configHash: sha256, needs: z.array(z.string()) }),
  ),
});

export const fileSchema = z.strictObject({
  /** Path relative to the run folder, with forward slashes. */
  path: z.string(),
  sha256,
  bytes: count,
});

/** A picture of sample images, all of one model, drawn with the same seeds as every other model's. */
export const gridSchema = z.strictObject({
  file: fileSchema,
  rows: count,
  columns: count,
  caption: z.string(),
});

export const classifierRecordSchema = z.strictObject({
  kind: z.literal("classifier"),
  /** What the assignments are: `class` or, where the data's maker knows them, `mode`. */
  target: z.enum(["class", "mode"]),
  accuracy: finite,
  trainingSeed: finite,
  imagesSeen: count,
  parameters: count,
  featureWidth: count,
  weights: sha256,
  checkpoint: fileSchema,
  seconds: finite,
});

/** One recorded quantity over training, e.g. `loss`, `gradient_norm`, `discriminator_loss`. */
export const curveSchema = z.strictObject({
  quantity: z.string(),
  /** Training step of each value, from 1. */
  steps: z.array(count),
  values: z.array(finite),
});

export const trainRecordSchema = z.strictObject({
  kind: z.literal("train"),
  model: z.string(),
  seed: finite,
  outcome: z.enum(["trained", "diverged"]),
  divergence: z.strictObject({ step: count, quantity: z.string(), reason: z.string() }).optional(),
  steps: count,
  imagesSeen: count,
  seconds: finite,
  /** Tracing and session creation, not counted in `seconds`. */
  compileSeconds: finite,
  imagesPerSecond: finite,
  peakRssMiB: finite,
  curves: z.array(curveSchema),
  checkpoint: fileSchema,
  onnx: fileSchema.optional(),
});

export const curveStatisticsSchema = z.strictObject({
  quantity: z.string(),
  count,
  mean: finite,
  sd: finite,
  /** sd / |mean| over the second half of training; absent where the mean is 0. */
  coefficientOfVariation: finite.optional(),
  /** Share of values at least 7 sd from the rolling mean of up to 1,000 before them; absent below 128 values. */
  spikeScore: finite.optional(),
  first: finite,
  last: finite,
});

/** An estimate of one metric with its protocol. */
export const metricValueSchema = z.strictObject({
  metric: z.string(),
  value: finite,
  low: finite.optional(),
  high: finite.optional(),
  confidence: finite.optional(),
  method: z.string().optional(),
  direction: z.enum(["lower", "higher", "two-sided"]),
});

export const undefinedMetricSchema = z.strictObject({ metric: z.string(), why: z.string() });

export const stabilityRecordSchema = z.strictObject({
  kind: z.literal("stability"),
  model: z.string(),
  seed: finite,
  outcome: z.enum(["trained", "diverged"]),
  statistics: z.array(curveStatisticsSchema),
});

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
});

export const latencyRecordSchema = z.strictObject({
  kind: z.literal("latency"),
  /** Repetition: each is a process of its own. */
  process: count,
  series: z.array(latencySeriesSchema.extend({ model: z.string(), seed: finite })),
  peakRssMiB: finite,
});

/** Quality of one set of samples. */
export const qualitySchema = z.strictObject({
  sampler: z.string(),
  steps: count,
  n: count,
  metrics: z.array(metricValueSchema),
  undefinedMetrics: z.array(undefinedMetricSchema),
  /** Images assigned to each mode, in the order of `dataset.modes`. */
  modeCounts: z.array(count),
  grid: gridSchema.optional(),
});

export const diversityRecordSchema = z.strictObject({
  kind: z.literal("diversity"),
  model: z.string(),
  seed: finite,
  settings: z.array(qualitySchema),
});

/** Anchors at the same n: test images against other real ones (floor) and noise against test (ceiling). */
export const anchorsRecordSchema = z.strictObject({
  kind: z.literal("anchors"),
  n: count,
  real: qualitySchema,
  noise: qualitySchema,
});

export const recordSchema = z.discriminatedUnion("kind", [
  classifierRecordSchema,
  trainRecordSchema,
  stabilityRecordSchema,
  latencyRecordSchema,
  diversityRecordSchema,
  anchorsRecordSchema,
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

export type Device = z.infer<typeof deviceSchema>;
export type EngineChoice = z.infer<typeof engineChoiceSchema>;
export type Environment = z.infer<typeof environmentSchema>;
export type ModelFacts = z.infer<typeof modelFactsSchema>;
export type DatasetFacts = z.infer<typeof datasetFactsSchema>;
export type Run = z.infer<typeof runSchema>;
export type FileEntry = z.infer<typeof fileSchema>;
export type Grid = z.infer<typeof gridSchema>;
export type Curve = z.infer<typeof curveSchema>;
export type CurveStatistics = z.infer<typeof curveStatisticsSchema>;
export type MetricValue = z.infer<typeof metricValueSchema>;
export type Quality = z.infer<typeof qualitySchema>;
export type LatencySeries = z.infer<typeof latencySeriesSchema>;
export type ClassifierRecord = z.infer<typeof classifierRecordSchema>;
export type TrainRecord = z.infer<typeof trainRecordSchema>;
export type StabilityRecord = z.infer<typeof stabilityRecordSchema>;
export type LatencyRecord = z.infer<typeof latencyRecordSchema>;
export type DiversityRecord = z.infer<typeof diversityRecordSchema>;
export type AnchorsRecord = z.infer<typeof anchorsRecordSchema>;
export type CellRecord = z.infer<typeof recordSchema>;
export type Cell = z.infer<typeof cellSchema>;
