/** Stable ids of cells, in one place because stages name each other's. */
export const cellIds = {
  classifier: "classifier",
  anchors: "anchors",
  train: (model: string, seed: number) => `train/${model}/seed-${seed}`,
  stability: (model: string, seed: number) => `stability/${model}/seed-${seed}`,
  diversity: (model: string, seed: number) => `diversity/${model}/seed-${seed}`,
  latency: (process: number) => `latency/process-${process}`,
} as const;
