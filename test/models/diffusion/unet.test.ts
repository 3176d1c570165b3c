import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import { unflatten } from "../../../src/engine/ops/index.ts";
import { attend, residualBlock, unet, upsampling } from "../../../src/models/diffusion/unet.ts";
import { convolution, countOf, evaluate, initialise, shapesOf } from "../../../src/models/nn/index.ts";
import { evaluateOnce } from "../evaluate.ts";
import { expectClose, flat, goldenCases, host, type Nested } from "../golden.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createReferenceEngine();
});

const published = {
  size: 28,
  channels: 1,
  timesteps: 1000,
  base: 32,
  multipliers: [1, 2, 2],
  blocks: 2,
  attention: [14, 7],
};

describe("counts", () => {
  it("has the parameters and convolution work of the same network in PyTorch", () => {
    const network = unet(published);
    expect(countOf(network.parameters)).toBe(1_707_009); // sum of numel() over nn.Module.parameters()
    expect(network.flops.convolution / 1e6).toBeCloseTo(582.543, 3); // counted by forward hooks on every Conv2d
  });

  it("counts dense layers and attention's products besides", () => {
    const { flops } = unet(published);
    // 2 + 3 blocks at 14, 2 + 3 at 7 and one in the middle, 64 channels: q k^T and its product with v
    expect(flops.attention).toBe(4 * 64 * (5 * 196 ** 2 + 6 * 49 ** 2));
    expect(flops.dense).toBe(2 * (32 * 128 + 128 * 128 + 128 * (5 * 32 + 12 * 64)));
  });

  it("grows with the image and not in parameters", () => {
    const [small, large] = [16, 32].map((size) => unet({ ...published, size, attention: [] }));
    expect(countOf(small!.parameters)).toBe(countOf(large!.parameters));
    expect(large!.flops.convolution).toBe(4 * small!.flops.convolution);
  });
});

describe("configuration", () => {
  it.each([
    [{ size: 30 }, /30 does not halve evenly 2 times/],
    [{ base: 12 }, /multiple of 8/],
    [{ attention: [10] }, /attention at 10 pixels: the levels are at 28, 14, 7/],
  ])("refuses %j", (wrong, message) => {
    const make = () => unet({ ...published, ...wrong });
    expect(make).toThrow(expect.objectContaining({ code: "BAD_CONFIG" }));
    expect(make).toThrow(message);
  });

  it.each([16, 28, 32, 64])("takes images of %i pixels, grey or colour", async (size) => {
    for (const channels of [1, 3]) {
      const network = unet({
        size,
        channels,
        timesteps: 10,
        base: 8,
        multipliers: [1, 1],
        blocks: 1,
        attention: [],
      });
      const shapes = shapesOf(network.parameters);
      const values = initialise(network.parameters, rng(1));
      const { y } = await evaluateOnce(
        engine,
        ({ flat, x, t }) => ({
          y: evaluate(network, unflatten(flat!, shapes), x as tf.Tensor4D, t as tf.Tensor1D),
        }),
        {
          flat: { shape: [values.length], data: values },
          x: { shape: [1, channels, size, size], data: new Float32Array(channels * size ** 2).fill(0.5) },
          t: host([3]),
        },
      );
      expect(y).toEqual(new Float32Array(channels * size ** 2)); // the last convolution starts at zero
    }
  });
});

describe("blocks", () => {
  for (const { name, inputs, expected } of goldenCases<Record<string, Nested>, Record<string, Nested>>(
    "unet_blocks",
    /^attention/,
  ))
    it(`attend matches PyTorch with its gradients: ${name}`, async () => {
      // given as [batch, positions, channels] or, without batch, [positions, channels]
      const first = (x: tf.Tensor) =>
        tf.transpose(x.rank === 2 ? tf.expandDims(x, 0) : x, [0, 2, 1]) as tf.Tensor3D;
      const { y, dq, dk, dv } = await evaluateOnce(
        engine,
        ({ q, k, v, dy }) => {
          const apply = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
            tf.reshape(tf.transpose(attend(first(q), first(k), first(v)), [0, 2, 1]), q.shape);
          const { value, grads } = tf.valueAndGrads(apply)([q!, k!, v!], dy!);
          return { y: value, dq: grads[0]!, dk: grads[1]!, dv: grads[2]! };
        },
        { q: host(inputs.q!), k: host(inputs.k!), v: host(inputs.v!), dy: host(inputs.dy!) },
      );
      expectClose(y!, flat(expected.y!), 1e-5);
      expectClose(dq!, flat(expected.dq!), 1e-5);
      expectClose(dk!, flat(expected.dk!), 1e-5);
      expectClose(dv!, flat(expected.dv!), 1e-5);
    });

  it("a residual block starts as its skip connection", async () => {
    const block = residualBlock({ in: 8, out: 8, timeWidth: 4, size: 3 });
    const shapes = shapesOf(block.parameters);
    const values = initialise(block.parameters, rng(5));
    const x = rng(6).fillNormal(new Float32Array(8 * 9));
    const { y } = await evaluateOnce(
      engine,
      ({ flat, x, time }) => ({
        y: evaluate(block, unflatten(flat!, shapes), x as tf.Tensor4D, time as tf.Tensor2D),
      }),
      {
        flat: { shape: [values.length], data: values },
        x: { shape: [1, 8, 3, 3], data: x },
        time: host([[1, 2, 3, 4]]),
      },
    );
    expect(y).toEqual(x);
  });

  for (const { inputs, expected } of goldenCases<Record<string, Nested>, Record<string, Nested>>(
    "unet_blocks",
    /^conv2d_k3_s2_p1$/,
  ))
    it("the convolution that goes down pads all four sides, as PyTorch's", async () => {
      const down = convolution({ in: 3, out: 4, kernel: 3, stride: 2, size: 6 });
      const { y, dx, dfilter, dbias } = await evaluateOnce(
        engine,
        ({ x, filter, bias, dy }) => {
          const apply = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor): tf.Tensor => {
            const values = { filter: tf.transpose(filter, [3, 2, 0, 1]), bias };
            return tf.transpose(
              evaluate(down, values, tf.transpose(x, [0, 3, 1, 2]) as tf.Tensor4D),
              [0, 2, 3, 1],
            );
          };
          const { value, grads } = tf.valueAndGrads(apply)([x!, filter!, bias!], dy!);
          return { y: value, dx: grads[0]!, dfilter: grads[1]!, dbias: grads[2]! };
        },
        {
          x: host(inputs.x!),
          filter: host(inputs.filter_hwio!),
          bias: host(inputs.bias!),
          dy: host(inputs.dy!),
        },
      );
      expectClose(y!, flat(expected.y!), 1e-5);
      expectClose(dx!, flat(expected.dx!), 1e-5);
      expectClose(dfilter!, flat(expected.dfilter_hwio!), 1e-5);
      expectClose(dbias!, flat(expected.dbias!), 1e-5);
    });

  it("going up doubles before it convolves", async () => {
    const up = upsampling(1, 2);
    const { y } = await evaluateOnce(
      engine,
      ({ x, filter, bias }) => ({
        y: evaluate(up, { "conv.filter": filter!, "conv.bias": bias! }, x as tf.Tensor4D),
      }),
      {
        x: host([
          [
            [
              [1, 2],
              [3, 4],
            ],
          ],
        ]), // prettier-ignore
        filter: host([
          [
            [
              [0, 0, 0],
              [0, 1, 0],
              [0, 0, 0],
            ],
          ],
        ]), // prettier-ignore
        bias: host([0]),
      },
    );
    expect(Array.from(y!)).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  });
});
