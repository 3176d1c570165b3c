/** One program per operation: what the contract suite runs on every engine against the reference. */
import * as tf from "@tensorflow/tfjs-core";
import type { HostTensor } from "../../src/engine/contract.ts";
import { conv2d, silu, sumPool, upsampleNearest } from "../../src/engine/ops/index.ts";
import { numbers } from "./numbers.ts";

export interface Operation {
  readonly run: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor;
  readonly x?: HostTensor;
  readonly y?: HostTensor;
  /** False where the operation has no gradient (comparisons, counting, rounding). */
  readonly differentiable?: boolean;
}

const matrix = numbers([3, 4]);
const positive: HostTensor = {
  shape: [3, 4],
  data: matrix.data.map((v) => Math.abs(v) + 0.1) as Float32Array,
};
const row = numbers([1, 4], 0.7, 2);
const cube = numbers([2, 3, 4]);
const image = numbers([2, 3, 4, 4]);
const indices: HostTensor = { shape: [5], data: Int32Array.of(2, 0, 1, 1, 2) };

const smooth = (run: Operation["run"], x = matrix): Operation => ({ run, x });
const flat = (run: Operation["run"], x = matrix, y = row): Operation => ({
  run,
  x,
  y,
  differentiable: false,
});

/** Sixteen channels fill a block of ONNX Runtime's blocked layout, wherever it has one. */
const wide = numbers([2, 16, 5, 6], 0.5);
const convolution = (out: number, stride: number): Operation => ({
  run: (x, y) => conv2d(x as tf.Tensor4D, y as tf.Tensor4D, undefined, { stride, padding: 1 }),
  x: wide,
  y: numbers([out, 16, 3, 3], 0.3, 1),
});

/** Differentiated in its filter. Sixteen images fill a block as sixteen channels do. */
const filtering = (
  [batch, channels, height, width]: readonly [number, number, number, number],
  [out, kernel]: readonly [number, number],
  [stride, padding]: readonly [number, number],
): Operation => ({
  run: (filter, x) => conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, undefined, { stride, padding }),
  x: numbers([out, channels, kernel, kernel], 0.3, 1),
  y: numbers([batch, channels, height, width], 0.5),
});

const asFloat = (x: tf.Tensor) => tf.cast(x, "float32");

