/**
 * Standing statistics (Brock et al. 2019, arXiv:1809.11096, appendix C): what batch normalisation divides by at sampling,
 * measured for the weights that are sampled. The running ones of training belong to weights that have since moved, and an
 * average of those is not what averaged weights give.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { type Rng, rng } from "../../core/rng.ts";
import { type Engine, type HostTensor, type Program, sizeOf } from "../../engine/contract.ts";
import { flatten, type Shapes, type Tree } from "../../engine/ops/index.ts";
import { applyTrainingWithStatistics, countOf, shapesOf } from "../nn/index.ts";
import type { GeneratorNetwork } from "./networks.ts";
import { labelInput, latents } from "./sampling.ts";

/** 2,000 latents, in batches of a size that fits wherever training does. */
const BATCHES = 20;
const BATCH = 100;

/** The same latents whatever the model: the statistics follow from the weights and the labels' frequencies alone. */
const drawn = rng(0).fold("standing statistics");

export interface StandingOf {
  readonly generator: GeneratorNetwork;
  /** A flat vector of its parameters as one tensor each. */
  unflatten(flat: tf.Tensor): Tree;
  readonly latent: number;
  /** Labels told apart; 0 for an unconditional generator. */
  readonly classes: number;
}

/**
 * Of each of these weights, [parameters]: the mean and the variance over all latents, positions and batches, as
 * [statistics] in the order of the generator's own. A conditional generator is told labels as frequent as in `labels`.
 */
export async function standingStatistics(
  engine: Engine,
  { generator, unflatten, latent, classes }: StandingOf,
  weights: readonly HostTensor[],
  labels: ArrayLike<number>,
): Promise<HostTensor[]> {
  const shapes = shapesOf(generator.statistics);
  const program: Program<string, "statistics"> = (inputs) => {
    const told = inputs.labels as tf.Tensor2D | undefined;
    const values = unflatten(inputs.weights!);
    const applied = applyTrainingWithStatistics(generator, values, inputs.latent as tf.Tensor2D, told);
    return { statistics: flatten(applied.statistics, shapes) };
  };
  const compiled = await engine.compile("standing statistics", program, {
    weights: { shape: [countOf(generator.parameters)] },
    latent: { shape: [BATCH, latent] },
    ...(classes > 0 ? { labels: { shape: [BATCH, classes] } } : {}),
  });
  const measured: HostTensor[] = [];
  for (const each of weights) {
    const batches: Float32Array[] = [];
    for (let batch = 0; batch < BATCHES; batch++) {
      const streams = Array.from({ length: BATCH }, (_, i) => drawn.fold(batch * BATCH + i));
      const labelOf = (stream: Rng) => labels[stream.fold("label").integer(labels.length)]!;
      const { statistics } = await compiled.run({
        weights: each,
        latent: latents(streams, latent),
        ...labelInput({ classes }, classes > 0 ? streams.map(labelOf) : undefined, BATCH),
      });
      batches.push((await statistics.read()) as Float32Array);
      statistics.dispose();
    }
    measured.push({ shape: [countOf(generator.statistics)], data: pooled(batches, shapes) });
  }
  compiled.dispose();
  return measured;
}

/** Statistics of equal batches together, float64: a variance is the mean of the batches' and the variance of their means. */
function pooled(batches: readonly Float32Array[], shapes: Shapes): Float32Array {
  const over = (of: (batch: Float32Array) => number) =>
    batches.reduce((sum, batch) => sum + of(batch), 0) / batches.length;
  const out = Float32Array.from(batches[0]!, (_, i) => over((batch) => batch[i]!));
  const starts = new Map<string, number>();
  let start = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const width = sizeOf(shape);
    starts.set(name, start);
    const means = starts.get(name.replace(/variance$/, "mean"))!;
    for (let k = 0; k < width && means !== start; k++) {
      const mean = over((batch) => batch[means + k]!);
      out[start + k]! += over((batch) => (batch[means + k]! - mean) ** 2);
    }
    start += width;
  }
  return out;
}
