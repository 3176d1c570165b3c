/** `run.json`: what was asked for, of what, on what. */
import * as z from "zod";
import { metricFactsSchema } from "./metrics.ts";
import { count, finite, sha256 } from "./parts.ts";
import { tuningSchema } from "./tuning.ts";

/** Version 2 is read too: see version2.ts. */
export const SCHEMA_VERSION = 3;

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
  /** What samplers and generators computed in; float32 where absent. Training and judges always compute in float32. */
  precision: z.enum(["float32", "float16"]).optional(),
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

/** Which side of the question a model stands on: for claims and colours. */
export const sideSchema = z.enum(["diffusion", "gan"]);

/** Facts of one model that do not depend on the seed. What concerns training is absent where it was not trained here. */
export const modelFactsSchema = z.strictObject({
  /** Key in the suite file, e.g. `ddpm`. */
  id: z.string(),
  side: sideSchema,
  /** Makes an image in one network evaluation, without a sampler. */
  onePass: z.boolean(),
  /** Trained by the run; else it was brought. */
  trained: z.boolean(),
  /** Short and unlike any other model's of the run. */
  title: z.string(),
  description: z.string(),
  /** Parameters of all its networks. */
  parameters: count.optional(),
  /** Parameters of the part that samples (denoiser or generator). */
  samplingParameters: count,
  /** Floating-point operations (2 per multiply-add) of one network evaluation for one image. */
  flopsPerEvaluation: finite,
  /** Of one training image, all networks, forward and backward. */
  flopsPerTrainingImage: finite.optional(),
  imagesSeen: count.optional(),
  batch: count.optional(),
  steps: count.optional(),
  /** Labels that it is conditioned on; 0 for an unconditional model. */
  classes: count,
  /** Whether it can draw without a label all the same, which guidance needs; absent where that was not recorded. */
  drawsUnlabelled: z.boolean().optional(),
  /** Id of the model that it was distilled from. */
  teacher: z.string().optional(),
  /** Its options, defaults filled in, as the suite sets them. */
  options: z.record(z.string(), z.unknown()).optional(),
  /** How its settings were found, as the suite states it. */
  tuning: tuningSchema.optional(),
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
  /** What reading did to a person's own pictures, in numbers of files. */
  pictures: z
    .strictObject({
      /** That could not be read and were left out, as was asked. */
      skipped: count,
      /** Entries that are no pictures by their names, or lie where none are read. */
      ignored: count,
      /** Laid on the background. */
      transparent: count,
      /** Made square. */
      oblong: count,
      /** With more than 8 bits per channel, of which the upper 8 are taken. */
      deep: count,
      /** Whether any of them has colour. */
      colour: z.boolean(),
      /** Of each class, training and test images of the folder. */
      counts: z.array(z.tuple([count, count])),
      /** Least and greatest shorter edge in pixels. */
      edges: z.tuple([count, count]),
    })
    .optional(),
});

/** An option of the suite that gave way to the data. */
export const adaptedSchema = z.strictObject({
  /** E.g. `stages.diversity.n`. */
  option: z.string(),
  /** Absent where the suite left it open, or where it is left out now. */
  was: z.unknown().optional(),
  is: z.unknown().optional(),
  why: z.string(),
});

/** A judge that nobody trains here, with everything that decides its numbers. */
export const judgeFactsSchema = z.strictObject({
  name: z.string(),
  protocol: z.record(z.string(), z.union([z.string(), finite])),
});

/** The index-th of `count` parts of a plan, counted from 1. */
export const shardSchema = z.strictObject({ index: count.min(1), count: count.min(1) });

/** What a merged run was merged from. */
export const mergedSchema = z.strictObject({
  shards: z.array(
    z.strictObject({
      index: count,
      id: z.string(),
      startedAt: z.string(),
      seconds: finite,
      environment: environmentSchema,
      device: deviceSchema,
    }),
  ),
  /** What differs between them and was let pass, in words: such numbers do not compare. */
  mismatches: z.array(z.string()),
});

export const runSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  /** First 16 hex digits of a random identifier of the run. */
  id: z.string(),
  suite: z.string(),
  /** The resolved, validated suite configuration. */
  config: z.record(z.string(), z.unknown()),
  configHash: sha256,
  /** Of a search for settings: the suite's file as it was read, for the suite that the search writes. */
  suiteText: z.string().optional(),
  /** The command line that reproduces the run. */
  command: z.string(),
  state: z.enum(["running", "partial", "complete"]),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  seconds: finite.optional(),
  /** Of a merged run, where its latency was measured. */
  environment: environmentSchema,
  engine: engineChoiceSchema,
  /** Cells that ran at once, at most, each on one thread of a processor; timed ones ran alone, on all. Absent for 1. */
  jobs: count.min(2).optional(),
  /** Absent where the run is whole. */
  shard: shardSchema.optional(),
  merged: mergedSchema.optional(),
  dataset: datasetFactsSchema,
  /** Where the data was read last, where that is not `config.dataset.source`: it had moved when the run was resumed. */
  dataFrom: z.string().optional(),
  /** What of the suite gave way to the data, and why; absent where nothing did. */
  adapted: z.array(adaptedSchema).optional(),
  /** Absent in runs from before there were several. */
  judges: z.array(judgeFactsSchema).optional(),
  models: z.array(modelFactsSchema),
  /** Facts of every metric of the harness that ran, in the order of its registry. */
  metrics: z.array(metricFactsSchema),
  /** Ids of every cell of the plan, in order, so that what is missing can be told. */
  plan: z.array(
    z.strictObject({ id: z.string(), kind: z.string(), configHash: sha256, needs: z.array(z.string()) }),
  ),
});

export type Device = z.infer<typeof deviceSchema>;
export type EngineChoice = z.infer<typeof engineChoiceSchema>;
export type Environment = z.infer<typeof environmentSchema>;
export type Side = z.infer<typeof sideSchema>;
export type ModelFacts = z.infer<typeof modelFactsSchema>;
export type DatasetFacts = z.infer<typeof datasetFactsSchema>;
export type Adapted = z.infer<typeof adaptedSchema>;
export type JudgeFacts = z.infer<typeof judgeFactsSchema>;
export type Run = z.infer<typeof runSchema>;
