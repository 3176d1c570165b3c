/** Our gradients of TF.js's kernels: against TF.js's own, which the umbrella package registers, and central differences. */
import "@tensorflow/tfjs";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { type HostTensor, sizeOf } from "../../src/engine/contract.ts";
import { registerEagerKernels } from "../../src/engine/eager/kernels.ts";
import { lowerings } from "../../src/engine/onnx/kernels/index.ts";
import { conv2d, conv2dFilterGradient, conv2dInputGradient } from "../../src/engine/ops/convolution.ts";
import { gradients, registerGradients, withoutGradient } from "../../src/engine/ops/gradients/index.ts";
import { sumPool, upsampleNearest } from "../../src/engine/ops/index.ts";
import { numbers, relativeError } from "./numbers.ts";

/** TF.js's own gradients, as its umbrella package has registered them. */
const theirs = new Map(gradients.map(({ kernelName }) => [kernelName, tf.getGradient(kernelName)]));

function use(config: tf.GradConfig): void {
  if (tf.getGradient(config.kernelName)) tf.unregisterGradient(config.kernelName);
  tf.registerGradient(config);
}

/** `kernel.input` of the gradients of ours that were at hand in this file, and of those that were computed. */
const offered = new Set<string>();
const computed = new Set<string>();

/** Ours, noting what they compute. */
function useOurs(): void {
  for (const config of gradients)
    use({
      ...config,
      gradFunc: (...given) =>
        Object.fromEntries(
          Object.entries(config.gradFunc(...given)).map(([input, gradient]) => {
            const name = `${config.kernelName}.${input}`;
            offered.add(name);
            const noted = () => {
              computed.add(name);
              return gradient();
            };
            return [input, noted];
          }),
        ),
    });
}

function useTheirs(): void {
  for (const config of theirs.values()) if (config) use(config);
}

type Run = (x: tf.Tensor, y: tf.Tensor) => tf.Tensor;

interface Case {
  readonly run: Run;
  /** One or two, all differentiated in. */
  readonly inputs: readonly HostTensor[];
  /** `theirs`: TF.js has none of it, or of these shapes; `second`: a comparison's would be needed; `all`: it is constant. */
  readonly without?: "theirs" | "second" | "theirs and second" | "all";
}

/** Three hundredths or more from every kink of the cases: 0, the bounds of the clipping, and an equal of another phase. */
const away = (shape: readonly number[], phase = 1): HostTensor => {
  const { data } = numbers(shape, 1, phase);
  return {
    shape,
    data: Float32Array.from(data, (v) => Math.round(10 * v) / 10 + (phase === 1 ? 0.03 : 0.07)),
  };
};
const different = (shape: readonly number[]): HostTensor => {
  const n = sizeOf(shape);
  return { shape, data: Float32Array.from({ length: n }, (_, i) => ((7 * i) % n) / 10 - n / 20) };
};
const positive = (shape: readonly number[], phase = 1): HostTensor => {
  const { data } = numbers(shape, 1, phase);
  return { shape, data: Float32Array.from(data, (v) => Math.abs(v) + 0.7) };
};
const matrix = away([3, 4]);
const cube = away([2, 3, 4]);
const map = away([2, 3, 4, 4]);
const ids = (...values: number[]) => tf.tensor1d(values, "int32");
const flags = () => tf.tensor2d([1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0], [3, 4], "bool");

const of = (run: Run, ...inputs: HostTensor[]): Case => ({ run, inputs });
const kinked = (run: Run, ...inputs: HostTensor[]): Case => ({ run, inputs, without: "second" });
const spreadToo = (run: Run, ...inputs: HostTensor[]): Case => ({ run, inputs, without: "theirs" });
const flat = (run: Run): Case => ({
  run: (x, y) => tf.cast(run(x, y), "float32"),
  inputs: [matrix],
  without: "all",
});

/** In every way that two shapes spread over each other. */
function spreads(name: string, make: (y: HostTensor) => Case): Record<string, Case> {
  return Object.fromEntries(
    [[3, 4], [1, 4], [3, 1], [4], []].map((shape) => [`${name} [3,4] [${shape}]`, make(positive(shape, 2))]),
  );
}

const window = { stride: 2, padding: 1 };
const four = (x: tf.Tensor) => x as tf.Tensor4D;

