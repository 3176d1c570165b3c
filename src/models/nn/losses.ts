import * as tf from "@tensorflow/tfjs-core";

/** Mean of -log sigmoid(logit): binary cross-entropy of logits [batch] against the target 1. */
export function crossEntropyAgainstOne(logits: tf.Tensor1D): tf.Scalar {
  return tf.mean(tf.softplus(tf.neg(logits)));
}

/** Mean of -log(1 - sigmoid(logit)): binary cross-entropy of logits [batch] against the target 0. */
export function crossEntropyAgainstZero(logits: tf.Tensor1D): tf.Scalar {
  return tf.mean(tf.softplus(logits));
}

/** Mean over the batch of -sum(target log softmax(logits)): logits and one-hot targets [batch, classes]. */
export function softmaxCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)));
}
