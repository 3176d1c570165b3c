/**
 * What distilling and training consistency models have in common (Song et al. 2023, arXiv:2303.01469, algorithms 2 and
 * 3): two points next to each other on one path, and the function at the noisier one drawn to its own value, held fixed,
 * at the other. They differ in how the less noisy point is found. The value held fixed is the present weights', as Song
 * & Dhariwal 2023 (arXiv:2310.14189), section 3.2, recommend, and so is the distance, pseudo-Huber (section 3.3).
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Rng } from "../../../core/rng.ts";
import type { Model } from "../../contract.ts";
import { type TrainingOptions, trained } from "../../nn/index.ts";
import type { DiffusionModel } from "../backbone.ts";
import { batchInputs, batchSignature, mixture } from "../batch.ts";
import { estimateOf } from "../evaluation.ts";
import { labelSignature } from "../guidance.ts";
import { forwardProcess } from "../posterior.ts";
import { sigmaOf } from "../respacing.ts";
import { denoisingModel } from "../sampling.ts";
import { packColumns, unpackColumns } from "./columns.ts";
import { consistencyDenoiser, consistencyMethod, trainedLevels } from "./consistency-function.ts";
import { labelsOf, teachersWeights } from "./teacher.ts";

/** One of two neighbouring levels of alphaBar, as the two methods need it. */
export interface Pair {
  readonly from: number;
  readonly to: number;
}

export interface ConsistencyParts {
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  /** Whose network is trained, or trained on. */
  readonly base: DiffusionModel;
  readonly options: TrainingOptions;
  /** Evaluations of the network for one training image, a backward pass counted as two. */
  readonly evaluations: number;
  /** Whether it starts from its teacher's weights, and carries them along as the input `teacher`. */
  readonly distilled: boolean;
  readonly trainingSteps: number;
  /** Levels that a training step knows, and which pair of neighbours an image gets: 0 is the least noisy. */
  levels(step: number): number;
  draw(stream: Rng, sigmas: readonly number[]): number;
  /** Columns of a pair besides those that the function needs, and the less noisy point from them. */
  readonly columns: readonly string[];
  row(pair: Pair): Readonly<Record<string, number>>;
  lessNoisy(
    x: tf.Tensor4D,
    inputs: Readonly<Record<string, tf.Tensor>>,
    columns: Readonly<Record<string, tf.Tensor4D>>,
  ): tf.Tensor4D;
  /** Weight of a pair's loss. */
  weight(sigmas: { readonly from: number; readonly to: number }): number;
}

const FUNCTION = ["signal", "spread", "t", "x", "output", "to_t", "to_x", "to_output", "weight"] as const;

/** sqrt(|a - b|^2 + c^2) - c of each image, c = 0.00054 sqrt(values of an image): [batch]. */
export function pseudoHuber(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor1D {
  const size = a.size / a.shape[0];
  const c = 0.00054 * Math.sqrt(size);
  const squares = tf.sum(tf.reshape(tf.squaredDifference(a, b), [-1, size]), 1);
  return tf.sub(tf.sqrt(tf.add(squares, c ** 2)), c) as tf.Tensor1D;
}

export function consistencyModel(parts: ConsistencyParts): Model {
  const { kind, base, distilled } = parts;
  const { denoiser, parameters, predict } = base.backbone;
  const own = consistencyDenoiser(denoiser);
  const { alphaBar, inputScale, target } = own;
  const weights = trained("student", parameters, parts.options);
  const names = [...FUNCTION, ...parts.columns];
  const sigma = (t: number) => sigmaOf(alphaBar[t]!);
  const method = consistencyMethod(kind, own, parts.levels(parts.trainingSteps));
  const model = denoisingModel(own, weights, base.flopsPerEvaluation, method);

  /** Numbers of one image: the function at the two levels, what finds the second point, the weight. */
  function rowOf(from: number, to: number): Record<string, number> {
    const { signal, spread } = forwardProcess(alphaBar[from]!);
    const [high, low] = [target.clean(alphaBar[from]!), target.clean(alphaBar[to]!)];
    return {
      signal: inputScale * signal,
      spread,
      t: from,
      x: high.x,
      output: high.output,
      to_t: to,
      to_x: low.x,
      to_output: low.output,
      weight: parts.weight({ from: sigma(from), to: sigma(to) }),
      ...parts.row({ from: alphaBar[from]!, to: alphaBar[to]! }),
    };
  }

  return {
    ...model,
    title: parts.title,
    description: parts.description,
    flopsPerTrainingImage: parts.evaluations * base.flopsPerEvaluation,

    state: { ...weights.state, ...(distilled ? { teacher: { shape: [weights.count] } } : {}) },
    initialState(stream, state) {
      if (!distilled) return model.initialState(stream);
      const teacher = teachersWeights(state, denoiser);
      return { ...weights.startingAt(teacher.data), teacher };
    },

    trainStep(inputs) {
      const columns = unpackColumns(names, inputs.columns!) as Readonly<Record<string, tf.Tensor4D>>;
      const at = (name: (typeof FUNCTION)[number]) => columns[name]!;
      const steps = (name: "t" | "to_t") => tf.reshape(at(name), [-1]) as tf.Tensor1D;
      const labels = inputs.labels as tf.Tensor1D | undefined;
      const x = mixture(inputs, at("signal"), at("spread"));
      const lower = parts.lessNoisy(x, inputs, columns);
      const fixed = denoiser.predict(inputs.student as tf.Tensor1D, lower, steps("to_t"), labels);
      const wanted = estimateOf(denoiser, lower, fixed, at("to_x"), at("to_output"));
      const { state, loss, gradientNorm } = weights.step(inputs, (values) => {
        const output = predict(values, x, steps("t"), labels);
        const end = estimateOf(denoiser, x, output, at("x"), at("output"));
        return tf.mean(tf.mul(pseudoHuber(end, wanted), tf.reshape(at("weight"), [-1]))) as tf.Scalar;
      });
      return {
        ...state,
        ...(distilled ? { teacher: inputs.teacher! } : {}),
        loss,
        gradient_norm: gradientNorm,
      };
    },

    feedSignature: (batch) => ({
      ...batchSignature(own, batch),
      columns: { shape: [batch, names.length] },
      ...labelSignature(denoiser, batch),
      ...weights.feedSignature,
    }),

    feed(batch, stream, step) {
      const drawn = stream.fold(step);
      const at = drawn.fold("t");
      const grid = trainedLevels(own, parts.levels(step));
      const sigmas = grid.map(sigma);
      const rows = Array.from({ length: batch.images.count }, () => {
        const n = parts.draw(at, sigmas);
        return rowOf(grid[n + 1]!, grid[n]!);
      });
      return {
        ...batchInputs(kind, batch.images, drawn),
        columns: packColumns(names, rows),
        ...labelsOf(denoiser, batch),
        ...weights.feed(step),
      };
    },

    network: base.network,
  };
}