const cases: Record<string, Case> = {
  ...spreads("add", (y) => of(tf.add, matrix, y)),
  ...spreads("sub", (y) => of(tf.sub, matrix, y)),
  ...spreads("sub from", (y) => of((x, y) => tf.sub(y, x), matrix, y)),
  ...spreads("mul", (y) => of(tf.mul, matrix, y)),
  ...spreads("div", (y) => of(tf.div, matrix, y)),
  ...spreads("divided", (y) => of((x, y) => tf.div(y, x), positive([3, 4]), y)),
  ...spreads("pow", (y) => kinked(tf.pow, positive([3, 4]), y)),
  "pow in its base": of((x) => tf.pow(x, 1.7), positive([3, 4])),
  "pow in its exponent": of((x) => tf.pow(tf.scalar(0.6), x), matrix),
  "pow of what has no logarithm": of((x) => tf.pow(x, 3), matrix),
  maximum: kinked(tf.maximum, matrix, away([3, 4], 2)),
  minimum: kinked(tf.minimum, matrix, away([3, 4], 2)),
  "maximum, spread": { ...kinked(tf.maximum, matrix, away([1, 4], 2)), without: "theirs and second" },
  "minimum, spread": { ...kinked(tf.minimum, matrix, away([3, 1], 2)), without: "theirs and second" },
  squaredDifference: of(tf.squaredDifference, matrix, away([3, 4], 2)),
  "squaredDifference, spread": spreadToo(tf.squaredDifference, matrix, away([1, 4], 2)),
  addN: of((x, y) => tf.addN([x, y, tf.mul(x, y)]), matrix, away([3, 4], 2)),
  "addN of one": of((x) => tf.addN([x, x, x, x]), matrix),
  where: of((x, y) => tf.where(flags(), x, y), matrix, away([3, 4], 2)),
  "where, chosen by an input": kinked(
    (x, y) => tf.where(tf.greaterEqual(x, 0.1), tf.mul(x, 2), y),
    matrix,
    away([3, 4], 2),
  ),
  neg: of((x) => tf.neg(x), matrix),
  clone: of((x) => tf.addN([tf.clone(x), tf.clone(x), x]), matrix),
  cast: of((x) => tf.engine().runKernel("Cast", { x }, { dtype: "float32" }), matrix),
  abs: of((x) => tf.abs(x), matrix),
  square: of((x) => tf.square(x), matrix),
  sqrt: of((x) => tf.sqrt(x), positive([3, 4])),
  rsqrt: of((x) => tf.rsqrt(x), positive([3, 4])),
  reciprocal: of((x) => tf.reciprocal(x), positive([3, 4])),
  exp: of((x) => tf.exp(x), matrix),
  log: of((x) => tf.log(x), positive([3, 4])),
  log1p: of((x) => tf.log1p(x), positive([3, 4])),
  sigmoid: of((x) => tf.sigmoid(x), matrix),
  tanh: of((x) => tf.tanh(x), matrix),
  softplus: of((x) => tf.softplus(x), matrix),
  erf: of((x) => tf.erf(x), matrix),
  sin: of((x) => tf.sin(x), matrix),
  cos: of((x) => tf.cos(x), matrix),
  relu: of((x) => tf.relu(x), matrix),
  leakyRelu: of((x) => tf.leakyRelu(x, 0.2), matrix),
  clip: kinked((x) => tf.clipByValue(x, -0.3, 0.4), matrix),
  floor: flat((x) => tf.floor(tf.mul(x, 3))),
  ceil: flat((x) => tf.ceil(tf.mul(x, 3))),
  round: flat((x) => tf.round(tf.mul(x, 3))),
  sign: flat((x) => tf.sign(x)),
  step: flat((x) => tf.step(x, 0.5)),
  zerosLike: flat((x) => tf.zerosLike(x)),
  onesLike: flat((x) => tf.onesLike(x)),
  argMax: flat((x) => tf.argMax(x, 1)),
  argMin: flat((x) => tf.argMin(x, 0)),
  oneHot: flat((x) => tf.oneHot(tf.cast(tf.add(tf.argMax(x, 1), 0), "int32"), 4)),
  greaterEqual: flat((x) => tf.greaterEqual(x, tf.mul(x, x))),
  sum: of((x) => tf.sum(x), map),
  "sum of some": of((x) => tf.sum(x, [1, 3]), map),
  "sum, kept": of((x) => tf.sum(x, [0, 2, 3], true), map),
  mean: of((x) => tf.mean(x), cube),
  "mean of some": of((x) => tf.mean(x, [-1]), cube),
  "mean, kept": of((x) => tf.mean(x, [0, 2], true), cube),
  max: kinked((x) => tf.max(x, 1), different([2, 3, 4])),
  "max, kept": kinked((x) => tf.max(x, [0, -1], true), different([2, 3, 4])),
  "max of all": kinked((x) => tf.max(x), different([3, 4])),
  min: kinked((x) => tf.min(x, [0, 1]), different([2, 3, 4])),
  softmax: of((x) => tf.softmax(x), matrix),
  reshape: of((x) => tf.reshape(x, [4, -1]), matrix),
  expandDims: of((x) => tf.expandDims(x, 1), matrix),
  transpose: of((x) => tf.transpose(x, [2, 0, 1]), cube),
  reverse: of((x) => tf.reverse(x, [0, -1]), cube),
  concat: of((x, y) => tf.concat([x, y, x], -1), matrix, away([3, 2], 2)),
  split: of((x) => tf.mul(tf.split(x, [1, 3], 1)[1]!, 3), matrix),
  "split, both parts": of((x) => tf.matMul(...(tf.split(x, 2, 0) as [tf.Tensor, tf.Tensor])), away([8, 4])),
  stack: of((x, y) => tf.stack([x, y, x], -1), matrix, away([3, 4], 2)),
  unstack: of((x) => tf.mul(tf.unstack(x, 1)[2]!, tf.unstack(x, 1)[0]!), cube),
  slice: of((x) => tf.slice(x, [1, 0, 2], [1, 2, -1]), cube),
  "slice from a row": of((x) => tf.slice(x, 1), matrix),
  pad: of(
    (x) =>
      tf.pad(x, [
        [1, 0],
        [2, 1],
      ]),
    matrix,
  ),
  "pad with a value": of(
    (x) =>
      tf.pad(
        x,
        [
          [0, 2],
          [1, 0],
        ],
        7,
      ),
    matrix,
  ),
  tile: of((x) => tf.tile(x, [2, 3]), matrix),
  "tile in part": of((x) => tf.tile(x, [1, 3, 2]), cube),
  "tile by one": of((x) => tf.tile(x, [1, 1]), matrix),
  broadcastTo: of((x) => tf.broadcastTo(x, [3, 4]), away([1, 4])),
  gather: of((x) => tf.gather(x, ids(2, 0, 1, 1, 2)), matrix),
  "gather columns": of((x) => tf.gather(x, ids(3, 3, 0), -1), cube),
  "gather by a matrix": of((x) => tf.gather(x, tf.reshape(ids(2, 0, 1, 1), [2, 2]), 1), cube),
  unsortedSegmentSum: of((x) => tf.unsortedSegmentSum(x, ids(1, 0, 1), 3), matrix),
  "unsortedSegmentSum, a row of none": of((x) => tf.unsortedSegmentSum(x, ids(1, -1, 0), 2), matrix),
  matMul: of((x, y) => tf.matMul(x, y), matrix, away([4, 5], 2)),
  "matMul, right transposed": of((x, y) => tf.matMul(x, y, false, true), matrix, away([5, 4], 2)),
  "matMul, left transposed": of((x, y) => tf.matMul(x, y, true, false), matrix, away([3, 5], 2)),
  "matMul, both transposed": of((x, y) => tf.matMul(x, y, true, true), matrix, away([5, 3], 2)),
  "matMul of batches": of((x, y) => tf.matMul(x, y, false, true), cube, away([2, 5, 4], 2)),
  "matMul, spread": spreadToo((x, y) => tf.matMul(x, y), cube, away([1, 4, 5], 2)),
  convolution: spreadToo((x, y) => conv2d(four(x), four(y), undefined, window), map, away([5, 3, 3, 3], 2)),
  "convolution's bias": spreadToo(
    (x, y) => conv2d(four(x), tf.ones([2, 3, 3, 3]), y as tf.Tensor1D, window),
    map,
    away([2], 2),
  ),
  "convolution's gradient in its input": spreadToo(
    (x, y) => conv2dInputGradient(four(x), four(y), [2, 3, 4, 4], window),
    away([2, 5, 2, 2]),
    away([5, 3, 3, 3], 2),
  ),
  "convolution's gradient in its filter": spreadToo(
    (x, y) => conv2dFilterGradient(four(x), four(y), [5, 3, 3, 3], window),
    map,
    away([2, 5, 2, 2], 2),
  ),
  upsampleNearest: spreadToo((x) => upsampleNearest(four(x)), map),
  sumPool: spreadToo((x) => sumPool(four(x)), map),
};

