/** The discriminator in training: its steps with whatever regularises them, and how it stands against the generator. */
import * as tf from "@tensorflow/tfjs-core";
import { BenchError } from "../../core/errors.ts";
import type { Rng } from "../../core/rng.ts";
import type { HostTensor, Signature, TensorSpec } from "../../engine/contract.ts";
import type { Tree } from "../../engine/ops/index.ts";
import type { State } from "../contract.ts";
import { totalFlops, train, trained } from "../nn/index.ts";
import { type GanLoss, losses } from "./losses/index.ts";
import { discriminatorNetwork, type GanShape } from "./networks.ts";
import type { GanConfig } from "./presets.ts";
import { diffAugment, penalties, penaltyNames, realTarget, spectralNorm } from "./regularisers/index.ts";

type Labels = tf.Tensor2D | undefined;

/** Images [share, channels, size, size] of one step, and their one-hot labels where the model is conditional. */
export interface StepBatch {
  readonly real: tf.Tensor4D;
  readonly fake: tf.Tensor4D;
  readonly labels: Labels;
}

export interface TrainedDiscriminator {
  readonly loss: GanLoss;
  readonly count: number;
  readonly flopsPerImage: number;
  /** Whether a gradient penalty is added to its loss. */
  readonly penalised: boolean;
  readonly state: Readonly<Record<string, TensorSpec>>;
  initialState(stream: Rng): State;
  /** What a step needs besides data: for a whole batch. BAD_CONFIG never; the batch divides by then. */
  feedSignature(batch: number): Signature;
  feed(batch: number, stream: Rng, step: number): State;
  /** Its turn-th step within a training step, from 0: the new state, and quantities of before the step. */
  step(inputs: Tree, batch: StepBatch, turn: number): { readonly state: Tree; readonly quantities: Tree };
  /** As the generator's step meets it: scores of generated images, and the state that looking has changed. */
  opponent(inputs: Tree): {
    score(fake: tf.Tensor4D, labels: Labels, inputs: Tree): tf.Tensor1D;
    readonly state: Tree;
  };
  parameterAt(tensor: string, index: number): string | undefined;
}

/** Scalars of the step size of one turn, under the name that the first turn's have. */
function stepInputs(inputs: Tree, names: readonly string[], turn: number): Tree {
  return turn === 0
    ? inputs
    : { ...inputs, ...Object.fromEntries(names.map((name) => [name, inputs[`${name}_${turn + 1}`]!])) };
}

