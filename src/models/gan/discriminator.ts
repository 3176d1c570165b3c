/** The discriminator in training: its steps with whatever regularises them, and how it stands against the generator. */
import * as tf from "@tensorflow/tfjs-core";
import { badConfig } from "../../core/errors.ts";
import type { Rng } from "../../core/rng.ts";
import type { HostTensor, Signature } from "../../engine/contract.ts";
import type { Tree } from "../../engine/ops/index.ts";
import type { State } from "../contract.ts";
import { applyTraining, totalFlops, trained } from "../nn/index.ts";
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

/** A name as it is for a turn, from 0: from the second on with the turn's number at its end. */
const atTurn = (name: string, turn: number) => (turn === 0 ? name : `${name}_${turn + 1}`);

/** `of(turn)` of every turn, named by turn. */
function everyTurn<T>(turns: number, of: (turn: number) => Readonly<Record<string, T>>): Record<string, T> {
  const entries = Array.from({ length: turns }, (_, turn) =>
    Object.entries(of(turn)).map(([name, value]) => [atTurn(name, turn), value] as const),
  );
  return Object.fromEntries(entries.flat());
}

export function discriminatorOf(preset: string, config: GanConfig, shape: GanShape, classes: number) {
  const { discriminatorSteps: turns } = config;
  const loss = losses[config.loss];
  const target = realTarget(loss, config.labelSmoothing);
  const active = penaltyNames.filter((name) => config[name] > 0);
  if (active.length > 0 && config.discriminatorNorm === "batch")
    throw badConfig(
      `${preset}: a gradient penalty is of each image by itself, and batch normalisation mixes them; set ` +
        `discriminatorNorm to layer or none, or ${active.join(" and ")} to 0`,
    );
  const network = discriminatorNetwork(shape, config.discriminatorWidth, config.discriminatorNorm, classes);
  const { learningRate, beta1, beta2 } = config;
  const weights = trained("discriminator", network.parameters, { learningRate, beta1, beta2 });
  const spectral = config.spectralNorm ? spectralNorm(network.parameters) : undefined;
  const augmented = diffAugment(config.augment, shape.size);
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
  /** The step size's inputs of one turn, under the names of the first turn's. */
  const stepInputs = (inputs: Tree, turn: number): Tree => ({
    ...inputs,
    ...Object.fromEntries(
      Object.keys(weights.feedSignature).map((name) => [name, inputs[atTurn(name, turn)]!]),
    ),
  });

  return {
    loss,
    count: weights.count,
    // forward and backward on real and on fake; once more forward and back through its activations alone for the
    // generator's step; penalties by their own count
    flopsPerImage: flops * (6 + 2 / turns + active.reduce((sum, name) => sum + penalties[name].passes, 0)),
    /** Whether a gradient penalty is added to its loss. */
    penalised: active.length > 0,
    state: { ...weights.state, ...(spectral ? { [SINGULAR]: spectral.state } : {}) },
    initialState: (stream: Rng): State => ({
      ...weights.initialState(stream),
      ...(spectral ? { [SINGULAR]: spectral.initialState(stream.fold("singular")) } : {}),
    }),

    /** What the steps on a whole batch need besides data; the batch divides into the turns. */
    feedSignature: (batch: number): Signature => ({
      ...everyTurn(turns, () => weights.feedSignature),
      ...augmented.inputs(2 * batch + batch / turns),
      ...(mixes ? { mix: { shape: [batch, 1, 1, 1] } } : {}),
    }),
    feed: (batch: number, stream: Rng, step: number): State => ({
      ...everyTurn(turns, (turn) => weights.feed((step - 1) * turns + turn + 1)),
      ...augmented.draw(2 * batch + batch / turns, stream.fold("augment")),
      ...(mixes ? { mix: uniforms(batch, stream.fold("mix")) } : {}),
    }),

    /** Its turn-th step within a training step, from 0: the new state, and quantities of before the step. */
    step(inputs: Tree, { real, fake, labels }: StepBatch, turn: number): { state: Tree; quantities: Tree } {
      const share = real.shape[0];
      const seen = {
        real: augmented.apply(real, inputs, turn * share),
        fake: augmented.apply(fake, inputs, (turns + turn) * share),
        mix: mixes ? tf.slice(inputs.mix!, turn * share, share) : tf.scalar(0),
      };
      const { state, applied } = prepared(inputs);
      const scores = (values: Tree) => {
        const weights = applied(values);
        const score = (images: tf.Tensor4D) => applyTraining(network, weights, images, labels);
        return { score, real: score(seen.real), fake: score(seen.fake) };
      };
      const terms = (values: Tree) => {
        const { score, real, fake } = scores(values);
        const penalty = active.map((name) => tf.mul(penalties[name].penalty(score, seen), config[name]));
        return { value: loss.discriminator(real, fake, target), penalty };
      };
      const before = weights.unflatten(inputs.discriminator!);
      const moved = weights.step(stepInputs(inputs, turn), (values) => {
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
          ...(penalty.length > 0 ? { discriminator_penalty: tf.addN(penalty) } : {}),
        },
      };
    },

    /** As the generator's step meets it: scores of generated images, and the state that looking has changed. */
    opponent(inputs: Tree) {
      const { state, applied } = prepared(inputs);
      const values = applied(weights.unflatten(inputs.discriminator!));
      return {
        state,
        score: (fake: tf.Tensor4D, labels: Labels, drawn: Tree) =>
          applyTraining(network, values, augmented.apply(fake, drawn, 2 * turns * fake.shape[0]), labels),
      };
    },

    parameterAt: weights.parameterAt,
  };
}

export type TrainedDiscriminator = ReturnType<typeof discriminatorOf>;

/** [count, 1, 1, 1] in [0, 1). */
const uniforms = (count: number, stream: Rng): HostTensor => ({
  shape: [count, 1, 1, 1],
  data: Float32Array.from({ length: count }, () => stream.uniform()),
});

const SINGULAR = "discriminator_singular";

/** Share of both halves on the right side of the threshold. */
function accuracyOf(loss: GanLoss, { real, fake }: { real: tf.Tensor1D; fake: tf.Tensor1D }): tf.Tensor {
  const threshold = loss.threshold(real, fake);
  const share = (right: tf.Tensor) => tf.mean(tf.cast(right, "float32"));
  return tf.div(tf.add(share(tf.greater(real, threshold)), share(tf.less(fake, threshold))), 2);
}
