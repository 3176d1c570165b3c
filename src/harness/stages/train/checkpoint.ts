/** A checkpoint file outside its run: it holds the weights, and says which model they belong to. */
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import * as z from "zod";
import { BenchError, badCheckpoint, messageOf } from "../../../core/errors.ts";
import { sha256 } from "../../../core/hash.ts";
import { checkWeights, models as kinds, type Model, type State } from "../../../models/index.ts";
import { decodeSafetensors } from "../../checkpoints/safetensors.ts";
import { filesIn, readRun, readRunFile } from "../../record/index.ts";
import { type SuiteConfig, suiteSchema } from "../../suite/index.ts";
import { createModel } from "../shared/models.ts";

const labelsSchema = z.array(z.string()).max(10_000);

const seedSchema = z.string().regex(/^-?\d{1,15}$/);

const isKind = (type: string): boolean => Object.hasOwn(kinds, type);

/** The metadata of a checkpoint: enough to create its model again, without the location of the data. */
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

/**
 * @throws BAD_CHECKPOINT for a file that is damaged, not a checkpoint of a trained model, or not the one that its run
 * recorded, BAD_RUN_FOLDER where that run's records cannot be read
 */
export async function openTrained(file: string, shown: string) {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw badCheckpoint(`${shown} cannot be read: ${messageOf(cause)}`, cause);
  });
  const recorded = await recordedHash(file);
  if (recorded !== undefined && recorded !== sha256(bytes))
    throw badCheckpoint(
      `${shown} is not the file that its run recorded: its sha256 differs from the one in cells.jsonl. Restore it, or ` +
        "continue the run with bench run --resume, which makes it again.",
    );
  const { tensors, metadata } = decodeSafetensors(bytes, shown);
  const { id, seed, config, labels } = described(metadata, shown);
  const model = modelOf(config, id, labels, shown);
  const weights = checkWeights(model, tensors, shown);
  refuseNotFinite(weights, shown);
  return {
    id,
    seed,
    configured: config.models[id]!,
    model,
    weights,
    /** Names of the labels that it is conditioned on; none for an unconditional model. */
    labels: model.classes > 0 ? labels : [],
  };
}

export type TrainedModel = Awaited<ReturnType<typeof openTrained>>;

/** The hash that the run around a checkpoint has of it; undefined for a file in no run, or in none of its records. */
async function recordedHash(file: string): Promise<string | undefined> {
  if (basename(dirname(file)) !== "checkpoints") return undefined;
  const folder = dirname(dirname(file));
  const isRun = await readRunFile(folder).then(
    () => true,
    () => false,
  );
  if (!isRun) return undefined;
  const path = `checkpoints/${basename(file)}`;
  const { cells } = await readRun(folder);
  const files = cells.flatMap((cell) => (cell.state === "done" ? filesIn(cell.record) : []));
  return files.find((one) => one.path === path)?.sha256;
}

function modelOf(config: SuiteConfig, id: string, labels: readonly string[], shown: string): Model {
  try {
    return createModel(config, id, labels.length);
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    throw badCheckpoint(`${shown} describes a model that cannot be: ${error.message}`, error);
  }
}

/** Weights that left the finite numbers give pictures of nothing. */
function refuseNotFinite(weights: State, shown: string): void {
  for (const [name, { data }] of Object.entries(weights)) {
    const value = data.find((value) => !Number.isFinite(value));
    if (value !== undefined)
      throw badCheckpoint(
        `${shown}: ${name} holds ${value}: its training diverged, or the file is damaged. Give another checkpoint.`,
      );
  }
}

/** Every model that the metadata name is one that can be made here. */
function described(metadata: Readonly<Record<string, string>>, shown: string) {
  try {
    const id = z.string().parse(metadata.model);
    const seed = Number(seedSchema.parse(metadata.seed));
    const config = suiteSchema.parse(JSON.parse(metadata.suite ?? ""));
    const labels = labelsSchema.parse(JSON.parse(metadata.labels ?? ""));
    const models = new Map(Object.entries(config.models));
    const known = [...models.values()].every(
      ({ type, teacher }) =>
        isKind(type) && // a teacher has none itself
        (teacher === undefined || (models.has(teacher) && models.get(teacher)!.teacher === undefined)),
    );
    if (known && Object.hasOwn(config.models, id)) return { id, seed, config, labels };
  } catch {
    // reported below
  }
  throw badCheckpoint(
    `${shown} does not say which model it is of. Give checkpoints/MODEL-seed-S.safetensors of a run folder.`,
  );
}
