/** Columns that several tables share: one word for one thing. */
import type { Column } from "./table.ts";

export const model: Column = { meaning: "id of the model in the suite file" };
export const seed: Column = { meaning: "seed of the training run" };
export const sampler: Column = { meaning: "sampler; none for a one-pass generator" };
export const steps: Column = { meaning: "sampling steps" };
export const n: Column = { unit: "images", meaning: "images scored" };
export const imagesSeen: Column = { unit: "images", meaning: "training images seen" };
export const quantity: Column = { meaning: "recorded quantity, e.g. loss or gradient_norm" };
export const outcome: Column = { meaning: "trained, or diverged: a result too" };

export const trainImages: Column = { unit: "images", meaning: "different training images" };
export const networkEvaluations: Column = { meaning: "passes through the network per image" };
export const confidence: Column = { meaning: "confidence of the interval" };

/** What identifies a scored set, an anchor's too: the first columns of every table about them. */
export const scoredSet = {
  model: { meaning: "id of the model in the suite file; real and noise are the anchors" },
  seed: { meaning: "seed of the training run; empty for the anchors" },
  sampler,
  steps,
  n,
} satisfies Record<string, Column>;
