/** A trained model's file by itself: its weights, and the model that they are of. */
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { BenchError, messageOf } from "../../core/errors.ts";
import type { Model, State } from "../../models/index.ts";
import { createModel } from "../stages/shared/models.ts";
import { type ModelConfig, type SuiteConfig, suiteSchema } from "../suite/index.ts";
import { decodeSafetensors } from "./safetensors.ts";

const labelsSchema = z.array(z.string());

export interface TrainedModel {
  readonly id: string;
  readonly seed: number;
  readonly configured: ModelConfig;
  readonly model: Model;
  readonly weights: State;
  /** Names of the labels that it is conditioned on; none for an unconditional model. */
  readonly labels: readonly string[];
}

/** What a checkpoint says of its model: enough to make it again. Where the data lay is left out. */
export function modelMetadata(config: SuiteConfig, id: string, labels: readonly string[]) {
  const { size, channels } = config.dataset;
  const { teacher } = config.models[id]!;
  const ids = [id, ...(teacher === undefined ? [] : [teacher])];
  const models = Object.fromEntries(ids.map((name) => [name, config.models[name]]));
  return {
    suite: JSON.stringify({ name: config.name, dataset: { size, channels }, models, stages: {} }),
    labels: JSON.stringify(labels),
  };
}

/** @throws BAD_CHECKPOINT for a file that is none of a trained model, or is damaged. */
export async function openTrained(file: string, shown: string): Promise<TrainedModel> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new BenchError("BAD_CHECKPOINT", `${shown} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const { tensors, metadata } = decodeSafetensors(bytes, shown);
  const { id, config, labels } = described(metadata, shown);
  const model = createModel(config, id, labels.length);
  for (const [name, { shape }] of Object.entries(model.state))
    if (String(tensors[name]?.shape) !== String(shape))
      throw new BenchError(
        "BAD_CHECKPOINT",
        `${shown}: ${name} is [${tensors[name]?.shape ?? "missing"}], the model needs [${shape}]`,
      );
  return {
    id,
    seed: Number(metadata.seed),
    configured: config.models[id]!,
    model,
    weights: model.samplingWeights(tensors),
    labels: model.classes > 0 ? labels : [],
  };
}

function described(metadata: Readonly<Record<string, string>>, shown: string) {
  try {
    const id = z.string().parse(metadata.model);
    const config = suiteSchema.parse(JSON.parse(metadata.suite ?? ""));
    const labels = labelsSchema.parse(JSON.parse(metadata.labels ?? ""));
    if (config.models[id]) return { id, config, labels };
  } catch {
    // said below: whatever it lacks, it is no such file
  }
  throw new BenchError(
    "BAD_CHECKPOINT",
    `${shown} does not say which model it is of. Give checkpoints/MODEL-seed-S.safetensors of a run folder.`,
  );
}