export const operations: Readonly<Record<string, Operation>> = {
  add: { run: tf.add },
  sub: { run: tf.sub },
  mul: { run: tf.mul },
  div: { run: tf.div, y: { shape: [1, 4], data: Float32Array.of(1, -2, 3, 0.5) } },
  maximum: { run: tf.maximum },
  minimum: { run: tf.minimum },
  pow: { run: tf.pow, x: positive, y: row },
  squaredDifference: { run: tf.squaredDifference },
  addN: { run: (x, y) => tf.addN([x, tf.mul(x, 2), tf.add(x, y)]) },
  greater: flat((x, y) => asFloat(tf.greater(x, y))),
  greaterEqual: flat((x, y) => asFloat(tf.greaterEqual(x, y))),
  less: flat((x, y) => asFloat(tf.less(x, y))),
  lessEqual: flat((x, y) => asFloat(tf.lessEqual(x, y))),
  equal: flat((x) => asFloat(tf.equal(tf.round(x), 0))),
  notEqual: flat((x) => asFloat(tf.notEqual(tf.round(x), 0))),
  logicalAnd: flat((x, y) => asFloat(tf.logicalAnd(tf.greater(x, 0), tf.greater(y, 0)))),
  logicalOr: flat((x, y) => asFloat(tf.logicalOr(tf.greater(x, 0), tf.greater(y, 0)))),
  logicalNot: flat((x) => asFloat(tf.logicalNot(tf.greater(x, 0)))),
  where: {
    run: (x, y) => tf.where(tf.greater(tf.broadcastTo(y, x.shape as [number, number]), 0), x, tf.mul(x, y)),
  },
  neg: smooth((x) => tf.neg(x)),
  abs: smooth((x) => tf.abs(x)),
  sqrt: smooth((x) => tf.sqrt(x), positive),
  rsqrt: smooth((x) => tf.rsqrt(x), positive),
  square: smooth((x) => tf.square(x)),
  exp: smooth((x) => tf.exp(x)),
  log: smooth((x) => tf.log(x), positive),
  log1p: smooth((x) => tf.log1p(x), positive),
  reciprocal: smooth((x) => tf.reciprocal(x), positive),
  sigmoid: smooth((x) => tf.sigmoid(x)),
  tanh: smooth((x) => tf.tanh(x)),
  relu: smooth((x) => tf.relu(x)),
  leakyRelu: smooth((x) => tf.leakyRelu(x, 0.2)),
  softplus: smooth((x) => tf.softplus(x)),
  sin: smooth((x) => tf.sin(x)),
  cos: smooth((x) => tf.cos(x)),
  erf: smooth((x) => tf.erf(x)),
  clip: smooth((x) => tf.clipByValue(x, -0.3, 0.4)),
  floor: flat((x) => tf.floor(tf.mul(x, 3))),
  ceil: flat((x) => tf.ceil(tf.mul(x, 3))),
  round: flat((x) => tf.round(tf.mul(x, 3))),
  sign: flat((x) => tf.sign(x)),
  step: flat((x) => tf.step(x)),
  cast: flat((x) => asFloat(tf.cast(tf.mul(x, 5), "int32"))),
  fill: flat((x) => tf.add(x, tf.fill([3, 4], 2.5))),
  zerosLike: flat((x) => tf.add(tf.zerosLike(x), 1)),
  onesLike: flat((x) => tf.onesLike(x)),
  uniformConstant: flat((x) => tf.add(x, tf.ones([3, 4]))),
  constant: flat((x) => tf.add(x, tf.tensor1d([1, 2, 3, 4]))),
  sumAll: smooth((x) => tf.sum(x), image),
  sumRows: smooth((x) => tf.sum(x, 1)),
  sumChannels: smooth((x) => tf.sum(x, [0, 2, 3]), image),
  sumKept: smooth((x) => tf.sum(x, [1, 3], true), image),
  sumLeading: smooth((x) => tf.sum(x, [0, 1]), image),
  sumLeadingKept: smooth((x) => tf.sum(x, [0, 1], true), image),
  sumOuter: smooth((x) => tf.sum(x, [0, 3]), image),
  sumColumn: smooth((x) => tf.sum(x, 0), numbers([6, 1])),
  sumWhole: flat((x) => asFloat(tf.sum(tf.cast(tf.mul(x, 5), "int32"), 0))),
  sumFirst: smooth((x) => tf.sum(x, 0), image),
  mean: smooth((x) => tf.mean(x, [2, 3]), image),
  meanAll: smooth((x) => tf.mean(x), cube),
  max: smooth((x) => tf.max(x, 1)),
  min: smooth((x) => tf.min(x, [0], true)),
  prod: flat((x) => tf.prod(x, 1)),
  argMax: flat((x) => asFloat(tf.argMax(x, 1))),
  argMin: flat((x) => asFloat(tf.argMin(x, 0))),
  softmax: smooth((x) => tf.softmax(x)),
  logSoftmax: smooth((x) => tf.logSoftmax(x)),
  reshape: smooth((x) => tf.reshape(x, [4, -1])),
  expandDims: smooth((x) => tf.expandDims(x, 1)),
  transpose: smooth((x) => tf.transpose(x, [2, 0, 1]), cube),
  transposeOnes: smooth((x) => tf.transpose(tf.expandDims(x, 1), [1, 0, 2])),
  concat: { run: (x, y) => tf.concat([x, y, x], 0) },
  stack: { run: (x) => tf.stack([x, tf.mul(x, 2)], 1) },
  unstack: smooth((x) => tf.mul(tf.unstack(x, 1)[2]!, 2), cube),
  slice: smooth((x) => tf.slice(x, [1, 0, 2], [1, 2, 2]), cube),
  split: smooth((x) => tf.mul(tf.split(x, [1, 3], 1)[1]!, 3)),
  splitMany: smooth((x) => tf.mul(tf.split(x, 12, 0)[7]!, 3), numbers([12, 2])),
  pad: smooth((x) =>
    tf.pad(x, [
      [1, 0],
      [2, 1],
    ]),
  ),
  padValue: smooth((x) =>
    tf.pad(
      x,
      [
        [1, 0],
        [0, 1],
      ],
      7,
    ),
  ), // prettier-ignore
  tile: smooth((x) => tf.tile(x, [2, 3])),
  broadcastTo: smooth((x) => tf.broadcastTo(x, [3, 4]), row),
  gather: { run: (x, y) => tf.gather(x, tf.cast(y, "int32")), y: indices },
  oneHot: flat((_, y) => tf.oneHot(tf.cast(y, "int32"), 4), matrix, indices),
  reverse: smooth((x) => tf.reverse(x, 1)),
  matMul: { run: (x, y) => tf.matMul(x, y), y: numbers([4, 5], 1, 3) },
  matMulTransposedRight: { run: (x, y) => tf.matMul(x, y, false, true), y: numbers([5, 4], 1, 3) },
  matMulTransposedLeft: { run: (x, y) => tf.matMul(x, y, true, false), y: numbers([3, 5], 1, 3) },
  silu: smooth((x) => silu(x)),
  upsampleNearest: smooth((x) => upsampleNearest(x as tf.Tensor4D), image),
  sumPool: smooth((x) => sumPool(x as tf.Tensor4D), image),
  convolution: convolution(32, 1),
  convolutionStrided: convolution(16, 2),
  convolutionUneven: convolution(12, 1),
  filterGradient: filtering([16, 3, 5, 6], [16, 3], [1, 1]),
  filterGradientTwoBlocks: filtering([32, 4, 4, 4], [32, 3], [1, 1]),
  filterGradientStrided: filtering([16, 3, 7, 6], [16, 3], [2, 1]),
  filterGradientEvenWindow: filtering([16, 2, 8, 8], [16, 4], [2, 1]),
  filterGradientCropped: filtering([16, 2, 6, 6], [16, 2], [3, 0]),
  filterGradientUnpadded: filtering([16, 2, 6, 5], [16, 3], [1, 0]),
  filterGradientWidelyPadded: filtering([16, 2, 4, 4], [16, 3], [1, 3]),
  filterGradientExchanged: filtering([16, 16, 5, 6], [3, 3], [1, 1]),
  filterGradientExchangedUnpadded: filtering([16, 16, 5, 6], [2, 2], [1, 0]),
  filterGradientOfFewImages: filtering([3, 16, 5, 6], [16, 3], [1, 1]),
  filterGradientOfUnevenChannels: filtering([16, 5, 4, 4], [7, 3], [2, 1]),
  matMulBatched: { run: (x, y) => tf.matMul(x, y, false, true), x: cube, y: numbers([2, 5, 4], 1, 3) },
};
