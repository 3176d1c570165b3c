/** Our own operations against PyTorch in float64 (test/golden/unet_blocks.json says how), on every engine present. */
import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, HostTensor, Program } from "../../src/engine/contract.ts";
import {
  batchNorm,
  channelMoments,
  conv2d,
  convTranspose2d,
  groupNorm,
  silu,
  upsampleNearest,
} from "../../src/engine/ops/index.ts";
import { allEngines } from "./engines.ts";
import { relativeError } from "./numbers.ts";

type Nested = number | Nested[];
interface Case {
  name: string;
  inputs: Record<string, Nested>;
  expected: Record<string, Nested>;
}

const { cases } = JSON.parse(
  readFileSync(new URL("../golden/unet_blocks.json", import.meta.url), "utf8"),
) as { cases: Case[] };

const shapeOf = (value: Nested): number[] =>
  Array.isArray(value) ? [value.length, ...shapeOf(value[0]!)] : [];
const host = (value: Nested): HostTensor => ({
  shape: shapeOf(value),
  data: Float32Array.from([value].flat(9) as number[]),
});

/** Golden layouts are channels last; the operations are channels first. Filters [k, k, in, out] become [out, in, k, k]. */
const first = (x: tf.Tensor) => tf.transpose(x, [0, 3, 1, 2]) as tf.Tensor4D;
const last = (x: tf.Tensor) => tf.transpose(x, [0, 2, 3, 1]);
const filter = (w: tf.Tensor) => tf.transpose(w, [3, 2, 0, 1]) as tf.Tensor4D;

type Apply = (inputs: Record<string, tf.Tensor>, options: Record<string, number>) => tf.Tensor;

/** A golden family: its forward pass, and the inputs that gradients are expected for, by their golden name. */
const families: Record<string, { pattern: RegExp; apply: Apply; gradients: Record<string, string> }> = {
  convolution: {
    pattern: /^conv2d/,
    apply: ({ x, filter_hwio, bias }, { stride, pad }) =>
      last(conv2d(first(x!), filter(filter_hwio!), bias as tf.Tensor1D, { stride: stride!, padding: pad! })),
    gradients: { x: "dx", filter_hwio: "dfilter_hwio", bias: "dbias" },
  },
  transposed: {
    pattern: /^conv_transpose2d/,
    apply: ({ x, filter_hwoi, bias }, { stride, pad }) =>
      last(
        convTranspose2d(first(x!), filter(filter_hwoi!), bias as tf.Tensor1D, {
          stride: stride!,
          padding: pad!,
        }),
      ),
    gradients: { x: "dx", filter_hwoi: "dfilter_hwoi", bias: "dbias" },
  },
  groupNorm: {
    pattern: /^group_norm/,
    apply: ({ x, gamma, beta }, { groups, eps }) =>
      last(groupNorm(first(x!), gamma as tf.Tensor1D, beta as tf.Tensor1D, groups!, eps)),
    gradients: { x: "dx", gamma: "dgamma", beta: "dbeta" },
  },
  batchNorm: {
    pattern: /^batch_norm2d_train/,
    apply: ({ x, gamma, beta }, { eps }) =>
      last(batchNorm(first(x!), gamma as tf.Tensor1D, beta as tf.Tensor1D, eps)),
    gradients: { x: "dx", gamma: "dgamma", beta: "dbeta" },
  },
  upsample: {
    pattern: /^upsample_nearest2x/,
    apply: ({ x }) => last(upsampleNearest(first(x!))),
    gradients: { x: "dx" },
  },
  dense: {
    pattern: /^linear$/,
    apply: ({ x, kernel_in_out, bias }) => tf.add(tf.matMul(x!, kernel_in_out!), bias!),
    gradients: { x: "dx", kernel_in_out: "dkernel_in_out", bias: "dbias" },
  },
  softmax: { pattern: /^softmax$/, apply: ({ x }) => tf.softmax(x!), gradients: { x: "dx" } },
  attention: {
    pattern: /^attention/,
    apply: ({ q, k, v }) => {
      const scores = tf.div(tf.matMul(q!, k!, false, true), Math.sqrt(q!.shape.at(-1)!));
      return tf.matMul(tf.softmax(scores), v!);
    },
    gradients: { q: "dq", k: "dk", v: "dv" },
  },
  silu: { pattern: /^act_silu/, apply: ({ x }) => silu(x!), gradients: { x: "dydx" } },
  leakyRelu: { pattern: /^act_leaky/, apply: ({ x }) => tf.leakyRelu(x!, 0.2), gradients: { x: "dydx" } },
  tanh: { pattern: /^act_tanh/, apply: ({ x }) => tf.tanh(x!), gradients: { x: "dydx" } },
  sigmoid: { pattern: /^act_sigmoid/, apply: ({ x }) => tf.sigmoid(x!), gradients: { x: "dydx" } },
  softplus: { pattern: /^act_softplus/, apply: ({ x }) => tf.softplus(x!), gradients: { x: "dydx" } },
};

