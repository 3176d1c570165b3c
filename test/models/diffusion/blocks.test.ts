import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import { unflatten } from "../../../src/engine/ops/index.ts";
import {
  attend,
  attentionBlock,
  downsampling,
  norm,
  residualBlock,
  upsampling,
} from "../../../src/models/diffusion/blocks.ts";
import {
  applyEvaluation,
  convolution,
  groupNormalisation,
  initialise,
  shapesOf,
} from "../../../src/models/nn/index.ts";
import { evaluateOnce } from "../evaluate.ts";
import { expectClose, flat, goldenCases, host, type Nested } from "../golden.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createReferenceEngine();
});

describe("blocks", () => {
  it("that pad as TensorFlow's SAME halve from the first pixel on, with zeros below and to the right", async () => {
    const [channels, size] = [2, 4];
    const block = downsampling(channels, size, "same-convolution");
    const values = initialise(block.parameters, rng(3));
    const x = rng(4).fillNormal(new Float32Array(channels * size ** 2));
    const { y } = await evaluateOnce(
      engine,
      ({ flat, x }) => ({
        y: applyEvaluation(block, unflatten(flat!, shapesOf(block.parameters)), x as tf.Tensor4D),
      }),
      {
        flat: { shape: [values.length], data: values },
        x: { shape: [1, channels, size, size], data: x },
      },
    );
    const at = (channel: number, row: number, column: number) =>
      row < size && column < size ? x[(channel * size + row) * size + column]! : 0;
    const expected: number[] = [];
    for (let out = 0; out < channels; out++)
      for (let row = 0; row < size; row += 2)
        for (let column = 0; column < size; column += 2) {
          let sum = 0;
          for (let k = 0; k < channels * 9; k++) {
            const [channel, i, j] = [Math.floor(k / 9), Math.floor((k % 9) / 3), k % 3];
            sum += values[out * channels * 9 + k]! * at(channel, row + i, column + j);
          }
          expected.push(sum);
        }
    expectClose(y!, expected, 1e-5);
  });

  it("normalise over as many groups as they are told: two channels of a group together, of another apart", async () => {
    const channels = 4;
    const x = Float32Array.of(1, 1, 1, 1, 3, 3, 3, 3, 7, 7, 7, 7, 7, 7, 7, 7);
    const of = (groups: number) =>
      evaluateOnce(
        engine,
        ({ x }) => ({
          y: applyEvaluation(
            norm(channels, groups),
            { scale: tf.ones([channels]), offset: tf.zeros([channels]) },
            x as tf.Tensor4D,
          ),
        }),
        { x: { shape: [1, channels, 2, 2], data: x } },
      );
    const [two, four] = [(await of(2)).y!, (await of(4)).y!];
    expectClose(
      two.filter((_, i) => i % 4 === 0),
      [-1, 1, 0, 0],
      1e-4,
    ); // 1 and 3 about their mean 2, 7 and 7 about 7
    expectClose(
      four.filter((_, i) => i % 4 === 0),
      [0, 0, 0, 0],
      1e-4,
    );
  });

  it("each head attends with its own share of the channels", async () => {
    const [channels, size, heads] = [16, 2, 2];
    const block = attentionBlock({ channels, size, heads, zeroInitialised: false });
    const shapes = shapesOf(block.parameters);
    const values = initialise(block.parameters, rng(5));
    const x = rng(6).fillNormal(new Float32Array(channels * size ** 2));
    const { y, expected } = await evaluateOnce(
      engine,
      ({ flat, x }) => {
        const parameters = unflatten(flat!, shapes);
        const of = (name: string) => ({
          filter: parameters[`${name}.filter`]!,
          bias: parameters[`${name}.bias`]!,
        });
        const normed = applyEvaluation(
          groupNormalisation(channels, 8),
          { scale: parameters["norm.scale"]!, offset: parameters["norm.offset"]! },
          x as tf.Tensor4D,
        );
        const qkv = applyEvaluation(convolution({ in: 16, out: 48, kernel: 1, size }), of("qkv"), normed);
        const [q, k, v] = tf.split(tf.reshape(qkv, [1, 48, 4]), 3, 1);
        const half = (part: tf.Tensor, head: number) =>
          tf.slice(part, [0, 8 * head, 0], [1, 8, 4]) as tf.Tensor3D;
        const attended = tf.concat(
          [0, 1].map((head) => attend(half(q!, head), half(k!, head), half(v!, head))),
          1,
        );
        const out = applyEvaluation(
          convolution({ in: 16, out: 16, kernel: 1, size }),
          of("out"),
          tf.reshape(attended, [1, 16, 2, 2]) as tf.Tensor4D,
        );
        return { y: applyEvaluation(block, parameters, x as tf.Tensor4D), expected: tf.add(x!, out) };
      },
      { flat: { shape: [values.length], data: values }, x: { shape: [1, channels, size, size], data: x } },
    );
    expectClose(y!, expected!, 1e-6);
  });

  it("pooling takes the mean of each square and repeats it, and has their gradients", async () => {
    const x = [
      [
        [
          [1, 2, 5, 6],
          [3, 4, 7, 8],
          [0, 0, 1, 1],
          [0, 4, 1, 1],
        ],
      ],
    ]; // prettier-ignore
    const { down, up, gradient } = await evaluateOnce(
      engine,
      ({ x, dy }) => ({
        down: applyEvaluation(downsampling(1, 4, "pooling"), {}, x as tf.Tensor4D),
        up: applyEvaluation(
          upsampling(1, 1, "pooling"),
          {},
          tf.slice(x as tf.Tensor4D, [0, 0, 0, 0], [1, 1, 1, 1]),
        ),
        gradient: tf.grad((x: tf.Tensor) =>
          applyEvaluation(downsampling(1, 4, "pooling"), {}, x as tf.Tensor4D),
        )(x!, dy!),
      }),
      {
        x: host(x),
        dy: host([
          [
            [
              [4, 8],
              [12, 16],
            ],
          ],
        ]),
      }, // prettier-ignore
    );
    expect(Array.from(down!)).toEqual([2.5, 6.5, 1, 1]);
    expect(Array.from(up!)).toEqual([1, 1, 1, 1]);
    expect(Array.from(gradient!)).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  });

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
        y: applyEvaluation(block, unflatten(flat!, shapes), x as tf.Tensor4D, { time: time as tf.Tensor2D }),
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
              applyEvaluation(down, values, tf.transpose(x, [0, 3, 1, 2]) as tf.Tensor4D),
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
        y: applyEvaluation(up, { "conv.filter": filter!, "conv.bias": bias! }, x as tf.Tensor4D),
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
