import { rng } from "../../core/rng.ts";
import { traceProgram } from "../../engine/onnx/trace.ts";
import type { Model, State } from "../../models/index.ts";
import { publish, publishTensors } from "../checkpoints/files.ts";
import type { FileEntry } from "../record/schema.ts";
import type { SuiteConfig } from "../suite/schema.ts";
import type { PlannedCell, Stage } from "./contract.ts";
import { createModel, dataSettings, modelConfig, trainedWeights, trainingSteps } from "./models.ts";
import { cellIds } from "./names.ts";
import { train } from "./training-loop.ts";

/** Every model of the suite with every seed of it. */
export function perModelAndSeed<T>(config: SuiteConfig, make: (model: string, seed: number) => T): T[] {
  const seeds = Array.from({ length: config.seeds }, (_, i) => config.seed + i);
  return Object.keys(config.models).flatMap((model) => seeds.map((seed) => make(model, seed)));
}

/** The sampling network with its weights inside, one image per call: what leaves the harness. */
function exportOnnx(out: string, path: string, id: string, model: Model, weights: State): Promise<FileEntry> {
  const { program, signature } = model.network;
  return publish(out, path, traceProgram(id, program, signature(1), { constants: weights }).model);
}

export const trainStage: Stage = {
  kind: "train",
  title: "trains each model with each seed and publishes its weights",

  plan: (config) =>
    perModelAndSeed(
      config,
      (model, seed): PlannedCell => ({
        id: cellIds.train(model, seed),
        kind: "train",
        needs: [],
        settings: { model, seed, config: modelConfig(config, model), data: dataSettings(config) },
      }),
    ),

  async run({ cell, config, out, engine, dataset, progress }) {
    const { model: id, seed } = cell.settings as { model: string; seed: number };
    const model = createModel(config, id);
    const { batch } = modelConfig(config, id);
    const steps = trainingSteps(modelConfig(config, id));
    const { train: data } = await dataset();
    const stream = rng(seed).fold("train").fold(id);
    const noise = stream.fold("feed");
    const trained = await train({
      engine,
      name: `train ${id}`,
      model,
      initial: model.initialState(stream.fold("init")),
      images: data.images,
      batch,
      steps,
      order: rng(seed).fold("order"), // both families see the images in one order
      feed: (images, _indices, step) => model.feed(images, noise, step),
      onStep(step, scalars, seconds) {
        const loss = scalars[model.quantities[0]!]!;
        progress({ done: step, total: steps, loss, imagesPerSecond: (step * batch) / seconds });
      },
    });
    const name = `checkpoints/${id}-seed-${seed}`;
    const checkpoint = await publishTensors(out, `${name}.safetensors`, {
      tensors: trained.state,
      metadata: { model: id, seed: String(seed), step: String(trained.steps) },
    });
    const record = {
      kind: "train" as const,
      model: id,
      seed,
      outcome: trained.outcome,
      ...(trained.divergence ? { divergence: trained.divergence } : {}),
      steps: trained.steps,
      imagesSeen: trained.steps * batch,
      seconds: trained.seconds,
      compileSeconds: trained.compileSeconds,
      imagesPerSecond: (trained.steps * batch) / trained.seconds,
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
      curves: trained.curves,
      checkpoint,
    };
    if (trained.outcome === "diverged") return record;
    const weights = await trainedWeights(out, model, record);
    return { ...record, onnx: await exportOnnx(out, `${name}.onnx`, id, model, weights) };
  },
};