describe.each(Object.entries(allEngines))("%s against PyTorch", (_, make) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await make();
  });
  afterAll(() => engine.dispose());

  for (const [family, { pattern, apply, gradients }] of Object.entries(families)) {
    const members = cases.filter(({ name }) => pattern.test(name));
    it.each(members.map((member) => [member.name, member] as const))(
      `${family}: %s`,
      async (name, golden) => {
        const tensors = Object.fromEntries(
          Object.entries(golden.inputs).flatMap(([key, value]) =>
            Array.isArray(value) ? [[key, host(value)]] : [],
          ),
        );
        const options = Object.fromEntries(
          Object.entries(golden.inputs).filter(
            (entry): entry is [string, number] => typeof entry[1] === "number",
          ),
        );
        const wanted = Object.keys(gradients);
        const program: Program = (inputs) => {
          const dy = inputs.dy ?? tf.onesLike(inputs.x!);
          const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
            const y = apply(
              { ...inputs, ...Object.fromEntries(wanted.map((key, i) => [key, values[i]!])) },
              options,
            );
            return tf.sum(tf.mul(y, dy));
          })(wanted.map((key) => inputs[key]!));
          void value;
          return {
            y: apply({ ...inputs }, options),
            ...Object.fromEntries(wanted.map((key, i) => [gradients[key]!, grads[i]!])),
          };
        };
        const signature = Object.fromEntries(
          Object.entries(tensors).map(([key, { shape }]) => [key, { shape }]),
        );
        const compiled = await engine.compile(name, program, signature);
        const outputs = await compiled.run(tensors);
        for (const [key, value] of Object.entries(outputs)) {
          const expected = host(golden.expected[key]!);
          expect(value.shape, key).toEqual(expected.shape);
          expect(relativeError(await value.read(), expected.data), `${name} ${key}`).toBeLessThan(2e-5);
        }
        compiled.dispose();
      },
    );
    it(`${family} has golden cases`, () => expect(members.length).toBeGreaterThan(0));
  }

  it("batch moments follow PyTorch's running statistics (momentum 0.1, unbiased variance)", async () => {
    const { inputs, expected } = cases.find(({ name }) => name === "batch_norm2d_train")!;
    const x = host(inputs.x!);
    const compiled = await engine.compile("moments", ({ x }) => ({ ...channelMoments(first(x!)) }), {
      x: { shape: x.shape },
    });
    const { mean, variance } = await compiled.run({ x });
    const count = x.data.length / x.shape[3]!;
    const mixed = (before: Nested, batch: ArrayLike<number>, factor = 1) =>
      host(before).data.map((value, i) => 0.9 * value + 0.1 * factor * batch[i]!);
    expect(
      relativeError(
        mixed(inputs.running_mean_before!, await mean!.read()),
        host(expected.running_mean_after!).data,
      ),
    ).toBeLessThan(1e-5);
    expect(
      relativeError(
        mixed(inputs.running_var_before!, await variance!.read(), count / (count - 1)),
        host(expected.running_var_after!).data,
      ),
    ).toBeLessThan(1e-5);
  });
});
