/** Stable ids of cells, in one place because stages name each other's. */
export const cellIds = {
  classifier: "classifier",
  secondClassifier: "classifier/second",
  anchors: "anchors",
  forward: (model: string) => `forward/${model}`,
  train: (model: string, seed: number) => `train/${model}/seed-${seed}`,
  stability: (model: string, seed: number) => `stability/${model}/seed-${seed}`,
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
