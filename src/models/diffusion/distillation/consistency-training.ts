/**
 * Consistency training, without a teacher: Song et al. 2023 (arXiv:2303.01469), algorithm 3, with the choices of Song &
 * Dhariwal 2023 (arXiv:2310.14189): levels that double over training, noise levels drawn log-normally, losses weighted
 * by the inverse distance of the levels.
 */
import type * as z from "zod";
import type { Rng } from "../../../core/rng.ts";
import { normalCdf } from "../../../core/statistics/index.ts";
import { levels, options, parseConfig } from "../../config.ts";
import type { Model } from "../../contract.ts";
import { mixture } from "../batch.ts";
import { ddpmConfigSchema } from "../config.ts";
import { createDdpm } from "../ddpm.ts";
import { forwardProcess } from "../posterior.ts";
import { consistencyModel } from "./consistency-model.ts";
import { trainingOptions } from "./teacher.ts";

const KIND = "consistency-training";
/** Options that it shares with ddpm: the network's, and the process's. */
const shared = ddpmConfigSchema.pick({
  size: true,
  channels: true,
  classes: true,
  conditional: true,
  base: true,
  multipliers: true,
  blocks: true,
  attention: true,
  heads: true,
  resampling: true,
  schedule: true,
  timesteps: true,
}).shape;
const levelCount = levels.min(2);

export const consistencyTrainingConfigSchema = options({
  ...shared,
  ...trainingOptions,
  levelsFirst: levelCount
    .default(10)
    .describe("noise levels that the path is cut at when training begins (s_0)"),
  levelsLast: levelCount.default(160).describe("noise levels when it ends (s_1), doubled on the way"),
});

/** N(k) of Song & Dhariwal 2023, section 3.4: from `first` levels to `last`, doubled after equal stretches, and one. */
export function levelsAt(step: number, trainingSteps: number, first: number, last: number): number {
  const stretch = Math.floor(trainingSteps / (Math.log2(Math.floor(last / first)) + 1));
  return Math.min(first * 2 ** Math.floor((step - 1) / Math.max(1, stretch)), last) + 1;
}

/** Mean and deviation of ln sigma, section 3.5 of that paper. */
const LOG_SIGMA = { mean: -1.1, deviation: 2 };

/** The pair of neighbours n, n + 1 with the probability that ln sigma falls between them. */
export function drawPair(stream: Rng, sigmas: readonly number[]): number {
  const cumulated = sigmas.map((sigma) =>
    normalCdf((Math.log(sigma) - LOG_SIGMA.mean) / LOG_SIGMA.deviation),
  );
  const [low, high] = [cumulated[0]!, cumulated.at(-1)!];
  const at = low + stream.uniform() * (high - low);
  return Math.max(0, cumulated.findIndex((value) => value > at) - 1);
}

/** A consistency model of its own; BAD_CONFIG as for ddpm. */
export function createConsistencyTraining(given: z.input<typeof consistencyTrainingConfigSchema>): Model {
  const config = parseConfig(KIND, consistencyTrainingConfigSchema, given);
  const { levelsFirst, levelsLast, trainingSteps, learningRate, warmup, ema, clip, ...own } = config;
  const unet = createDdpm({ ...own, target: "v" });
  return consistencyModel({
    kind: KIND,
    title: "Consistency training",
    description: `${unet.description}; ${levelsFirst} to ${levelsLast} levels`,
    base: unet,
    options: { learningRate, warmup, ema, clip },
    trainingSteps,
    evaluations: 1 + 3,
    distilled: false,
    levels: (step) => levelsAt(step, trainingSteps, levelsFirst, levelsLast),
    draw: drawPair,
    columns: ["low_signal", "low_spread"],
    row({ to }) {
      const { signal, spread } = forwardProcess(to);
      return { low_signal: signal, low_spread: spread };
    },
    // the same image with the same noise, less of it
    lessNoisy: (_x, inputs, columns) => mixture(inputs, columns.low_signal!, columns.low_spread!),
    weight: ({ from, to }) => 1 / (from - to),
  });
}
