/** Our kernels composed from TF.js's own, for backends that compute at once. Slow and independent of the ONNX lowering. */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape4, Window } from "./convolution.ts";
import { kernelNames } from "./kernel-names.ts";

const CHANNELS_LAST = [0, 2, 3, 1];
const CHANNELS_FIRST = [0, 3, 1, 2];
const FILTER_LAST = [2, 3, 1, 0]; // [out, in, k, k] -> [k, k, in, out]
const FILTER_FIRST = [3, 2, 0, 1];

type Inputs = Record<string, tf.Tensor4D>;
type Attributes = Window & { inputShape: Shape4; filterShape: Shape4; epsilon: number };

const padded = (x: tf.Tensor4D, p: number): tf.Tensor4D =>
  p === 0
    ? x
    : tf.pad4d(x, [
        [0, 0],
        [p, p],
        [p, p],
        [0, 0],
      ]); // prettier-ignore

function convolution({ x, filter, bias }: Inputs, { stride, padding }: Attributes): tf.Tensor {
  const y = tf.conv2d(
    padded(tf.transpose(x!, CHANNELS_LAST), padding),
    tf.transpose(filter!, FILTER_LAST),
    stride,
    "valid",
  );
  const first = tf.transpose(y, CHANNELS_FIRST);
  return bias ? tf.add(first, tf.reshape(bias, [1, -1, 1, 1])) : first;
}

/** Rows and columns that the window reaches; a stride that does not divide evenly leaves some untouched. */
function reached(shape: Shape4, out: readonly number[], kernel: number, { stride, padding }: Window) {
  const reach = (outSize: number) => (outSize - 1) * stride + kernel;
  const height = Math.max(reach(out[2]!), shape[2] + 2 * padding);
  const width = Math.max(reach(out[3]!), shape[3] + 2 * padding);
  return { height, width };
}

function inputGradient({ dy, filter }: Inputs, attributes: Attributes): tf.Tensor {
  const { stride, padding, inputShape } = attributes;
  const [batch, channels, height, width] = inputShape;
  const whole = reached(inputShape, dy!.shape, filter!.shape[2], attributes);
  const dx = tf.engine().runKernel(
    "Conv2DBackpropInput",
    { dy: tf.transpose(dy!, CHANNELS_LAST), filter: tf.transpose(filter!, FILTER_LAST) },
    {
      strides: stride,
      pad: "valid",
      dataFormat: "NHWC",
      inputShape: [batch, whole.height, whole.width, channels],
    },
  ) as tf.Tensor4D;
  return tf.transpose(
    tf.slice(dx, [0, padding, padding, 0], [batch, height, width, channels]),
    CHANNELS_FIRST,
  );
}

function filterGradient({ x, dy }: Inputs, { stride, padding, filterShape }: Attributes): tf.Tensor {
  const [out, channels, kernel] = filterShape;
  const gradient = tf
    .engine()
    .runKernel(
      "Conv2DBackpropFilter",
      { x: padded(tf.transpose(x!, CHANNELS_LAST), padding), dy: tf.transpose(dy!, CHANNELS_LAST) },
      { strides: stride, pad: "valid", dataFormat: "NHWC", filterShape: [kernel, kernel, channels, out] },
    ) as tf.Tensor4D;
  return tf.transpose(gradient, FILTER_FIRST);
}

function standardise({ x }: Inputs, { epsilon }: Attributes): tf.Tensor[] {
  const centred = tf.sub(x!, tf.mean(x!, 1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon));
  return [tf.mul(centred, inverse), inverse];
}

const silu = ({ x }: Inputs) => tf.mul(x!, tf.sigmoid(x!));

function upsample({ x }: Inputs): tf.Tensor {
  const [batch, channels, height, width] = x!.shape as Shape4;
  const pixels = tf.reshape(x!, [batch * channels, height, 1, width, 1]);
  return tf.reshape(tf.tile(pixels, [1, 1, 2, 1, 2]), [batch, channels, 2 * height, 2 * width]);
}

function sumPool({ x }: Inputs): tf.Tensor {
  const [batch, channels, height, width] = x!.shape as Shape4;
  const pairs = tf.reshape(x!, [batch * channels, height / 2, 2, width / 2, 2]);
  return tf.reshape(tf.sum(pairs, [2, 4]), [batch, channels, height / 2, width / 2]);
}

const compositions = {
  [kernelNames.convolution]: convolution,
  [kernelNames.convolutionInputGradient]: inputGradient,
  [kernelNames.convolutionFilterGradient]: filterGradient,
  [kernelNames.standardise]: standardise,
  [kernelNames.silu]: silu,
  [kernelNames.upsample]: upsample,
  [kernelNames.sumPool]: sumPool,
};

/** Idempotent; `backendName` is a TF.js backend, `cpu` or `tensorflow`. */
export function registerEagerKernels(backendName: string): void {
  for (const [kernelName, compose] of Object.entries(compositions)) {
    if (tf.getKernel(kernelName, backendName)) continue;
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => compose(inputs as unknown as Inputs, attrs as unknown as Attributes),
    });
  }
}
