/** Images cross a network's border as [batch, height, width, channels]; inside, channels come first. */
import * as tf from "@tensorflow/tfjs-core";

/** [batch, height, width, channels] -> [batch, channels, height, width]. */
export function channelsFirst(images: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  return channels === 1 ? tf.reshape(images, [batch, 1, height, width]) : tf.transpose(images, [0, 3, 1, 2]);
}

/** [batch, channels, height, width] -> [batch, height, width, channels]. */
export function channelsLast(images: tf.Tensor4D): tf.Tensor4D {
  const [batch, channels, height, width] = images.shape;
  return channels === 1 ? tf.reshape(images, [batch, height, width, 1]) : tf.transpose(images, [0, 2, 3, 1]);
}