beforeAll(async () => {
  registerGradients();
  registerEagerKernels("cpu");
  await tf.setBackend("cpu");
});

const toTensors = (values: readonly HostTensor[]) =>
  values.map(({ data, shape }) => tf.tensor(data, [...shape], "float32"));

/** A sum in which every element of the result counts, otherwise than linearly. */
function lossOf({ run }: Case): (...inputs: tf.Tensor[]) => tf.Scalar {
  return (x, y) => {
    const result = run(x!, y!);
    const weights = Array.from({ length: result.size }, (_, i) => 1 + Math.cos(i) / 2);
    return tf.sum(tf.mul(tf.add(tf.square(result), result), tf.reshape(tf.tensor1d(weights), result.shape)));
  };
}

type Loss = (...inputs: tf.Tensor[]) => tf.Scalar;

const gradientsOf = (loss: Loss, inputs: readonly HostTensor[]): Float32Array[] =>
  tf.tidy(() =>
    tf
      .grads(loss)(toTensors(inputs))
      .map((gradient) => gradient.dataSync<"float32">().slice()),
  );

const STEP = 1e-2;

/** Each element of each gradient against a central difference. */
function expectDerivatives(loss: Loss, inputs: readonly HostTensor[]): void {
  const at = (i: number, element: number, by: number) => {
    const moved = inputs.map(({ shape, data }) => ({ shape, data: data.slice() }));
    moved[i]!.data[element]! += by;
    return tf.tidy(() => loss(...toTensors(moved)).dataSync()[0]!);
  };
  for (const [i, gradient] of gradientsOf(loss, inputs).entries()) {
    // in error h^4
    const differences = gradient.map((_, element) => {
      const odd = (h: number) => at(i, element, h) - at(i, element, -h);
      return (8 * odd(STEP) - odd(2 * STEP)) / (12 * STEP);
    });
    expect(relativeError(gradient, differences)).toBeLessThan(2e-3);
  }
}

