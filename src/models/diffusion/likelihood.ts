/**
 * How well a trained denoiser explains images: the whole variational bound on their negative log-likelihood (Ho et al.
 * 2020, eq. 5), in bits per dimension. Every step is evaluated; x0-hat is clipped as in sampling.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assert } from "../../core/errors.ts";
import { type FloatImages, imageSize, takeImages } from "../../core/images.ts";
import type { Rng } from "../../core/rng.ts";
import type { Engine, HostTensor, Program, Signature } from "../../engine/contract.ts";
import { scalar } from "../nn/index.ts";
import { type Denoiser, predictFrom } from "./denoiser.ts";
import { labelSignature } from "./guidance.ts";
import { forwardProcess, posteriorAt } from "./posterior.ts";
import { boundTerm, type TermScalars, termScalars } from "./variational.ts";

export interface BoundRequest {
  readonly denoiser: Denoiser;
  readonly weights: HostTensor;
  /** In [-1, 1]. */
  readonly images: FloatImages;
  /** Labels of the images, where the denoiser is conditional. */
  readonly labels?: ArrayLike<number> | undefined;
  /** Image i's noise comes from its fold i alone, so the result does not depend on the batch. */
  readonly stream: Rng;
  readonly batch: number;
  /** Default true. */
  readonly clip?: boolean;
  onStep?(done: number, total: number): void;
}

/** KL(q(x_T | x_0) || N(0, 1)) of each image, bits per dimension, in float64. */
export function priorBits(
  { alphaBar, inputScale }: Pick<Denoiser, "alphaBar" | "inputScale">,
  images: FloatImages,
) {
  const last = alphaBar.at(-1)!;
  const signal = inputScale * Math.sqrt(last);
  const size = imageSize(images);
  return Float64Array.from({ length: images.count }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += (signal * images.data[i * size + k]!) ** 2;
    return (0.5 * (sum / size - Math.log1p(-last) - last)) / Math.LN2; // variance 1 - alphaBar
  });
}

/** The terms of one step for a batch: [batch] bits per dimension. */
function termProgram(denoiser: Denoiser, clip: boolean): Program<string, "bits"> {
  const { inputScale, variance } = denoiser;
  return (inputs) => {
    const images = inputs.images as tf.Tensor4D;
    const clean = tf.mul(images, inputScale);
    const x = tf.add(tf.mul(clean, inputs.signal!), tf.mul(inputs.noise!, inputs.spread!)) as tf.Tensor4D;
    const output = predictFrom(denoiser, inputs, x);
    const [prediction, share] = variance === "learned-range" ? tf.split(output, 2, 3) : [output];
    const estimate = tf.add(tf.mul(x, inputs.clean_x!), tf.mul(prediction!, inputs.clean_output!));
    const bounded = clip ? tf.clipByValue(estimate, -inputScale, inputScale) : estimate;
    const difference = tf.mul(tf.sub(clean, bounded), inputs.mean_clean!);
    const bits = boundTerm(images, difference, inputs as unknown as Record<keyof TermScalars, tf.Tensor>, {
      inputScale,
      share,
    });
    return { bits: tf.mean(tf.reshape(bits, [images.shape[0], -1]), 1) };
  };
}

/** Inputs of a step that are numbers. */
function stepScalars(denoiser: Denoiser, t: number): Record<string, number> {
  const { alphaBar, target } = denoiser;
  const { signal, spread } = forwardProcess(alphaBar[t]!);
  const clean = target.clean(alphaBar[t]!);
  return {
    signal,
    spread,
    clean_x: clean.x,
    clean_output: clean.output,
    mean_clean: posteriorAt(alphaBar, t).denoised,
    ...termScalars(denoiser, t),
  };
}

/**
 * The bound's parts of every image, bits per dimension, whose sum is the bound. `prior`: KL of x_T's distribution and a
 * standard normal's; `terms`: of each image those of steps 0..T-1, the decoder's first, then the KLs.
 */
export async function variationalBound(engine: Engine, request: BoundRequest) {
  const { denoiser, weights, images, labels, stream, clip = true } = request;
  const { size, channels, classes, alphaBar } = denoiser;
  assert(
    images.height === size && images.width === size && images.channels === channels,
    `the bound of ${images.height}x${images.width}x${images.channels} images for a denoiser of ${size}x${size}x${channels}`,
  );
  assert(classes === 0 || labels?.length === images.count, "the bound of a conditional model needs labels");
  const steps = alphaBar.length;
  const batch = Math.min(request.batch, images.count);
  const shape = [batch, size, size, channels];
  const signature: Signature = {
    weights: { shape: weights.shape },
    images: { shape },
    noise: { shape },
    t: { shape: [1] },
    ...labelSignature(denoiser, batch),
    ...Object.fromEntries(Object.keys(stepScalars(denoiser, 0)).map((name) => [name, { shape: [] }])),
  };
  const compiled = await engine.compile(`bound-${batch}`, termProgram(denoiser, clip), signature, {
    constants: { weights },
  });
  const terms = Array.from({ length: images.count }, () => new Float64Array(steps));
  const values = imageSize(images);
  for (let first = 0; first < images.count; first += batch) {
    // the last batch is filled up with its last image, whose terms are then written once
    const indices = Array.from({ length: batch }, (_, i) => Math.min(first + i, images.count - 1));
    const streams = indices.map((index) => stream.fold(index));
    const held = await engine.upload({ shape, data: takeImages(images, indices).data });
    const told = Int32Array.from(indices, (index) => labels?.[index] ?? 0);
    for (let t = steps - 1; t >= 0; t--) {
      const noise = new Float32Array(batch * values);
      for (const [i, own] of streams.entries()) own.fillNormal(noise, i * values, (i + 1) * values);
      const numbers = Object.entries(stepScalars(denoiser, t)).map(([name, value]) => [name, scalar(value)]);
      const { bits } = await compiled.run({
        ...Object.fromEntries(numbers),
        images: held,
        noise: { shape, data: noise },
        t: { shape: [1], data: Float32Array.of(t) },
        ...(classes > 0 ? { labels: { shape: [batch], data: told } } : {}),
      });
      const read = await bits.read();
      bits.dispose();
      for (let i = 0; i < batch && first + i < images.count; i++) terms[first + i]![t] = read[i]!;
      request.onStep?.(first * steps + batch * (steps - t), images.count * steps);
    }
    held.dispose();
  }
  compiled.dispose();
  return { prior: priorBits(denoiser, images), terms };
}
