import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { BenchError } from "../../../core/errors.ts";
import { traceProgram } from "../../../engine/onnx/trace.ts";
import type { Model, State } from "../../../models/index.ts";
import { publish, publishTensors } from "../../checkpoints/files.ts";
import { modelMetadata } from "../../checkpoints/trained.ts";
import type { FileEntry, TrainRecord } from "../../record/index.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import { targetsOf } from "../classifier/run.ts";
import type { PlannedCell, Stage } from "../contract.ts";
import { createModel, dataSettings, modelConfig, trainedWeights, trainingSteps } from "../shared/models.ts";
import { cellIds } from "../shared/names.ts";
import { snapshotSteps, trainModel } from "../shared/training.ts";
import { modelOf, trainingWork } from "../shared/work.ts";
import { decodePosition, encodePosition } from "./position.ts";

/** Training that would take longer to repeat than this is saved on the way. */
const SAVE_EVERY_SECONDS = 60;

/** Every model of the suite with every seed of it. */
export function perModelAndSeed<T>(config: SuiteConfig, make: (model: string, seed: number) => T): T[] {
  return Object.keys(config.models).flatMap((model) =>
    seedsOf(config, config.seeds).map((seed) => make(model, seed)),
  );
}

export function seedsOf(config: SuiteConfig, count: number): number[] {
  return Array.from({ length: count }, (_, i) => config.seed + i);
}

/** DIVERGED, with what was recorded, where there are no weights to sample with. */
export function refuseDiverged({ model, seed, outcome, divergence }: TrainRecord): void {
  if (outcome === "diverged")
    throw new BenchError(
      "DIVERGED",
      `${model} with seed ${seed} diverged at step ${divergence?.step}: ${divergence?.reason}`,
    );
}

/** The sampling network with its weights inside, one image per call: what leaves the harness. */
function exportOnnx(out: string, path: string, id: string, model: Model, weights: State): Promise<FileEntry> {
  const { program, signature } = model.network;
  return publish(out, path, traceProgram(id, program, signature(1), { constants: weights }).model);
}

/** A teacher's settings are among its student's: its cell's hash covers the rest. */
export const trainStage: Stage = {
  kind: "train",
  title: "trains each model with each seed and publishes its weights",

  plan: (config) =>
    perModelAndSeed(config, (model, seed): PlannedCell => {
      const { teacher, sampling: _, scoring: __, tuning: ___, ...configured } = modelConfig(config, model);
      return {
        id: cellIds.train(model, seed),
        kind: "train",
        needs: teacher === undefined ? [] : [cellIds.train(teacher, seed)],
        settings: {
          model,
          seed,
          config: configured,
          data: dataSettings(config),
          checkpoints: config.stages.stability?.checkpoints ?? 0,
        },
      };
    }),

  work(cell, _config, models) {
    const model = modelOf(cell, models);
    return trainingWork(model, model.imagesSeen);
  },

  async run(context) {
    const { cell, config, labels, out, dataset: load, record } = context;
    const {
      model: id,
      seed,
      checkpoints,
    } = cell.settings as {
      model: string;
      seed: number;
      checkpoints: number;
    };
    const configured = modelConfig(config, id);
    const model = createModel(config, id, labels);
    const steps = trainingSteps(configured);
    const name = `checkpoints/${id}-seed-${seed}`;
    const teacher =
      configured.teacher === undefined
        ? undefined
        : await trainedWeights(
            out,
            createModel(config, configured.teacher, labels),
            record("train", cellIds.train(configured.teacher, seed)).checkpoint,
          );
    const dataset = await load();
    const about = modelMetadata(config, id, targetsOf(dataset, dataset.train).names);
    const position = join(out, `${name}.position.safetensors`);
    const from = decodePosition(await readFile(position).catch(() => undefined), cell.configHash);
    const snapshots: TrainRecord["snapshots"] = [...(from?.snapshots ?? [])];
    const trained = await trainModel({
      context,
      id,
      model,
      configured,
      seed,
      dataset,
      teacher,
      from: from?.position,
      snapshots: {
        at: snapshotSteps(steps, checkpoints).filter((step) => step < steps),
        async take({ step, seconds, state }) {
          const checkpoint = await publishTensors(out, `${name}-step-${step}.safetensors`, {
            tensors: state,
            metadata: { model: id, seed: String(seed), step: String(step), ...about },
          });
          snapshots.push({ step, seconds, checkpoint });
        },
      },
      saving: {
        everySeconds: context.saveEverySeconds ?? SAVE_EVERY_SECONDS,
        async save(at) {
          await publish(
            out,
            `${name}.position.safetensors`,
            encodePosition(at, { configHash: cell.configHash, snapshots }),
          );
        },
      },
    });
    const checkpoint = await publishTensors(out, `${name}.safetensors`, {
      tensors: trained.state,
      metadata: { model: id, seed: String(seed), step: String(trained.steps), ...about },
    });
    await rm(position, { force: true });
    const done: TrainRecord = {
      kind: "train",
      model: id,
      seed,
      outcome: trained.outcome,
      divergence: trained.divergence,
      steps: trained.steps,
      imagesSeen: trained.steps * configured.batch,
      seconds: trained.seconds,
      compileSeconds: trained.compileSeconds,
      imagesPerSecond: (trained.steps * configured.batch) / trained.seconds,
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
      curves: trained.curves,
      snapshots,
      checkpoint,
    };
    if (trained.outcome === "diverged") return done;
    const weights = await trainedWeights(out, model, checkpoint);
    return { ...done, onnx: await exportOnnx(out, `${name}.onnx`, id, model, weights) };
  },
};
