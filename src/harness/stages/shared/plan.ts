/** The cells of a plan: their ids, and the models and seeds that a stage has cells for. */
import type { SuiteConfig } from "../../suite/index.ts";
import type { StageCell } from "./define.ts";
import { isTrained, kindOf } from "./models.ts";

/** Stable ids of cells, in one place because stages name each other's. */
export const cellIds = {
  classifier: "classifier",
  secondClassifier: "classifier/second",
  anchors: "anchors",
  forward: (model: string) => `forward/${model}`,
  train: (model: string, seed: number) => `train/${model}/seed-${seed}`,
  stability: (model: string, seed: number) => `stability/${model}/seed-${seed}`,
  tune: (model: string, rung: number, place: number, seed: number) =>
    `tune/${model}/rung-${rung}/place-${place}/seed-${seed}`,
  sensitivity: (model: string, factor: number, seed: number) =>
    `sensitivity/${model}/rate-x${factor}/seed-${seed}`,
  diversity: (model: string, seed: number) => `diversity/${model}/seed-${seed}`,
  likelihood: (model: string, seed: number) => `likelihood/${model}/seed-${seed}`,
  control: (model: string, seed: number) => `control/${model}/seed-${seed}`,
  data: (model: string, size: number, seed: number) => `data/${model}/images-${size}/seed-${seed}`,
  distill: (seed: number) => `distill/seed-${seed}`,
  cost: "cost",
  latency: (process: number) => `latency/process-${process}`,
} as const;

export function seedsOf({ seed }: SuiteConfig, count: number): number[] {
  return Array.from({ length: count }, (_, i) => seed + i);
}

/** A cell of each of the models with each seed of the suite. */
export function perModelAndSeed<S extends object>(
  config: SuiteConfig,
  kind: "train" | "stability" | "diversity" | "likelihood" | "control",
  ids: readonly string[],
  cellOf: (model: string, seed: number) => { needs: string[]; settings: S },
): StageCell<{ model: string; seed: number } & S>[] {
  return ids.flatMap((model) =>
    seedsOf(config, config.seeds).map((seed) => {
      const { needs, settings } = cellOf(model, seed);
      return { id: cellIds[kind](model, seed), needs, settings: { model, seed, ...settings } };
    }),
  );
}

/** The cell that gives a model its weights: none where the model is not trained here. */
export function trainingOf(config: SuiteConfig, id: string, seed: number): string[] {
  return isTrained(config, id) ? [cellIds.train(id, seed)] : [];
}

export function trainedModels(config: SuiteConfig): string[] {
  return Object.keys(config.models).filter((id) => isTrained(config, id));
}

/** Models that are trained here without a teacher. */
export function freshModels(config: SuiteConfig): string[] {
  return trainedModels(config).filter((id) => config.models[id]!.teacher === undefined);
}

/** Diffusion models with a forward process of their own; a distilled one has its teacher's. */
export function noisingModels(config: SuiteConfig): string[] {
  return trainedModels(config).filter((id) => {
    const { side, distilled } = kindOf(config, id);
    return side === "diffusion" && !distilled;
  });
}

/** Of these models those that a stage's option `models` names; all where it is left out. */
export function namedModels(ids: readonly string[], named: readonly string[] | undefined): string[] {
  return ids.filter((id) => named?.includes(id) ?? true);
}
