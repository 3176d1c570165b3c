/** Training of every model with every seed, and the files that it leaves. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../../core/errors.ts";
import type { State } from "../../../models/index.ts";
import { checkFile, publish, publishTensors } from "../../checkpoints/files.ts";
import type { FileEntry, TrainRecord } from "../../record/index.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import type { CellContext } from "../contract.ts";
import { defineStage } from "../shared/define.ts";
import { type Exported, exportNetwork } from "../shared/exported.ts";
import { targetsOf } from "../shared/judge.ts";
import {
  createModel,
  dataSettings,
  modelConfig,
  scoringSetting,
  trainedWeights,
  trainingSteps,
} from "../shared/models.ts";
import { loadModel } from "../shared/open.ts";
import { cellIds, perModelAndSeed, trainedModels } from "../shared/plan.ts";
import { outcomeOf, snapshotSteps, trainModel } from "../shared/training.ts";
import { modelOf, trainingWork } from "../shared/work.ts";
import { modelMetadata } from "./checkpoint.ts";
import { decodePosition, type ExpectedTraining, encodePosition } from "./position.ts";

/** A training is saved this often: a killed one repeats at most as much. */
const SAVE_EVERY_SECONDS = 60;

/** Exports the sampling network with its weights inside, one image per call. */
function exportOnnx(out: string, path: string, of: Omit<Exported, "batch">): Promise<FileEntry> {
  return publish(out, path, exportNetwork({ ...of, batch: 1 }).file);
}

/** Where a killed attempt had got to, with its snapshots as they were written; undefined, and a note why, for none of use. */
async function savedTraining({ out, note }: CellContext, path: string, expected: ExpectedTraining) {
  try {
    const bytes = await readFile(join(out, path));
    const saved = decodePosition(bytes, path, expected);
    for (const { checkpoint } of saved.snapshots) await checkFile(out, checkpoint);
    return saved;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    // it is trained again, which costs time and changes no result
    note(`the training starts again from its first step: ${messageOf(error)}`);
    return undefined;
  }
}

/** All that are trained here; of a search for settings the teachers that it does not tune. */
function wantedModels(config: SuiteConfig): string[] {
  const { tune } = config.stages;
  const all = trainedModels(config);
  if (!tune) return all;
  const teachers = tune.models.map((id) => modelConfig(config, id).teacher);
  return all.filter((id) => teachers.includes(id) && !tune.models.includes(id));
}

/** A student's settings do not repeat its teacher's: the hash of the teacher's cell is in its own. */
export const trainStage = defineStage({
  kind: "train",
  title: "trains each model with each seed and publishes its weights",

  options: (config) => config.models,

  plan: (models, config) =>
    perModelAndSeed(config, "train", wantedModels(config), (id, seed) => {
      const { teacher, sampling: _, scoring: __, tuning: ___, ...configured } = models[id]!;
      return {
        needs: teacher === undefined ? [] : [cellIds.train(teacher, seed)],
        settings: {
          config: configured,
          data: dataSettings(config),
          checkpoints: config.stages.stability?.checkpoints ?? 0,
        },
      };
    }),

  work(models, cell, _config, facts) {
    const model = modelOf(cell, facts);
    const { batch, images } = models[model.id]!;
    return trainingWork(model, trainingSteps({ batch, images }) * batch);
  },

  async run(context) {
    const { cell, config, labels, out } = context;
    const { model: id, seed, checkpoints } = cell.settings;
    const configured = modelConfig(config, id);
    const model = createModel(config, id, labels);
    const steps = trainingSteps(configured);
    const name = `checkpoints/${id}-seed-${seed}`;
    const { teacher } = configured;
    const dataset = await context.dataset();
    const about = modelMetadata(config, id, targetsOf(dataset, dataset.train).names);
    const publishState = (path: string, step: number, tensors: State) =>
      publishTensors(out, `${path}.safetensors`, {
        tensors,
        metadata: { model: id, seed: String(seed), step: String(step), ...about },
      });
    const path = `${name}.position.safetensors`;
    const snapshotsAt = snapshotSteps(steps, checkpoints).filter((step) => step < steps);
    const from = await savedTraining(context, path, {
      configHash: cell.configHash,
      model,
      steps,
      snapshotsAt,
    });
    const snapshots: TrainRecord["snapshots"] = [...(from?.snapshots ?? [])];
    const trained = await trainModel({
      context,
      id,
      model,
      configured,
      seed,
      dataset,
      teacher: teacher === undefined ? undefined : (await loadModel(context, teacher, seed)).weights,
      from: from?.position,
      snapshots: {
        at: snapshotsAt,
        async take({ step, seconds, state }) {
          const checkpoint = await publishState(`${name}-step-${step}`, step, state);
          snapshots.push({ step, seconds, checkpoint });
        },
      },
      saving: {
        everySeconds: context.saveEverySeconds ?? SAVE_EVERY_SECONDS,
        async save(position) {
          await publish(out, path, encodePosition({ position, snapshots }, cell.configHash));
        },
      },
    });
    const checkpoint = await publishState(name, trained.steps, trained.state);
    await rm(join(out, path), { force: true });
    const facts = outcomeOf(trained, configured);
    const done = {
      kind: "train" as const,
      model: id,
      seed,
      ...facts,
      steps: trained.steps,
      compileSeconds: trained.compileSeconds,
      imagesPerSecond: facts.imagesSeen / trained.seconds,
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
      curves: trained.curves,
      snapshots,
      checkpoint,
    };
    if (trained.outcome === "diverged") return done;
    const { weights } = await trainedWeights(out, model, checkpoint);
    const setting = scoringSetting(configured);
    const { names } = targetsOf(dataset, dataset.train);
    const onnx = await exportOnnx(out, `${name}.onnx`, { id, model, weights, setting, labels: names });
    return { ...done, onnx };
  },
});
