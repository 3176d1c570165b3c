/** Adam, gradient clipping and averaging on flat vectors. What changes per step is worked out on the host in float64. */
import * as tf from "@tensorflow/tfjs-core";

export interface AdamSettings {
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** What a step needs besides the vectors: scalar inputs of the program. */
export interface AdamStep<T> {
  readonly stepSize: T;
  readonly epsilon: T;
}

/**
 * The bias corrections of step `step` (from 1) folded into step size and epsilon (Kingma & Ba 2015, arXiv:1412.6980,
 * end of section 2, exact here because epsilon is scaled too).
 */
export function adamStep(settings: AdamSettings, step: number): AdamStep<number> {
  const root = Math.sqrt(1 - settings.beta2 ** step);
  return {
    stepSize: (settings.rate * root) / (1 - settings.beta1 ** step),
    epsilon: settings.epsilon * root,
  };
}

export interface AdamVectors {
  readonly parameters: tf.Tensor1D;
  readonly moment1: tf.Tensor1D;
  readonly moment2: tf.Tensor1D;
}

/** One step of Adam (Kingma & Ba 2015, algorithm 1) on flat vectors of one length. */
export function adam(
  { parameters, moment1, moment2 }: AdamVectors,
  gradient: tf.Tensor1D,
  { stepSize, epsilon }: AdamStep<tf.Tensor>,
  { beta1, beta2 }: Pick<AdamSettings, "beta1" | "beta2">,
): AdamVectors {
  const m = tf.add(tf.mul(moment1, beta1), tf.mul(gradient, 1 - beta1)) as tf.Tensor1D;
  const v = tf.add(tf.mul(moment2, beta2), tf.mul(tf.square(gradient), 1 - beta2)) as tf.Tensor1D;
  const update = tf.div(tf.mul(m, stepSize), tf.add(tf.sqrt(v), epsilon));
  return { parameters: tf.sub(parameters, update), moment1: m, moment2: v };
}

/** Euclidean norm of a whole gradient. */
export function globalNorm(gradient: tf.Tensor1D): tf.Scalar {
  return tf.sqrt(tf.sum(tf.square(gradient)));
}

/** The gradient scaled to a norm of at most `limit` (Pascanu et al. 2013, arXiv:1211.5063, algorithm 1). */
export function clipByNorm(gradient: tf.Tensor1D, norm: tf.Scalar, limit: number): tf.Tensor1D {
  return tf.mul(gradient, tf.minimum(tf.div(limit, tf.add(norm, 1e-6)), 1));
}

/** average + (value - average) share: an exponential moving average with decay 1 - share. */
export function movingAverage(
  average: tf.Tensor1D,
  value: tf.Tensor1D,
  share: tf.Tensor | number,
): tf.Tensor1D {
  return tf.add(average, tf.mul(tf.sub(value, average), share));
}

/**
 * Share of the new weights in their average at `step` (from 1): 1 - min(decay, (1 + step) / (10 + step)), so that a
 * short run is not dominated by its start (the warm-up of TensorFlow's ExponentialMovingAverage).
 */
export function averagingShare(decay: number, step: number): number {
  return 1 - Math.min(decay, (1 + step) / (10 + step));
}
