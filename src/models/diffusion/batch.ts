/** A training batch as inputs of a program: images, and noise of their shape. */
import * as tf from "@tensorflow/tfjs-core";
import { checkImages, type FloatImages, imageSize } from "../../core/images.ts";
import type { Rng } from "../../core/rng.ts";
import type { HostTensor, Signature } from "../../engine/contract.ts";

/** `images` and `noise`, [batch, size, size, channels]. */
export function batchSignature(
  { size, channels }: { readonly size: number; readonly channels: number },
  batch: number,
): Signature<"images" | "noise"> {
  const images = { shape: [batch, size, size, channels] };
  return { images, noise: images };
}

/** The images in [-1, 1] of model `kind`'s training, and standard normal noise from the stream's fold `noise`. */
export function batchInputs(
  kind: string,
  images: FloatImages,
  stream: Rng,
): Record<"images" | "noise", HostTensor> {
  checkImages(images, `${kind}'s training images`);
  const { data, count, height, width, channels } = images;
  const shape = [count, height, width, channels];
  const noise = stream.fold("noise").fillNormal(new Float32Array(count * imageSize(images)));
  return { images: { shape, data }, noise: { shape, data: noise } };
}

/** images clean + noise epsilon, factors [batch, 1, 1, 1]: of the shape of the images. */
export function mixture(
  { images, noise }: Readonly<Record<string, tf.Tensor>>,
  clean: tf.Tensor,
  epsilon: tf.Tensor,
): tf.Tensor4D {
  return tf.add(tf.mul(images!, clean), tf.mul(noise!, epsilon));
}