describe.each(Object.entries(cases))("%s", (_, one) => {
  const { inputs, without = "" } = one;
  const loss = lossOf(one);

  if (!without.startsWith("theirs"))
    it("has TF.js's gradient", () => {
      useTheirs();
      const expected = gradientsOf(loss, inputs);
      useOurs();
      for (const [i, gradient] of gradientsOf(loss, inputs).entries())
        expect(relativeError(gradient, expected[i]!)).toBeLessThan(1e-6);
    });

  if (without === "all")
    it("is constant, and its gradient zero", () => {
      useOurs();
      for (const gradient of gradientsOf(loss, inputs)) expect(gradient.every((g) => g === 0)).toBe(true);
      const at = (by: number) => {
        const moved = inputs.map(({ shape, data }) => ({ shape, data: data.map((v) => v + by) }));
        return tf.tidy(() => loss(...toTensors(moved)).dataSync()[0]);
      };
      expect(at(1e-4)).toBe(at(-1e-4));
    });
  else
    it("has the gradient that central differences have", () => {
      useOurs();
      expectDerivatives(loss, inputs);
    });

  if (without !== "all" && !without.endsWith("second"))
    it("has the gradient of the gradient that central differences have", () => {
      useOurs();
      const steepness: Loss = (...given) =>
        tf.addN(
          tf
            .grads(loss)(given)
            .map((gradient) => tf.sum(tf.square(gradient))),
        );
      expectDerivatives(steepness, inputs);
    });
});

describe("the kernels that are lowered", () => {
  it("have a gradient, or a reason to have none, and not both", () => {
    const known = [...gradients.map(({ kernelName }) => kernelName), ...Object.keys(withoutGradient)];
    expect([...known].sort()).toEqual(Object.keys(lowerings).sort());
  });

  it("have every gradient tested here, in every input", () => {
    const kernels = new Set([...offered].map((name) => name.split(".")[0]));
    expect(gradients.filter(({ kernelName }) => !kernels.has(kernelName))).toEqual([]);
    expect([...offered].filter((name) => !computed.has(name))).toEqual([]);
  });

  it("get our gradients back after a package has registered TF.js's", () => {
    useTheirs();
    registerGradients();
    for (const config of gradients) expect(tf.getGradient(config.kernelName)).toBe(config);
  });
});
