/**
 * Terms of the variational bound (Sohl-Dickstein et al. 2015; Ho et al. 2020, eq. 5) as programs. All follow from one
 * tensor: the difference between the mean of the true reverse step and the model's.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Denoiser } from "./denoiser.ts";
import { posteriorAt, reverseVariances } from "./posterior.ts";

/** What of a denoiser the bound depends on, besides its network. */
export type Process = Pick<Denoiser, "alphaBar" | "inputScale" | "target" | "variance">;

/** Half of a grey level's width, for images in [-1, 1] of 256 levels. */
const HALF_LEVEL = 1 / 255;
/** Beyond these the outermost grey levels reach to infinity (Ho et al. 2020, eq. 13). */
const EDGE = 0.999;
const SMALLEST_PROBABILITY = 1e-12;

/** KL(N(0, exp(logTrue)) || N(difference, exp(logModel))) of each value, nats. */
export function normalKl(difference: tf.Tensor, logTrue: tf.Tensor, logModel: tf.Tensor): tf.Tensor {
  const excess = tf.sub(logTrue, logModel);
  const distance = tf.mul(tf.square(difference), tf.exp(tf.neg(logModel)));
  return tf.mul(tf.add(tf.sub(tf.exp(excess), tf.add(excess, 1)), distance), 0.5);
}

/** The logarithm of the standard normal's distribution function, by its tanh approximation (Page 1977). */
function logNormalCdf(x: tf.Tensor): tf.Tensor {
  return tf.log(tf.maximum(normalCdf(x), SMALLEST_PROBABILITY));
}

/** 0.5 (1 + tanh u) written as sigmoid(2u), which keeps its lower tail. */
export function normalCdf(x: tf.Tensor): tf.Tensor {
  const u = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.sigmoid(tf.mul(u, 2));
}

/**
 * -ln of the probability that N(images - difference, exp(2 logDeviation)) gives to the grey level of `images`, of each
 * value (Ho et al. 2020, eq. 13). Images in [-1, 1]. A narrow level's probability is the difference of two tails, taken
 * on the side where both are small.
 */
export function decoderNll(images: tf.Tensor, difference: tf.Tensor, logDeviation: tf.Tensor): tf.Tensor {
  const inverse = tf.exp(tf.neg(logDeviation));
  const above = tf.mul(tf.add(difference, HALF_LEVEL), inverse);
  const below = tf.mul(tf.sub(difference, HALF_LEVEL), inverse);
  const inner = tf.neg(tf.abs(difference));
  const probability = tf.sub(
    normalCdf(tf.mul(tf.add(inner, HALF_LEVEL), inverse)),
    normalCdf(tf.mul(tf.sub(inner, HALF_LEVEL), inverse)),
  );
  const between = tf.log(tf.maximum(probability, SMALLEST_PROBABILITY));
  const darkest = tf.less(images, -EDGE);
  const brightest = tf.greater(images, EDGE);
  return tf.neg(
    tf.where(darkest, logNormalCdf(above), tf.where(brightest, logNormalCdf(tf.neg(below)), between)),
  );
}

/** What a term needs of its step: inputs of the program, float64. */
export interface TermScalars {
  /** 1 at the first step, whose term is the decoder's, else 0. */
  readonly first: number;
  /** Logarithms of the true step's variance, and of the model's smallest and largest. */
  readonly log_true: number;
  readonly log_small: number;
  readonly log_large: number;
}

/** Those of step `t`, counted from 0. */
export function termScalars(
  { alphaBar, variance }: Pick<Process, "alphaBar" | "variance">,
  t: number,
): TermScalars {
  const { small, large, fixedLarge } = reverseVariances(alphaBar, t);
  const [low, high] = {
    "fixed-small": [small, small],
    "fixed-large": [fixedLarge, fixedLarge],
    "learned-range": [small, large],
  }[variance] as [number, number];
  return {
    first: t === 0 ? 1 : 0,
    log_true: Math.log(small),
    log_small: Math.log(low),
    log_large: Math.log(high),
  };
}

/** Factor of an error of the network's output in the mean of the reverse step `t`. */
export function meanFactor({ alphaBar, target }: Pick<Process, "alphaBar" | "target">, t: number): number {
  return posteriorAt(alphaBar, t).denoised * target.clean(alphaBar[t]!).output;
}

/**
 * The bound's term of each value in bits: `images` [batch, ...] in [-1, 1], `difference` of the same shape in the units
 * of the process (b x_0), scalars [] or [batch, 1, 1, 1]. `share`, shaped as the images, is the network's v where it
 * chooses the variance: log variance = f log_large + (1 - f) log_small, f = (v + 1) / 2 (Nichol & Dhariwal 2021, eq. 15).
 */
export function boundTerm(
  images: tf.Tensor,
  difference: tf.Tensor,
  scalars: Readonly<Record<keyof TermScalars, tf.Tensor>>,
  { inputScale, share }: { readonly inputScale: number; readonly share?: tf.Tensor | undefined },
): tf.Tensor {
  const { first, log_true, log_small, log_large } = scalars;
  const logModel = share
    ? tf.add(log_small, tf.mul(tf.mul(tf.add(share, 1), 0.5), tf.sub(log_large, log_small)))
    : log_small;
  const kl = normalKl(difference, log_true, logModel);
  const logDeviation = tf.sub(tf.mul(logModel, 0.5), Math.log(inputScale));
  const nll = decoderNll(images, tf.div(difference, inputScale), logDeviation);
  const nats = tf.add(tf.mul(nll, first), tf.mul(kl, tf.sub(1, first)));
  return tf.mul(nats, 1 / Math.LN2);
}