export function discriminatorOf(
  preset: string,
  config: GanConfig,
  shape: GanShape,
  classes: number,
): TrainedDiscriminator {
  const { discriminatorSteps: turns } = config;
  const loss = losses[config.loss];
  const target = realTarget(loss, config.labelSmoothing);
  const active = penaltyNames.filter((name) => config[name] > 0);
  const penalised = active.length > 0;
  if (penalised && config.discriminatorNorm === "batch")
    throw new BenchError(
      "BAD_CONFIG",
      `${preset}: a gradient penalty is of each image by itself, and batch normalisation mixes them; set ` +
        `discriminatorNorm to layer or none, or ${active.join(" and ")} to 0`,
    );
  const network = discriminatorNetwork(shape, config.discriminatorWidth, config.discriminatorNorm, classes);
  const weights = trained("discriminator", network.parameters, {
    learningRate: config.learningRate,
    beta1: config.beta1,
    beta2: config.beta2,
  });
  const spectral = config.spectralNorm ? spectralNorm(network.parameters) : undefined;
  const spectralState: Signature = spectral ? { [SINGULAR]: spectral.state } : {};
  const augmented = diffAugment(config.augment, shape.size);
  const stepNames = Object.keys(weights.feedSignature);
  const mixes = config.gradientPenalty > 0;
  const flops = totalFlops(network.flops);

  /** The weights as they are applied, and the power iteration's next vectors; not inside a gradient. */
  const prepared = (inputs: Tree) => {
    const iterated = spectral?.iterate(weights.unflatten(inputs.discriminator!), inputs[SINGULAR]!);
    return {
      state: (iterated ? { [SINGULAR]: iterated.left } : {}) as Tree,
      applied: (values: Tree) => (iterated ? spectral!.normalise(values, iterated.directions) : values),
    };
  };

  return {
    loss,
    count: weights.count,
    // forward and backward on real and on fake; once more forward and back through its activations alone for the
    // generator's step; penalties by their own count
    flopsPerImage: flops * (6 + 2 / turns + active.reduce((sum, name) => sum + penalties[name].passes, 0)),
    penalised,
    state: { ...weights.state, ...spectralState },
    initialState: (stream) => ({
      ...weights.initialState(stream),
      ...(spectral ? { [SINGULAR]: spectral.initialState(stream.fold("singular")) } : {}),
    }),

    feedSignature: (batch) => ({
      ...numbered(weights.feedSignature, turns),
      ...augmented.inputs(2 * batch + batch / turns),
      ...(mixes ? { mix: { shape: [batch, 1, 1, 1] } } : {}),
    }),

    feed(batch, stream, step) {
      const steps: Record<string, HostTensor> = {};
      for (let turn = 0; turn < turns; turn++)
        for (const [name, value] of Object.entries(weights.feed((step - 1) * turns + turn + 1)))
          steps[turn === 0 ? name : `${name}_${turn + 1}`] = value;
      return {
        ...steps,
        ...augmented.draw(2 * batch + batch / turns, stream.fold("augment")),
        ...(mixes ? { mix: uniforms(batch, stream.fold("mix")) } : {}),
      };
    },

    step(inputs, { real, fake, labels }, turn) {
      const share = real.shape[0];
      const seen = {
        real: augmented.apply(real, inputs, turn * share),
        fake: augmented.apply(fake, inputs, (turns + turn) * share),
        mix: mixes ? tf.slice(inputs.mix!, turn * share, share) : tf.scalar(0),
      };
      const { state, applied } = prepared(inputs);
      const scores = (values: Tree) => {
        const weights = applied(values);
        const score = (images: tf.Tensor4D) => train(network, weights, images, labels);
        return { score, real: score(seen.real), fake: score(seen.fake) };
      };
      const terms = (values: Tree) => {
        const { score, real, fake } = scores(values);
        const penalty = active.map((name) => tf.mul(penalties[name].penalty(score, seen), config[name]));
        return { value: loss.discriminator(real, fake, target), penalty };
      };
      const before = weights.unflatten(inputs.discriminator!);
      const moved = weights.step(stepInputs(inputs, stepNames, turn), (values) => {
        const { value, penalty } = terms(values);
        return penalty.reduce((sum, term) => tf.add(sum, term), value) as tf.Scalar;
      });
      const judged = scores(before);
      const { value, penalty } = terms(before);
      return {
        state: { ...moved.state, ...state },
        quantities: {
          discriminator_loss: value,
          discriminator_gradient_norm: moved.gradientNorm,
          discriminator_real: tf.mean(loss.shown(judged.real)),
          discriminator_fake: tf.mean(loss.shown(judged.fake)),
          discriminator_accuracy: accuracyOf(loss, judged),
          ...(penalised ? { discriminator_penalty: tf.addN(penalty) } : {}),
        },
      };
    },

    opponent(inputs) {
      const { state, applied } = prepared(inputs);
      const values = applied(weights.unflatten(inputs.discriminator!));
      return {
        state,
        score: (fake, labels, drawn) =>
          train(network, values, augmented.apply(fake, drawn, 2 * turns * fake.shape[0]), labels),
      };
    },

    parameterAt: (tensor, index) => weights.parameterAt(tensor, index),
  };
}

/** [count, 1, 1, 1] in [0, 1). */
const uniforms = (count: number, stream: Rng): HostTensor => ({
  shape: [count, 1, 1, 1],
  data: Float32Array.from({ length: count }, () => stream.uniform()),
});

const SINGULAR = "discriminator_singular";

/** Entries once per turn, from the second on with the turn's number at the end of the name. */
function numbered<T>(entries: Readonly<Record<string, T>>, turns: number): Record<string, T> {
  return Object.fromEntries(
    Array.from({ length: turns }, (_, turn) =>
      Object.entries(entries).map(([name, value]) => [turn === 0 ? name : `${name}_${turn + 1}`, value]),
    ).flat(),
  );
}

/** Share of both halves on the right side of the threshold. */
function accuracyOf(loss: GanLoss, { real, fake }: { real: tf.Tensor1D; fake: tf.Tensor1D }): tf.Tensor {
  const threshold = loss.threshold(real, fake);
  const share = (right: tf.Tensor) => tf.mean(tf.cast(right, "float32"));
  return tf.div(tf.add(share(tf.greater(real, threshold)), share(tf.less(fake, threshold))), 2);
}
