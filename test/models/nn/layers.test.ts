import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import {
  applyEvaluation,
  applyTrainingWithStatistics,
  batchNormalisation,
  convolution,
  countOf,
  define,
  dense,
  movingAverage,
  ones,
  pure,
  totalFlops,
  transposedConvolution,
} from "../../../src/models/nn/index.ts";
import { evaluateOnce } from "../evaluate.ts";
import { expectClose, flat, goldenCase, host, type Nested } from "../golden.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createReferenceEngine();
});

type Tensors = Record<string, Nested>;

describe("define", () => {
  const network = define(
    { first: dense(3, 4), rest: [dense(4, 4), dense(4, 2, { bias: false })] },
    ({ first, rest }, x: tf.Tensor2D) => rest.reduce((h, layer) => layer(h), first(x)),
  );

  it("names and counts what its children hold and cost", () => {
    expect(Object.keys(network.parameters)).toEqual([
      "first.kernel",
      "first.bias",
      "rest.0.kernel",
      "rest.0.bias",
      "rest.1.kernel",
    ]);
    expect(countOf(network.parameters)).toBe(12 + 4 + 16 + 4 + 8);
    expect(totalFlops(network.flops)).toBe(2 * (12 + 16 + 8));
  });

  it("finds each child's values under its name", async () => {
    const inputs = {
      x: host([[1, 2, 3]]),
      "first.kernel": host(Array.from({ length: 3 }, (_, i) => Array(4).fill(i + 1))),
      "first.bias": host([1, 2, 3, 4]),
      "rest.0.kernel": host([0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => (i === j ? 2 : 0)))),
      "rest.0.bias": host([1, 1, 1, 1]),
      "rest.1.kernel": host([
        [1, 0],
        [0, 1],
        [0, 0],
        [0, 0],
      ]), // prettier-ignore
    };
    const { y } = await evaluateOnce(
      engine,
      ({ x, ...values }) => ({ y: applyEvaluation(network, values, x as tf.Tensor2D) }),
      inputs,
    );
    expect(Array.from(y!)).toEqual([2 * (14 + 1) + 1, 2 * (14 + 2) + 1]);
  });

  it("says which value is missing", () => {
    expect(() => applyEvaluation(network, {}, tf.tensor2d([[1, 2, 3]]))).toThrow("first.kernel");
    expect(countOf(pure((x: number) => x).parameters)).toBe(0);
  });

  it("counts a convolution's products, padding included", () => {
    expect(convolution({ in: 3, out: 8, kernel: 3, size: 10 }).flops.convolution).toBe(2 * 100 * 8 * 27);
    expect(convolution({ in: 3, out: 8, kernel: 4, stride: 2, padding: 1, size: 10 }).flops.convolution).toBe(
      2 * 25 * 8 * 48,
    );
    const up = transposedConvolution({ in: 3, out: 8, kernel: 4, stride: 2, padding: 1, size: 5 });
    expect(up.flops.convolution).toBe(2 * 25 * 3 * 128);
  });
});

describe("batch normalisation", () => {
  it("matches PyTorch in both forms, running statistics included", async () => {
    const { inputs, expected } = goldenCase<Tensors, Tensors>("unet_blocks", "batch_norm2d_train");
    const layer = define({ norm: batchNormalisation(4) }, ({ norm }, x: tf.Tensor4D) => norm(x));
    expect(Object.keys(layer.statistics)).toEqual(["norm.mean", "norm.variance"]);
    const first = (x: tf.Tensor) => tf.transpose(x, [0, 3, 1, 2]) as tf.Tensor4D;
    const outputs = await evaluateOnce(
      engine,
      ({ x, second, gamma, beta, mean, variance }) => {
        const values = { "norm.scale": gamma!, "norm.offset": beta! };
        const one = applyTrainingWithStatistics(layer, values, first(x!));
        const two = applyTrainingWithStatistics(layer, values, first(second!));
        const running = (name: string, from: tf.Tensor) => {
          const after = movingAverage(from as tf.Tensor1D, one.statistics[name] as tf.Tensor1D, 0.1);
          return { after, afterSecond: movingAverage(after, two.statistics[name] as tf.Tensor1D, 0.1) };
        };
        const m = running("norm.mean", mean!);
        const v = running("norm.variance", variance!);
        const statistics = { "norm.mean": m.afterSecond, "norm.variance": v.afterSecond };
        return {
          y: tf.transpose(one.output, [0, 2, 3, 1]),
          mean1: m.after,
          mean2: m.afterSecond,
          variance1: v.after,
          variance2: v.afterSecond,
          evaluated: tf.transpose(
            applyEvaluation(layer, { ...values, ...statistics }, first(second!)),
            [0, 2, 3, 1],
          ),
        };
      },
      {
        x: host(inputs.x!),
        second: host(inputs.x_second_batch!),
        gamma: host(inputs.gamma!),
        beta: host(inputs.beta!),
        mean: host(inputs.running_mean_before!),
        variance: host(inputs.running_var_before!),
      },
    );
    expectClose(outputs.y!, flat(expected.y!), 1e-5);
    expectClose(outputs.mean1!, flat(expected.running_mean_after!), 1e-6);
    expectClose(outputs.mean2!, flat(expected.running_mean_after_second!), 1e-6);
    expectClose(outputs.variance1!, flat(expected.running_var_after!), 1e-6);
    expectClose(outputs.variance2!, flat(expected.running_var_after_second!), 1e-6);
    expectClose(outputs.evaluated!, flat(expected.y_eval_second_batch!), 1e-5);
  });
});

it("dense matches PyTorch with its gradients", async () => {
  const { inputs, expected } = goldenCase<Tensors, Tensors>("unet_blocks", "linear");
  const layer = dense(5, 3, { weights: ones });
  const { y, dx, dkernel, dbias } = await evaluateOnce(
    engine,
    ({ x, kernel, bias, dy }) => {
      const apply = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor =>
        applyEvaluation(layer, { kernel, bias }, x as tf.Tensor2D);
      const { value, grads } = tf.valueAndGrads(apply)([x!, kernel!, bias!], dy!);
      return { y: value, dx: grads[0]!, dkernel: grads[1]!, dbias: grads[2]! };
    },
    {
      x: host(inputs.x!),
      kernel: host(inputs.kernel_in_out!),
      bias: host(inputs.bias!),
      dy: host(inputs.dy!),
    },
  );
  expectClose(y!, flat(expected.y!), 1e-6);
  expectClose(dx!, flat(expected.dx!), 1e-6);
  expectClose(dkernel!, flat(expected.dkernel_in_out!), 1e-6);
  expectClose(dbias!, flat(expected.dbias!), 1e-6);
});
