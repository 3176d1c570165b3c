/** Models with the weights that a run samples them with. */
import { BenchError } from "../../../core/errors.ts";
import type { Sampled, State } from "../../../models/index.ts";
import type { TrainRecord } from "../../record/index.ts";
import type { ModelConfig } from "../../suite/index.ts";
import type { CellContext } from "../contract.ts";
import {
  createModel,
  createSampled,
  isTrained,
  modelConfig,
  type TrainedWeights,
  trainedWeights,
} from "./models.ts";
import { cellIds } from "./plan.ts";

export interface OpenModel {
  readonly id: string;
  readonly seed: number;
  readonly configured: ModelConfig;
  readonly model: Sampled;
  /** Sampling weights; empty for a model that is not trained here and brings its own. */
  readonly weights: State;
  /** What else its training left; absent where it was not trained here. */
  readonly trained?: TrainedWeights;
}

/** A model as its training with this seed left it, even if that training diverged. */
export async function loadModel(context: CellContext, id: string, seed: number): Promise<OpenModel> {
  const { config, labels, out, record } = context;
  const configured = modelConfig(config, id);
  if (!isTrained(config, id))
    return { id, seed, configured, model: createSampled(config, id, labels), weights: {} };
  const model = createModel(config, id, labels);
  const { checkpoint } = record("train", cellIds.train(id, seed));
  const trained = await trainedWeights(out, model, checkpoint);
  return { id, seed, configured, model, weights: trained.weights, trained };
}

/** The model of a cell about one model and one seed. @throws DIVERGED where its training did */
export async function openModel(context: CellContext<{ model: string; seed: number }>): Promise<OpenModel> {
  const { model: id, seed } = context.cell.settings;
  if (isTrained(context.config, id)) refuseDiverged(context.record("train", cellIds.train(id, seed)));
  return loadModel(context, id, seed);
}

/** @throws DIVERGED, with step and reason, where a training left no weights to sample with */
export function refuseDiverged({ model, seed, outcome, divergence }: TrainRecord): void {
  if (outcome === "diverged")
    throw new BenchError(
      "DIVERGED",
      `${model} with seed ${seed} diverged at step ${divergence?.step}: ${divergence?.reason}`,
    );
}
