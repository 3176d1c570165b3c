/**
 * Terms of the variational bound (Sohl-Dickstein et al. 2015; Ho et al. 2020, eq. 5) as programs. All follow from one
 * tensor: the difference between the mean of the true reverse step and the model's.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Denoiser } from "./denoiser.ts";
import { posteriorAt, reverseVariances } from "./posterior.ts";

/** The facts of a denoiser, besides its network, that the bound depends on. */
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

/**
 * The standard normal's distribution function in Page's approximation (1977) is 0.5 (1 + tanh u). Logarithms of it and
 * of its differences are taken without the function itself, whose tails float32 and its engines' sigmoids lose.
 */
const ROOT = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

function pagesArgument(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), CUBIC)), ROOT);
}

/** ln of the standard normal's distribution function. */
export function logNormalCdf(x: tf.Tensor): tf.Tensor {
  return tf.neg(tf.softplus(tf.mul(pagesArgument(x), -2)));
}

/** ln cosh z, for any z. */
function logCosh(z: tf.Tensor): tf.Tensor {
  const size = tf.abs(z);
  return tf.sub(tf.add(size, tf.softplus(tf.mul(size, -2))), Math.LN2);
}

/**
 * ln of the standard normal's probability of [centre - half, centre + half], half > 0:
 * (tanh p - tanh q) / 2 = sinh(p - q) / (2 cosh p cosh q), where p - q is a sum of positive terms.
 */
export function logNormalInterval(centre: tf.Tensor, half: tf.Tensor): tf.Tensor {
  const p = pagesArgument(tf.add(centre, half));
  const q = pagesArgument(tf.sub(centre, half));
  const bend = tf.mul(tf.add(tf.mul(tf.square(centre), 3), tf.square(half)), CUBIC);
  const apart = tf.mul(tf.mul(half, tf.add(bend, 1)), 2 * ROOT);
  const tanh = tf.tanh(apart);
  const logTwoSinh = tf.add(apart, tf.log(tf.div(tf.mul(tanh, 2), tf.add(tanh, 1))));
  return tf.sub(logTwoSinh, tf.add(tf.add(logCosh(p), logCosh(q)), 2 * Math.LN2));
}

/**
 * -ln of the probability that N(images - difference, exp(2 logDeviation)) gives to the grey level of `images`, of each
 * value (Ho et al. 2020, eq. 13). Images in [-1, 1]. At most -ln 1e-12, as in the published code.
 */
export function decoderNll(images: tf.Tensor, difference: tf.Tensor, logDeviation: tf.Tensor): tf.Tensor {
  const inverse = tf.exp(tf.neg(logDeviation));
  const centre = tf.mul(difference, inverse);
  const half = tf.mul(inverse, HALF_LEVEL);
  const darkest = logNormalCdf(tf.add(centre, half));
  const brightest = logNormalCdf(tf.sub(half, centre));
  const log = tf.where(
    tf.less(images, -EDGE),
    darkest,
    tf.where(tf.greater(images, EDGE), brightest, logNormalInterval(centre, half)),
  );
  return tf.neg(tf.maximum(log, Math.log(SMALLEST_PROBABILITY)));
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
  { inputScale, share }: { readonly inputScale: number; readonly share?: tf.Tensor },
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
